import { Children } from "../core/children.js";
import { nameKey } from "../core/arranging.js";
import { dayOf } from "../core/dates.js";
import { find, setAttribute, setText } from "../core/dom.js";
import { preference, setPreference } from "../core/preferences.js";
import { dueCounts, membersOf, openCounts, placeOf, shownName, sortedLists } from "../core/selectors.js";
import { Stamp } from "../core/stamp.js";
import { initials } from "../core/text.js";
import { NavigationEntry } from "./navigation-entry.js";
import { hashOfList } from "./router.js";

/**
 * The sidebar: the views, favourites, lists, labels and filters, and their numbers of open tasks. On narrow screens it slides
 * in, and the views are tabs at the foot.
 *
 * @typedef {import("../core/types.js").TaskList} TaskList
 * @typedef {import("./navigation-entry.js").Item} Item
 */
export class Navigation {
  /** @type {Record<string, Children>} */
  #parts = {};
  #isFolded = preference("sidebar") === "folded";
  #stamp = new Stamp();
  #numbers = new Stamp();

  /** @param {{model: import("../core/model.js").Model, onToggle: () => void, openMenu: (list: string, anchor: HTMLElement) => void}} parts  `onToggle`: it has slid in or out */
  constructor({ model, onToggle, openMenu }) {
    this.model = model;
    this.onToggle = onToggle;
    this.openMenu = openMenu;
    this.opener = find("open-sidebar");
    this.folder = find("fold-sidebar");
    this.opener.addEventListener("click", () => this.toggle(!this.isOpen));
    this.folder.addEventListener("click", () => this.fold());
    find("close-sidebar").addEventListener("click", () => this.toggle(false));
    find("veil").addEventListener("click", () => this.isOpen && this.toggle(false));
    find("sidebar").addEventListener("keydown", ({ key, defaultPrevented }) => key === "Escape" && !defaultPrevented && this.isOpen && !find("account-menu").matches(":popover-open") && this.toggle(false));
    find("sidebar").addEventListener("click", ({ target }) => target instanceof Element && target.closest("a, .side-actions button") && this.isOpen && this.toggle(false));
    for (const name of ["labels", "archive"]) this.#rememberFold(name);
    find("account-menu").addEventListener("click", ({ target }) => target instanceof Element && target.closest(".menu-item:not(#theme)") && find("account-menu").hidePopover());
    this.#showFolded();
  }

  get isOpen() {
    return document.body.classList.contains("with-sidebar");
  }

