import { Streams } from "./streams.js";

/** Close codes after which reconnecting is useless: bad frame, not signed in, not allowed. */
export const FINAL_CODES = new Set([4400, 4401, 4403]);

const NOT_READABLE = new Set([403, 404, 410]); // statuses of a snapshot of streams that cannot be read
const CONNECT_TIMEOUT = 10_000; // from the first packet to `ready`
const PROBE_TIMEOUT = 3_000; // the time a server has to answer a ping
const SUSPICION = 5_000; // ms of silence after which user input checks the connection …
const DOUBT = 1_500; // … and ms without an answer after which it is no longer called live
const SPREAD = 2_000; // ms over which clients spread their snapshot requests after a reset or a new epoch
const STEADY = 10_000; // ms after which the back-off starts again
const BACKOFF = { first: 500, most: 30_000 };
/** @type {Record<number, number>} */
const SLOW_CODES = { 4429: 4, 4008: 2 }; // initial doublings of the back-off

/**
 * @typedef {import("./streams.js").Frame} Frame
 * @typedef {import("./streams.js").Snapshot} Snapshot
 * @typedef {import("./streams.js").Report} Report
 * @typedef {"live" | "catching up" | "offline"} Status
 * @typedef {{token?: string, ticket?: string}} Credentials
 *
 * @typedef {Object} Environment   what the client needs of its surroundings
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {() => number} now
 * @property {(call: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random   from 0 to 1
 * @property {?{window: any, document: any}} page
 *
 * @typedef {Object} SocketOptions
 * @property {string} url            ws(s)://… of the socket
 * @property {?string} [epoch]       with `positions`: of the snapshot that the owner holds; left out: live from now on
 * @property {?Record<string, number>} [positions]
 * @property {() => Promise<Credentials>} [credentials]   what `hello` carries (a session cookie needs nothing)
 * @property {(streams: ?string[]) => Promise<Snapshot>} [snapshot]   fetches these streams again, or everything (null).
 *   A rejection is tried again, after `retryAfter` seconds if its reason has them; with `status` 404 the streams count as
 *   left; one whose reason has `final` set ends the connection.
 * @property {(frame: Frame) => void} [onReady]    the server's `ready`, before anything else is delivered
 * @property {(frame: Frame) => void} [onFrame]
 * @property {(status: Status) => void} [onStatus]
 * @property {(end: {code: number, reason: string, error?: any}) => void} [onFinal]
 * @property {(what: Report) => void} [onReport]
 * @property {Partial<Environment>} [environment]   for tests
 */

