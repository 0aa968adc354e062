import { savedGroupOf, orderingOf, sortOf } from "./filtering.js";
import { preference, setPreference } from "./preferences.js";
import { keyOfView, usualArrangement } from "./views.js";

/**
 * How the person has each view sorted, grouped and filtered, kept in this browser. A saved filter has its own order and
 * groups, which the server keeps; here is only what was changed of its query and not saved.
 *
 * @typedef {import("./views.js").View} View
 * @typedef {import("./views.js").Arrangement} Arrangement
 */
const NAME = "arrangements";
const MOST = 200;

/** @typedef {import("./views.js").Filter} Filter */
/** @type {{text: ?string, all: Record<string, Partial<Arrangement>>}} */
let last = { text: null, all: {} };

/** @returns {Record<string, Partial<Arrangement>>} */
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

/** @type {{saved: ?Filter | undefined, own: Partial<Arrangement> | undefined, key: string, result: Arrangement}} */
let shown = { saved: null, own: {}, key: "", result: { sort: "", group: "" } };

/** @param {View} view @param {?Filter} [saved]  of a saved filter's view @returns {Arrangement} the same object for the same values */
export function arrangementOf(view, saved = null) {
  const key = keyOfView(view);
  const own = all()[key];
  if (key === shown.key && own === shown.own && saved === shown.saved) return shown.result;
  const usual = usualArrangement(view);
  const result = view.kind === "filter" ? { ...usual, ...given(saved), query: own?.query ?? saved?.query ?? {} } : { ...usual, ...own };
  shown = { saved, own, key, result };
  return result;
}

/** @param {?Filter} saved */
const given = (saved) => ({ ...(saved && { group: saved.group ?? "none" }), ...(sortOf(saved?.sort) && { sort: sortOf(saved?.sort) }) });

/** The fields of a saved filter with this arrangement. @param {Partial<Arrangement>} arrangement */
export const savedFields = ({ sort, group, query }) => ({ ...(sort && { sort: orderingOf(sort) }), ...(group && { group: savedGroupOf(group) }), ...(query && { query }) });

/** Whether a filter's query was changed here and not saved. @param {View} view */
export const isChanged = (view) => view.kind === "filter" && all()[keyOfView(view)]?.query !== undefined;

/** @param {View} view @param {Partial<Arrangement>} change  `query: undefined` for the usual one */
export function arrange(view, change) {
  const kept = { ...all(), [keyOfView(view)]: { ...all()[keyOfView(view)], ...change } };
  setPreference(NAME, JSON.stringify(Object.fromEntries(Object.entries(kept).slice(-MOST))));
}
