import { Streams } from "./streams.js";

/** Close codes after which reconnecting would only be refused again: a bad frame, not signed in, not allowed. */
export const FINAL_CODES = new Set([4400, 4401, 4403]);

const CONNECT_TIMEOUT = 10_000; // from the first packet to `ready`
const PROBE_TIMEOUT = 3_000; // the time a server has to answer a ping
const STEADY = 10_000; // a connection this old was a good one: the next retry is quick again
const BACKOFF = { first: 500, most: 30_000 };
const SLOW_CODES = { 4429: 4, 4008: 2 }; // the server asked for less: begin with that many doublings

const browser = {
  WebSocket: globalThis.WebSocket,
  now: () => Date.now(), // the wall clock, which goes on while a laptop sleeps
  setTimeout: (call, ms) => globalThis.setTimeout(call, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
  random: () => Math.random(),
  page: globalThis.document ? { window: globalThis.window, document: globalThis.document } : null,
};

/**
 * A connection that heals itself and loses nothing.
 *
 * It hands every frame that matters to `onFrame`, strictly in order and each once: events, `left`, and snapshots
 * as `{type: "snapshot", streams, data}`, after which only later events follow.
 */
export class LiveSocket {
  #socket = null;
  #timers = new Map();
  #attempt = 0;
  #round = 0; // grows with every connection, so that what belongs to an old one is ignored
  #caughtUp = false;
  #probing = false;
  #lastFrame = 0;
  #heartbeat = 25_000;
  #fetching = null;
  #listening = null;

  /**
   * @param {Object} options
   *   url            ws(s)://… of the socket
   *   epoch, positions   of the snapshot that the owner holds; left out: live from now on
   *   credentials    async () => ({token} | {ticket} | {}): what `hello` carries (a session cookie needs nothing)
   *   snapshot       async (streams | null) => {epoch, positions, …}: fetches these streams anew, or everything.
   *                  A rejection is tried again; one whose reason has `final` set ends the connection.
   *   onFrame(frame) · onStatus("live" | "catching up" | "offline") · onFinal({code, reason}) · onReport({kind, …})
   *   environment    WebSocket, now, setTimeout, clearTimeout, random, page: for tests
   */
  constructor({ url, epoch, positions, credentials, snapshot, onFrame, onStatus, onFinal, onReport, environment }) {
    this.env = { ...browser, ...environment };
    this.url = url;
    this.status = "offline";
    this.credentials = credentials ?? (async () => ({}));
    this.snapshot = snapshot ?? null;
    this.onFrame = onFrame ?? (() => {});
    this.onStatus = onStatus ?? (() => {});
    this.onFinal = onFinal ?? (() => {});
    this.onReport = onReport ?? (() => {});
    this.streams = new Streams(epoch, positions, { snapshots: !!snapshot, report: (what) => this.onReport(what) });
  }

  /** Connects, and stays connected until `stop()` or a final close. Harmless when it already runs. */
  start() {
    if (this.#listening) return;
    this.#listen();
    this.#attempt = 0;
    this.#connect();
  }

  /** Closes for good: no timer, no listener, no socket is left. `start()` resumes from the same positions. */
  stop() {
    this.#listening?.abort();
    this.#listening = null;
    this.#drop();
    this.#setStatus();
  }

  /** Gives the server a fresh token before the old one expires. */
  async renew() {
    const round = this.#round;
    const credentials = await this.credentials();
    if (round === this.#round) this.#send({ type: "auth", ...credentials });
  }

  /** Asks whether the connection still lives, and replaces it if no frame comes soon. */
  probe() {
    if (!this.#listening) return;
    if (!this.#socket) return this.#connect();
    if (!this.#send({ type: "ping" })) return; // still connecting: its own timeout watches
    this.#probing = true;
    this.#after("probe", PROBE_TIMEOUT, () => this.#retry());
    this.#setStatus();
  }

  async #connect() {
    this.#drop();
    const round = this.#round;
    this.#after("connect", CONNECT_TIMEOUT, () => this.#retry());
    let credentials;
    try {
      credentials = await this.credentials();
    } catch {
      if (round === this.#round) this.#retry();
      return;
    }
    if (round !== this.#round) return;
    const socket = new this.env.WebSocket(this.url);
    this.#socket = socket;
    const mine = (handler) => (event) => round === this.#round && handler(event);
    socket.onopen = mine(() => this.#send({ type: "hello", ...credentials, ...this.streams.hello() }));
    socket.onmessage = mine(({ data }) => this.#receive(JSON.parse(data)));
    socket.onclose = mine(({ code, reason }) => this.#closed(code, reason));
  }

  /** Forgets the present connection and everything that was set up for it. */
  #drop() {
    this.#round += 1;
    this.#caughtUp = this.#probing = false;
    this.#fetching = null;
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.close();
  }

  #closed(code, reason) {
    this.#socket = null;
    if (FINAL_CODES.has(code)) {
      this.stop();
      this.onFinal({ code, reason });
    } else {
      this.#retry(SLOW_CODES[code]);
    }
  }

  /** Full jitter: anything between at once and the doubled delay, so that clients do not come back in step. */
  #retry(doublings = 0) {
    this.#drop();
    this.#attempt = Math.max(this.#attempt + 1, doublings);
    const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** (this.#attempt - 1));
    this.#after("retry", this.env.random() * most, () => this.#connect());
    this.#setStatus();
  }

  #receive(frame) {
    this.#lastFrame = this.env.now();
    this.#probing = false;
    this.#cancel("probe");
    if (frame.type === "ready") {
      this.#heartbeat = (frame.heartbeat ?? 25) * 1000;
      this.#cancel("connect");
      this.#after("steady", STEADY, () => (this.#attempt = 0));
      this.#watch();
    }
    if (frame.type === "caught_up") this.#caughtUp = true;
    this.#deliver(this.streams.take(frame));
    this.#fetch();
    this.#setStatus();
  }

  #deliver(frames) {
    for (const frame of frames) {
      try {
        this.onFrame(frame);
      } catch (error) {
        this.onReport({ kind: "callback", stream: frame.stream, error }); // the rest must still come
      }
    }
  }

  /** Closes a connection on which two heartbeats were missed. One timer, set anew only when it fires. */
  #watch() {
    const left = this.#lastFrame + 2 * this.#heartbeat + 1000 - this.env.now();
    if (left <= 0) this.#retry();
    else this.#after("watch", left, () => this.#watch());
  }

  /** Fetches what the streams want, one request at a time, until they want nothing. */
  async #fetch(failures = 0) {
    const streams = this.streams.wanted;
    if (streams === undefined || this.#fetching || !this.#socket) return;
    const token = (this.#fetching = {});
    try {
      const data = await this.snapshot(streams);
      if (this.#fetching !== token) return;
      this.#deliver(this.streams.takeSnapshot(streams, data));
      const again = this.streams.wanted?.some((stream) => streams?.includes(stream) ?? true);
      if (again) return this.#fetchLater(failures); // the snapshot was older than the events, as a lagging copy is
      this.#fetching = null;
      this.#fetch();
    } catch (error) {
      if (this.#fetching !== token) return;
      if (error.final) {
        this.stop();
        return this.onFinal({ code: 0, reason: error.message });
      }
      this.onReport({ kind: "snapshot", streams, error });
      if (error instanceof RangeError) return this.#retry();
      this.#fetchLater(failures);
    }
    this.#setStatus();
  }

  #fetchLater(failures) {
    this.#after("snapshot", this.env.random() * Math.min(BACKOFF.most, BACKOFF.first * 2 ** failures), () => {
      this.#fetching = null;
      this.#fetch(failures + 1);
    });
  }

  #send(frame) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #setStatus() {
    const settled = this.#caughtUp && !this.#probing && this.streams.wanted === undefined;
    const cut = this.#probing && this.env.page?.window.navigator?.onLine === false;
    const ready = this.#timers.has("watch") && !cut;
    const status = !ready ? "offline" : settled ? "live" : "catching up";
    if (status === this.status) return;
    this.status = status;
    this.onStatus(status);
  }

  /** After sleep, or when the network comes or goes, what one believed of the connection is void. */
  #listen() {
    this.#listening = new AbortController();
    const { window, document } = this.env.page ?? {};
    const options = { signal: this.#listening.signal };
    for (const name of ["online", "offline", "pageshow"]) {
      window?.addEventListener(name, () => this.#woken(name !== "pageshow"), options);
    }
    document?.addEventListener("visibilitychange", () => document.hidden || this.#woken(false), options);
  }

  #woken(sure) {
    const silent = this.env.now() - this.#lastFrame;
    if (!this.#socket || sure || silent > this.#heartbeat + 2000) this.probe();
  }

  #after(name, ms, call) {
    this.#cancel(name);
    const fire = () => {
      this.#timers.delete(name);
      call();
    };
    this.#timers.set(name, this.env.setTimeout(fire, ms));
  }

  #cancel(name) {
    if (this.#timers.has(name)) this.env.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
