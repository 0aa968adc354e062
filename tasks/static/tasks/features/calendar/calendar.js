import { arrangementOf } from "../../core/arrangements.js";
import { addDays, dayLabel, dayOf, dayText } from "../../core/dates.js";
import { daysOf, fieldsOn, monthAfter } from "../../core/calendar.js";
import { hasFocus } from "../../core/dom.js";
import { isWritable, progressOf } from "../../core/selectors.js";
import { plain } from "../../core/text.js";
import { CardFocus } from "../board/card-focus.js";
import { CardDrag } from "../board/drag.js";
import { focusOn } from "../items/neighbours.js";
import { fitting } from "../palette/match.js";
import { ByDay } from "./by-day.js";
import { Grid } from "./grid.js";

/**
 * The open tasks of a list on the days of a month, and below them those without a date. Where days leave no room for titles,
 * they have dots, and the tasks of the chosen day stand below.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../board/card.js").Card} Card
 * @typedef {import("./day.js").DayItem} DayItem
 */
const DESTINATIONS = 14; // days
const FIT = 3; // tasks in a day of the month, until it is unfolded
const MORE = 50; // tasks that are shown beside them, each time
const BELOW = 24; // tasks below the month

export class Calendar {
  #list = "";
  #month = "";
  #chosen = ""; // the day in the tab order; where days have dots, its tasks stand below
  /** @type {string[]} */
  #days = [];
  #byDay = new ByDay();
  /** @type {Map<string, Task[]>} */
  #tasks = new Map();
  /** @type {Map<string, number>} */
  #unfolded = new Map(); // day → how many of its tasks are shown

