/** Settings of this browser. If storage is blocked, they apply to this page only. */

/** @type {Map<string, string>} */
const unsaved = new Map();

/** @param {string} name @returns {?string} */
export function preference(name) {
  try {
    return localStorage.getItem(name) ?? unsaved.get(name) ?? null;
  } catch {
    return unsaved.get(name) ?? null;
  }
}

/** @param {string} name @param {string} value */
export function setPreference(name, value) {
  unsaved.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // it applies to this page
  }
}
