import { quoted } from "../../core/text.js";
import { ask } from "../../shell/asking.js";

/**
 * Moves tasks to a list, and there into a section; asks before they become visible to all people.
 *
 * @param {{model: import("../../core/model.js").Model, actions: import("./actions.js").TaskActions}} parts
 * @param {import("../../core/types.js").Task[]} tasks
 * @param {string} to
 * @param {?string} [section]   null: none of them; if missing, it is as it was
 * @returns {Promise<boolean>} whether they were moved
 */
export async function moveTasks({ model, actions }, tasks, to, section) {
  const list = model.shown.lists.get(to);
  const moved = tasks.filter((task) => task.list !== to || (section !== undefined && (task.section ?? null) !== section));
  const [first] = moved;
  if (!list || !first) return false;
  if (list.kind === "everyone" && moved.some((task) => task.list !== to)) {
    const what = moved.length > 1 ? `${moved.length} tasks and their notes` : `${quoted(first.title)} and its notes`;
    const title = moved.length > 1 ? "Show these tasks to everyone?" : "Show this task to everyone?";
    if (!(await ask({ title, text: `${what} will be visible to all people here.`, yes: "Show to everyone" }))) return false;
  }
  actions.moveAll(moved, to, section);
  return true;
}
