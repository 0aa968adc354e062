import { ownZone } from "../../core/dates.js";

/**
 * Asks the server, which has the one parser, what it understands of a line.
 *
 * @typedef {import("./ranges.js").Range} Range
 * @typedef {Range & {kind: string, text: string, value: any}} Span
 * @typedef {{title: string, spans: Span[], hints: (Range & {message: string})[], fields: import("../../core/types.js").Fields}} Reading
 * @typedef {{text: string, list: ?string, refused: Range[]}} Line   `refused`: what is to stay text
 */

const MOST_CACHED = 50;
export const MOST_CHARACTERS = 500;

export class Reader {
  /** @type {Map<string, Promise<?Reading>>} */
  #asked = new Map();
  /** @type {Map<string, Reading>} */
  #known = new Map();

  /** @param {{api: import("../../core/api.js").Api, outbox: Pick<import("../../core/outbox.js").Outbox, "arrived">, isOnline: () => boolean}} parts */
  constructor({ api, outbox, isOnline }) {
    this.api = api;
    this.outbox = outbox;
    this.isOnline = isOnline;
  }

  /** What is known of a line without asking. @param {Line} line */
  known(line) {
    return this.#known.get(keyOf(line)) ?? null;
  }

  /** What the server understands; null if it cannot be asked. @param {Line} line @returns {Promise<?Reading>} */
  read(line) {
    if (!line.text.trim() || line.text.length > MOST_CHARACTERS || !this.isOnline()) return Promise.resolve(null);
    const key = keyOf(line);
    const asked = this.#asked.get(key) ?? this.#ask(line, key);
    this.#asked.set(key, asked);
    if (this.#asked.size > MOST_CACHED) this.#asked.delete(this.#asked.keys().next().value ?? "");
    return asked;
  }

  /** @param {Line} line @param {string} key */
  async #ask(line, key) {
    try {
      if (line.list) await this.outbox.arrived(line.list);
      /** @type {Reading} */
      const reading = await this.api.request("POST", "/api/tasks/quick-add?dry_run=1", bodyOf(line));
      this.#known.set(key, reading);
      if (this.#known.size > MOST_CACHED) this.#known.delete(this.#known.keys().next().value ?? "");
      return reading;
    } catch {
      this.#asked.delete(key); // the line stays as it is written; the connection says why
      return null;
    }
  }
}

/** @param {Line} line */
export const bodyOf = ({ text, list, refused }) => ({
  text,
  time_zone: ownZone(),
  ...(list ? { list } : {}),
  ...(refused.length ? { ignore: refused.map(({ start, end }) => [start, end]) } : {}),
});

/** A reading is valid for its day: "tomorrow" is another day after midnight. @param {Line} line */
const keyOf = (line) => JSON.stringify([new Date().toDateString(), bodyOf(line)]);
