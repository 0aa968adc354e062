import { placeInWeek, sameDay } from "../core/calendar.js";
import { addDays, dayText } from "../core/dates.js";
import { h, iconButton, setAttribute, setText } from "../core/dom.js";

/**
 * A month's days to choose one from. Arrow keys go from day to day and week to week, Page Up and Down from month to month;
 * Enter or a click chooses.
 */
export class Month {
  #day = ""; // in the tab order
  #chosen = "";
  #today = "";

  /** @param {(day: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.title = h("span", { class: "month-title", role: "status" });
    this.days = h("div", { class: "month-days", role: "grid", "aria-label": "Days" });
    const bar = h("div", { class: "month-bar" }, this.title, iconButton("back", "The month before", () => this.#turn(-1), "small"), iconButton("chevron", "The next month", () => this.#turn(1), "small"));
    this.node = h("div", { class: "month" }, bar, this.days);
    this.days.addEventListener("keydown", (event) => this.#key(event));
    this.days.addEventListener("click", ({ target }) => target instanceof HTMLElement && target.dataset.day && this.choose(target.dataset.day));
  }

  /** @param {string} chosen  a day, or "" @param {string} today */
  show(chosen, today) {
    const same = chosen === this.#chosen && today === this.#today;
    this.#chosen = chosen;
    this.#today = today;
    if (!same || !this.#day) this.#day = chosen || today;
    this.#draw();
  }

  /** @param {number} months */
  #turn(months) {
    this.#day = sameDay(this.#day, months);
    this.#draw();
  }

  #draw() {
    const first = `${this.#day.slice(0, 7)}-01`;
    setText(this.title, dayText(first, { month: "long", year: "numeric" }));
    const start = addDays(first, -placeInWeek(first));
    const names = Array.from({ length: 7 }, (_, at) => addDays(start, at));
    const head = h("div", { role: "row" }, ...names.map((day) => h("span", { role: "columnheader", "aria-label": dayText(day, { weekday: "long" }) }, dayText(day, { weekday: "narrow" }))));
    const weeks = Array.from({ length: 6 }, (_, week) => h("div", { role: "row" }, ...names.map((day) => this.#cell(addDays(day, week * 7), first.slice(0, 7)))));
    this.days.replaceChildren(head, ...weeks);
  }

  /** @param {string} day @param {string} month */
  #cell(day, month) {
    const label = dayText(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
    const kind = [day.slice(0, 7) !== month && "outside", day === this.#today && "today", day < this.#today && "past"].filter(Boolean).join(" ");
    const cell = h("button", { type: "button", role: "gridcell", class: kind, "aria-label": label, tabIndex: day === this.#day ? 0 : -1 }, String(Number(day.slice(8))));
    cell.dataset.day = day;
    setAttribute(cell, "aria-selected", String(day === this.#chosen));
    if (day === this.#today) setAttribute(cell, "aria-current", "date");
    return cell;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key } = event;
    const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: -placeInWeek(this.#day), End: 6 - placeInWeek(this.#day) }[key];
    const months = { PageUp: -1, PageDown: 1 }[key];
    if (days === undefined && months === undefined) return;
    event.preventDefault();
    this.#day = months ? sameDay(this.#day, months) : addDays(this.#day, days ?? 0);
    this.#draw();
    const cell = this.days.querySelector(`[data-day="${this.#day}"]`);
    if (cell instanceof HTMLElement) cell.focus();
  }
}
