/**
 * A text that somebody is editing, as pure functions: {text, base, theirs}.
 *
 * `base` is the value that the text grew from, `theirs` null or {value, name}: what another person has made of the same
 * field meanwhile. Nothing that others do ever changes a text that one has typed in.
 *
 * @typedef {import("./types.js").DraftText} DraftText
 */

/** @param {string} value @returns {DraftText} */
export const begin = (value) => ({ text: value, base: value, theirs: null });

/** @param {Pick<DraftText, "text" | "base">} draft */
export const isDirty = ({ text, base }) => text !== base;

/** @template {DraftText} T @param {T} draft @param {string} text @returns {T} */
export const type = (draft, text) => ({ ...draft, text });

/** The field's confirmed value is now `value`, through the person called `name`. @param {DraftText} draft @param {string} value @param {string} name @returns {DraftText} */
export function remote(draft, value, name) {
  if (value === draft.base) return draft.theirs ? { ...draft, theirs: null } : draft; // they took it back
  if (value === draft.text) return begin(value);
  if (!isDirty(draft)) return begin(value);
  if (draft.theirs?.value === value) return draft;
  return { ...draft, theirs: { value, name } };
}

/** One's own text shall replace theirs. @param {DraftText} draft @returns {DraftText} */
export const keepMine = (draft) => (draft.theirs ? { ...draft, base: draft.theirs.value, theirs: null } : draft);

/** @param {DraftText} draft @returns {DraftText} */
export const takeTheirs = (draft) => (draft.theirs ? begin(draft.theirs.value) : draft);

/** A draft may be saved by leaving the field only while nobody has a word against it. @param {DraftText} draft */
export const isReady = (draft) => isDirty(draft) && !draft.theirs;
