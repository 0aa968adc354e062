import { nameOf } from "../../core/selectors.js";
import { ruleText } from "../items/rule-text.js";

/** Values of a task's fields in words. @typedef {import("../../core/types.js").State} State */

const NAMED = { list: "lists", section: "sections", parent: "tasks" };

/** @param {State} state @param {string} field @param {any} value @returns {string} */
export function valueText(state, field, value) {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) return "nothing";
  if (field in NAMED) {
    const table = /** @type {Map<string, any> | undefined} */ (/** @type {any} */ (state)[NAMED[/** @type {keyof typeof NAMED} */ (field)]]);
    const found = table?.get(value);
    return found?.name ?? found?.title ?? "one that is gone";
  }
  if (field === "labels") return value.map((/** @type {string} */ id) => /** @type {any} */ (state).labels?.get(id)?.name ?? "a label that is gone").join(", ");
  if (field === "assignee" || field.endsWith("_by")) return nameOf(state, value);
  if (field === "recurrence") return ruleText(value).toLowerCase();
  if (field === "recurrence_from") return value === "completion" ? "the completion" : "the date due";
  if (field === "completed") return value ? "completed" : "open";
  if (field === "due_time") return String(value).slice(0, 5);
  if (field === "due_date") return new Date(`${value}T12:00`).toLocaleDateString("en", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
  return String(value);
}
