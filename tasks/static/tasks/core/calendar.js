/**
 * Weeks and months of days, and what a task gets that is put on a day. Pure. A month is a text, YYYY-MM.
 *
 * @typedef {import("./types.js").Task} Task
 */
import { addDays, dueFields, dueHere, weekdayOf } from "./dates.js";

/** Regions in which a week begins on a Sunday; for browsers that do not say it themselves. */
const SUNDAY = new Set("AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW".split(" "));

/** The day with which a week begins there, 0 for Monday to 6 for Sunday. @param {string} [language] */
export function firstWeekday(language = globalThis.navigator?.language || "en-GB") {
  const locale = /** @type {any} */ (new Intl.Locale(language).maximize());
  const { firstDay } = locale.getWeekInfo?.() ?? locale.weekInfo ?? { firstDay: SUNDAY.has(locale.region) ? 7 : 1 };
  return firstDay - 1;
}

const WEEK_BEGINS = firstWeekday();

/** The place of a day in its week, from 0. @param {string} day */
export const placeInWeek = (day, begins = WEEK_BEGINS) => (weekdayOf(day) - begins + 7) % 7;

/** The days of the whole weeks in which the month has days. @param {string} month @returns {string[]} */
export function daysOf(month, begins = WEEK_BEGINS) {
  const first = `${month}-01`;
  const last = addDays(`${monthAfter(month, 1)}-01`, -1);
  const before = placeInWeek(first, begins);
  const days = before + Number(last.slice(8)) + 6 - placeInWeek(last, begins);
  return Array.from({ length: days }, (_, at) => addDays(first, at - before));
}

/** @param {string} month @param {number} months */
export function monthAfter(month, months) {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

/** The same day some months later, or that month's last. @param {string} day @param {number} months */
export function sameDay(day, months) {
  const month = monthAfter(day.slice(0, 7), months);
  const last = addDays(`${monthAfter(month, 1)}-01`, -1);
  const same = `${month}-${day.slice(8)}`;
  return same < last ? same : last;
}

/** What a task gets that is put on a day; it keeps its time. @param {Task} task @param {string} day  "" for none @returns {import("./types.js").Fields} */
export function fieldsOn(task, day) {
  if (!day) return { due_date: null, due_time: null, due_zone: null };
  const time = task.due_time && dueHere(task)?.time;
  return time ? dueFields(day, time, task.due_zone) : { due_date: day };
}
