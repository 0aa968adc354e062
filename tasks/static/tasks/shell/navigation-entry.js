import { h, icon, iconButton, setAttribute, setColor, setText } from "../core/dom.js";
import { plain } from "../core/text.js";

/**
 * A line of the navigation: a view, a list, a label or a filter.
 *
 * @typedef {{id: string, href: string, name: string, count?: number, late?: number, color?: string, picture?: string, current: boolean,
 *   hint?: string, shared?: boolean, place?: boolean, list?: boolean, drop?: Record<string, string>}} Item
 *   `drop`: what happens to a task that is dropped on it; `place`: its place can be chosen; `list`: it has a menu
 */
export class NavigationEntry {
  #picture = "";
  #id = "";

  /** @param {(id: string, anchor: HTMLElement) => void} openMenu  what can be done with a list */
  constructor(openMenu) {
    this.name = h("span", { class: "list-name", dir: "auto" });
    this.hint = h("span", { class: "list-hint" });
    this.sharing = h("span", { class: "visually-hidden" });
    this.shared = h("span", { class: "shared", title: "Shared" }, icon("people"), this.sharing);
    this.late = h("span", { class: "late-count" });
    this.count = h("span", { class: "count" });
    this.open = h("span", { class: "visually-hidden" });
    this.sign = h("span", { class: "sign" });
    this.link = h("a", {}, this.sign, this.name, this.hint, this.shared, this.late, this.count, this.open);
    // Not in the tab order, which has one stop for each list: the menu key opens it from the link, too.
    this.more = iconButton("more", "", () => openMenu(this.#id, this.more), "small");
    this.more.tabIndex = -1;
    setAttribute(this.more, "aria-haspopup", "dialog");
    this.node = h("li", {}, this.link, this.more);
    this.node.addEventListener("animationend", () => this.node.classList.remove("changed"));
    this.node.addEventListener("contextmenu", (event) => {
      if (this.more.hidden) return;
      event.preventDefault();
      openMenu(this.#id, this.link);
    });
  }

  /** @param {Item} item */
  update({ id, href, name, count = 0, late = 0, color, picture = "", current, hint = "", shared = false, place = false, list = false, drop }) {
    this.#id = id;
    if (drop) for (const [key, value] of Object.entries(drop)) setAttribute(this.link, `data-${key}`, value);
    setAttribute(this.link, "data-place", place ? id : null);
    setAttribute(this.link, "href", href);
    setAttribute(this.link, "title", name);
    setText(this.name, name);
    setText(this.hint, hint);
    setText(this.count, count || "");
    setText(this.late, late ? `${late} late` : "");
    setText(this.open, count ? "open" : "");
    this.shared.hidden = !shared;
    setText(this.sharing, shared ? "shared" : "");
    this.more.hidden = !list;
    if (list) setAttribute(this.more, "aria-label", `Options of ${plain(name)}`);
    this.node.classList.toggle("with-menu", list);
    if (!this.sign.firstChild || picture !== this.#picture) this.sign.replaceChildren(picture ? icon(picture) : h("span", { class: "dot" }));
    this.#picture = picture;
    if (color && !picture) setColor(/** @type {HTMLElement} */ (this.sign.firstChild), color);
    setAttribute(this.link, "aria-current", current ? "page" : null);
  }

  flash() {
    this.node.classList.add("changed");
  }
}
