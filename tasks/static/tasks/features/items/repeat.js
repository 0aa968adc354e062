import { dayText, dueHere, weekdayOf } from "../../core/dates.js";
import { h, hasFocus } from "../../core/dom.js";
import { ruleText, WEEKDAYS } from "./rule-text.js";

/**
 * How a task repeats is chosen here, as an RRULE of a few usual forms. A rule of another form is kept and named.
 *
 * @typedef {import("../../core/types.js").Task} Task
 */
export class Repeat {
  #rules = "";

  /** @param {(fields: import("../../core/types.js").Fields) => void} send */
  constructor(send) {
    this.select = h("select", { "aria-label": "Repeat", onchange: () => send({ recurrence: this.select.value || null }) });
    this.after = h("input", { type: "checkbox", onchange: () => send({ recurrence_from: this.after.checked ? "completion" : "due" }) });
    this.from = h("label", { class: "switch hint" }, this.after, h("span", {}, "counted from the completion"));
    this.node = h("div", { class: "property" }, h("span", {}, "Repeat"), h("div", { class: "property-fields" }, this.select, this.from));
  }

  /** @param {Task} task */
  update(task) {
    const rules = choicesOf(task);
    const key = JSON.stringify(rules);
    if (key !== this.#rules && !hasFocus(this.select)) {
      this.#rules = key;
      this.select.replaceChildren(...rules.map(([value, label]) => h("option", { value }, label)));
    }
    this.select.value = task.recurrence ?? "";
    this.after.checked = task.recurrence_from === "completion";
    this.from.hidden = !task.recurrence;
  }
}

/** @param {Task} task @returns {[rule: string, label: string][]} */
function choicesOf(task) {
  const day = dueHere(task)?.day ?? task.due_date ?? "";
  /** @type {[string, string][]} */
  const usual = [["", "Never"], ["FREQ=DAILY", "Every day"], ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"]];
  if (day) {
    usual.push([`FREQ=WEEKLY;BYDAY=${WEEKDAYS[weekdayOf(day)]}`, `Every week on ${dayText(day, { weekday: "long" })}`]);
    usual.push([`FREQ=WEEKLY;INTERVAL=2;BYDAY=${WEEKDAYS[weekdayOf(day)]}`, `Every 2 weeks on ${dayText(day, { weekday: "long" })}`]);
    usual.push([`FREQ=MONTHLY;BYMONTHDAY=${Number(day.slice(8))}`, `Every month on day ${Number(day.slice(8))}`]);
    usual.push([`FREQ=YEARLY;BYMONTH=${Number(day.slice(5, 7))};BYMONTHDAY=${Number(day.slice(8))}`, `Every year on ${dayText(day, { day: "numeric", month: "long" })}`]);
  } else usual.push(["FREQ=WEEKLY", "Every week"], ["FREQ=MONTHLY", "Every month"], ["FREQ=YEARLY", "Every year"]);
  const { recurrence } = task;
  if (recurrence && !usual.some(([rule]) => rule === recurrence)) usual.push([recurrence, ruleText(recurrence)]);
  return usual;
}
