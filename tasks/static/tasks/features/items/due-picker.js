import { ApiError, explain } from "../../core/api.js";
import { addDays, dayOf, dayText, dueFields, dueHere, ownZone, weekdayOf } from "../../core/dates.js";
import { button, h, icon } from "../../core/dom.js";
import { Month } from "../../shell/month.js";
import { Popover } from "../../shell/popover.js";
import { knows } from "../objects.js";
import { DueProperty } from "./due.js";
import { Reminders } from "./reminders.js";
import { Repeat } from "./repeat.js";

/**
 * When tasks are due: in words, by a preset, in a month, at a time; how they repeat, and who is reminded. For all that are
 * late (`isForAll`) only the day is chosen.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 * @typedef {import("./pickers.js").PickerParts & {tasks: () => Task[], isForAll: boolean}} Parts
 */
export class DuePicker {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.words = h("input", { class: "picker-search", placeholder: "tomorrow 9am, every friday", "aria-label": "Due in words", autocomplete: "off", dir: "auto" });
    this.words.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && this.#read());
    this.said = h("p", { class: "picker-said", role: "status" });
    this.presets = h("div", { class: "presets" });
    this.month = new Month((day) => this.#choose(day, parts.isForAll));
    this.due = new DueProperty({ send: (fields) => this.#apply(fields) });
    this.repeat = knows("task", "recurrence") ? new Repeat((fields) => this.#apply(fields)) : null;
    this.reminders = knows("reminder") && !parts.isNew ? new Reminders(parts) : null;
    this.popover = new Popover(parts.isForAll ? "Reschedule" : "Due", "due-picker");
    const ofOne = parts.isForAll ? [] : [this.due.node, this.repeat?.node, this.reminders?.node];
    this.popover.node.append(...[this.words, this.said, this.presets, this.month.node, ...ofOne].filter((node) => node !== undefined));
  }

  /** @param {HTMLElement} anchor */
  open(anchor) {
    this.update();
    this.popover.show(anchor, this.words);
    return this;
  }

  get #task() {
    return this.parts.tasks()[0];
  }

  /** Shows what the tasks have now. */
  update() {
    const task = this.#task;
    if (!task) return this.popover.close();
    const today = dayOf(new Date());
    this.month.show(this.parts.isForAll ? "" : (dueHere(task)?.day ?? ""), today);
    this.due.update(task, true);
    this.repeat?.update(task);
    this.reminders?.update(task);
    this.presets.replaceChildren(...presetsOf(today).map(([label, day, hint]) => this.#preset(label, day, hint)));
  }

  /** @param {string} label @param {?string} day @param {string} hint */
  #preset(label, day, hint) {
    const node = button("", () => this.#choose(day, true), "preset");
    node.append(icon(day ? "calendar" : "close"), h("span", {}, label), h("span", { class: "picker-hint" }, hint));
    return node;
  }

  /** A day keeps the time of each task; without a day, there is none. @param {?string} day @param {boolean} [closes] */
  #choose(day, closes = false) {
    const none = { due_date: null, due_time: null, due_zone: null, ...(this.repeat && { recurrence: null }) };
    this.#apply(day ? (task) => dueFields(day, dueHere(task)?.time ?? null, task.due_zone ?? null) : none);
    if (closes) this.popover.close();
  }

  /** @param {Fields | ((task: Task) => Fields)} fields */
  #apply(fields) {
    const { apply, tasks, isForAll } = this.parts;
    if (isForAll) apply(tasks(), fields, "rescheduling", "Rescheduled %");
    else apply(tasks(), fields, "the change of the due date of");
    this.update();
  }

  /** Asks the server, which has the one parser of such words. */
  async #read() {
    const text = this.words.value.trim();
    if (!text) return this.popover.close();
    try {
      if (this.#task) await this.parts.outbox.arrived(this.#task.list);
      const { fields = {} } = await this.parts.api.request("POST", "/api/tasks/quick-add?dry_run=1", { text, time_zone: ownZone(), list: this.#task?.list });
      const names = ["due_date", "due_time", "due_zone", "recurrence"].filter((name) => fields[name] !== undefined && fields[name] !== null);
      if (!names.length) return void (this.said.textContent = `“${text}” is not understood as a date.`);
      if (this.parts.isForAll && names.join() === "due_date") return this.#choose(fields.due_date, true);
      this.#apply({ due_time: null, ...Object.fromEntries(names.map((name) => [name, fields[name]])) });
      this.popover.close();
    } catch (error) {
      this.said.textContent = error instanceof ApiError && error.status === 0 ? "Words are understood by the server, which can't be reached." : explain(error);
    }
  }
}

/** @param {string} today @returns {[label: string, day: ?string, hint: string][]} */
function presetsOf(today) {
  const short = (/** @type {string} */ day) => dayText(day, { weekday: "short" });
  const tomorrow = addDays(today, 1);
  const saturday = addDays(today, (5 - weekdayOf(today) + 7) % 7 || 7);
  const monday = addDays(today, 7 - weekdayOf(today));
  return [
    ["Today", today, short(today)],
    ["Tomorrow", tomorrow, short(tomorrow)],
    ["Weekend", saturday, dayText(saturday, { weekday: "short", day: "numeric" })],
    ["Next week", monday, dayText(monday, { weekday: "short", day: "numeric" })],
    ["No date", null, ""],
  ];
}
