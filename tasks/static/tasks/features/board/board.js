import { Children } from "../../core/children.js";
import { arrangementOf } from "../../core/arrangements.js";
import { dayOf } from "../../core/dates.js";
import { find, h, hasFocus, icon, iconButton, setAttribute, setColor, setText } from "../../core/dom.js";
import { matches } from "../../core/filtering.js";
import { preference, setPreference } from "../../core/preferences.js";
import { isWritable, progressOf } from "../../core/selectors.js";
import { plain } from "../../core/text.js";
import { WindowedList } from "../../core/windowed-list.js";
import { focusOn } from "../items/neighbours.js";
import { fitting } from "../palette/match.js";
import { AddSection } from "./add-section.js";
import { Card } from "./card.js";
import { CardFocus } from "./card-focus.js";
import { columnsOf, dropped, fieldsIn, GROUPS } from "./columns.js";
import { CardDrag } from "./drag.js";

/**
 * The open tasks of a list in columns. Each column renders only the cards near its visible part.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("./columns.js").Column} Column
 * @typedef {import("./drag.js").Place} Place
 *
 * @typedef {Object} BoardParts
 * @property {import("../../core/model.js").Model} model
 * @property {import("../items/actions.js").TaskActions} actions
 * @property {(task: Task) => void} open
 * @property {(text: string) => void} announce
 * @property {(given: import("../../core/types.js").Fields) => void} add   opens the field for a new task that has these fields
 * @property {import("../../core/lazy.js").Lazy<import("../lists/menus.js").ListMenus>} listMenus
 */
const NEW_SECTION = "section/new"; // the key of what stands behind the sections

export class Board {
  /** @type {Column[]} */
  #columns = [];
  #list = "";

