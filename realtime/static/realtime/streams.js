/**
 * @typedef {Object} Frame   what the server sends; events have `stream`, `seq` and `data`
 * @property {string} type
 * @property {string} [stream]
 * @property {number} [seq]
 * @property {any} [data]
 * @property {?string[]} [streams]   of a snapshot: what it is of; null for everything
 * @property {string} [epoch]
 * @property {Record<string, number>} [positions]
 * @property {number} [heartbeat]
 * @property {any} [user]
 *
 * @typedef {{seq: number, waiting: boolean, buffer: Frame[], dropped: number}} Followed   `dropped`: an event no longer in the buffer
 * @typedef {{epoch: string, positions: Record<string, number>, [more: string]: any}} Snapshot
 * @typedef {{kind: string, stream?: string, [more: string]: any}} Report
 */

const MOST_BUFFERED = 1_000; // events of a stream that wait for its snapshot

/**
 * Where a client stands in each stream, as a plain state machine: no socket, no timer.
 *
 * It takes the server's frames and the snapshots its owner fetched, and returns what to deliver, in order:
 * events each once and without a gap, `left` frames, and snapshots as `{type: "snapshot", streams, data}`
 * (`streams` is null for a snapshot of everything). Streams whose position is lost are in `wanted` until a snapshot
 * of them is taken; their events wait meanwhile. Of too many the oldest are dropped: then only a snapshot that has them is
 * taken, and an older one leaves its stream in `wanted`.
 */
export class Streams {
  /**
   * @param {?string} [epoch]       the log that `positions` belong to
   * @param {?Record<string, number>} [positions]   {stream: seq} of a snapshot, or null: live from now on
   * @param {Object} [options]
   * @param {boolean} [options.snapshots]   false if the owner cannot fetch any (`reset` is then delivered as it is)
   * @param {(what: Report) => void} [options.report]   called for what should never happen
   */
  constructor(epoch, positions, { snapshots = true, report = () => {} } = {}) {
    this.epoch = epoch ?? null;
    /** @type {Map<string, Followed>} */
    this.followed = new Map();
    this.fresh = positions === null || positions === undefined; // no position yet: the first `ready` defines it
    this.everything = false; // the epoch has changed: needs a snapshot of everything
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

  /** The streams that need a snapshot; null for everything, undefined for none. */
  get wanted() {
    if (this.everything) return null;
    const waiting = [];
    for (const [stream, each] of this.followed) if (each.waiting) waiting.push(stream); // asked for with each event
    return waiting.length ? waiting.sort() : undefined;
  }

  /** Takes one frame of the server; returns the frames to deliver. @param {Frame} frame @returns {Frame[]} */
  take(frame) {
    switch (frame.type) {
      case "ready":
        return this.#ready(frame);
      case "reset":
      case "joined":
        return this.#restart(frame);
      case "left":
        return this.leave(frame.stream ?? "");
      case "caught_up":
        return this.#caughtUp(frame);
      default:
        return frame.stream !== undefined && frame.seq !== undefined ? this.#event(frame) : [];
    }
  }

  /** The person cannot read the stream (any more): the server said `left`, or answered 404. @param {string} stream @returns {Frame[]} */
  leave(stream) {
    this.followed.delete(stream);
    return [{ type: "left", stream }];
  }

  /**
   * Takes a snapshot that was asked for with `wanted`; returns the frames to deliver.
   * Throws RangeError if it comes from another log than the one that this client follows.
   * @param {?string[]} streams
   * @param {Snapshot} data
   * @returns {Frame[]}
   */
  takeSnapshot(streams, data) {
    if (data.epoch !== this.epoch) throw new RangeError("the snapshot is of another epoch");
    const covered = streams ?? Object.keys(data.positions);
    const waiting = new Map(this.followed);
    if (streams === null) {
      this.followed.clear();
      this.everything = false;
    }
    /** @type {Frame[]} */
    const frames = [{ type: "snapshot", streams, data }];
    for (const stream of covered) {
      const before = waiting.get(stream);
      const seq = data.positions[stream];
      if (!before?.waiting || seq === undefined) {
        frames.push(...this.leave(stream)); // left meanwhile: drop the snapshot's rows of it
        continue;
      }
      if (seq < before.dropped) {
        this.followed.set(stream, before);
        continue;
      }
      this.#follow(stream, seq);
      for (const event of before.buffer) frames.push(...this.#event(event));
    }
    return frames;
  }

  /** @param {string} stream @param {number} seq */
  #follow(stream, seq, waiting = false) {
    this.followed.set(stream, { seq, waiting, buffer: [], dropped: 0 });
  }

  /** @param {Frame} frame */
  #ready({ epoch = "", positions = {} }) {
    if (this.fresh) {
      this.fresh = false;
      this.epoch = epoch;
      for (const [stream, seq] of Object.entries(positions)) this.#follow(stream, seq);
    } else if (epoch !== this.epoch) {
      // Versions of another log cannot be compared with ours, so streams must not be repaired one by one.
      this.epoch = epoch;
      this.everything = this.snapshots;
      this.followed.clear();
      for (const [stream, seq] of Object.entries(positions)) this.#follow(stream, seq, this.snapshots);
    } else {
      // A stream that waits for its snapshot was not in our hello, so the server does not send `left` for it.
      return [...this.followed.keys()].filter((stream) => !(stream in positions)).flatMap((stream) => this.leave(stream));
    }
    return [];
  }

  /** @param {Frame} frame */
  #restart(frame) {
    this.#follow(frame.stream ?? "", frame.seq ?? 0, this.snapshots);
    return this.snapshots ? [] : [frame];
  }

  /** @param {Frame} frame @returns {Frame[]} */
  #event(frame) {
    const { stream = "", seq = 0 } = frame;
    const at = this.followed.get(stream);
    if (!at) {
      this.report({ kind: "unknown stream", stream, seq });
      return this.#lost(frame);
    }
    if (at.waiting) {
      if (at.buffer.length >= MOST_BUFFERED) at.dropped = at.buffer.splice(0, MOST_BUFFERED / 2).at(-1)?.seq ?? 0;
      at.buffer.push(frame);
      return [];
    }
    if (seq <= at.seq) return [];
    if (seq > at.seq + 1) {
      this.report({ kind: "gap", stream, expected: at.seq + 1, seq });
      return this.#lost(frame);
    }
    at.seq = seq;
    return [frame];
  }

  /** @param {Frame} frame */
  #lost(frame) {
    const { stream = "", seq = 0 } = frame;
    this.#follow(stream, seq, this.snapshots);
    if (!this.snapshots) return [frame];
    this.followed.get(stream)?.buffer.push(frame);
    return [];
  }

  /** @param {Frame} frame @returns {Frame[]} */
  #caughtUp(frame) {
    for (const [stream, seq] of Object.entries(frame.positions ?? {})) {
      const at = this.followed.get(stream);
      if (!at || at.waiting || at.seq >= seq) continue;
      this.report({ kind: "gap", stream, expected: at.seq + 1, seq });
      this.#follow(stream, seq, this.snapshots);
    }
    return [];
  }
}
