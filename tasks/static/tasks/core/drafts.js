/**
 * A text that somebody is editing, as pure functions: {text, base, theirs}.
 *
 * `base` is the value that the text grew from, `theirs` null or {value, name}: what another person has made of the same
 * field meanwhile. Nothing that others do ever changes a text that one has typed in.
 */
export const begin = (value) => ({ text: value, base: value, theirs: null });

export const isDirty = ({ text, base }) => text !== base;

export const type = (draft, text) => ({ ...draft, text });

/** The field's confirmed value is now `value`, through the person called `name`. */
export function remote(draft, value, name) {
  if (value === draft.base) return draft.theirs ? { ...draft, theirs: null } : draft; // they took it back
  if (value === draft.text) return begin(value);
  if (!isDirty(draft)) return begin(value);
  if (draft.theirs?.value === value) return draft;
  return { ...draft, theirs: { value, name } };
}

/** One's own text shall replace theirs. */
export const keepMine = (draft) => (draft.theirs ? { ...draft, base: draft.theirs.value, theirs: null } : draft);

export const takeTheirs = (draft) => (draft.theirs ? begin(draft.theirs.value) : draft);

/** A draft may be saved by leaving the field only while nobody has a word against it. */
export const isReady = (draft) => isDirty(draft) && !draft.theirs;
