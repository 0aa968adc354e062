/**
 * What this page has done and can take back, the newest last. After a reload the server still knows; see
 * features/history/undoing.js.
 *
 * @typedef {Object} Entry
 * @property {string} text                            what was done: "completing “Milk”"
 * @property {string[]} keys                          of its changes in the outbox
 * @property {() => boolean | Promise<boolean>} undo  takes it back by further changes; false where it is too late
 */

const MOST = 50;

export class UndoStack {
  /** @type {Entry[]} */
  #entries = [];

  get newest() {
    return this.#entries.at(-1);
  }

  /** @param {Entry} entry */
  push(entry) {
    this.#entries.push(entry);
    if (this.#entries.length > MOST) this.#entries.shift();
    return entry;
  }

  /** Removes the entry; returns whether it was there. @param {Entry} entry */
  remove(entry) {
    const was = this.#entries.includes(entry);
    this.#entries = this.#entries.filter((each) => each !== entry);
    return was;
  }

  /** A change was given up: there is nothing to take back. @param {string} key */
  forget(key) {
    this.#entries = this.#entries.filter(({ keys }) => !keys.includes(key));
  }
}
