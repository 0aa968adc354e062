/**
 * When tasks are due, in words: what is understood of a line, and what was done. Pure.
 *
 * @typedef {import("../../core/types.js").Fields} Fields
 */
import { dayText, dueHere, dueWords, timeText } from "../../core/dates.js";
import { ruleText } from "./rule-text.js";

const NAMES = ["due_date", "due_time", "due_zone", "recurrence", "recurrence_from"];

/** What a reading says of the date and the repetition. @param {Fields} fields @returns {Fields} */
export const dueOf = (fields) => Object.fromEntries(NAMES.map((name) => [name, fields[name]]).filter(([, value]) => value !== undefined && value !== null));

/** What was understood, with its day: "→ Fri 4 Dec, 17:00, every Friday"; "" for nothing. @param {Fields} fields */
export function readAs(fields) {
  const { due_date: date = null, due_time: time = null, due_zone: zone = null, recurrence, recurrence_from: from } = dueOf(fields);
  const due = { due_date: date, due_time: time, due_zone: zone };
  const day = dueHere(due)?.day;
  const words = [day && dayText(day, { weekday: "short", day: "numeric", month: "short", ...yearOf(day) }), timeText(/** @type {any} */ (due)), recurrence && ruleText(recurrence), from === "completion" && "counted from the completion"];
  const text = words.filter(Boolean).join(", ");
  return text && `→ ${text}`;
}

/** What was done with several tasks, named by "%". @param {Fields} fields */
export function rescheduledText(fields) {
  const { due_date: date, due_time: time = null, due_zone: zone = null, recurrence } = fields;
  if (date === null) return "Removed the date of %";
  const rule = recurrence && ruleText(recurrence);
  const day = date && dueWords({ due_date: date, due_time: time, due_zone: zone });
  if (day) return `Moved % to ${[day, rule].filter(Boolean).join(", ")}`;
  if (recurrence === undefined) return "Changed the repetition of %";
  return rule ? `Made % repeat ${rule}` : "Ended the repetition of %";
}

/** The year, where it is not the present one. @param {string} day @returns {Intl.DateTimeFormatOptions} */
const yearOf = (day) => (day.slice(0, 4) === String(new Date().getFullYear()) ? {} : { year: "numeric" });
