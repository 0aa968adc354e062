import { folded } from "./match.js";

/** @typedef {import("../../core/types.js").Task} Task */

const PAUSE = 120; // ms after a key
const MOST = 8;

/**
 * What the server finds beside the titles on this device: by notes and labels, and completed tasks. It is asked after a
 * pause, and `refresh` is called once it has answered; until then, what it found last stays as far as it still fits.
 */
export class Beyond {
  #query = "";
  #answered = "";
  /** @type {Task[]} */
  #found = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{api: Pick<import("../../core/api.js").Api, "request">, isOnline: () => boolean, refresh: () => void}} parts */
  constructor({ api, isOnline, refresh }) {
    this.api = api;
    this.isOnline = isOnline;
    this.refresh = refresh;
  }

  /** @param {string} query @param {string[]} words   of the query, folded @returns {Task[]} */
  of(query, words) {
    if (query !== this.#query) this.#want(query);
    if (this.#answered === query) return this.#found;
    return this.#found.filter(({ title, notes }) => fits(folded(`${title} ${notes}`), words));
  }

  /** @param {string} query */
  isAwaited(query) {
    return query === this.#query && query !== this.#answered;
  }

  /** @param {string} query */
  #want(query) {
    this.#query = query;
    clearTimeout(this.#timer);
    if (query && this.isOnline()) this.#timer = setTimeout(() => void this.#ask(query), PAUSE);
    else [this.#answered, this.#found] = [query, []];
  }

  /** @param {string} query */
  async #ask(query) {
    const found = await this.api.request("GET", `/api/search?q=${encodeURIComponent(query)}&limit=${MOST}`).then(
      ({ results }) => results,
      () => [],
    );
    if (query !== this.#query) return; // more was typed meanwhile
    [this.#answered, this.#found] = [query, found];
    this.refresh();
  }
}

/** @param {string} text @param {string[]} words */
const fits = (text, words) => words.every((word) => text.includes(word));
