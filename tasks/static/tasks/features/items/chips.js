import { dueLabel, ownZone, partsIn } from "../../core/dates.js";
import { h, icon, setColor } from "../../core/dom.js";
import { remindedAt } from "../../core/selectors.js";

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
