import { arrangementOf } from "../../core/arrangements.js";
import { dayOf, dueFields, dueHere } from "../../core/dates.js";
import { find, hasFocus, setAttribute, setText } from "../../core/dom.js";
import { Lazy } from "../../core/lazy.js";
import { gliding } from "../../core/motion.js";
import { placedAt } from "../../core/placing.js";
import { isWritable, progressOf } from "../../core/selectors.js";
import { ShownView } from "../../core/shown-view.js";
import { Stamp } from "../../core/stamp.js";
import { belongs, isOfTasks, keyOfView } from "../../core/views.js";
import { WindowedList } from "../../core/windowed-list.js";
import { EmptyNote } from "./empty-note.js";
import { HeadRow } from "./head-row.js";
import { Horizon } from "./horizon.js";
import { Kept } from "./kept.js";
import { lateOf } from "./late.js";
import { focusOn } from "./neighbours.js";
import { Row } from "./row.js";
import { RowDrag } from "./row-drag.js";
import { WeekStrip } from "./week-strip.js";

/**
 * The tasks of the view: the open ones under their heads, and a list's completed ones in a section that unfolds.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").TaskList} List
 * @typedef {import("../../core/views.js").Head} Head
 * @typedef {import("../../core/views.js").Shown} Shown
 */
export class TaskListView {
  #unfolded = new Set();
  #view = "";
  /** @type {?string} */
  #active = null; // the row in the tab order
  #started = false;
  #showing = new ShownView(() => this.following.now);
  following = new Lazy(async () => (await import("../../core/following.js")).followed);
  #stamp = new Stamp();
  /** @type {{open: object, done: object, ids: string[]}} */
  #ordered = { open: [], done: [], ids: [] };

