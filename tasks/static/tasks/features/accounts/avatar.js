import { h } from "../../core/dom.js";
import { shownName } from "../../core/selectors.js";

/** A person's first letters on a colour that stays theirs. */
export function setAvatar(node, person) {
  const words = shownName(person).trim().split(/\s+/);
  const letters = words.length > 1 ? words[0][0] + words.at(-1)[0] : words[0].slice(0, 2);
  node.textContent = letters.toUpperCase();
  node.dataset.hue = person.id % 8;
  return node;
}

export const avatar = (person) => setAvatar(h("span", { class: "avatar", title: shownName(person), "aria-hidden": "true" }), person);