  /** @param {import("../board/board.js").BoardParts & {add: (fields: import("../../core/types.js").Fields) => void}} parts */
  constructor(parts) {
    this.parts = parts;
    const { actions, open } = parts;
    const complete = (/** @type {Task} */ task, /** @type {boolean} */ completed) => actions.complete(task, completed);
    this.grid = new Grid({
      day: { complete, open, add: (day) => parts.add({ due_date: day }), unfold: (day, all) => this.#unfold(day, all), choose: (day) => this.#press(day) },
      turn: (months) => this.#turn(monthAfter(this.#month, months)),
      today: () => this.#goTo(dayOf(new Date())),
      goTo: (day) => this.#goTo(day, true),
      resized: () => this.grid.node.hidden || this.show(this.#list),
    });
    const { area } = this.grid;
    this.focus = new CardFocus(area, this);
    area.addEventListener("click", ({ target }) => target instanceof Element && this.#clicked(target));
    new CardDrag({ board: area, scroller: area.closest(".main"), mayMove: () => this.#isWritable, placeAt: (x, y) => this.#placeAt(x, y), drop: (node, { column }) => this.#drop(node, column) });
  }

  /** @param {?string} list  null hides it */
  show(list) {
    this.grid.node.hidden = !list;
    document.body.classList.toggle("with-calendar", !!list);
    if (!list) return;
    const { shown, selected } = this.parts.model;
    const today = dayOf(new Date());
    if (list !== this.#list) {
      [this.#list, this.#month, this.#chosen] = [list, today.slice(0, 7), today];
      this.#unfolded.clear();
    }
    const { query = {} } = arrangementOf(selected.view);
    this.#tasks = this.#byDay.of({ state: shown, list, query, today });
    this.#days = daysOf(this.#month);
    const order = this.order;
    const active = this.focus.active && this.#byDay.dayOf(this.focus.active) !== undefined ? this.focus.active : (order[0] ?? null);
    const context = { writable: this.#isWritable, selected: selected.task, active, minute: Math.floor(Date.now() / 60_000), state: shown, progress: progressOf(shown.tasks) };
    const { isNarrow } = this.grid;
    const days = this.#days.map((day) => this.#item(day, today, isNarrow ? 0 : FIT));
    const lower = [...(isNarrow ? [this.#chosen] : []), ...(this.#tasks.size ? [""] : [])];
    const below = lower.map((day) => ({ ...this.#item(day, today, BELOW), head: day ? dayLabel(day, today) : "No date" }));
    this.#keepingFocus(() => this.grid.show({ month: this.#month, days, below, note: this.#note(Object.keys(query).length > 0) }, context));
  }

  /** @param {string} day @param {string} today @param {number} most @returns {DayItem} */
  #item(day, today, most) {
    const kinds = { undated: !day, outside: !!day && day.slice(0, 7) !== this.#month, today: day === today, past: !!day && day < today, chosen: day === this.#chosen };
    const kind = Object.entries(kinds).filter(([, is]) => is).map(([name]) => name).join(" ");
    return { id: day, tasks: this.#tasks.get(day) ?? [], kind, most: most && (this.#unfolded.get(day) ?? most), isUnfolded: this.#unfolded.has(day), head: "" };
  }

  /** What is said where there is nothing. @param {boolean} isFiltered */
  #note(isFiltered) {
    const month = dayText(this.#month + "-01", { month: "long", year: "numeric" });
    if (this.#tasks.size) return this.order.length || this.grid.isNarrow ? "" : `Nothing is due in ${month}.`;
    if (isFiltered) return "No open task fits the filters above. Take one away to see more.";
    return this.#isWritable ? "Nothing here yet. Choose a day to add a task on it." : "Nothing here yet. When an editor adds a task, it appears here.";
  }

  get #isWritable() {
    const { shown } = this.parts.model;
    return isWritable(shown, shown.lists.get(this.#list));
  }

  /** @returns {string[]} */
  get order() {
    return this.#inOrder.map(({ id }) => id);
  }

  get #inOrder() {
    return [...this.#days, ""].flatMap((day) => this.#tasks.get(day) ?? []);
  }

  /** @param {string} id @returns {Card | undefined} */
  row(id) {
    return this.grid.card(this.#byDay.dayOf(id), id);
  }

  /** The card, scrolled into view; its day is unfolded if it has too many. @param {string} id @returns {Card | undefined} */
  reveal(id) {
    const day = this.#byDay.dayOf(id);
    if (day !== undefined && !this.row(id)) {
      if (day && !this.#days.includes(day)) this.#month = day.slice(0, 7);
      if (day) this.#chosen = day;
      const place = (this.#tasks.get(day) ?? []).findIndex((task) => task.id === id);
      if (place >= (this.grid.isNarrow || !day ? BELOW : FIT)) this.#unfolded.set(day, Math.max(place + 1, MORE, this.#unfolded.get(day) ?? 0));
      this.show(this.#list);
    }
    const card = this.row(id);
    card?.node.scrollIntoView({ block: "nearest" });
    return card;
  }

  /** @param {string} id */
  flash(id) {
    this.row(id)?.flash();
  }

  /** Moves the focus to the next task, from day to day. @param {1 | -1 | "first" | "last"} where */
  step(where) {
    const { order } = this;
    const at = order.indexOf(this.focus.id ?? "");
    const next = where === "first" ? 0 : where === "last" ? order.length - 1 : at < 0 ? 0 : at + where;
    return this.focus.moveTo(order[next]);
  }

  /** Moves the focus to the first task of the next day that has one. @param {1 | -1} by */
  stepAside(by) {
    const days = [...this.#days, ""].filter((day) => this.#tasks.has(day));
    const day = days[days.indexOf(this.#byDay.dayOf(this.focus.id ?? "") ?? "") + by];
    return day !== undefined && this.focus.moveTo(this.#tasks.get(day)?.[0]?.id);
  }

  /** Moves the focused task by a week. @param {1 | -1} by */
  moveBy(by) {
    return this.#moveFocused(7 * by);
  }

  /** Moves the focused task by a day. @param {1 | -1} by */
  moveAside(by) {
    return this.#moveFocused(by);
  }

  /** One without a date goes to today. @param {number} days */
  #moveFocused(days) {
    const task = this.parts.model.shown.tasks.get(this.focus.id ?? "");
    if (!task || !this.#isWritable) return false;
    const from = this.#byDay.dayOf(task.id);
    const to = from ? addDays(from, days) : dayOf(new Date());
    if (!this.#put(task, to)) return true;
    this.#chosen = to; // the focus goes along
    if (!this.#days.includes(to)) this.#month = to.slice(0, 7);
    return true;
  }

  /** The days to which tasks can be moved, those that fit what was typed. @param {Task[]} tasks @param {string} query @returns {import("../palette/palette.js").Item[]} */
  destinations(tasks, query) {
    const today = dayOf(new Date());
    const days = [...Array.from({ length: DESTINATIONS }, (_, at) => addDays(today, at)), ""];
    const all = days.map((day) => {
      const name = day ? dayLabel(day, today) : "No date";
      return { id: day, name, run: () => tasks.length && this.parts.actions.editAll(tasks, (task) => fieldsOn(task, day), "moving", `Moved % to ${name}`) };
    });
    return fitting(all, query);
  }

  /** @param {Task} task @param {string} day  "" for none */
  #put(task, day) {
    if (day > "9999" || !this.parts.actions.edit(task, fieldsOn(task, day), "moving")) return false;
    const name = day ? dayText(day, { weekday: "long", day: "numeric", month: "long" }) : "no date";
    this.parts.announce(`${plain(task.title)}: ${name}`);
    return true;
  }

  /** @param {string} day @param {boolean} all */
  #unfold(day, all) {
    if (all) this.#unfolded.set(day, MORE + (this.#unfolded.get(day) ?? 0));
    else this.#unfolded.delete(day);
    this.show(this.#list);
  }

  /** The number of a day was pressed: its tasks are shown, or, where they all are, one can be added. @param {string} day */
  #press(day) {
    this.#chosen = day;
    this.show(this.#list);
    const hasMore = (this.#tasks.get(day)?.length ?? 0) > FIT + 1;
    if (this.grid.isNarrow) return;
    if (hasMore) this.#unfold(day, !this.#unfolded.has(day));
    else if (this.#isWritable) this.parts.add({ due_date: day });
  }

  /** @param {Element} target */
  #clicked(target) {
    const day = target.closest(".calendar-days .day");
    if (!(day instanceof HTMLElement) || target.closest("button, input, .card")) return;
    const { day: id = "" } = day.dataset;
    if (this.grid.isNarrow) this.#goTo(id);
    else if (this.#isWritable) this.parts.add({ due_date: id });
  }

  /** @param {string} month */
  #turn(month) {
    const today = dayOf(new Date());
    this.#goTo(today.startsWith(month) ? today : `${month}-01`);
  }

  /** @param {string} day @param {boolean} [focuses] */
  #goTo(day, focuses = false) {
    if (day < "1000" || day > "9998") return; // what a date can be
    this.#chosen = day;
    if (!this.#days.includes(day) || !focuses) this.#month = day.slice(0, 7);
    this.show(this.#list);
    if (focuses) this.grid.focus(day);
  }

  /** A card that goes to another day is another element; the focus goes along. @param {() => void} change */
  #keepingFocus(change) {
    const { area } = this.grid;
    const id = this.focus.id;
    const at = id ? [...area.querySelectorAll(".card")].findIndex((node) => /** @type {HTMLElement} */ (node).dataset.id === id) : -1;
    change();
    if (!id || hasFocus(area)) return;
    const { order } = this;
    if (!this.focus.moveTo(order.includes(id) ? id : order[Math.min(at, order.length - 1)])) focusOn();
  }

  /** @param {number} x @param {number} y @returns {?import("../board/drag.js").Place} */
  #placeAt(x, y) {
    const column = document.elementFromPoint(x, y)?.closest(".calendar .day")?.querySelector(".day-tasks");
    return column instanceof HTMLElement ? { column, at: 0, line: 0 } : null;
  }

  /** @param {HTMLElement} node @param {HTMLElement} column */
  #drop(node, column) {
    const day = column.closest(".day");
    const task = this.parts.model.shown.tasks.get(node.dataset.id ?? "");
    if (task && day instanceof HTMLElement) this.#put(task, day.dataset.day ?? "");
  }
}
