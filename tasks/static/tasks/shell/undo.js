/**
 * Actions that can be undone, the newest last.
 *
 * @typedef {{text: string, undo: () => boolean | void, drop?: () => void}} Entry  `undo` returns false where it is too late
 */

const MOST = 50;

export class UndoStack {
  /** @type {Entry[]} */
  #entries = [];

  /** @param {Entry} entry */
  push(entry) {
    this.#entries.push(entry);
    if (this.#entries.length > MOST) this.#entries.shift();
    return entry;
  }

  /** @param {Entry} entry */
  remove(entry) {
    this.#entries = this.#entries.filter((each) => each !== entry);
  }

  /** Undoes this entry, or the newest. Returns the result; null if there is none. @param {Entry} [entry] */
  undo(entry = this.#entries.at(-1)) {
    if (!entry || !this.#entries.includes(entry)) return null;
    this.remove(entry);
    const done = entry.undo() !== false;
    return { text: entry.text, done };
  }
}
