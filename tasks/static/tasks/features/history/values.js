import { dayText } from "../../core/dates.js";
import { nameOf } from "../../core/selectors.js";
import { graphemes } from "../../core/text.js";
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
  if (field === "recurrence") return ruleText(value);
  if (field === "recurrence_from") return value === "completion" ? "the completion" : "the date due";
  if (field === "completed") return value ? "completed" : "open";
  if (field === "due_time") return String(value).slice(0, 5);
  if (field === "due_date") return dayText(value, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
  return String(value);
}

const MOST = 160; // characters of each text

/** What differs between two texts of several lines: the lines that have changed, cut in the middle where they are long. @param {string} from @param {string} to */
export function changedLines(from, to) {
  const [before, after] = [from.split("\n"), to.split("\n")];
  const most = Math.min(before.length, after.length);
  let first = 0;
  while (first < most && before[first] === after[first]) first += 1;
  let last = 0;
  while (last < most - first && before.at(-1 - last) === after.at(-1 - last)) last += 1;
  const part = (/** @type {string[]} */ lines) => cutInside(lines.slice(first, lines.length - last).join("\n"));
  return { from: part(before), to: part(after) };
}

/** @param {string} text */
function cutInside(text) {
  const all = graphemes(text);
  return all.length <= MOST ? text : `${all.slice(0, MOST / 2).join("")} … ${all.slice(-MOST / 2).join("")}`;
}
