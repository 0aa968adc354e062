import { Children } from "../../core/children.js";
import { dayText, timeText } from "../../core/dates.js";
import { button, h, iconButton, setAttribute, setText } from "../../core/dom.js";
import { counted } from "../../core/text.js";
import { Card } from "../board/card.js";

/**
 * A day of the calendar with its tasks, or, with the id "", those without a date.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {{id: string, tasks: Task[], kind: string, most: number, isUnfolded: boolean, head: string}} DayItem
 *   `kind`: classes; `most`: how many tasks are shown; `head`: what stands above them, else a number to choose the day by
 * @typedef {{complete: (task: Task, completed: boolean) => void, open: (task: Task) => void, add: (day: string) => void, choose: (day: string) => void, unfold: (day: string, all: boolean) => void}} DayParts
 */
const MOST_DOTS = 3;
const ROOMY = 2; // so many tasks of a day have two lines each

export class Day {
  #isWhole = false;

  /** @param {DayItem} item @param {DayParts} parts */
  constructor({ id, head }, { complete, open, add, choose, unfold }) {
    this.id = id;
    const options = { weekday: /** @type {const} */ ("long"), day: /** @type {const} */ ("numeric"), month: /** @type {const} */ ("long") };
    this.name = id ? dayText(id, options) : "No date";
    this.head = h("span");
    this.count = h("span", { class: "count" });
    this.number = head ? h("h3", { class: "day-head" }, this.head, this.count) : h("button", { type: "button", class: "day-number", onclick: () => choose(id) });
    this.add = iconButton("plus", `Add a task on ${this.name}`, () => add(id), "small day-add");
    this.dots = h("span", { class: "day-dots", "aria-hidden": "true" });
    this.list = h("ul", { class: "day-tasks", role: "list" });
    this.note = h("p", { class: "day-note" });
    this.more = button("", () => unfold(id, !this.#isWhole), "day-more");
    this.node = h("div", { class: "day", role: "group" }, this.number, this.add, this.dots, this.list, this.note, this.more);
    this.node.dataset.day = id;
    this.cards = new Children(this.list, (task) => new DayCard({ complete, open }, task));
  }

  /** @param {DayItem} item @param {import("../board/card.js").CardContext} context */
  update({ tasks, kind, most, isUnfolded, head }, context) {
    const label = [this.name, this.id.slice(0, 4), tasks.length ? counted(tasks.length, "task") : "no tasks"].filter(Boolean).join(", ");
    const room = most && tasks.length <= ROOMY && !head ? " roomy" : "";
    if (this.node.className !== `day ${kind}${room}`) this.node.className = `day ${kind}${room}`;
    setAttribute(this.node, "aria-label", label);
    if (head) this.#showHead(head, tasks.length);
    else this.#showNumber(kind, { label, isShort: !most });
    this.add.hidden = !this.id || !context.writable;
    const shown = tasks.length <= most + 1 ? tasks : tasks.slice(0, most); // the last one takes no more room than "+1 more"
    this.#showDots(most ? [] : tasks);
    this.cards.show(most ? shown : [], context);
    setText(this.note, head && !tasks.length ? emptyNote(this.id, context.writable) : "");
    this.#isWhole = shown.length === tasks.length;
    this.more.hidden = !most || (this.#isWhole && !isUnfolded);
    setText(this.more, this.#isWhole ? "Show fewer" : `+${tasks.length - shown.length} more`);
    setAttribute(this.more, "aria-label", `${this.more.textContent} on ${this.name}`);
  }

  /** @param {string} head @param {number} count */
  #showHead(head, count) {
    setText(this.head, head);
    setText(this.count, count || "");
  }

  /** @param {string} kind @param {{label: string, isShort: boolean}} more */
  #showNumber(kind, { label, isShort }) {
    const isFirst = this.id.endsWith("-01") && !isShort;
    const short = dayText(this.id, isFirst ? { day: "numeric", month: "short" } : { day: "numeric" });
    setText(this.number, short);
    const isChosen = kind.includes("chosen");
    setAttribute(this.number, "aria-label", isFirst ? `${short}: ${label}` : label); // what is seen is part of what is said
    setAttribute(this.number, "aria-current", kind.includes("today") ? "date" : null);
    setAttribute(this.number, "tabindex", isChosen ? 0 : -1);
    setAttribute(this.add, "tabindex", isChosen ? 0 : -1);
  }

  /** @param {Task[]} tasks */
  #showDots(tasks) {
    const kinds = tasks.slice(0, MOST_DOTS).map(({ priority }) => priority);
    if (this.dots.dataset.kinds === kinds.join()) return;
    this.dots.dataset.kinds = kinds.join();
    this.dots.replaceChildren(...kinds.map((kind) => h("i", { class: kind })));
  }
}

/** @param {string} id @param {boolean} writable */
function emptyNote(id, writable) {
  if (id) return "Nothing is due on this day.";
  return writable ? "All tasks have a date. Drag one here to take it away." : "All tasks have a date.";
}

/** A card of one line: what a day leaves room for. */
class DayCard extends Card {
  /** @param {{complete: (task: Task, completed: boolean) => void, open: (task: Task) => void}} parts @param {Task} task */
  constructor(parts, task) {
    super(parts, task);
    this.node.classList.add("day-card");
    this.time = h("span", { class: "day-time" });
    this.title.prepend(this.time);
  }

  /** @override @param {Task} task @param {import("../board/card.js").CardContext} context */
  update(task, context) {
    super.update(task, context);
    const time = timeText(task).replace(/(:00)?\s(?=[AP]M$)/i, "").toLowerCase(); // 9:30am, 4pm
    setText(this.time, time && time + " ");
    this.title.title = task.title;
  }
}