  /**
   * @param {import("./row.js").RowParts & {outbox: import("../../core/outbox.js").Outbox, render: () => void, renderSoon: () => void,
   *   newList: () => void, onSorted: () => void, move: (tasks: Task[], list: string) => void, openHead: (head: Head, anchor: HTMLElement) => void, addTo: (head: Head) => void}} parts
   *   `onSorted`: somebody wants to put a task into a place that the view's order does not leave open
   */
  constructor(parts) {
    this.parts = parts;
    this.main = find("main");
    const scroller = this.main;
    const create = (/** @type {Task | Head} */ item) => ("head" in item ? new HeadRow(item, parts) : new Row(parts, item));
    this.open = new WindowedList({ container: find("open"), scroller, create });
    this.done = new WindowedList({ container: find("done"), scroller, create });
    this.kept = new Kept(parts);
    this.doneSection = find("done-section");
    this.toggle = find("done-toggle");
    this.count = find("done-count");
    this.empty = new EmptyNote({ newList: parts.newList });
    this.horizon = new Horizon({ scroller, render: parts.render });
    this.week = new WeekStrip((day) => this.open.reveal(`head:${day}`));
    this.drag = new RowDrag({
      container: find("open"),
      taskOf: (node) => (this.#rowOf(node)?.isWritable ? this.#rowOf(node)?.task : undefined),
      indexOf: ({ dataset: { id, head } }) => this.open.indexOf(id ?? head),
      place: (task, at) => this.#place(task, at),
      drop: (task, where) => this.#drop(task, where),
    });
    this.toggle.addEventListener("click", () => this.#unfold());
    this.main.addEventListener("focusin", (event) => this.#focused(event));
    this.main.addEventListener("pointerover", ({ target }) => this.#pointed(target), { passive: true });
  }

  show() {
    const { model } = this.parts;
    if (!model.loaded) return;
    if (!this.#started) this.#start();
    const { view, list } = model.selected;
    const key = keyOfView(view);
    if (this.#view !== key) this.#switch(key);
    setAttribute(this.main, "data-view", view.kind);
    const arrangement = this.#arrangement();
    const { items, done, open, order } = this.#shown(arrangement);
    const unfolded = this.#unfolded.has(key);
    this.kept.shown(items);
    const context = this.#context(items, unfolded ? done : []);
    this.#keepingFocus(() => this.#showRows(items, unfolded ? done : [], context, { open: order, done: unfolded ? order : null }));
    this.doneSection.hidden = !done.length;
    find("done").hidden = !unfolded;
    setAttribute(this.toggle, "aria-expanded", String(unfolded));
    setText(this.count, done.length);
    const isUpcoming = view.kind === "upcoming";
    this.week.update(isUpcoming, new Map(isUpcoming ? items.flatMap((item) => ("head" in item && item.day ? [[item.day, item.count]] : [])) : []));
    const hasSections = items.length > open;
    this.empty.show(model, { open: open + Number(hasSections && view.kind === "list"), done: done.length, list, isFiltered: Object.keys(arrangement.query ?? {}).length > 0 });
  }

  /** Highlights a row, if it is on the screen. @param {string} id */
  flash(id) {
    for (const part of [this.open, this.done]) if (part.isInSight(id)) part.get(id)?.flash?.();
  }

  /** The row, if it is in the document. @param {string} id @returns {Row | undefined} */
  row(id) {
    const row = this.open.get(id) ?? this.done.get(id);
    return row instanceof Row ? row : undefined;
  }

  /** The row, scrolled into view. @param {string} id @returns {Row | undefined} */
  reveal(id) {
    return this.open.reveal(id) ?? this.done.reveal(id);
  }

  /** The tasks in the order in which they are shown. @returns {Task[]} */
  get tasks() {
    return /** @type {Task[]} */ ([...this.open.items, ...this.done.items].filter((item) => !("head" in item)));
  }

  /** Their ids. @returns {string[]} */
  get order() {
    const { open, done } = this.#ordered;
    if (open !== this.open.items || done !== this.done.items) this.#ordered = { open: this.open.items, done: this.done.items, ids: this.tasks.map(({ id }) => id) };
    return this.#ordered.ids;
  }

  /** The late ones among them that the person may change. */
  get late() {
    const { shown } = this.parts.model;
    return lateOf(/** @type {(Task | Head)[]} */ (this.open.items), ({ list }) => isWritable(shown, shown.lists.get(list)));
  }

  /** The task before (-1) or after (1) one. @param {string} id @param {number} step @returns {Task | undefined} */
  beside(id, step) {
    const part = this.open.indexOf(id) >= 0 ? this.open : this.done;
    const at = part.indexOf(id);
    if (at < 0) return undefined;
    const items = /** @type {(Task | Head)[]} */ (part.items);
    for (let next = at + step; items[next]; next += step) {
      const item = items[next];
      if (item && !("head" in item)) return item;
    }
    return undefined;
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
    if (target) this.#focus(target, control);
    return true;
  }

  /** Moves a task one line up or down in an order of one's own. Returns whether it could. @param {Task} task @param {1 | -1} step */
  shift(task, step) {
    const items = /** @type {(Task | Head)[]} */ (this.open.items);
    const at = this.open.indexOf(task.id);
    const other = this.beside(task.id, step);
    if (at < 0 || !other) return false;
    if (this.#arrangement().sort !== "manual") return this.parts.onSorted(), true;
    const next = items[at + step];
    const to = next && "head" in next ? at + step + Number(step > 0) : this.open.indexOf(other.id) + Number(step > 0);
    this.#place(task, to);
    return true;
  }

  /** @param {Task} task @param {number} at */
  #place(task, at) {
    const arrangement = this.#arrangement();
    const fields = placedAt(task, /** @type {(Task | Head)[]} */ (this.open.items), at, arrangement);
    if (fields.list && fields.list !== task.list) return this.parts.move([task], fields.list);
    if (!this.#set(task, fields) && arrangement.sort !== "manual") this.parts.onSorted();
  }

  /** @param {Task} task @param {DOMStringMap} where */
  #drop(task, { drop, day, list }) {
    if (drop === "list" && list) this.parts.move([task], list);
    else if (drop === "day") this.#set(task, { due_date: day ?? dayOf(new Date()) });
  }

  /** A day keeps the time of a task. Returns null if nothing changes. @param {Task} task @param {import("../../core/types.js").Fields} fields */
  #set(task, fields) {
    const due = fields.due_date ? dueFields(fields.due_date, dueHere(task)?.time ?? null, task.due_zone) : {};
    return this.parts.actions.edit(task, { ...fields, ...due }, "moving");
  }

  #arrangement() {
    const { shown, selected } = this.parts.model;
    return arrangementOf(selected.view, shown.filters?.get(selected.view.id ?? ""));
  }

  /** The same control of a row; the toolbar goes there first. @param {Row} row @param {number} control */
  #focus(row, control) {
    row.title.focus({ preventScroll: true });
    this.parts.toolbar.enter(row);
    (row.controls[control] ?? row.title).focus({ preventScroll: true });
  }

  #start() {
    this.#started = true;
    find("open").replaceChildren();
    this.main.removeAttribute("aria-busy");
  }

  /** @param {string} key */
  #switch(key) {
    const isFirst = !this.#view;
    this.#view = key;
    this.#active = null;
    this.kept.clear();
    this.horizon.reset();
    if (isFirst) return; // nothing was scrolled, and asking for it would lay out the page
    this.main.scrollTo(0, 0);
    for (const part of [this.open, this.done]) part.moved();
  }

  /** What the view shows; computed again only if something that it depends on has changed. @param {import("../../core/views.js").Arrangement} usual @returns {Shown} */
  #shown(usual) {
    const { shown: state, selected } = this.parts.model;
    const { view } = selected;
    if (!isOfTasks(view) || (view.kind === "list" && !state.lists.has(view.id ?? ""))) return { items: [], done: [], open: 0, order: {} };
    const today = dayOf(new Date());
    const arrangement = view.kind === "upcoming" ? { ...usual, ahead: this.horizon.ahead } : usual;
    this.horizon.shown({ state, view, arrangement, today });
    this.kept.look();
    const kept = this.kept.isIdle ? { open: [], done: [] } : this.kept.of(view, belongs(state, view, today, arrangement.query, arrangement.ahead), belongs(state, view, today));
    return this.#showing.of({ state, view, arrangement, today, kept });
  }

