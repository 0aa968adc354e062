/**
 * Ranges of a text that stay at their words while the text is edited. Pure.
 *
 * @typedef {{start: number, end: number}} Range   in UTF-16 code units
 */

/**
 * The ranges at their places after an edit, without those whose words were touched.
 * @template {Range} R
 * @param {string} before
 * @param {string} after
 * @param {R[]} ranges
 * @returns {R[]}
 */
export function shifted(before, after, ranges) {
  if (before === after || !ranges.length) return ranges;
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const changedEnd = before.length - tail;
  const by = after.length - before.length;
  const isJoined = (/** @type {number} */ at) => /\S/.test(after[at] ?? " "); // a letter written to a word makes another one
  return ranges.flatMap((range) => {
    if (range.end <= head && !(range.end === head && isJoined(head))) return [range];
    if (range.start >= changedEnd && !(range.start === changedEnd && by > 0 && isJoined(range.start + by - 1))) {
      return [{ ...range, start: range.start + by, end: range.end + by }];
    }
    return [];
  });
}

/** The text in pieces: those in a range, and those between. @param {string} text @param {Range[]} ranges  in their order @returns {{text: string, marked: boolean}[]} */
export function pieces(text, ranges) {
  const all = [];
  let at = 0;
  for (const { start, end } of ranges) {
    if (start > at) all.push({ text: text.slice(at, start), marked: false });
    all.push({ text: text.slice(start, end), marked: true });
    at = end;
  }
  if (at < text.length) all.push({ text: text.slice(at), marked: false });
  return all;
}