  /** Makes the sidebar narrow, or wide again. */
  fold() {
    this.#isFolded = !this.#isFolded;
    setPreference("sidebar", this.#isFolded ? "folded" : "wide");
    this.#showFolded();
  }

  #showFolded() {
    document.body.classList.toggle("folded", this.#isFolded);
    const label = this.#isFolded ? "Unfold the navigation" : "Fold the navigation";
    setAttribute(this.folder, "aria-label", label);
    setAttribute(this.folder, "title", `${label} (Ctrl \\)`);
  }

  /** What was unfolded is unfolded again after a reload. @param {string} name */
  #rememberFold(name) {
    const fold = /** @type {HTMLDetailsElement} */ (find(name).closest("details"));
    fold.open = preference(`sidebar-${name}`) === "open";
    fold.addEventListener("toggle", () => setPreference(`sidebar-${name}`, fold.open ? "open" : "folded"));
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

  /** @param {boolean} [onlyTasks] */
  show(onlyTasks = false) {
    const { shown, loaded } = this.model;
    if (!loaded) return;
    const counts = this.#numbers.isNew([...openCounts(shown.tasks)].join(), ...Object.values(this.#due()));
    const surroundings = !onlyTasks && this.#stamp.isNew(...this.model.surroundings);
    if (!counts && !surroundings) return;
    if (!this.#parts.lists) this.#start();
    const lists = sortedLists(shown);
    const listed = lists.filter(({ kind, archived_at: archived }) => kind !== "inbox" && !archived);
    this.#show("views", this.#views(lists.find(({ kind }) => kind === "inbox")));
    const isFavorite = (/** @type {TaskList} */ { id }) => !!placeOf(shown, id)?.favorite;
    this.#show("favorites", listed.filter(isFavorite).map((list) => ({ ...this.#list(list), place: false })));
    this.#show("lists", listed.map((list) => (isFavorite(list) ? { ...this.#list(list), current: false } : this.#list(list)))); // the open one is marked once
    this.#show("labels", this.#labels());
    this.#show("archive", lists.filter(({ archived_at: archived }) => archived).map((list) => this.#list(list)));
    if (!shown.me) return;
    setText(find("account-name"), shownName(shown.me));
    setText(find("avatar"), initials(shownName(shown.me)));
    find("avatar").dataset.hue = String(Number(shown.me.id) % 8 || 0);
  }

  #due() {
    const { tasks, lists, me } = this.model.shown;
    return dueCounts(tasks, lists, me?.id, dayOf(new Date()));
  }

  /** @param {string} id */
  flash(id) {
    for (const part of Object.values(this.#parts)) {
      const entry = part.get(id);
      if (entry instanceof NavigationEntry) entry.flash();
    }
  }

  /** The list whose line has the focus. */
  get focusedList() {
    const link = document.activeElement?.closest("#sidebar a[data-list]");
    return link instanceof HTMLElement ? link.dataset.list : undefined;
  }

  /** @param {string} name @param {Item[]} items */
  #show(name, items) {
    this.#parts[name]?.show(items);
    const fold = find(name).closest("details, .side-part");
    if (fold instanceof HTMLElement) fold.hidden = !items.length;
  }

  /** @param {TaskList | undefined} inbox @returns {Item[]} */
  #views(inbox) {
    const { shown, selected } = this.model;
    const { today, late } = this.#due();
    this.#showTabs(late);
    const item = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string} */ picture) => ({ id, name, picture, href: `#/${id}`, current: selected.view.kind === id });
    const first = inbox ? [{ ...item("inbox", inbox.name, "inbox"), id: inbox.id, count: openCounts(shown.tasks).get(inbox.id) ?? 0, current: selected.list === inbox.id, drop: { drop: "list", list: inbox.id } }] : [];
    return [...first, { ...item("today", "Today", "today"), count: today, late, drop: { drop: "day" } }, item("upcoming", "Upcoming", "calendar"), item("assigned", "Assigned to me", "person")];
  }

  /** @param {number} late */
  #showTabs(late) {
    for (const tab of find("tabs").querySelectorAll("a")) setAttribute(tab, "aria-current", tab.hash === `#/${this.model.selected.view.kind}` ? "page" : null);
    setText(find("tab-late"), late || "");
    setAttribute(find("tab-late"), "aria-label", late ? `${late} late` : null);
  }

  /** @param {TaskList} list @returns {Item} */
  #list(list) {
    const { shown, selected } = this.model;
    const { id, name, color, kind } = list;
    const entry = { id, name, color, href: hashOfList(list), count: openCounts(shown.tasks).get(id) ?? 0, current: selected.list === id, list: true, drop: { drop: "list", list: id } };
    if (kind !== "everyone") return { ...entry, place: !list.archived_at, shared: membersOf(shown, id).length > 1 };
    const people = [...shown.users.values()].filter(({ is_active: active }) => active).length;
    return { ...entry, picture: "globe", hint: people === 1 ? "only you" : `all ${people} people` };
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
    for (const name of ["views", "favorites", "lists", "labels", "archive"]) {
      find(name).replaceChildren();
      this.#parts[name] = new Children(find(name), () => new NavigationEntry(this.openMenu));
    }
    find("new-list").removeAttribute("disabled"); // before, it is not known whose list it would be
  }
}