  /** @param {(Task | Head)[]} open @param {Task[]} done @param {import("./row.js").RowContext} context @param {{open: object, done: ?object}} order */
  #showRows(open, done, context, order) {
    const before = this.open.items;
    const moved = before.length > 0 && order.open !== this.open.order && (before.length !== open.length || before.some(({ id }, at) => id !== open[at]?.id));
    const change = () => {
      this.open.show(open, context, order.open);
      this.done.show(done, context, order.done);
    };
    if (moved) gliding(() => this.#rowsInSight(), change);
    else change();
  }

  *#rowsInSight() {
    for (const row of this.open.children.values()) if (row instanceof Row && this.open.isInSight(row.task.id)) yield row.node;
  }

  /** If the focused row is removed, the same control of the next row gets the focus. @param {() => void} change */
  #keepingFocus(change) {
    if (!hasFocus(this.main)) return change();
    const row = this.#rowOf(document.activeElement);
    const part = row && (this.open.indexOf(row.task.id) >= 0 ? this.open : this.done);
    const at = row && part ? part.indexOf(row.task.id) : -1;
    const control = row ? row.controls.findIndex((each) => each === document.activeElement) : -1;
    const head = document.activeElement?.closest("#open .head-row");
    change();
    if (head && !head.isConnected) focusOn();
    if (!row || !part || hasFocus(row.node)) return;
    const items = /** @type {(Task | Head)[]} */ (part.items);
    const next = items.slice(at).find((item) => !("head" in item)) ?? items.findLast((item) => !("head" in item));
    const target = next && /** @type {Row} */ (part.reveal(next.id));
    if (target) this.#focus(target, control);
    else focusOn();
  }

  /** @param {(Task | Head)[]} open @param {Task[]} done @returns {import("./row.js").RowContext & {writable: boolean, hasLate: () => boolean}} */
  #context(open, done) {
    const { model, outbox } = this.parts;
    const { shown: state, selected } = model;
    const waiting = new Set(outbox.isStuck ? outbox.unsaved.map(({ id }) => id) : []);
    const known = this.#active && (this.open.indexOf(this.#active) >= 0 || this.done.indexOf(this.#active) >= 0);
    const active = known ? this.#active : (open.find((item) => !("head" in item))?.id ?? done[0]?.id ?? null);
    /** @type {Map<string, boolean>} */
    const rights = new Map();
    const mayWrite = (/** @type {Task} */ { list }) => {
      const right = rights.get(list) ?? isWritable(state, state.lists.get(list));
      rights.set(list, right);
      return right;
    };
    const isNested = (/** @type {Task} */ { parent }) => !!parent && this.open.indexOf(parent) >= 0;
    const spans = selected.view.kind !== "list";
    const writable = !spans && isWritable(state, state.lists.get(selected.list ?? ""));
    const hasLate = () => lateOf(open, mayWrite).length > 0;
    const minute = Math.floor(Date.now() / 60_000);
    const { lists, members, me, users, labels, reminders } = state;
    this.#stamp.isNew(lists, members, me, users, labels, reminders, active, selected.task, spans, minute, [...waiting].join());
    return { stamp: this.#stamp.values, writable, hasLate, mayWrite, waiting, active, selected: selected.task, minute, state, spans, progress: progressOf(state.tasks), isNested };
  }

  #unfold() {
    if (!this.#unfolded.delete(this.#view)) this.#unfolded.add(this.#view);
    this.parts.render();
  }

  /** The row that contains the element. @param {EventTarget | null} target @returns {Row | undefined} */
  #rowOf(target) {
    const node = target instanceof Element ? target.closest(".task") : null;
    return node instanceof HTMLElement ? this.row(node.dataset.id ?? "") : undefined;
  }

  /** @param {EventTarget | null} target */
  #pointed(target) {
    const row = this.#rowOf(target);
    if (row && !row.isEditing) this.parts.toolbar.approach(row);
  }

  /** @param {FocusEvent} event */
  #focused({ target }) {
    const row = this.#rowOf(target);
    if (!row) return;
    if (/** @type {Element} */ (target).matches(":focus-visible")) this.parts.toolbar.enter(row);
    else this.parts.toolbar.approach(row);
    if (row.task.id === this.#active) return;
    const before = this.row(this.#active ?? "") ?? this.row(this.open.items.find((item) => !("head" in item))?.id ?? "");
    this.#active = row.task.id;
    for (const control of before?.controls ?? []) control.tabIndex = -1;
    for (const control of row.controls) control.tabIndex = 0;
    this.parts.renderSoon();
  }
}
