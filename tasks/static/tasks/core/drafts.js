/**
 * A text being edited, as pure functions: {text, base, theirs}.
 *
 * `base` is the value before editing, `theirs` null or {value, name}: the value that another person has set meanwhile.
 * Changes by others never change a typed text.
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

/** Chooses one's own text. @param {DraftText} draft @returns {DraftText} */
export const keepMine = (draft) => (draft.theirs ? { ...draft, base: draft.theirs.value, theirs: null } : draft);

/** @param {DraftText} draft @returns {DraftText} */
export const takeTheirs = (draft) => (draft.theirs ? begin(draft.theirs.value) : draft);

/** Whether leaving the field may save the draft: it is changed and has no conflict. @param {DraftText} draft */
export const isReady = (draft) => isDirty(draft) && !draft.theirs;
