import { h, setColor } from "../../core/dom.js";

/** The labels as chips, sorted by name; `most` of them and the number of the rest. @param {string[]} ids @param {import("../../core/types.js").State} state @param {number} most */
export function labelChips(ids, state, most) {
  const labels = ids.map((id) => state.labels?.get(id)).filter((label) => label !== undefined);
  labels.sort((a, b) => a.name.localeCompare(b.name));
  const chips = labels.slice(0, most).map(({ name, color }) => setColor(h("span", { class: "label", title: name, dir: "auto" }, name), color));
  const rest = labels.slice(most);
  if (rest.length) chips.push(h("span", { class: "label-more", title: rest.map(({ name }) => name).join(", ") }, `+${rest.length}`));
  return chips;
}
