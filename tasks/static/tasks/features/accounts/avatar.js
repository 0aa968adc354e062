import { h } from "../../core/dom.js";
import { shownName } from "../../core/selectors.js";
import { initials } from "../../core/text.js";

/** A person's first letters on a colour that stays theirs. @param {import("../../core/types.js").Person} person */
export function avatar(person) {
  const node = h("span", { class: "avatar", title: shownName(person), "aria-hidden": "true" }, initials(shownName(person)));
  node.dataset.hue = String(Number(person.id) % 8 || 0);
  return node;
}
