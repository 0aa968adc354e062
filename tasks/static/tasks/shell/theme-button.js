import { icon } from "../core/dom.js";

/** @typedef {"auto" | "light" | "dark"} Theme */

/** @type {Theme[]} */
const THEMES = ["auto", "light", "dark"];
const PICTURES = { auto: "auto", light: "sun", dark: "moon" };
const WORDS = { auto: "as the system", light: "light", dark: "dark" };

/** A button that goes through the themes. `theme.js`, which runs before the page is painted, applies and keeps them. @param {HTMLElement} button */
export function themeButton(button) {
  const current = () => /** @type {Theme} */ (document.documentElement.dataset.theme ?? "auto");
  const show = () => {
    const label = `Colours: ${WORDS[current()]}`;
    button.replaceChildren(icon(PICTURES[current()]), label);
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length];
    dispatchEvent(new CustomEvent("theme", { detail: next }));
  });
  for (const name of ["theme", "storage"]) addEventListener(name, show);
  show();
}
