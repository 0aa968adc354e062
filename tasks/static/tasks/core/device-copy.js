/**
 * A copy of the person's last state, kept on the device and drawn where the server does not answer. The page goes on from its position,
 * as a page does whose connection was lost for a while.
 *
 * It is kept only where a service worker opens the page without a network, and is bound to the sign-in: each sign-in and
 * each sign-out gives the browser another CSRF token, and with another token nothing is read or written.
 *
 * @typedef {import("./model.js").Model} Model
 * @typedef {{epoch: ?string, positions: Record<string, number>}} Position
 */
import { KINDS } from "./kinds.js";
import { tableOf } from "./store.js";

const CACHE = "copy"; // deleted by worker.js, too
const KEY = "/copy";
const MOST_ROWS = 20_000; // with more, nothing is kept
const MOST_AGE = 14 * 86_400_000; // as long as a sign-in lasts
const SLICE = 200; // rows that are written without a break
const PAUSE = { least: 10_000, each: 20 }; // ms between two writes, at least and for each row

export class DeviceCopy {
  #at = ""; // the position of what is kept; "" if that is not known
  /** @type {any} */
  #timer = null;
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  #isEnded = false;
  #hasBegun = false;

  /**
   * @param {Object} parts
   * @param {Model} parts.model
   * @param {{csrfToken: () => string, isOwnSession: boolean}} parts.api
   * @param {() => ?Position} parts.position   where the page stands; null while it needs a snapshot
   * @param {string} parts.release   another release reads nothing that this one has written
   * @param {string} parts.worker    the address of the service worker; "" where nothing is to be kept
   * @param {CacheStorage} [parts.caches]
   * @param {() => boolean} [parts.isOpenable]   whether the page can be opened without a network
   * @param {() => Promise<void>} [parts.idle]   resolves when nothing else is to do
   * @param {() => number} [parts.now]
   */
  constructor({ model, api, position, release, worker, caches = globalThis.caches, isOpenable = hasWorker, idle = whenIdle, now = Date.now }) {
    this.model = model;
    this.api = api;
    this.position = position;
    this.release = release;
    this.worker = worker;
    this.caches = caches;
    this.isOpenable = isOpenable;
    this.idle = idle;
    this.now = now;
  }

  /** Installs the service worker, and writes from now on. Where nothing is to be kept, what was is deleted. */
  async begin() {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { serviceWorker } = navigator;
    if (!this.worker) return this.end();
    if (!serviceWorker) return; // not over plain http
    serviceWorker.addEventListener("message", () => void this.#switchOff());
    serviceWorker.addEventListener("controllerchange", () => this.write());
    document.addEventListener("visibilitychange", () => document.hidden && this.write());
    this.write();
    await serviceWorker.register(this.worker).catch((error) => console.warn("This page cannot be opened without a connection", error));
  }

  /** The snapshot that this sign-in and this release have kept, or null. */
  async read() {
    try {
      const data = await (await this.caches.match(KEY, { cacheName: CACHE }))?.json();
      if (!data) return null;
      const isOwn = !!data.sign_in && data.sign_in === this.api.csrfToken() && this.now() - data.kept_at < MOST_AGE;
      if (!isOwn) await this.caches.delete(CACHE);
      if (!isOwn || data.release !== this.release) return null;
      this.#at = textOf(data);
      return data;
    } catch (error) {
      console.warn("What this device keeps cannot be read", error);
      return null;
    }
  }

  /** Something has changed: it is written after a while; at once if the connection is lost, as the page may be loaded again. */
  changed() {
    if (this.model.status === "offline") this.write();
    else this.#timer ??= setTimeout(() => this.write(), Math.max(PAUSE.least, PAUSE.each * rowsOf(this.model.confirmed)));
  }

  /** Writes the present state, unless it was written already. */
  write() {
    clearTimeout(this.#timer);
    this.#timer = null;
    return (this.#last = this.#last.then(() => this.#write()).catch((error) => {
      this.#at = "";
      console.warn("This page’s state cannot be kept on this device", error);
    }));
  }

  /** Deletes what is kept, and writes nothing more until `goOn()`. */
  async end() {
    this.#isEnded = true;
    await this.#last;
    this.#at = "";
    await this.caches?.delete(CACHE).catch((error) => console.warn("What this device keeps cannot be deleted", error));
  }

  goOn() {
    this.#isEnded = false;
  }

  /** The worker leaves, as the server wants nothing to be kept any more. */
  #switchOff() {
    this.worker = "";
    return this.end();
  }

  get #isWritable() {
    return !!this.worker && !this.#isEnded && this.isOpenable() && this.api.isOwnSession;
  }

  async #write() {
    const { confirmed, isBehind } = this.model;
    const position = this.position();
    if (!position || !confirmed.me || isBehind || textOf(position) === this.#at || !this.#isWritable) return;
    this.#at = textOf(position);
    if (rowsOf(confirmed) > MOST_ROWS) return void (await this.caches.delete(CACHE));
    const head = { ...position, me: confirmed.me, sign_in: this.api.csrfToken(), release: this.release, kept_at: this.now() };
    const text = await this.#snapshot(head, confirmed);
    const cache = await this.caches.open(CACHE);
    if (this.#isWritable) await cache.put(KEY, new Response(text));
  }

  /** As a snapshot of the server, piece by piece. @param {any} head @param {import("./types.js").State} state */
  async #snapshot(head, state) {
    const pieces = [JSON.stringify(head).slice(0, -1)];
    for (const [kind, { table }] of Object.entries(KINDS)) {
      const rows = [...(tableOf(state, kind)?.values() ?? [])];
      pieces.push(`,${JSON.stringify(table)}:[`);
      for (let at = 0; at < rows.length && !this.#isEnded; at += SLICE) {
        await this.idle();
        pieces.push((at ? "," : "") + JSON.stringify(rows.slice(at, at + SLICE)).slice(1, -1));
      }
      pieces.push("]");
    }
    return new Blob([...pieces, "}"]);
  }
}

/** @param {Position} position */
const textOf = ({ epoch, positions }) => JSON.stringify([epoch, positions]);

/** @param {import("./types.js").State} state */
const rowsOf = (state) => Object.keys(KINDS).reduce((sum, kind) => sum + (tableOf(state, kind)?.size ?? 0), 0);

const hasWorker = () => !!navigator.serviceWorker?.controller;

/** @returns {Promise<void>} */
const whenIdle = () => new Promise((resolve) => ("requestIdleCallback" in globalThis ? requestIdleCallback(() => resolve(), { timeout: 2_000 }) : void setTimeout(resolve, 50)));
