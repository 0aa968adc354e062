import { dueHere, weekdayOf } from "../../core/dates.js";
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
  const usual = ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"];
  if (day) {
    const weekday = WEEKDAYS[weekdayOf(day)];
    const monthDay = Number(day.slice(8));
    usual.push(`FREQ=WEEKLY;BYDAY=${weekday}`, `FREQ=WEEKLY;INTERVAL=2;BYDAY=${weekday}`, `FREQ=MONTHLY;BYMONTHDAY=${monthDay}`, `FREQ=YEARLY;BYMONTH=${Number(day.slice(5, 7))};BYMONTHDAY=${monthDay}`);
  } else usual.push("FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY");
  const { recurrence } = task;
  if (recurrence && !usual.includes(recurrence)) usual.push(recurrence);
  return [["", "Never"], .../** @type {[string, string][]} */ (usual.map((rule) => [rule, ruleText(rule).replace(/^every/, "Every")]))];
}
