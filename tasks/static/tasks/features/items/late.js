import { dayOfTask } from "../../core/arranging.js";
import { dayOf } from "../../core/dates.js";

/**
 * The late tasks of a view that the person may change: what "Reschedule" is about.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @param {(Task | import("../../core/views.js").Head)[]} items   what the view shows
 * @param {(task: Task) => boolean} mayWrite
 * @returns {Task[]}
 */
export function lateOf(items, mayWrite) {
  const today = dayOf(new Date());
  const isLate = (/** @type {Task} */ task) => !task.completed && !!task.due_date && dayOfTask(task) < today;
  return /** @type {Task[]} */ (items.filter((item) => !("head" in item) && isLate(item) && mayWrite(item)));
}
