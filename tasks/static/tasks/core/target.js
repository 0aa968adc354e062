import { dayOf } from "./dates.js";
import { firstWritable } from "./selectors.js";

/**
 * Where a new task goes in the view that is shown: its list, and fields that make it a part of the view. null: nowhere.
 * @param {import("./model.js").Model} model
 * @returns {{list: ?string, fields: import("./types.js").Fields}}
 */
export function targetOf({ selected, shown }) {
  const { view, list } = selected;
  if (view.kind === "list") return { list, fields: {} };
  const given = { today: { due_date: dayOf(new Date()) }, upcoming: { due_date: dayOf(new Date()) }, assigned: { assignee: shown.me?.id ?? null } }[view.kind];
  const target = given && firstWritable(shown);
  return given && target ? { list: target.id, fields: given } : { list: null, fields: {} };
}
