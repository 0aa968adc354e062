import { Children, h, setColor, setText } from "../core/dom.js";
import { openCounts, shownName, sortedLists } from "../core/selectors.js";
import { setAvatar } from "../features/accounts/avatar.js";

/** The lists at the side, with how much is open in each. On a narrow page they slide in. */
export class Sidebar {
  #lists = null;

  constructor(app, find) {
    this.app = app;
    this.find = find;
    this.opener = find("open-sidebar");
    this.opener.addEventListener("click", () => this.toggle(true));
    find("close-sidebar").addEventListener("click", () => this.toggle(false));
    find("veil").addEventListener("click", () => this.toggle(false));
    find("sidebar").addEventListener("keydown", ({ key }) => key === "Escape" && this.isOpen && this.toggle(false));
    find("sidebar").addEventListener("click", ({ target }) => target.closest("a") && this.isOpen && this.toggle(false));
  }

  get isOpen() {
    return document.body.classList.contains("with-sidebar");
  }

  toggle(open) {
    document.body.classList.toggle("with-sidebar", open);
    this.opener.setAttribute("aria-expanded", open);
    this.find("main").inert = open;
    if (open) (this.find("lists").querySelector("[aria-current]") ?? this.find("close-sidebar")).focus();
    else this.opener.focus();
  }

  show() {
    const { model } = this.app;
    if (!model.loaded) return;
    if (!this.#lists) {
      this.find("lists").replaceChildren();
      this.#lists = new Children(this.find("lists"), ({ id }) => new Entry(id));
    }
    const counts = openCounts(model.shown.tasks);
    this.#lists.show(sortedLists(model.shown), { counts, selected: model.selected.list });
    const { me } = model.shown;
    if (!me) return;
    setText(this.find("account-name"), shownName(me));
    setAvatar(this.find("avatar"), me);
  }

  flash(id) {
    this.#lists?.get(id)?.flash();
  }
}

class Entry {
  constructor(id) {
    this.name = h("span", { class: "list-name" });
    this.count = h("span", { class: "count", "aria-hidden": "true" });
    this.dot = h("span", { class: "dot" });
    this.link = h("a", { href: `#/${id}` }, this.dot, this.name, this.count);
    this.node = h("li", {}, this.link);
    this.node.addEventListener("animationend", () => this.node.classList.remove("changed"));
  }

  update(list, { counts, selected }) {
    const count = counts.get(list.id) ?? 0;
    setText(this.name, list.name);
    setText(this.count, count || "");
    setColor(this.dot, list.color);
    this.link.setAttribute("aria-label", `${list.name}, ${count} open`);
    if (list.id === selected) this.link.setAttribute("aria-current", "page");
    else this.link.removeAttribute("aria-current");
  }

  flash() {
    this.node.classList.add("changed");
  }
}
