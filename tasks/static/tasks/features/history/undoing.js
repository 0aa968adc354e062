import { explain } from "../../core/api.js";
import { uuid } from "../../core/ids.js";

/**
 * Undo and redo. What has not been sent yet is simply not sent. What was sent is taken back by the server, which knows the
 * person's last changes also after a reload, and on every device.
 *
 * @typedef {import("../../shell/undo.js").Entry} Entry
 */
export class Undoing {
  /** @type {Promise<void>} */
  #last = Promise.resolve(); // one after the other, however fast the keys are pressed
  /** The request whose answer did not come. @type {?{path: string, key: string, after: string[]}} */
  #unanswered = null;

  /**
   * @param {Object} parts
   * @param {import("../../core/api.js").Api} parts.api
   * @param {import("../../core/outbox.js").Outbox} parts.outbox
   * @param {import("../../shell/undo.js").UndoStack} parts.stack
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {() => boolean} parts.isOnline
   * @param {() => Promise<void>} [parts.adopted]   the changes of closed tabs are in the outbox
   * @param {(key: string) => void} parts.onUndone   this change is taken back
   */
  constructor({ api, outbox, stack, toasts, isOnline, onUndone, adopted = async () => {} }) {
    this.api = api;
    this.outbox = outbox;
    this.stack = stack;
    this.toasts = toasts;
    this.isOnline = isOnline;
    this.adopted = adopted;
    this.onUndone = onUndone;
  }

  /** Takes back the last change. @param {string} [only]  the key of the one that it must be */
  undo(only) {
    this.#next(async () => {
      await this.adopted();
      const { newest } = this.stack;
      const { lastKeys } = this.outbox;
      if (only && !lastKeys.includes(only)) return this.#tell("You have changed something else since: undo that first.");
      const entry = newest && lastKeys.some((key) => newest.keys.includes(key)) ? newest : null;
      if (entry) return this.#takeBack(entry);
      if (await this.#drop(lastKeys)) return this.#tell("Undone.");
      if (!this.isOnline() && newest) return this.#takeBack(newest);
      if (this.isOnline()) await this.outbox.sent(lastKeys); // one on its way is the server's last change only when it is there
      return this.#ask("/api/undo");
    });
  }

  /** Takes back this change, whatever was done since. @param {Entry} entry */
  undoEntry(entry) {
    this.#next(() => this.#takeBack(entry));
  }

  redo() {
    this.#next(async () => {
      await this.adopted();
      if (this.isOnline()) await this.outbox.sent(this.outbox.lastKeys);
      return this.#ask("/api/redo");
    });
  }

  /** @param {() => Promise<void> | void} call */
  #next(call) {
    this.#last = this.#last.then(call).catch((error) => void this.toasts.problem(`It could not be undone. ${explain(error)}`));
  }

  /** @param {Entry} entry */
  async #takeBack(entry) {
    if (!this.stack.remove(entry)) return;
    for (const key of entry.keys) this.onUndone(key);
    if (await this.#drop(entry.keys)) return this.#tell(`Undone: ${entry.text}.`);
    if (this.isOnline()) await this.outbox.sent(entry.keys);
    const isLast = !this.outbox.overtaken && entry.keys.some((key) => this.outbox.lastKeys.includes(key));
    if (isLast && this.isOnline() && (entry.keys.length === 1 || this.outbox.sendAll)) return this.#ask("/api/undo");
    const done = await entry.undo();
    this.#tell(done ? `Undone: ${entry.text}.` : `Too late to undo ${entry.text}: it has changed since.`);
  }

  /** Whether the changes were not sent, and will not be. Without a connection a request on its way fails before long. @param {string[]} keys */
  async #drop(keys) {
    if (!this.isOnline()) await this.outbox.landed(keys);
    return this.outbox.cancel(...keys);
  }

  /** Asks the server; where the answer to the same did not come, for that one: it takes back no further change. @param {string} path */
  async #ask(path) {
    if (!this.isOnline()) return this.#tell("Undo needs a connection to the server.");
    const { lastKeys: after } = this.outbox;
    const last = this.#unanswered;
    const key = last?.path === path && last.after === after ? last.key : uuid();
    this.#unanswered = { path, key, after };
    try {
      const { detail } = await this.api.request("POST", path, {}, { key });
      this.#tell(detail);
    } catch (/** @type {any} */ error) {
      if (error.passing) throw error;
      this.#unanswered = null;
      if (error.status !== 409) throw error;
      return this.#tell(error.message);
    }
    this.#unanswered = null;
  }

  /** @param {string} text */
  #tell(text) {
    this.toasts.show({ text });
  }
}
