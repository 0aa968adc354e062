import { ApiError, explain } from "../../core/api.js";
import { addDays, dayOf, dayText, dueFields, dueHere, weekdayOf } from "../../core/dates.js";
import { button, h, icon, setText } from "../../core/dom.js";
import { quoted } from "../../core/text.js";
import { Month } from "../../shell/month.js";
import { Popover } from "../../shell/popover.js";
import { knows } from "../objects.js";
import { DueProperty } from "./due.js";
import { bodyOf } from "../quick_add/reader.js";
import { dueOf, readAs, rescheduledText } from "./due-words.js";
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
const PAUSE = 150; // ms after a key before it is said what was understood

export class DuePicker {
  #timer = 0;

  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.words = h("input", { class: "picker-search", placeholder: "tomorrow 9am, every friday", "aria-label": "Due in words", autocomplete: "off", dir: "auto" });
    this.words.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && this.#read());
    this.words.addEventListener("input", () => this.#preview());
    this.said = h("p", { class: "picker-said", role: "status", dir: "auto" });
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
    if (day) this.#apply((task) => dueFields(day, dueHere(task)?.time ?? null, task.due_zone ?? null), { due_date: day });
    else this.#apply(none);
    if (closes) this.popover.close();
  }

  /** @param {Fields | ((task: Task) => Fields)} fields @param {Fields} [said]  what is told of it */
  #apply(fields, said = typeof fields === "function" ? {} : fields) {
    const { apply, tasks, isForAll } = this.parts;
    const all = tasks();
    const told = isForAll || all.length > 1 ? rescheduledText(said) : "";
    apply(all, fields, isForAll ? "rescheduling" : "the change of the due date of", told);
    this.update();
  }

  /** What was typed, as the server is asked about it, which has the one parser of such words. */
  get #line() {
    return { text: this.words.value.trim(), list: this.#task?.list ?? null, refused: [] };
  }

  /** Says what is understood, a moment after the last key. */
  #preview() {
    clearTimeout(this.#timer);
    setText(this.said, "");
    if (!this.#line.text) return;
    this.#timer = setTimeout(async () => {
      const line = this.#line;
      const reading = await this.parts.reader.read(line);
      if (reading && line.text === this.#line.text) setText(this.said, readAs(reading.fields) || notUnderstood(line.text));
    }, PAUSE);
  }

  async #read() {
    clearTimeout(this.#timer);
    const line = this.#line;
    if (!line.text) return this.popover.close();
    try {
      if (line.list) await this.parts.outbox.arrived(line.list);
      const { fields } = this.parts.reader.known(line) ?? (await this.parts.api.request("POST", "/api/tasks/quick-add?dry_run=1", bodyOf(line)));
      const due = dueOf(fields);
      const names = Object.keys(due);
      if (!names.length) return setText(this.said, notUnderstood(line.text));
      if (this.parts.isForAll && names.join() === "due_date") return this.#choose(due.due_date, true);
      this.#apply({ due_time: null, ...due });
      this.popover.close();
    } catch (error) {
      setText(this.said, error instanceof ApiError && error.status === 0 ? "Words are understood by the server, which can't be reached." : explain(error));
    }
  }
}

/** @param {string} text */
const notUnderstood = (text) => `${quoted(text)} is not understood as a date.`;

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
