import { dueLabel, otherZone, ownZone, partsIn } from "../../core/dates.js";
import { h, icon, setColor } from "../../core/dom.js";
import { personOf, remindedAt } from "../../core/selectors.js";
import { avatar } from "../accounts/avatar.js";

/** When a task is due. @param {import("../../core/types.js").Task} task */
export const dueChip = (task, due = dueLabel(task)) => due && h("span", { class: `chip due ${task.completed ? "later" : due.tone}`, title: otherZone(task) || null }, icon(task.recurrence ? "repeat" : "calendar"), due.text);

/** The picture of the one who is to do it. @param {import("../../core/types.js").Task} task @param {import("../../core/types.js").State} state */
export const face = ({ assignee }, state) => assignee && avatar(personOf(state, assignee) ?? { id: assignee, username: "?", name: "" }, 1);

/** The labels as chips, sorted by name; `most` of them and the number of the rest. @param {string[]} ids @param {import("../../core/types.js").State} state @param {number} most */
export function labelChips(ids, state, most) {
  const labels = ids.map((id) => state.labels?.get(id)).filter((label) => label !== undefined);
  labels.sort((a, b) => a.name.localeCompare(b.name));
  const chips = labels.slice(0, most).map(({ name, color }) => setColor(h("span", { class: "label", title: name, dir: "auto" }, name), color));
  const rest = labels.slice(most);
  if (rest.length) chips.push(h("span", { class: "label-more", title: rest.map(({ name }) => name).join(", ") }, `+${rest.length}`));
  return chips;
}

/** A bell where the person is reminded of the task. @param {import("../../core/types.js").Task} task @param {import("../../core/types.js").State} state */
export function bell({ id, completed }, state) {
  const at = completed ? "" : remindedAt(state, id);
  const parts = at && partsIn(new Date(at), ownZone());
  if (!parts) return null;
  const when = dueLabel(/** @type {any} */ ({ due_date: parts.day, due_time: parts.time, due_zone: ownZone() }))?.text;
  return h("span", { class: "chip bell", title: `Reminder: ${when}` }, icon("bell"), h("span", { class: "visually-hidden" }, `Reminder: ${when}`));
}
