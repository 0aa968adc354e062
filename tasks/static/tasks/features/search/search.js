import { dueLabel } from "../../core/dates.js";
import { best, folded, wordsOf } from "../palette/match.js";

/**
 * Finds tasks as one types: by title, notes and labels on the server, which also knows completed tasks; without a connection
 * among those on this device.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../palette/palette.js").Item} Item
 */

const PAUSE = 120; // ms after a key
const MOST = 30;

/**
 * @param {Object} parts
 * @param {import("../../core/api.js").Api} parts.api
 * @param {import("../../core/model.js").Model} parts.model
 * @param {() => boolean} parts.isOnline
 * @param {(list: string, task: string) => void} parts.go
 * @returns {import("../palette/palette.js").Source}
 */
export function searching({ api, model, isOnline, go }) {
  let last = "";
  /** @param {string} query */
  const found = async (query) => {
    last = query;
    if (!wordsOf(query).length) return [];
    const local = () => best(model.shown.tasks.values(), ({ title, notes }) => folded(`${title} ${notes}`), wordsOf(query), MOST);
    if (!isOnline()) return grouped(local(), model, go, "on this device");
    await new Promise((resolve) => void setTimeout(resolve, PAUSE));
    if (last !== query) return []; // more was typed meanwhile
    try {
      const { results } = await api.request("GET", `/api/search?q=${encodeURIComponent(query)}&limit=${MOST}`);
      return grouped(results, model, go);
    } catch {
      return grouped(local(), model, go, "on this device");
    }
  };
  return Object.assign(found, { none: (/** @type {string} */ query) => (wordsOf(query).length ? "No matches." : "Type a word of a title, a note or a label.") });
}

/** @param {Task[]} tasks @param {import("../../core/model.js").Model} model @param {(list: string, task: string) => void} go @param {string} [where] */
function grouped(tasks, model, go, where = "") {
  const item = (/** @type {Task} */ task) => taskItem(model.shown.tasks.get(task.id) ?? task, model, go);
  const open = tasks.filter(({ completed }) => !completed).map(item);
  const done = tasks.filter(({ completed }) => completed).map(item);
  const name = (/** @type {string} */ text) => (where ? `${text} ${where}` : text);
  return [{ name: name("Tasks"), items: open }, { name: name("Completed"), items: done }];
}

/** @param {Task} task @param {import("../../core/model.js").Model} model @param {(list: string, task: string) => void} go @returns {Item} */
function taskItem(task, model, go) {
  const { name = "", color = "" } = model.shown.lists.get(task.list) ?? {};
  const due = task.completed ? "" : (dueLabel(task)?.text ?? "");
  return { id: task.id, name: task.title, hint: [name, due].filter(Boolean).join(" · "), color, run: () => go(task.list, task.id) };
}
