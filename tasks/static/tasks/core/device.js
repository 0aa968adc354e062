import { uuid } from "./ids.js";

/**
 * Stores a person's unsaved work in IndexedDB until the server has it: pending changes and drafts. It survives a closed
 * tab and is bound to the person.
 *
 * Each tab writes its own record. A new page adopts the records of the person's closed tabs; open tabs answer a broadcast
 * and keep theirs. If an open tab does not answer in time, its changes are sent twice, which is harmless. What is adopted is
 * stored as the new page's own in the same transaction, so that a page that is closed at that moment loses nothing.
 *
 * @typedef {{operations: any[], drafts: any[], composers: [string, string][]}} Contents
 * @typedef {Contents & {person: number, tab: string, kept_at: number}} Stored
 */

const STORE = "tabs";
const MOST_AGE = 60 * 86_400_000;
const ANSWER_MS = 1_000; // ms for other tabs to answer

export class Device {
  /** @type {?IDBDatabase} */
  #database = null;
  /** @type {?number} */
  #person = null;
  #tab = uuid();
  #living = new Set();
  #last = ""; // what was written; "" if that is not certain

  /** @param {{indexedDB?: IDBFactory, channel?: ?BroadcastChannel, wait?: (ms: number) => Promise<void>, now?: () => number}} [options] */
  constructor({ indexedDB = globalThis.indexedDB, channel, wait, now = Date.now } = {}) {
    this.indexedDB = indexedDB;
    this.channel = channel === undefined ? openChannel() : channel;
    this.wait = wait ?? ((ms) => new Promise((resolve) => void setTimeout(resolve, ms)));
    this.now = now;
    if (this.channel) this.channel.onmessage = ({ data }) => this.#answer(data);
  }

  /** False if storage is blocked or full. */
  works = true;

  /** Returns the work of the person's closed tabs, which belongs to this tab from now on. @param {number} person @returns {Promise<Contents>} */
  async adopt(person) {
    this.#person = person;
    this.channel?.postMessage({ asks: this.#tab });
    if (this.channel) await this.wait(ANSWER_MS);
    const [found, own] = [nothing(), nothing()];
    await this.#transact((store) => {
      store.openCursor(IDBKeyRange.bound([person], [person, []])).onsuccess = ({ target }) => {
        const cursor = /** @type {IDBRequest<?IDBCursorWithValue>} */ (target).result;
        if (!cursor) {
          merge(own, found);
          if (!isEmpty(own)) store.put(this.#record(own, person));
          return;
        }
        const stored = /** @type {Stored} */ (cursor.value);
        if (stored.tab === this.#tab) {
          merge(own, stored);
        } else if (!this.#living.has(stored.tab)) {
          if (this.now() - stored.kept_at < MOST_AGE) merge(found, stored);
          cursor.delete();
        }
        cursor.continue();
      };
    }, false);
    this.#last = "";
    return found;
  }

  /** Stores this tab's work. Does nothing before `adopt`. @param {Contents} contents */
  async keep(contents) {
    const person = this.#person;
    const text = JSON.stringify(contents);
    if (person === null || text === this.#last) return;
    this.#last = text;
    const stored = this.#record(JSON.parse(text), person);
    await this.#transact((store) => (isEmpty(contents) ? store.delete([person, this.#tab]) : store.put(stored)));
  }

  /** @param {Contents} contents @param {number} person @returns {Stored} */
  #record(contents, person) {
    return { ...contents, person, tab: this.#tab, kept_at: this.now() };
  }

  /** Deletes everything stored for the person, of every tab. */
  async clear() {
    const person = this.#person;
    this.#person = null;
    if (person !== null) await this.#transact((store) => store.delete(IDBKeyRange.bound([person], [person, []])));
  }

  /** @param {(store: IDBObjectStore) => void} work @param {boolean} [last]  whether `work` makes no further requests later */
  async #transact(work, last = true) {
    try {
      const database = this.#database ?? (this.#database = await open(this.indexedDB)); // without a wait if it is open: the page may be closing
      await new Promise((resolve, reject) => {
        const transaction = database.transaction(STORE, "readwrite");
        transaction.oncomplete = resolve;
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
        work(transaction.objectStore(STORE));
        if (last) transaction.commit(); // explicitly: a closing page gets no answers
      });
      this.works = true;
    } catch (error) {
      this.works = false;
      this.#database = null;
      this.#last = "";
      console.warn("What is not saved yet cannot be kept on this device", error);
    }
  }

  /** @param {{asks?: string, here?: string}} message */
  #answer({ asks, here }) {
    if (here) this.#living.add(here);
    else if (asks && this.#person !== null) this.channel?.postMessage({ here: this.#tab });
  }
}

/** @returns {Contents} */
const nothing = () => ({ operations: [], drafts: [], composers: [] });

/** @param {Contents} contents */
const isEmpty = ({ operations, drafts, composers }) => !operations.length && !drafts.length && !composers.length;

/** @param {Contents} into @param {Contents} from */
function merge(into, { operations, drafts, composers }) {
  into.operations.push(...(operations ?? []));
  into.drafts.push(...(drafts ?? []));
  into.composers.push(...(composers ?? []));
}

function openChannel() {
  return "BroadcastChannel" in globalThis ? new BroadcastChannel("todo-tabs") : null;
}

/** @param {IDBFactory} factory @returns {Promise<IDBDatabase>} */
function open(factory) {
  return new Promise((resolve, reject) => {
    const request = factory.open("todo", 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE, { keyPath: ["person", "tab"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
}
