import { ApiError, explain } from "../core/api.js";

/**
 * Loads the page's data and keeps it live, for one person. If another person signs in with the same browser, nothing of
 * theirs is shown and nothing is written in their name.
 *
 * @typedef {import("../core/types.js").Frame} Frame
 * @typedef {import("../core/types.js").Me} Me
 * @typedef {import("../../realtime/socket.js").LiveSocket} LiveSocket
 * @typedef {import("../../realtime/socket.js").SocketOptions} SocketOptions
 */

const RETRY = { first: 1_000, most: 15_000 };
const SESSION_CHECK = 300_000; // ms between checks of the session while the page is visible

/** @type {Record<number, string>} */
const REFUSALS = {
  4403: "The server refuses live updates here: you may not connect, or this address is not one of its own. Ask its administrator to allow this address.",
  4400: "This page and the server do not understand each other. Reload the page.",
};

export class Connection {
  /** @type {?LiveSocket} */
  #socket = null;
  #checked = Date.now();
  /** Why the server refuses the live connection; "" if it does not. */
  refused = "";
  /** Why the page could not be loaded; "" if nothing went wrong. */
  trouble = "";

  /**
   * @param {Object} parts
   * @param {import("../core/api.js").Api} parts.api
   * @param {import("../core/model.js").Model} parts.model
   * @param {(options: SocketOptions) => LiveSocket} parts.createSocket
   * @param {string} parts.url                the address of the socket
   * @param {(me: Me) => void} parts.onPerson   it is known whose page this is; before anything is shown
   * @param {() => Promise<any>} parts.copy   the snapshot that is kept on this device for the person, or null
   * @param {number} parts.patience   ms in which the server is to answer before that is drawn
   * @param {() => void} parts.onSignedOut
   * @param {() => void} parts.onForeign      the browser's session is another person's
   * @param {() => void} parts.onLive
   * @param {() => void} parts.onChange       something that views show has changed
   */
  constructor(parts) {
    this.parts = parts;
    document.addEventListener("visibilitychange", () => this.#checkSession(30_000));
    setInterval(() => this.#checkSession(SESSION_CHECK), SESSION_CHECK);
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => setTimeout(() => this.#socket?.suspect()), { passive: true }); // what is pressed comes first
  }

  /** Where the page stands in the log; null while it needs a snapshot. */
  get position() {
    const streams = this.#socket?.streams;
    return streams && streams.wanted === undefined ? { epoch: streams.epoch, positions: streams.positions() } : null;
  }

  /** Fetches everything, with retries, then connects. Where no answer comes, begins with the copy on this device. */
  async load(failures = 0) {
    const { api, model, onPerson } = this.parts;
    try {
      const token = api.csrfToken();
      const data = await this.#begin(api.sync(null));
      if (api.person !== null && data.me.id !== api.person) return this.parts.onForeign();
      api.bind(data.me.id, token);
      onPerson(data.me);
      model.take({ type: "snapshot", streams: null, data });
      this.trouble = "";
      this.#connect(data);
    } catch (error) {
      this.#loadFailed(error, failures);
    }
    this.parts.onChange();
  }

  /** The server's snapshot, or the one on this device. @param {Promise<any>} asked */
  #begin(asked) {
    const { copy, patience } = this.parts;
    let answered = false;
    const failed = async (/** @type {any} */ error) => {
      answered = true;
      const found = error.passing ? await copy() : null;
      if (found) return found;
      throw error;
    };
    const fresh = asked.then((data) => ((answered = true), data), failed);
    const waited = new Promise((resolve) => void setTimeout(resolve, patience));
    const late = waited.then(() => (answered ? fresh : copy())).then((found) => found ?? fresh);
    return Promise.race([fresh, late]);
  }

  /** Continues after a sign-in. Returns false if it is another person. */
  async signedIn() {
    const { api } = this.parts;
    const person = await api.whoIsSignedIn();
    if (!person || (api.person !== null && person.id !== api.person)) return false;
    if (this.#socket) this.#socket.start();
    else this.load();
    return true;
  }

  /** Retries now instead of waiting for the next attempt. */
  retry() {
    if (this.refused) this.#restart();
    else if (this.#socket) this.#socket.probe();
    else if (this.trouble) this.load();
  }

  /** An answer is overdue: checks whether the connection is alive. */
  doubt() {
    this.#socket?.probe();
  }

  stop() {
    this.#socket?.stop();
  }

  #restart() {
    this.refused = "";
    this.#socket?.start();
    this.parts.onChange();
  }

  /** @param {unknown} error @param {number} failures */
  #loadFailed(error, failures) {
    if (error instanceof ApiError && error.signedOut) return this.parts.onSignedOut();
    this.trouble = explain(error);
    if (!(error instanceof ApiError)) return console.error("The page could not be loaded, by a fault of its own", error);
    const wait = Math.max(error.retryAfter * 1000, Math.min(RETRY.most, RETRY.first * 2 ** failures));
    setTimeout(() => this.#socket ?? this.load(failures + 1), wait);
  }

  /** @param {{epoch: string, positions: Record<string, number>}} snapshot */
  #connect({ epoch, positions }) {
    this.#socket = this.parts.createSocket({
      url: this.parts.url,
      epoch,
      positions,
      snapshot: (streams) => this.#snapshot(streams),
      onReady: ({ user }) => this.#isForeign(user) && this.#foreign(),
      onFrame: (frame) => this.parts.model.take(frame),
      onStatus: (status) => this.#status(status),
      onFinal: (end) => this.#ended(end),
      onReport: (what) => console.warn("The connection recovered", what),
    });
    this.#socket.start();
  }

  /** @param {?string[]} streams */
  async #snapshot(streams) {
    try {
      const data = await this.parts.api.sync(streams);
      if (this.#isForeign(data.me?.id)) throw Object.assign(new Error("another person is signed in"), { final: true, foreign: true });
      return data;
    } catch (error) {
      if (error instanceof ApiError && error.signedOut) Object.assign(error, { final: true });
      throw error;
    }
  }

  /** @param {string} status */
  #status(status) {
    this.parts.model.status = status;
    if (status === "live") this.parts.onLive();
    this.parts.onChange();
  }

  /** @param {{code: number, error?: any}} end */
  #ended({ code, error }) {
    if (error?.foreign) return this.#foreign();
    const refusal = REFUSALS[code];
    if (!refusal) return this.parts.onSignedOut();
    this.refused = refusal;
    this.parts.onChange();
  }

  #foreign() {
    this.stop();
    this.parts.onForeign();
  }

  /** @param {unknown} user */
  #isForeign(user) {
    const { person } = this.parts.api;
    return user !== undefined && person !== null && String(user) !== String(person);
  }

  /** A session can end without closing its sockets. Checks it while the page is visible, at most once per pause. @param {number} pause */
  async #checkSession(pause) {
    const { api, model } = this.parts;
    if (document.hidden || !model.loaded || model.signedOut || Date.now() - this.#checked < pause) return;
    this.#checked = Date.now();
    try {
      const person = await api.whoIsSignedIn();
      if (!person) this.parts.onSignedOut();
      else if (this.#isForeign(person.id)) this.#foreign();
    } catch {
      // unreachable; the connection reports that
    }
  }
}
