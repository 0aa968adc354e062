import { find, h, hasFocus, icon, setAttribute, setText } from "../../core/dom.js";
import { gliding } from "../../core/motion.js";
import { membersOf, roleIn, sections, byPosition } from "../../core/selectors.js";
import { WindowedList } from "../../core/windowed-list.js";
import { Row } from "./row.js";

/**
 * The tasks of the selected list: the open ones, and the completed ones in a section that unfolds.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").TaskList} List
 */

const LINGER = 1_200; // ms for which a completed task keeps its place …
const LINGER_MOST = 3_000; // … and the maximum while the pointer or the focus is in the list

export class TaskListView {
  #unfolded = new Set();
  /** @type {Map<string, any>} */
  #held = new Map(); // id → timer of a task that was just completed
  #wasOpen = new Set();
  /** @type {?string} */
  #list = null;
  /** @type {?string} */
  #active = null; // the row in the tab order
  #started = false;

  /**
   * @param {import("./row.js").RowParts & {outbox: import("../../core/outbox.js").Outbox, render: () => void,
   *   focusComposer: () => void, newList: () => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
    this.main = find("main");
    const scroller = find("main");
    const create = (/** @type {Task} */ task) => new Row(parts, task);
    this.open = new WindowedList({ container: find("open"), scroller, create });
    this.done = new WindowedList({ container: find("done"), scroller, create });
    this.doneSection = find("done-section");
    this.toggle = find("done-toggle");
    this.count = find("done-count");
    this.empty = find("empty");
    this.toggle.addEventListener("click", () => this.#unfold());
    this.main.addEventListener("focusin", (event) => this.#focused(event));
  }

  show() {
    const { model } = this.parts;
    if (!model.loaded) return;
    if (!this.#started) this.#start();
    const list = model.shown.lists.get(model.selected.list ?? "");
    if (!list) return this.#showNoList();
    if (this.#list !== list.id) this.#switch(list.id);
    const writable = roleIn(model.shown, list) !== "viewer";
    const { open, done } = this.#sections(list.id);
    const unfolded = this.#unfolded.has(list.id);
    const context = this.#context(writable, open[0] ?? (unfolded ? done[0] : undefined));
    this.#keepingFocus(() => this.#showRows(open, unfolded ? done : [], context));
    this.doneSection.hidden = !done.length;
    find("done").hidden = !unfolded;
    setAttribute(this.toggle, "aria-expanded", String(unfolded));
    setText(this.count, done.length);
    this.#showEmptyList(list, open.length, done.length, writable);
  }

  /** Highlights a row, if it is on the screen. @param {string} id */
  flash(id) {
    for (const part of [this.open, this.done]) if (part.isInSight(id)) part.get(id)?.flash?.();
  }

  /** The row, if it is in the document. @param {string} id @returns {Row | undefined} */
  row(id) {
    return this.open.get(id) ?? this.done.get(id);
  }

  /** The row, scrolled into view. @param {string} id @returns {Row | undefined} */
  reveal(id) {
    return this.open.reveal(id) ?? this.done.reveal(id);
  }

  #start() {
    this.#started = true;
    find("open").replaceChildren();
    this.main.removeAttribute("aria-busy");
  }

  /** @param {string} list */
  #switch(list) {
    this.#list = list;
    this.#active = null;
    for (const timer of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
    this.#wasOpen.clear();
    this.main.scrollTo(0, 0);
  }

  /** @param {Task[]} open @param {Task[]} done @param {import("./row.js").RowContext} context */
  #showRows(open, done, context) {
    const before = this.open.items;
    const moved = before.length > 0 && (before.length !== open.length || before.some(({ id }, at) => id !== open[at]?.id));
    const change = () => {
      this.open.show(open, context);
      this.done.show(done, context);
    };
    if (moved) gliding(() => this.#rowsInSight(), change);
    else change();
  }

  *#rowsInSight() {
    for (const { id } of this.open.items) {
      const row = this.open.get(id);
      if (row && this.open.isInSight(id)) yield row.node;
    }
  }

  /** If the focused row is removed, the same control of the next row gets the focus. @param {() => void} change */
  #keepingFocus(change) {
    const row = this.#rowOf(document.activeElement);
    const part = row && (this.open.indexOf(row.task.id) >= 0 ? this.open : this.done);
    const at = row && part ? part.indexOf(row.task.id) : -1;
    const control = row ? row.controls.findIndex((each) => each === document.activeElement) : -1;
    change();
    if (!row || !part || hasFocus(row.node)) return;
    const next = part.items[Math.min(at, part.items.length - 1)];
    const target = next && /** @type {Row} */ (part.reveal(next.id));
    if (target) (target.controls[control] ?? target.title).focus({ preventScroll: true });
    else this.parts.focusComposer();
  }

  /** The store's sections, except that a task keeps its place while its title is edited and shortly after its completion. @param {string} list */
  #sections(list) {
    const { shown, drafts } = this.parts.model;
    let { open, done } = sections(shown, list);
    for (const task of done) if (this.#wasOpen.has(task.id)) this.#hold(task.id);
    this.#wasOpen = new Set(open.map(({ id }) => id));
    const pinned = [...drafts.values()].filter(({ place, home }) => place === "row" && home.list === list);
    const stays = new Set([...this.#held.keys()].filter((id) => shown.tasks.get(id)?.completed));
    if (!pinned.length && !stays.size) return { open, done };
    const pins = new Set(pinned.map(({ id }) => id));
    const free = (/** @type {Task} */ { id }) => !pins.has(id) && !stays.has(id);
    const held = done.filter(({ id }) => stays.has(id) && !pins.has(id));
    const pinnedTasks = (/** @type {boolean} */ completed) => pinned.filter(({ home }) => home.completed === completed).map(({ task }) => task);
    open = [...open.filter(free), ...held, ...pinnedTasks(false)].sort(byPosition);
    done = [...pinnedTasks(true), ...done.filter(free)];
    return { open, done };
  }

  /** Keeps a completed task in place for a while, so that rows do not move under the pointer. @param {string} id */
  #hold(id) {
    if (this.#held.has(id)) return;
    const since = performance.now();
    const release = () => {
      const busy = find("open").matches(":hover, :focus-within") && performance.now() - since < LINGER_MOST;
      if (busy) return void this.#held.set(id, setTimeout(release, 300));
      this.#held.delete(id);
      this.parts.render();
    };
    this.#held.set(id, setTimeout(release, LINGER));
  }

  /** @param {boolean} writable @param {Task | undefined} first @returns {import("./row.js").RowContext} */
  #context(writable, first) {
    const { model, outbox } = this.parts;
    const waiting = new Set(outbox.isStuck ? outbox.unsaved.map(({ id }) => id) : []);
    const known = this.#active && (this.open.indexOf(this.#active) >= 0 || this.done.indexOf(this.#active) >= 0);
    const active = known ? this.#active : (first?.id ?? null);
    return { writable, waiting, active, selected: model.selected.task, minute: Math.floor(Date.now() / 60_000) };
  }

  #showNoList() {
    this.#list = null;
    this.open.show([], {});
    this.done.show([], {});
    this.doneSection.hidden = true;
    const { missing } = this.parts.model;
    if (missing) {
      const why = missing.how === "deleted" ? `${missing.by || "Somebody"} deleted it.` : `${missing.by || "Its owner"} removed you from it, or it is gone.`;
      return this.#showEmpty(0, "list", "This list is not here any more", `${missing.name ? `“${missing.name}”: ` : ""}${why}`);
    }
    const make = h("button", { type: "button", class: "button primary", onclick: this.parts.newList }, "Make a list");
    return this.#showEmpty(0, "list", "No list yet", "Tasks live in lists, alone or shared with others.", make);
  }

  /** @param {List} list @param {number} open @param {number} done @param {boolean} writable */
  #showEmptyList(list, open, done, writable) {
    const ended = "Everything in this list is completed. Enjoy it, or add what comes next.";
    const shared = list.kind === "everyone" || membersOf(this.parts.model.shown, list.id).length > 1;
    const begin = `Type below and press Enter. ${shared ? "Others in this list see it at once." : "Only you see this list."}`;
    if (done) this.#showEmpty(open, "check", "All done", ended);
    else this.#showEmpty(open, "list", "Nothing here yet", writable ? begin : "When an editor adds a task, it appears here.");
  }

  /** @param {number} open @param {string} picture @param {string} title @param {string} text @param {...HTMLElement} more */
  #showEmpty(open, picture, title, text, ...more) {
    this.empty.hidden = open > 0;
    if (open || this.empty.dataset.shown === title + text) return;
    this.empty.dataset.shown = title + text;
    this.empty.replaceChildren(h("span", { class: "empty-mark" }, icon(picture)), h("h2", {}, title), h("p", { dir: "auto" }, text), ...more);
  }

  #unfold() {
    if (this.#list && !this.#unfolded.delete(this.#list)) this.#unfolded.add(this.#list);
    this.parts.render();
  }

  /** The row that contains the element. @param {EventTarget | null} target @returns {Row | undefined} */
  #rowOf(target) {
    const node = target instanceof Element ? target.closest(".task") : null;
    return node instanceof HTMLElement ? this.row(node.dataset.id ?? "") : undefined;
  }

  /** @param {FocusEvent} event */
  #focused({ target }) {
    const row = this.#rowOf(target);
    if (!row || row.task.id === this.#active) return;
    const before = this.row(this.#active ?? "") ?? this.row(this.open.items[0]?.id ?? "");
    this.#active = row.task.id;
    for (const control of before?.controls ?? []) control.tabIndex = -1;
    for (const control of row.controls) control.tabIndex = 0;
    this.parts.render();
  }

  /**
   * Moves the focus from row to row, in the same control; into the list if it is elsewhere. Returns whether there was one.
   * @param {1 | -1 | "first" | "last"} where
   */
  step(where) {
    const ids = this.order;
    const row = this.#rowOf(document.activeElement);
    const at = row ? ids.indexOf(row.task.id) : -1;
    const next = where === "first" ? 0 : where === "last" ? ids.length - 1 : row ? at + where : Math.max(0, ids.indexOf(this.#active ?? ""));
    const id = ids[next];
    if (id === undefined) return false;
    const control = row?.controls.findIndex((each) => each === document.activeElement) ?? -1;
    const target = this.reveal(id);
    (target?.controls[control] ?? target?.title)?.focus({ preventScroll: true });
    return true;
  }

  /** The ids of the tasks in the order in which they are shown. @returns {string[]} */
  get order() {
    return [...this.open.items, ...this.done.items].map(({ id }) => id);
  }
}
