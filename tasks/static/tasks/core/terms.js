/**
 * Text as the terms that are searched for, by the rules of the server (tasks/search/terms.py): a filter finds here what it
 * finds there. The tables of Unicode are those of the browser, so letters that are newer than the server's can differ. Pure.
 */
const LONGEST = 64; // letters of a term

/** What Unicode does not take apart, and marks without a meaning of their own. @type {Record<string, string>} */
const EQUIVALENTS = { ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ŧ: "t", ı: "i", æ: "ae", œ: "oe", þ: "th" };
const EQUIVALENT = /[øłđðħŧıæœþ\u0640\u200b-\u200d\u00ad\u2060\ufeff\u20e3\ufe00-\ufe0f]/gu; // eslint-disable-line no-misleading-character-class

/** Scripts in which a word is not set off by spaces. */
const UNSPACED = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3040-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}\\uac00-\\ud7af";
const RUN = new RegExp(`^[${UNSPACED}]`, "u");
const WORD = /^[\p{L}\p{N}\p{M}]/u;
/** A run of such letters, a word of others, or a symbol. */
const PIECE = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+|(?![ -~])[\\p{S}\\p{Cn}\\p{Co}]`, "gu");

/** Without case: Unicode's full case folding, but for Cherokee, of which it takes the small letters. @param {string} text */
export const casefold = (text) => (isPlain(text) ? text.toLowerCase() : text.split("ı").map(withoutCase).join("ı"));

/** @param {string} text */
const withoutCase = (text) => text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");

/** @param {string} text */
const isPlain = (text) => !/[^\n\r\t -~]/.test(text);

/** Without case, accents, and differences in how Unicode writes it. @param {string} text */
export function fold(text) {
  if (isPlain(text)) return text.toLowerCase();
  const folded = casefold(casefold(text.normalize("NFKD")).normalize("NFKD"));
  const bare = folded.replace(/\p{M}/gu, (mark) => (isAccent(mark) ? "" : mark));
  return bare.replace(EQUIVALENT, (letter) => EQUIVALENTS[letter] ?? "").normalize("NFC");
}

/** The terms of these texts, each between spaces. @param {...string} texts */
export function termsOf(...texts) {
  const pieces = texts.flatMap(piecesOf);
  return ` ${pieces.map((piece) => (RUN.test(piece) ? [...pairsOf(piece), Array.from(piece).at(-1)].join(" ") : piece)).join(" ")} `;
}

/** What `termsOf` has to have in it, all of it: the last word may be unfinished. Empty for a text without a letter or symbol. @param {string} query */
export function wantedTerms(query) {
  const pieces = piecesOf(query);
  return pieces.flatMap((piece, at) => {
    if (!RUN.test(piece)) return ` ${piece}${WORD.test(piece) && at === pieces.length - 1 ? "" : " "}`;
    const pairs = pairsOf(piece);
    return pairs.length ? pairs.map((pair) => ` ${pair} `) : ` ${piece}`;
  });
}

/** Words, symbols, and runs of letters that no spaces set off. @param {string} text */
const piecesOf = (text) => (fold(text).match(PIECE) ?? []).map((piece) => (piece.length > LONGEST && !RUN.test(piece) ? Array.from(piece).slice(0, LONGEST).join("") : piece));

/** @param {string} run */
function pairsOf(run) {
  const letters = Array.from(run);
  return letters.slice(1).map((letter, before) => `${letters[before]}${letter}`);
}

/** @type {Map<string, boolean>} */
const accents = new Map();

/** Marks of Asian scripts that make another word are none. Told by Unicode's classes of marks: 1, 10 to 36, and from 200. @param {string} mark */
function isAccent(mark) {
  let is = accents.get(mark);
  if (is === undefined) {
    is = comesFirst(mark, "\u{16ff0}") || (comesFirst("\u094d", mark) && comesFirst(mark, "\u0c55")) || comesFirst("\u0f74", mark); // 6, 9, 84, 132
    accents.set(mark, is);
  }
  return is;
}

/** Whether a mark's class is less than another's: normalized, marks stand in that order. @param {string} mark @param {string} other */
const comesFirst = (mark, other) => mark !== other && `${other}${mark}`.normalize("NFD") === `${mark}${other}`;
