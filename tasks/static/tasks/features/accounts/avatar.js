import { h } from "../../core/dom.js";
import { shownName } from "../../core/selectors.js";
import { initials } from "../../core/text.js";

/**
 * A person's initials on a colour derived from their id.
 * @param {import("../../core/types.js").Person} person
 * @param {number} [letters]  one where pictures overlap
 */
export function avatar(person, letters = 2) {
  const node = h("span", { class: "avatar", title: shownName(person), "aria-hidden": "true" }, initials(shownName(person), letters));
  node.dataset.hue = String(Number(person.id) % 8 || 0);
  return node;
}
