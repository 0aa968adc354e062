/** User texts inside the page's sentences: never cut within a character, never changing the sentence's direction. */

/** The API's limits, in code points. */
export const MOST = { title: 500, notes: 20_000, listName: 200 };

const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/gu; // directional overrides, embeddings and isolates
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** @type {?Intl.Segmenter | undefined} */
let segmenter; // made when it is first needed: that takes long

const cutting = () => (segmenter ??= "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null);

/** User-perceived characters; code points in browsers without Intl.Segmenter. @param {string} text @returns {string[]} */
export const graphemes = (text, cutter = cutting()) => (cutter ? Array.from(cutter.segment(text), ({ segment }) => segment) : Array.from(text));

/** The length of a text in code points, as the API counts. @param {string} text */
export const lengthOf = (text) => Array.from(text).length;

/** At most `most` characters, with an ellipsis for the rest. @param {string} text @param {number} most */
export function cut(text, most) {
  if (text.length <= most) return text;
  const all = graphemes(text.slice(0, most * 32));
  return all.length <= most ? text : `${all.slice(0, most - 1).join("")}…`;
}

/** Removes bidirectional control characters. @param {unknown} text */
export const plain = (text) => String(text ?? "").replace(CONTROLS, "");

/** A user's text in quotation marks, for use in a sentence. @param {unknown} text */
export function quoted(text) {
  const inside = `“${cut(plain(text), 60)}”`;
  return RIGHT_TO_LEFT.test(inside) ? `\u2068${inside}\u2069` : inside;
}

/** One or two letters for a person's picture. @param {string} name @param {number} [letters] */
export function initials(name, letters = 2) {
  const words = plain(name).trim().split(/\s+/);
  const first = graphemes(words[0] ?? "");
  const last = words.length > 1 ? graphemes(words.at(-1) ?? "")[0] : first[1];
  return `${first[0] ?? "?"}${letters > 1 ? (last ?? "") : ""}`.toUpperCase();
}

/** "1 change", "2 changes" @param {number} count @param {string} noun */
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** On one line: a space for each tab and for line breaks. @param {string} text */
export const oneLine = (text) => text.replace(/[\r\n\u2028\u2029]+|[\t\v\f\u0085]/g, " ");

/** The lines of a text that are not blank. @param {string} text */
export const linesOf = (text) => text.split(/[\r\n\u2028\u2029]+/).map((line) => oneLine(line).trim()).filter(Boolean);

const BULLET = /^[-*+•‣◦–]\s+/u;
const BOX = /^\[[ xX]\]\s+/;
const NUMBER = /^(\d{1,3})[.)]\s+/;

/** The lines without the marks of a list: bullets, check boxes, and numbers that count from 1 (24. is a day). @param {string[]} lines */
export function withoutMarks(lines) {
  let next = 1;
  return lines.map((line) => {
    const isNext = NUMBER.exec(line)?.[1] === String(next);
    if (isNext) next += 1;
    return line.replace(isNext ? NUMBER : BULLET, "").replace(BOX, "") || line;
  });
}
