import { Children } from "../core/children.js";
import { nameKey } from "../core/arranging.js";
import { dayOf } from "../core/dates.js";
import { find, h, icon, setAttribute, setColor, setText } from "../core/dom.js";
import { preference, setPreference } from "../core/preferences.js";
import { dueCounts, openCounts, shownName, sortedLists } from "../core/selectors.js";
import { initials } from "../core/text.js";
import { hashOfList } from "./router.js";

/**
 * The sidebar: the views, the lists, labels and filters, and their numbers of open tasks. On narrow screens it slides in.
 *
 * @typedef {import("../core/types.js").TaskList} TaskList
 * @typedef {import("../core/types.js").State} State
 * @typedef {{id: string, href: string, name: string, count?: number, late?: number, color?: string, picture?: string, current: boolean,
 *   drop?: Record<string, string>}} Item   `drop`: what happens to a task that is dropped on it
 */
export class Navigation {
  /** @type {Record<string, Children>} */
  #parts = {};
  #isFolded = preference("sidebar") === "folded";

  /** @param {{model: import("../core/model.js").Model, onToggle: () => void}} parts  `onToggle`: it has slid in or out */
  constructor({ model, onToggle }) {
    this.model = model;
    this.onToggle = onToggle;
    this.opener = find("open-sidebar");
    this.opener.addEventListener("click", () => this.toggle(true));
    find("close-sidebar").addEventListener("click", () => this.toggle(false));
    find("veil").addEventListener("click", () => this.isOpen && this.toggle(false));
    find("sidebar").addEventListener("keydown", ({ key }) => key === "Escape" && this.isOpen && this.toggle(false));
    find("sidebar").addEventListener("click", ({ target }) => target instanceof Element && target.closest("a, .side-actions button") && this.isOpen && this.toggle(false));
    document.body.classList.toggle("folded", this.#isFolded);
  }

  get isOpen() {
    return document.body.classList.contains("with-sidebar");
  }

  /** Makes the sidebar narrow, or wide again. */
  fold() {
    this.#isFolded = document.body.classList.toggle("folded");
    setPreference("sidebar", this.#isFolded ? "folded" : "wide");
  }

  /** @param {boolean} open */
  toggle(open) {
    document.body.classList.toggle("with-sidebar", open);
    setAttribute(this.opener, "aria-expanded", String(open));
    this.onToggle();
    if (!open) return this.opener.focus();
    const current = find("sidebar").querySelector("[aria-current]");
    (current instanceof HTMLElement ? current : find("close-sidebar")).focus();
  }

  show() {
    const { shown, loaded } = this.model;
    if (!loaded) return;
    if (!this.#parts.lists) this.#start();
    const lists = sortedLists(shown);
    const isListed = (/** @type {TaskList} */ { kind, archived_at: archived }) => kind !== "inbox" && !archived;
    this.#show("views", this.#views(lists.find(({ kind }) => kind === "inbox")));
    this.#show("lists", lists.filter(isListed).map((list) => this.#list(list)));
    this.#show("labels", this.#labels());
    this.#show("archive", lists.filter(({ archived_at: archived }) => archived).map((list) => this.#list(list)));
    if (!shown.me) return;
    setText(find("account-name"), shownName(shown.me));
    setText(find("avatar"), initials(shownName(shown.me)));
    find("avatar").dataset.hue = String(Number(shown.me.id) % 8 || 0);
  }

  /** @param {string} id */
  flash(id) {
    for (const part of Object.values(this.#parts)) {
      const entry = part.get(id);
      if (entry instanceof Entry) entry.flash();
    }
  }

  /** @param {string} name @param {Item[]} items */
  #show(name, items) {
    this.#parts[name]?.show(items);
    const fold = find(name).closest("details");
    if (fold) fold.hidden = !items.length;
  }

  /** @param {TaskList | undefined} inbox @returns {Item[]} */
  #views(inbox) {
    const { shown, selected } = this.model;
    const { today, late } = dueCounts(shown.tasks, shown.lists, shown.me?.id, dayOf(new Date()));
    const item = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string} */ picture) => ({ id, name, picture, href: `#/${id}`, current: selected.view.kind === id });
    const first = inbox ? [{ ...item("inbox", inbox.name, "inbox"), id: inbox.id, count: openCounts(shown.tasks).get(inbox.id) ?? 0, current: selected.list === inbox.id, drop: { drop: "list", list: inbox.id } }] : [];
    return [...first, { ...item("today", "Today", "today"), count: today, late, drop: { drop: "day" } }, item("upcoming", "Upcoming", "calendar"), item("assigned", "Assigned to me", "person")];
  }

  /** @param {TaskList} list @returns {Item} */
  #list(list) {
    const { shown, selected } = this.model;
    const { id, name, color, kind } = list;
    return { id, name, color, href: hashOfList(list), count: openCounts(shown.tasks).get(id) ?? 0, current: selected.list === id, drop: { drop: "list", list: id }, ...(kind === "everyone" ? { picture: "globe" } : {}) };
  }

  /** Labels of one name are one entry, whatever their lists. @returns {Item[]} */
  #labels() {
    const { shown, selected } = this.model;
    const labels = new Map([...(shown.labels?.values() ?? [])].filter(({ list }) => !shown.lists.get(list)?.archived_at).map((label) => [nameKey(label.name), label]));
    const filters = [...(shown.filters?.values() ?? [])].sort((a, b) => a.position - b.position);
    const isCurrent = (/** @type {string} */ kind, /** @type {string} */ id) => selected.view.kind === kind && selected.view.id === id;
    return [
      ...filters.map(({ id, name }) => ({ id, name, href: `#/filter/${id}`, picture: "filter", current: isCurrent("filter", id) })),
      ...[...labels].sort(([a], [b]) => a.localeCompare(b)).map(([key, { name, color }]) => ({ id: `label:${key}`, name, color, href: `#/label/${encodeURIComponent(key)}`, current: isCurrent("label", key) })),
    ];
  }

  #start() {
    for (const name of ["views", "lists", "labels", "archive"]) {
      find(name).replaceChildren();
      this.#parts[name] = new Children(find(name), () => new Entry());
    }
    find("new-list").removeAttribute("disabled"); // before, it is not known whose list it would be
  }
}

class Entry {
  constructor() {
    this.name = h("span", { class: "list-name", dir: "auto" });
    this.late = h("span", { class: "late-count" });
    this.count = h("span", { class: "count" });
    this.open = h("span", { class: "visually-hidden" });
    this.sign = h("span", { class: "sign" });
    this.link = h("a", {}, this.sign, this.name, this.late, this.count, this.open);
    this.node = h("li", {}, this.link);
    this.picture = "";
    this.node.addEventListener("animationend", () => this.node.classList.remove("changed"));
  }

  /** @param {Item} item */
  update({ href, name, count = 0, late = 0, color, picture = "", current, drop }) {
    if (drop) for (const [key, value] of Object.entries(drop)) setAttribute(this.link, `data-${key}`, value);
    setAttribute(this.link, "href", href);
    setAttribute(this.link, "title", name);
    setText(this.name, name);
    setText(this.count, count || "");
    setText(this.late, late ? `${late} late` : "");
    setText(this.open, count ? "open" : "");
    if (!this.sign.firstChild || picture !== this.picture) this.sign.replaceChildren(picture ? icon(picture) : h("span", { class: "dot" }));
    this.picture = picture;
    if (color && !picture) setColor(/** @type {HTMLElement} */ (this.sign.firstChild), color);
    setAttribute(this.link, "aria-current", current ? "page" : null);
  }

  flash() {
    this.node.classList.add("changed");
  }
}