  /** @param {BoardParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.by = h("select", { "aria-label": "Columns", onchange: () => this.#group(this.by.value) }, ...GROUPS.map(([value, label]) => h("option", { value }, label)));
    this.lanes = h("div", { class: "board-columns" });
    this.node = h("section", { class: "board", "aria-label": "Board", hidden: true }, h("label", { class: "board-by" }, h("span", {}, "Columns by"), this.by), this.lanes);
    find("composer").before(this.node);
    this.focus = new CardFocus(this.lanes, this);
    const unfolded = new Set(); // cards whose subtasks are shown, wherever they are drawn
    const makeSection = (/** @type {string} */ name) => parts.listMenus.use((menus) => menus.makeSection(this.#list, name));
    this.children = new Children(this.lanes, (column) => (column.id === NEW_SECTION ? new AddSection(makeSection) : new Lane(column, { ...parts, unfolded })));
    new CardDrag({ board: this.lanes, mayMove: () => this.#isWritable, placeAt: (x, y, node) => this.#placeAt(x, y, node), drop: (node, place) => this.#drop(node, place) });
  }

  /** @param {?string} list  null hides it */
  show(list) {
    this.node.hidden = !list;
    document.body.classList.toggle("with-board", !!list);
    if (!list) return;
    const { shown, selected } = this.parts.model;
    if (list !== this.#list) this.lanes.scrollLeft = 0;
    this.#list = list;
    this.by.value = preference(`board-by/${list}`) ?? usualGroup(shown, list);
    const today = dayOf(new Date());
    const isWanted = matches(shown, arrangementOf(selected.view).query ?? {}, today);
    const columns = columnsOf(shown, list, this.by.value, today).map((column) => ({ ...column, tasks: column.tasks.filter(isWanted) }));
    this.#columns = columns.filter(({ id, tasks }) => id !== "late" || tasks.length);
    const order = this.order;
    const active = this.focus.active && order.includes(this.focus.active) ? this.focus.active : (order[0] ?? null);
    const context = { writable: this.#isWritable, selected: selected.task, active, minute: Math.floor(Date.now() / 60_000), state: shown, progress: progressOf(shown.tasks) };
    const last = this.by.value === "section" && this.#isWritable ? [{ id: NEW_SECTION, list }] : [];
    this.#keepingFocus(() => this.children.show([...this.#columns.map((column) => ({ ...column, id: `${this.by.value}/${column.id}` })), ...last], context));
  }

  get #isWritable() {
    const { shown } = this.parts.model;
    return isWritable(shown, shown.lists.get(this.#list));
  }

  /** @returns {string[]} */
  get order() {
    return this.#columns.flatMap(({ tasks }) => tasks.map(({ id }) => id));
  }

  /** @param {string} id @returns {Card | undefined} */
  row(id) {
    for (const lane of this.#lanes) if (lane.cards.get(id)) return lane.cards.get(id);
    return undefined;
  }

  /** The card, scrolled into view. @param {string} id @returns {Card | undefined} */
  reveal(id) {
    const lane = this.#lanes.find(({ cards }) => cards.indexOf(id) >= 0);
    const card = lane?.cards.reveal(id);
    card?.node.scrollIntoView({ block: "nearest", inline: "nearest" });
    return card;
  }

  /** @param {string} id */
  flash(id) {
    this.row(id)?.flash();
  }

  /** Moves the focus within the column. @param {1 | -1 | "first" | "last"} where */
  step(where) {
    const place = this.#placeOfFocus();
    if (!place) return this.focus.moveTo(this.order[0]);
    const { tasks } = place.column;
    const next = where === "first" ? 0 : where === "last" ? tasks.length - 1 : place.at + where;
    return this.focus.moveTo(tasks[next]?.id);
  }

  /** Moves the focus to the next column that has a card. @param {1 | -1} by */
  stepAside(by) {
    const place = this.#placeOfFocus();
    if (!place) return false;
    for (let next = this.#columns.indexOf(place.column) + by; this.#columns[next]; next += by) {
      const { tasks } = /** @type {Column} */ (this.#columns[next]);
      if (tasks.length) return this.focus.moveTo(tasks[Math.min(place.at, tasks.length - 1)]?.id);
    }
    return false;
  }

  /** Moves the focused card in its column. @param {1 | -1} by */
  moveBy(by) {
    const place = this.#placeOfFocus();
    const task = place?.column.tasks[place.at];
    if (!task || !this.#isWritable || !place.column.tasks[place.at + by]) return false;
    this.#put(task, place.column, by > 0 ? place.at + 2 : place.at - 1);
    return true;
  }

  /** Moves the focused card to the next column. @param {1 | -1} by */
  moveAside(by) {
    const place = this.#placeOfFocus();
    const task = place?.column.tasks[place.at];
    if (!task || !this.#isWritable) return false;
    let next = this.#columns.indexOf(place.column) + by;
    while (this.#columns[next]?.closed) next += by;
    const column = this.#columns[next];
    if (!column) return false;
    this.#put(task, column, 0);
    return true;
  }

  /** The columns into which tasks can be put, those that fit what was typed. @param {Task[]} tasks @param {string} query @returns {import("../palette/palette.js").Item[]} */
  destinations(tasks, query) {
    const open = this.#columns.filter(({ closed }) => !closed);
    const all = open.map((column) => ({
      id: column.id,
      name: column.name,
      ...(column.color ? { color: column.color } : {}),
      run: () => tasks.length && this.parts.actions.editAll(tasks, (task) => dropped(task, column, column.tasks.length), "moving", `Moved % to ${column.name}`),
    }));
    return fitting(all, query);
  }

  /** @param {Task} task @param {Column} column @param {number} at */
  #put(task, column, at) {
    const done = this.parts.actions.edit(task, dropped(task, column, at), "moving");
    if (!done) return;
    const place = column.tasks.slice(0, at).filter(({ id }) => id !== task.id).length + 1;
    this.parts.announce(`${plain(task.title)}: ${column.name}, place ${place}`);
  }

  /** @returns {Lane[]} */
  get #lanes() {
    return [...this.children.values()].filter((child) => child instanceof Lane);
  }

  #placeOfFocus() {
    const { id } = this.focus;
    const column = this.#columns.find(({ tasks }) => tasks.some((task) => task.id === id));
    return column ? { column, at: column.tasks.findIndex((task) => task.id === id) } : null;
  }

  /** A card that goes to another column is another element; the focus goes along. @param {() => void} change */
  #keepingFocus(change) {
    const id = hasFocus(this.lanes) ? this.focus.active : null;
    const before = id ? this.#lanes.find(({ cards }) => cards.indexOf(id) >= 0) : undefined;
    const at = before && id ? before.cards.indexOf(id) : -1;
    change();
    if (!id || hasFocus(this.lanes)) return;
    const next = this.order.includes(id) ? id : before?.cards.items[Math.min(at, before.cards.items.length - 1)]?.id;
    if (!this.focus.moveTo(next)) focusOn();
  }

  /** @param {string} by */
  #group(by) {
    setPreference(`board-by/${this.#list}`, by);
    this.show(this.#list);
  }

  /** @param {number} x @param {number} y @param {HTMLElement} dragged @returns {?Place} */
  #placeAt(x, y, dragged) {
    const lane = this.#lanes.find(({ node }) => {
      const { left, right } = node.getBoundingClientRect();
      return x >= left - 6 && x <= right + 6;
    });
    if (!lane || lane.column.closed) return null;
    const box = lane.list.getBoundingClientRect();
    let at = lane.column.tasks.length;
    let line = null;
    for (const node of lane.list.querySelectorAll(".card")) {
      if (node === dragged) continue;
      const { top, height, bottom } = node.getBoundingClientRect();
      if (y < top + height / 2) {
        at = lane.cards.indexOf(/** @type {HTMLElement} */ (node).dataset.id);
        line = top;
        break;
      }
      line = bottom + 8;
    }
    return { column: lane.list, at, line: (line ?? box.top + 4) - box.top + lane.list.scrollTop - 5 };
  }

  /** @param {HTMLElement} node @param {Place} place */
  #drop(node, { column, at }) {
    const lane = this.#lanes.find(({ list }) => list === column);
    const task = this.parts.model.shown.tasks.get(node.dataset.id ?? "");
    if (lane && task) this.#put(task, lane.column, at);
  }
}

/** Sections where the list has some, else priorities. @param {any} state @param {string} list */
const usualGroup = ({ sections }, list) => ([...(sections?.values() ?? [])].some((each) => each.list === list) ? "section" : "priority");

/** A column on the screen. */
class Lane {
  /** @param {Column} column @param {BoardParts & {unfolded: Set<string>}} parts */
  constructor(column, { actions, open, add, listMenus, unfolded }) {
    this.column = column;
    this.dot = h("span", { class: "dot" });
    this.name = h("h2", { dir: "auto" });
    this.count = h("span", { class: "count" });
    this.list = h("ul", { class: "cards", role: "list" });
    this.add = h("button", { type: "button", class: "lane-add", onclick: () => add(fieldsIn(this.column)) }, icon("plus"), "Add task");
    const openMenu = () => listMenus.open((menus) => menus.section(this.column.section ?? "", this.more, "sideways"));
    this.more = iconButton("more", "Change the section", openMenu, "small");
    setAttribute(this.more, "aria-haspopup", "dialog");
    this.node = h("section", { class: "lane" }, h("header", {}, this.dot, this.name, this.count, this.more), this.list, this.add);
    const complete = (/** @type {Task} */ task, /** @type {boolean} */ completed) => actions.complete(task, completed);
    this.cards = new WindowedList({ container: this.list, scroller: this.list, estimate: 64, create: (task) => new Card({ complete, open, unfolded }, task) });
  }

  /** @param {Column} column @param {import("./card.js").CardContext} context */
  update(column, context) {
    this.column = { ...column, id: column.id.slice(column.id.indexOf("/") + 1) };
    setText(this.name, column.name);
    setText(this.count, column.tasks.length || "");
    setAttribute(this.node, "aria-label", column.name);
    setAttribute(this.list, "aria-label", column.name);
    setAttribute(this.add, "aria-label", `Add task to ${column.name}`);
    this.add.hidden = column.closed || !context.writable;
    this.more.hidden = !column.section || !context.writable;
    setAttribute(this.more, "aria-label", `Change the section ${plain(column.name)}`);
    this.dot.hidden = !column.color;
    if (column.color) setColor(this.dot, column.color);
    this.cards.show(column.tasks, context);
  }

  end() {
    this.cards.end();
  }
}
