import { roleIn } from "../../core/selectors.js";
import { quoted } from "../../core/text.js";

/** Why nothing can be changed in a list; "" where it can. @param {import("../../core/types.js").State} state @param {import("../../core/types.js").TaskList | undefined} list */
export function whyFixed(state, list) {
  if (list?.archived_at) return `The list ${quoted(list.name)} is archived: it can be read, not changed.`;
  return list && roleIn(state, list) === "viewer" ? `You may read the list ${quoted(list.name)}, not change it. Ask its owner.` : "";
}

/** Why these tasks cannot be changed; "" where they can. @param {import("../../core/model.js").Model} model @param {import("../../core/types.js").Task[]} tasks */
export const whyOf = ({ shown }, tasks) => tasks.map(({ list }) => whyFixed(shown, shown.lists.get(list))).find((text) => text) ?? "";
