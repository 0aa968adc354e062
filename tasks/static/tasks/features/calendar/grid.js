import { addDays, dayText } from "../../core/dates.js";
import { daysOf, placeInWeek, sameDay } from "../../core/calendar.js";
import { Children } from "../../core/children.js";
import { button, find, h, iconButton, setText } from "../../core/dom.js";
import { Day } from "./day.js";

/**
 * The month on the screen: its name, its days and what stands below them. Arrow keys go from day to day and week to week, Home
 * and End within a week, Page Up and Down from month to month; a finger swipes from month to month.
 *
 * @typedef {{day: import("./day.js").DayParts, turn: (months: 1 | -1) => void, today: () => void, goTo: (day: string) => void, resized: () => void}} GridParts
 * @typedef {{month: string, days: import("./day.js").DayItem[], below: import("./day.js").DayItem[], note: string}} Shown
 */
const NARROW = 528; // px with less than which days have dots
const SWIPE = 56; // px

export class Grid {
  isNarrow = innerWidth < NARROW;

  /** @param {GridParts} parts */
  constructor({ day, turn, today, goTo, resized }) {
    this.goTo = goTo;
    this.turn = turn;
    this.title = h("h2", { "aria-live": "polite" });
    const turns = [iconButton("back", "The month before", () => turn(-1), "small"), iconButton("chevron", "The next month", () => turn(1), "small")];
    const bar = h("div", { class: "calendar-bar" }, this.title, ...turns, button("Today", today, "small"));
    const names = daysOf("2024-01").slice(0, 7).map((name) => h("span", {}, dayText(name, { weekday: "short" })));
    this.days = h("div", { class: "calendar-days" });
    this.note = h("p", { class: "calendar-note" });
    this.lower = h("div", { class: "calendar-below" });
    this.area = h("div", { class: "calendar-area" }, h("div", { class: "calendar-names", "aria-hidden": "true" }, ...names), this.days, this.note, this.lower);
    this.node = h("section", { class: "calendar", "aria-label": "Calendar", hidden: true }, bar, this.area);
    find("composer").before(this.node);
    this.cells = new Children(this.days, (item) => new Day(item, day));
    this.below = new Children(this.lower, (item) => new Day(item, day));
    this.days.addEventListener("keydown", (event) => this.#key(event));
    this.#listenToFingers();
    new ResizeObserver(([entry]) => this.#resized(entry?.contentRect.width ?? 0, resized)).observe(bar); // its height stays
  }

  /** @param {Shown} shown @param {import("../board/card.js").CardContext} context */
  show({ month, days, below, note }, context) {
    this.node.classList.toggle("narrow", this.isNarrow);
    setText(this.title, dayText(`${month}-01`, { month: "long", year: "numeric" }));
    setText(this.note, note);
    this.cells.show(days, context);
    this.below.show(below, context);
  }

  /** @param {string | undefined} day @param {string} id @returns {import("../board/card.js").Card | undefined} */
  card(day, id) {
    const found = [this.below, this.cells].map((part) => /** @type {Day | undefined} */ (part.get(day))?.cards.get(id));
    return /** @type {import("../board/card.js").Card | undefined} */ (found.find((card) => card));
  }

  /** @param {string} day */
  focus(day) {
    /** @type {Day | undefined} */ (this.cells.get(day))?.number.focus();
  }

  /** @param {number} width @param {() => void} call */
  #resized(width, call) {
    if (!width || width < NARROW === this.isNarrow) return;
    this.isNarrow = width < NARROW;
    call();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, target, altKey, ctrlKey, metaKey, shiftKey } = event;
    const day = target instanceof Element && target.matches(".day-number") && target.closest(".day");
    if (!(day instanceof HTMLElement) || altKey || ctrlKey || metaKey || shiftKey) return;
    const { day: from = "" } = day.dataset;
    const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: -placeInWeek(from), End: 6 - placeInWeek(from) }[key];
    const months = { PageUp: -1, PageDown: 1 }[key];
    if (days === undefined && months === undefined) return;
    event.preventDefault();
    this.goTo(months ? sameDay(from, months) : addDays(from, days ?? 0));
  }

  #listenToFingers() {
    /** @type {?Touch} */
    let from = null;
    this.days.addEventListener("touchstart", ({ touches }) => (from = touches.length === 1 ? (touches[0] ?? null) : null), { passive: true });
    this.days.addEventListener("touchend", ({ changedTouches: [to] }) => {
      const [x, y] = from && to ? [to.clientX - from.clientX, to.clientY - from.clientY] : [0, 0];
      from = null;
      const isSwipe = Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y);
      if (isSwipe && this.isNarrow) this.turn(x < 0 ? 1 : -1);
    });
  }
}
