import { fold } from "../../core/terms.js";

/**
 * Finds texts by what was typed: each word typed begins a word of the text, or is in it. Case and accents count as little as
 * in the server's search.
 */

export const folded = fold;

/**
 * How well the text fits, greater is better; 0: not at all. The words come folded, as the text does. Its first line is the
 * name; what follows are further words for it.
 * @param {string} text
 * @param {string[]} words
 */
export function score(text, words) {
  let total = 1;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    total += at === 0 ? 4 : beginsWord(text, word, at) ? 3 : 1;
  }
  const phrase = words.join(" ");
  const isWhole = text === phrase || text.startsWith(`${phrase}\n`);
  return total + (phrase && text.startsWith(phrase) ? 4 : 0) + (isWhole ? 1 : 0) + 1 / (1 + text.length);
}

/** @param {string} text @param {string} word @param {number} at */
function beginsWord(text, word, at) {
  for (let place = at; place >= 0; place = text.indexOf(word, place + 1)) {
    if (!/[\p{L}\p{N}]/u.test(text[place - 1] ?? " ")) return true;
  }
  return false;
}

/** @param {string} query */
export const wordsOf = (query) => folded(query).split(/\s+/).filter(Boolean);

/**
 * The best matches, at most `most`, the best first; those of equal fit keep their order.
 * @template T
 * @param {Iterable<T>} items
 * @param {(item: T) => string} textOf   folded
 * @param {string[]} words
 * @param {number} most
 * @returns {T[]}
 */
export function best(items, textOf, words, most) {
  /** @type {{item: T, fit: number}[]} */
  const found = [];
  for (const item of items) {
    const fit = score(textOf(item), words);
    if (fit > 0) found.push({ item, fit });
  }
  return found.sort((a, b) => b.fit - a.fit).slice(0, most).map(({ item }) => item);
}

/** The items whose names fit what was typed. @template {{name: string}} T @param {T[]} items @param {string} query @returns {T[]} */
export function fitting(items, query) {
  const words = wordsOf(query);
  return words.length ? best(items, ({ name }) => folded(name), words, items.length) : items;
}
