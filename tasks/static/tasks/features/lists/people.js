/** @param {string} text */
const key = (text) => text.trim().replace(/^@/, "").replace(/\s+/g, " ").toLowerCase();

/**
 * The user names of the active people who are meant by what was typed: a user name, or a display name. Pure.
 * @param {import("../../core/types.js").State} state
 * @param {string} typed
 */
export function usernamesOf({ users }, typed) {
  const people = [...users.values()].filter(({ is_active: active }) => active);
  const own = people.filter(({ username }) => key(username) === key(typed));
  return (own.length ? own : people.filter(({ name }) => name && key(name) === key(typed))).map(({ username }) => username);
}