/** @type {Environment} */
const browser = {
  WebSocket: globalThis.WebSocket,
  now: () => Date.now(), // the wall clock, which goes on while a laptop sleeps
  setTimeout: (call, ms) => globalThis.setTimeout(call, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
  random: () => Math.random(),
  page: globalThis.document ? { window: globalThis.window, document: globalThis.document } : null,
};

/**
 * A connection that reconnects by itself and loses no event.
 *
 * It passes frames to `onFrame` in order and exactly once: events, `left`, and snapshots
 * as `{type: "snapshot", streams, data}`, after which only later events follow.
 */
export class LiveSocket {
  /** @type {?WebSocket} */
  #socket = null;
  /** @type {Map<string, any>} */
  #timers = new Map();
  #attempt = 0;
  #round = 0; // connection counter: callbacks of an older connection are ignored
  #greeted = false; // hello is the first frame, also where the browser is open before it says so
  #caughtUp = false;
  #probing = false;
  #lastFrame = 0;
  #heartbeat = 25_000;
  #oneByOne = false; // the server refused a request for several streams: request each alone
  /** @type {?object} */
  #fetching = null;
  /** @type {?AbortController} */
  #listening = null;

  /** @param {SocketOptions} options */
  constructor({ url, epoch, positions, credentials, snapshot, onReady, onFrame, onStatus, onFinal, onReport, environment }) {
    this.env = { ...browser, ...environment };
    this.url = url;
    /** @type {Status} */
    this.status = "offline";
    this.credentials = credentials ?? (async () => ({}));
    this.snapshot = snapshot ?? null;
    this.onReady = onReady ?? (() => {});
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

  /** Sends a fresh token before the old one expires. */
  async renew() {
    const round = this.#round;
    const credentials = await this.credentials();
    if (round === this.#round) this.#send({ type: "auth", ...credentials });
  }

  /** Sends a ping, and reconnects if no frame arrives soon. */
  probe() {
    if (!this.#listening) return;
    if (!this.#socket) return this.#connect();
    if (!this.#send({ type: "ping" })) return; // still connecting: its own timeout watches
    this.#probing = true;
    this.#after("probe", PROBE_TIMEOUT, () => this.#retry());
    this.#setStatus();
  }

  /** For user input: checks a silent connection, without changing the status while the answer is pending. */
  suspect() {
    if (this.status !== "live" || this.#timers.has("doubt") || this.env.now() - this.#lastFrame < SUSPICION) return;
    if (!this.#send({ type: "ping" })) return;
    this.#after("doubt", DOUBT, () => this.probe());
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
    const mine = (/** @type {(event: any) => void} */ handler) => (/** @type {any} */ event) => void (round === this.#round && handler(event));
    socket.onopen = mine(() => {
      this.#greeted = true;
      this.#send({ type: "hello", ...credentials, ...this.streams.hello() });
    });
    socket.onmessage = mine(({ data }) => this.#onText(data));
    socket.onclose = mine(({ code, reason }) => this.#closed(code, reason));
  }

  /** Drops the current connection and its timers. */
  #drop() {
    this.#round += 1;
    this.#greeted = this.#caughtUp = this.#probing = this.#oneByOne = false;
    this.#fetching = null;
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.close();
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    this.#socket = null;
    if (FINAL_CODES.has(code)) {
      this.stop();
      this.onFinal({ code, reason });
    } else {
      this.#retry(SLOW_CODES[code]);
    }
  }

  /** Full jitter: a random delay up to the doubled maximum, so that clients do not reconnect at the same time. */
  #retry(doublings = 0) {
    this.#drop();
    this.#attempt = Math.max(this.#attempt + 1, doublings);
    const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** (this.#attempt - 1));
    this.#after("retry", this.env.random() * most, () => this.#connect());
    this.#setStatus();
  }

  /** @param {string} text */
  #onText(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch (error) {
      this.onReport({ kind: "frame", error }); // not from this server; the next connection resumes
      return this.#retry();
    }
    this.#receive(frame);
  }

  /** @param {Frame} frame */
  #receive(frame) {
    this.#lastFrame = this.env.now();
    this.#probing = false;
    this.#cancel("probe");
    this.#cancel("doubt");
    if (frame.type === "ready") {
      const round = this.#round;
      this.onReady(frame);
      if (round !== this.#round) return; // the owner has called stop()
      this.#heartbeat = (frame.heartbeat ?? 25) * 1000;
      this.#cancel("connect");
      this.#after("steady", STEADY, () => (this.#attempt = 0));
      this.#watch();
    }
    if (frame.type === "caught_up") this.#caughtUp = true;
    this.#deliver(this.streams.take(frame));
    const isForMany = frame.type === "reset" || frame.type === "ready";
    if (isForMany && this.streams.wanted !== undefined && !this.#fetching) this.#fetchLater(0, this.env.random() * SPREAD);
    else this.#fetch();
    this.#setStatus();
  }

  /** @param {Frame[]} frames */
  #deliver(frames) {
    for (const frame of frames) {
      try {
        this.onFrame(frame);
      } catch (error) {
        this.onReport({ kind: "callback", stream: frame.stream, error }); // deliver the others
      }
    }
  }

  /** Closes a connection on which two heartbeats were missed. One timer, set again only when it fires. */
  #watch() {
    const left = this.#lastFrame + 2 * this.#heartbeat + 1000 - this.env.now();
    if (left <= 0) this.#retry();
    else this.#after("watch", left, () => this.#watch());
  }

  /** Fetches what the streams want, one request at a time, until they want nothing. */
  async #fetch(failures = 0) {
    const { wanted } = this.streams;
    if (wanted === undefined || this.#fetching || !this.#socket || !this.snapshot) return;
    const streams = this.#oneByOne && wanted ? wanted.slice(0, 1) : wanted;
    const token = (this.#fetching = {});
    try {
      const data = await this.snapshot(streams);
      if (this.#fetching !== token) return;
      this.#deliver(this.streams.takeSnapshot(streams, data));
      const again = this.streams.wanted?.some((stream) => streams?.includes(stream) ?? true);
      if (again) return this.#fetchLater(failures + 1, this.#pause(failures)); // older than the events: a lagging replica
      this.#fetching = null;
      this.#fetch();
    } catch (error) {
      if (this.#fetching === token) this.#fetchFailed(streams, error, failures);
    }
    this.#setStatus();
  }

  /** @param {?string[]} streams @param {any} error @param {number} failures */
  #fetchFailed(streams, error, failures) {
    if (error.final) {
      this.stop();
      return this.onFinal({ code: 0, reason: error.message, error });
    }
    this.onReport({ kind: "snapshot", streams, error });
    if (error instanceof RangeError) return this.#retry();
    if (NOT_READABLE.has(error.status) && streams) {
      if (streams.length === 1) this.#deliver(this.streams.leave(streams[0] ?? ""));
      else this.#oneByOne = true;
      this.#fetching = null;
      return void this.#fetch();
    }
    this.#fetchLater(failures + 1, (error.retryAfter ?? 0) * 1000 + this.#pause(failures));
  }

  /** @param {number} failures */
  #pause(failures) {
    return this.env.random() * Math.min(BACKOFF.most, BACKOFF.first * 2 ** failures);
  }

  /** @param {number} failures @param {number} ms */
  #fetchLater(failures, ms) {
    this.#fetching = {};
    this.#after("snapshot", ms, () => {
      this.#fetching = null;
      this.#fetch(failures);
    });
  }

  /** @param {object} frame */
  #send(frame) {
    if (!this.#greeted || this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #setStatus() {
    const settled = this.#caughtUp && !this.#probing && this.streams.wanted === undefined;
    const cut = this.#probing && this.env.page?.window.navigator?.onLine === false;
    const ready = this.#timers.has("watch") && !cut;
    /** @type {Status} */
    const status = !ready ? "offline" : settled ? "live" : "catching up";
    if (status === this.status) return;
    this.status = status;
    this.onStatus(status);
  }

  /** After sleep, or when the network comes or goes, the connection must prove that it is alive. */
  #listen() {
    this.#listening = new AbortController();
    const { window, document } = this.env.page ?? {};
    const options = { signal: this.#listening.signal };
    for (const name of ["online", "offline", "pageshow"]) {
      window?.addEventListener(name, () => this.#woken(name !== "pageshow"), options);
    }
    document?.addEventListener("visibilitychange", () => document.hidden || this.#woken(false), options);
  }

  /** @param {boolean} sure  whether the connection is certainly doubtful */
  #woken(sure) {
    const silent = this.env.now() - this.#lastFrame;
    if (!this.#socket || sure || silent > this.#heartbeat + 2000) this.probe();
  }

  /** @param {string} name @param {number} ms @param {() => void} call */
  #after(name, ms, call) {
    this.#cancel(name);
    const fire = () => {
      this.#timers.delete(name);
      call();
    };
    this.#timers.set(name, this.env.setTimeout(fire, ms));
  }

  /** @param {string} name */
  #cancel(name) {
    if (this.#timers.has(name)) this.env.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
