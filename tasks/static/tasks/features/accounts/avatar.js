import { h } from "../../core/dom.js";
import { shownName } from "../../core/selectors.js";
import { initials } from "../../core/text.js";

/**
 * A person's initials on a colour derived from their id.
 * @param {import("../../core/types.js").Person} person
 * @param {number} [letters]  one where pictures overlap
 */
export function avatar(person, letters = 2) {
  const node = h("span", { class: "avatar", title: shownName(person), "aria-hidden": "true" });
  node.dataset.letters = initials(shownName(person), letters); // drawn by CSS, so that they are no part of a button's text
  node.dataset.hue = String(Number(person.id) % 8 || 0);
  return node;
}
