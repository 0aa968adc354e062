import { preference, setPreference } from "./preferences.js";
import { keyOfView, usualArrangement } from "./views.js";

/**
 * How the person has each view sorted and grouped, kept in this browser.
 *
 * @typedef {import("./views.js").View} View
 * @typedef {import("./views.js").Arrangement} Arrangement
 */
const NAME = "arrangements";
const MOST = 200;

/** @type {{text: ?string, all: Record<string, Arrangement>}} */
let last = { text: null, all: {} };

/** @returns {Record<string, Arrangement>} */
function all() {
  const text = preference(NAME);
  if (text !== last.text) last = { text, all: parsed(text) };
  return last.all;
}

/** @param {?string} text */
function parsed(text) {
  try {
    return JSON.parse(text ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** @param {View} view @param {?Partial<Arrangement>} [saved]  of a saved filter @returns {Arrangement} */
export const arrangementOf = (view, saved = null) => all()[keyOfView(view)] ?? { ...usualArrangement(view), ...given(saved) };

/** @param {?Partial<Arrangement>} saved */
const given = (saved) => Object.fromEntries(Object.entries({ sort: saved?.sort, group: saved?.group }).filter(([, value]) => value));

/** @param {View} view @param {Partial<Arrangement>} change */
export function arrange(view, change) {
  const kept = { ...all(), [keyOfView(view)]: { ...arrangementOf(view), ...change } };
  setPreference(NAME, JSON.stringify(Object.fromEntries(Object.entries(kept).slice(-MOST))));
}
