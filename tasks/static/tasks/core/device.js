import { uuid } from "./ids.js";

/**
 * What a person has not saved yet, kept on this device until the server has it: changes that wait to be sent, and texts
 * that are being written. It outlives a tab that is closed, and belongs to its person alone.
 *
 * Each tab writes a record of its own. A page that begins takes over the records of the person's tabs that are gone; one
 * that is still open answers when it is asked, and keeps its own. Should a tab be too busy to answer, its changes are sent
 * twice, which is harmless.
 *
 * @typedef {{operations: any[], drafts: any[], composers: [string, string][]}} Contents
 * @typedef {Contents & {person: number, tab: string, kept_at: number}} Stored
 */

const STORE = "tabs";
const MOST_AGE = 60 * 86_400_000;
const ANSWER_MS = 250; // for the other tabs to say that they are there

export class Device {
  /** @type {?IDBDatabase} */
  #database = null;
  /** @type {?number} */
  #person = null;
  #tab = uuid();
  #living = new Set();
  #last = "";

  /** @param {{indexedDB?: IDBFactory, channel?: ?BroadcastChannel, wait?: (ms: number) => Promise<void>, now?: () => number}} [options] */
  constructor({ indexedDB = globalThis.indexedDB, channel, wait, now = Date.now } = {}) {
    this.indexedDB = indexedDB;
    this.channel = channel === undefined ? openChannel() : channel;
    this.wait = wait ?? ((ms) => new Promise((resolve) => void setTimeout(resolve, ms)));
    this.now = now;
    if (this.channel) this.channel.onmessage = ({ data }) => this.#heard(data);
  }

  /** Whether what is kept is really kept; storage may be forbidden, or full. */
  works = true;

  /** What the person's closed tabs have left, which is this tab's from now on. @param {number} person @returns {Promise<Contents>} */
  async adopt(person) {
    this.#person = person;
    this.channel?.postMessage({ asks: this.#tab });
    if (this.channel) await this.wait(ANSWER_MS);
    /** @type {Contents} */
    const found = { operations: [], drafts: [], composers: [] };
    await this.#transact((store) => {
      store.openCursor(IDBKeyRange.bound([person], [person, []])).onsuccess = ({ target }) => {
        const cursor = /** @type {IDBRequest<?IDBCursorWithValue>} */ (target).result;
        if (!cursor) return;
        const stored = /** @type {Stored} */ (cursor.value);
        if (stored.tab !== this.#tab && !this.#living.has(stored.tab)) {
          if (this.now() - stored.kept_at < MOST_AGE) merge(found, stored);
          cursor.delete();
        }
        cursor.continue();
      };
    }, false);
    return found;
  }

  /** Keeps what this tab has; nothing before `adopt` has said whose it is. @param {Contents} contents */
  async keep(contents) {
    const person = this.#person;
    const text = JSON.stringify(contents);
    if (person === null || text === this.#last) return;
    this.#last = text;
    const isEmpty = !contents.operations.length && !contents.drafts.length && !contents.composers.length;
    /** @type {Stored} */
    const stored = { ...JSON.parse(text), person, tab: this.#tab, kept_at: this.now() };
    await this.#transact((store) => (isEmpty ? store.delete([person, this.#tab]) : store.put(stored)));
  }

  /** Forgets all that is kept for the person, of every tab. */
  async clear() {
    const person = this.#person;
    this.#person = null;
    if (person !== null) await this.#transact((store) => store.delete(IDBKeyRange.bound([person], [person, []])));
  }

  /** @param {(store: IDBObjectStore) => void} work @param {boolean} [last]  whether no request will follow upon an answer */
  async #transact(work, last = true) {
    try {
      const database = this.#database ?? (this.#database = await open(this.indexedDB)); // no wait while the page is going
      await new Promise((resolve, reject) => {
        const transaction = database.transaction(STORE, "readwrite");
        transaction.oncomplete = resolve;
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
        work(transaction.objectStore(STORE));
        if (last) transaction.commit(); // at once: a page that is going waits for no answer
      });
      this.works = true;
    } catch (error) {
      this.works = false;
      this.#database = null;
      console.warn("What is not saved yet cannot be kept on this device", error);
    }
  }

  /** @param {{asks?: string, here?: string}} message */
  #heard({ asks, here }) {
    if (here) this.#living.add(here);
    else if (asks && this.#person !== null) this.channel?.postMessage({ here: this.#tab });
  }
}

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
