import { Children } from "../core/children.js";
import { find, h, icon, setAttribute, setColor, setText } from "../core/dom.js";
import { openCounts, shownName, sortedLists } from "../core/selectors.js";
import { initials } from "../core/text.js";

/**
 * The sidebar: the lists and their numbers of open tasks. On narrow screens it slides in.
 *
 * @typedef {import("../core/types.js").TaskList} TaskList
 */
export class Navigation {
  /** @type {?Children} */
  #lists = null;

  /** @param {{model: import("../core/model.js").Model, onToggle: () => void}} parts  `onToggle`: it has slid in or out */
  constructor({ model, onToggle }) {
    this.model = model;
    this.onToggle = onToggle;
    this.opener = find("open-sidebar");
    this.opener.addEventListener("click", () => this.toggle(true));
    find("close-sidebar").addEventListener("click", () => this.toggle(false));
    find("veil").addEventListener("click", () => this.isOpen && this.toggle(false));
    find("sidebar").addEventListener("keydown", ({ key }) => key === "Escape" && this.isOpen && this.toggle(false));
    find("sidebar").addEventListener("click", ({ target }) => target instanceof Element && target.closest("a") && this.isOpen && this.toggle(false));
  }

  get isOpen() {
    return document.body.classList.contains("with-sidebar");
  }

  /** @param {boolean} open */
  toggle(open) {
    document.body.classList.toggle("with-sidebar", open);
    setAttribute(this.opener, "aria-expanded", String(open));
    this.onToggle();
    if (!open) return this.opener.focus();
    const current = find("lists").querySelector("[aria-current]");
    (current instanceof HTMLElement ? current : find("close-sidebar")).focus();
  }

  show() {
    const { shown, loaded, selected } = this.model;
    if (!loaded) return;
    this.#lists ??= this.#start();
    this.#lists.show(sortedLists(shown), { counts: openCounts(shown.tasks), selected: selected.list });
    if (!shown.me) return;
    setText(find("account-name"), shownName(shown.me));
    setText(find("avatar"), initials(shownName(shown.me)));
    find("avatar").dataset.hue = String(Number(shown.me.id) % 8 || 0);
  }

  /** @param {string} id */
  flash(id) {
    const entry = this.#lists?.get(id);
    if (entry instanceof Entry) entry.flash();
  }

  #start() {
    find("lists").replaceChildren();
    find("new-list").removeAttribute("disabled"); // before, it is not known whose list it would be
    return new Children(find("lists"), ({ id }) => new Entry(id));
  }
}

class Entry {
  /** @param {string} id */
  constructor(id) {
    this.name = h("span", { class: "list-name", dir: "auto" });
    this.count = h("span", { class: "count" });
    this.open = h("span", { class: "visually-hidden" });
    this.dot = h("span", { class: "dot" });
    this.everyone = icon("globe");
    this.link = h("a", { href: `#/${id}` }, this.dot, this.everyone, this.name, this.count, this.open);
    this.node = h("li", {}, this.link);
    this.node.addEventListener("animationend", () => this.node.classList.remove("changed"));
  }

  /** @param {TaskList} list @param {{counts: Map<string, number>, selected: ?string}} context */
  update(list, { counts, selected }) {
    const count = counts.get(list.id) ?? 0;
    setText(this.name, list.name);
    setText(this.count, count || "");
    setColor(this.dot, list.color);
    this.link.classList.toggle("of-everyone", list.kind === "everyone");
    setText(this.open, count ? "open" : "");
    setAttribute(this.link, "aria-current", list.id === selected ? "page" : null);
  }

  flash() {
    this.node.classList.add("changed");
  }
}
