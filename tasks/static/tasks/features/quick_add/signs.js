import { casefold } from "../../core/terms.js";

/**
 * The signs of a line for a new task, @ for a person, # for a list, * for a label and ! for a priority, and which names fit
 * what is written behind one. Pure.
 *
 * @typedef {{sign: string, start: number, query: string}} OpenSign   a sign before the caret, and what is written behind it
 */

const LONGEST = 60; // characters of a name
const OPEN = /(?:^|\s)([@#*!])([^@#*!]*)$/u;

/** The sign at the beginning of a word whose name the caret is in. @param {string} text @param {number} caret @returns {?OpenSign} */
export function openSign(text, caret) {
  const found = OPEN.exec(text.slice(0, caret));
  const [, sign = "", query = ""] = found ?? [];
  if (!found || query.length > LONGEST || /^\s/.test(query)) return null;
  return { sign, start: caret - query.length - 1, query };
}

/** Without case, accents and quotation marks, as the server compares the words of a line. @param {string} text */
export const fold = (text) => casefold(text.replaceAll("’", "'")).normalize("NFD").replace(/["\p{Mn}]/gu, "");

/**
 * What has a name in which a word begins with what is written; first what has one that begins so itself.
 * @template {{names: string[]}} T
 * @param {T[]} all
 * @param {string} query
 * @returns {T[]}
 */
export function fitting(all, query) {
  const wanted = fold(query);
  const begins = all.filter(({ names }) => names.some((name) => fold(name).startsWith(wanted)));
  const within = all.filter((each) => !begins.includes(each) && each.names.some((name) => fold(name).includes(` ${wanted}`)));
  return [...begins, ...within];
}

/** Whether a name is written completely. @param {{names: string[]}[]} all @param {string} query */
export function isComplete(all, query) {
  const wanted = `${fold(query)} `;
  return all.some(({ names }) => names.some((name) => wanted.startsWith(`${fold(name)} `)));
}
