/**
 * Where a client stands in each stream, as a plain state machine: no socket, no timer.
 *
 * It takes the server's frames and the snapshots its owner fetched, and returns what to deliver, in order:
 * events each once and without a hole, `left` frames, and snapshots as `{type: "snapshot", streams, data}`
 * (`streams` is null for a snapshot of everything). Streams whose position is lost are in `wanted` until a snapshot
 * of them is taken; their events wait meanwhile.
 */
export class Streams {
  /**
   * @param {?string} epoch       the log that `positions` belong to
   * @param {?Object} positions   {stream: seq} of a snapshot, or null: live from now on
   * @param {Object} options      snapshots: false if the owner cannot fetch any (`reset` is then delivered as it is);
   *                              report({kind, stream, ...}): told of what should never happen
   */
  constructor(epoch, positions, { snapshots = true, report = () => {} } = {}) {
    this.epoch = epoch ?? null;
    this.followed = new Map();
    this.fresh = positions == null; // no position of its own yet: the first `ready` says where "now" is
    this.everything = false; // the log is another one: only a snapshot of everything will do
    this.snapshots = snapshots;
    this.report = report;
    for (const [stream, seq] of Object.entries(positions ?? {})) this.#follow(stream, seq);
  }

  /** What `hello` says. A stream that waits for its snapshot has no position, so that the server says `joined`. */
  hello() {
    if (this.fresh) return {};
    return { epoch: this.epoch, positions: this.positions() };
  }

  positions() {
    const known = [...this.followed].filter(([, each]) => !each.waiting);
    return Object.fromEntries(known.map(([stream, each]) => [stream, each.seq]));
  }

  /** The streams a snapshot is wanted of; null stands for everything; undefined for none. */
  get wanted() {
    if (this.everything) return null;
    const waiting = [...this.followed].filter(([, each]) => each.waiting).map(([stream]) => stream);
    return waiting.length ? waiting.sort() : undefined;
  }

  /** Takes one frame of the server; returns the frames to deliver. */
  take(frame) {
    switch (frame.type) {
      case "ready":
        return this.#ready(frame);
      case "reset":
      case "joined":
        return this.#restart(frame);
      case "left":
        this.followed.delete(frame.stream);
        return [frame];
      case "caught_up":
        return this.#caughtUp(frame);
      default:
        return frame.stream !== undefined && frame.seq !== undefined ? this.#event(frame) : [];
    }
  }

  /**
   * Takes a snapshot that was asked for with `wanted`; returns the frames to deliver.
   * Throws RangeError if it comes from another log than the one that this client follows.
   */
  takeSnapshot(streams, data) {
    if (data.epoch !== this.epoch) throw new RangeError("the snapshot is of another epoch");
    const covered = streams ?? Object.keys(data.positions);
    const waiting = new Map(this.followed);
    if (streams === null) {
      this.followed.clear();
      this.everything = false;
    }
    const frames = [{ type: "snapshot", streams, data }];
    for (const stream of covered) {
      const before = waiting.get(stream);
      if (!before?.waiting || data.positions[stream] === undefined) {
        this.followed.delete(stream);
        frames.push({ type: "left", stream }); // meanwhile; what the snapshot holds of it must go again
        continue;
      }
      this.#follow(stream, data.positions[stream]);
      for (const event of before?.buffer ?? []) frames.push(...this.#event(event));
    }
    return frames;
  }

  #follow(stream, seq, waiting = false) {
    this.followed.set(stream, { seq, waiting, buffer: [] });
  }

  #ready(frame) {
    if (this.fresh) {
      this.fresh = false;
      this.epoch = frame.epoch;
      for (const [stream, seq] of Object.entries(frame.positions)) this.#follow(stream, seq);
    } else if (frame.epoch !== this.epoch) {
      // Versions of another log cannot be compared with ours, so streams must not be mended one by one.
      this.epoch = frame.epoch;
      this.everything = this.snapshots;
      this.followed.clear();
      for (const [stream, seq] of Object.entries(frame.positions)) this.#follow(stream, seq, this.snapshots);
    }
    return [];
  }

  #restart(frame) {
    this.#follow(frame.stream, frame.seq, this.snapshots);
    return this.snapshots ? [] : [frame];
  }

  #event(frame) {
    const at = this.followed.get(frame.stream);
    if (!at) {
      this.report({ kind: "unknown stream", stream: frame.stream, seq: frame.seq });
      return this.#lost(frame);
    }
    if (at.waiting) {
      at.buffer.push(frame);
      return [];
    }
    if (frame.seq <= at.seq) return [];
    if (frame.seq > at.seq + 1) {
      this.report({ kind: "hole", stream: frame.stream, expected: at.seq + 1, seq: frame.seq });
      return this.#lost(frame);
    }
    at.seq = frame.seq;
    return [frame];
  }

  #lost(frame) {
    if (!this.snapshots) {
      this.#follow(frame.stream, frame.seq);
      return [frame];
    }
    this.#follow(frame.stream, frame.seq, true);
    this.followed.get(frame.stream).buffer.push(frame);
    return [];
  }

  #caughtUp(frame) {
    for (const [stream, seq] of Object.entries(frame.positions ?? {})) {
      const at = this.followed.get(stream);
      if (!at || at.waiting || at.seq >= seq) continue;
      this.report({ kind: "hole", stream, expected: at.seq + 1, seq });
      this.#follow(stream, seq, this.snapshots);
    }
    return [];
  }
}
