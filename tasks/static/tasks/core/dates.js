/**
 * Days are texts, YYYY-MM-DD, as the API has them: they sort as text and have no time zone.
 * Nothing here throws, whatever a row contains: an unknown zone, or an invalid day.
 *
 * @typedef {import("./types.js").Task} Task
 * @typedef {Pick<Task, "due_date" | "due_time" | "due_zone">} Due
 * @typedef {"late" | "today" | "soon" | "later"} Tone
 */

const DAY = 86_400_000;
const MOST_DAYS = 10_000;

/** The page is in English, so dates are too, in the reader's own variant of English if they have one. */
const LANGUAGE = globalThis.navigator?.languages?.find((each) => each.startsWith("en-")) ?? "en-GB";

const ZONE_MS = 10_000; // for which this device's zone is taken to be the same: asking for it takes long
let device = { name: "", at: -Infinity };

/** The zone of this device; where it has changed, that is known some seconds later. */
export function deviceZone() {
  const now = Date.now();
  if (Math.abs(now - device.at) > ZONE_MS) device = { name: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC", at: now };
  return device.name;
}

let chosen = ""; // the person's zone, where it is not that of this device

/** Days and times are those of this zone from now on; an unknown one: of this device. @param {string} zone */
export const useZone = (zone) => {
  const name = zone === "Etc/UTC" ? "UTC" : zone;
  chosen = name !== deviceZone() && isKnownZone(name) ? name : "";
};

/** The zone of the days and times that are shown and chosen. */
export const ownZone = () => chosen || deviceZone();

/** @param {number} number */
const two = (number) => String(number).padStart(2, "0");

/** The day of a moment in one's own zone. @param {Date} moment */
export const dayOf = (moment) => (chosen && partsIn(moment, chosen)?.day) || `${String(moment.getFullYear()).padStart(4, "0")}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;

/** HH:MM of a moment in one's own zone. @param {Date} moment */
const timeOf = (moment) => (chosen && partsIn(moment, chosen)?.time) || `${two(moment.getHours())}:${two(moment.getMinutes())}`;

/** @param {string} day */
const noonOf = (day) => new Date(`${day}T12:00:00Z`);

/** @param {string} from @param {string} to */
export const daysBetween = (from, to) => Math.round((noonOf(to).getTime() - noonOf(from).getTime()) / DAY);

/** Whether this browser knows the zone. @param {?string} zone @returns {zone is string} */
export const isKnownZone = (zone) => !!zone && !!formatIn(zone);

/**
 * The moment of a day and a time in a zone; null if one of them is invalid. An hour that is skipped or repeated by a clock
 * change gives one of its neighbours.
 * @param {string} day
 * @param {string} time
 * @param {string} zone
 */
export function momentIn(day, time, zone) {
  const wanted = Date.parse(`${day}T${time}Z`);
  const format = formatIn(zone);
  if (Number.isNaN(wanted) || !format) return null;
  const guess = wanted - offsetAt(wanted, format);
  return new Date(wanted - offsetAt(guess, format));
}

/** The day and the time of a moment in a zone that is known. @param {Date} moment @param {string} zone */
export function partsIn(moment, zone) {
  const format = formatIn(zone);
  if (!format) return null;
  const local = new Date(moment.getTime() + offsetAt(moment.getTime(), format)).toISOString();
  return { day: local.slice(0, 10), time: local.slice(11, 16) };
}

/** @type {Map<string, ?Intl.DateTimeFormat>} */
const formats = new Map(); // creating one is slow

/** @param {string} zone @returns {?Intl.DateTimeFormat} */
function formatIn(zone) {
  if (!formats.has(zone)) formats.set(zone, makeFormat(zone));
  return formats.get(zone) ?? null;
}

/** @param {string} zone */
function makeFormat(zone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const day = { hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  try {
    return new Intl.DateTimeFormat("en-US", { ...day, timeZone: zone });
  } catch {
    return null; // RangeError: unknown zone
  }
}

/** @param {number} moment @param {Intl.DateTimeFormat} format */
function offsetAt(moment, format) {
  /** @type {Record<string, number>} */
  const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
}

/** @type {Map<string, boolean>} */
const parsedDays = new Map(); // whether a text is a day; parsing it takes long for many tasks

/** @param {string} text */
function isDay(text) {
  const known = parsedDays.get(text) ?? !Number.isNaN(noonOf(text).getTime());
  if (parsedDays.size > MOST_DAYS) parsedDays.clear();
  parsedDays.set(text, known);
  return known;
}

/**
 * When a task is due, in one's own zone: {day, time, moment, zone}; `time` and `moment` are null without a time, and
 * `zone` is the zone of the time, if it is another one. Null without a valid date.
 * @param {Due} task
 */
export function dueHere({ due_date: date, due_time: time, due_zone: zone }) {
  if (!date || !isDay(date)) return null;
  const moment = time && zone ? momentIn(date, time, zone) : null;
  if (!moment) return { day: date, time: time?.slice(0, 5) ?? null, moment: null, zone: time ? zone : null };
  return { day: dayOf(moment), time: timeOf(moment), moment, zone: zone === ownZone() ? null : zone };
}

/**
 * The fields for a day and a time chosen in one's own zone. A time keeps its zone.
 * @param {string} day
 * @param {?string} time
 * @param {?string} zone  the task's own
 */
export function dueFields(day, time, zone) {
  if (!time) return { due_date: day, due_time: null };
  const local = `${time.slice(0, 5)}:00`;
  if (!zone || zone === ownZone()) return { due_date: day, due_time: local, due_zone: zone ?? ownZone() };
  const moment = momentIn(day, local, ownZone());
  const there = moment && partsIn(moment, zone);
  if (!there) return { due_date: day, due_time: local, due_zone: zone }; // unknown zone: shown unconverted, so stored unconverted
  return { due_date: there.day, due_time: `${there.time}:00`, due_zone: zone };
}

/** "09:00 in Tokyo (Asia/Tokyo)" for a time that was set in another zone, else "". @param {Due} task */
export function otherZone(task) {
  const due = dueHere(task);
  if (!due?.zone || !task.due_time) return "";
  const city = (due.zone.split("/").at(-1) ?? "").replaceAll("_", " ");
  return city === due.zone ? `${task.due_time.slice(0, 5)} ${city}` : `${task.due_time.slice(0, 5)} in ${city} (${due.zone})`;
}

/** The day some days later. @param {string} day @param {number} days */
export const addDays = (day, days) => new Date(noonOf(day).getTime() + days * DAY).toISOString().slice(0, 10);

/** 0 for Monday to 6 for Sunday. @param {string} day */
export const weekdayOf = (day) => (noonOf(day).getUTCDay() + 6) % 7;

/** A day in parts of its name, as `toLocaleDateString` has them. @param {string} day @param {Intl.DateTimeFormatOptions} options */
export const dayText = (day, options) => noonOf(day).toLocaleDateString(LANGUAGE, { timeZone: "UTC", ...options });

/** A moment on this device's clock, with the year and the time. @param {string} at */
export const momentText = (at) => new Date(at).toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });

/** @type {Map<string, string>} */
const labels = new Map(); // formatting one is slow
const MOST_LABELS = 1_000;

/** A day as a head: "Today · Mon 3 March". @param {string} day @param {string} today */
export function dayLabel(day, today) {
  const key = `${day} ${today}`;
  const known = labels.get(key) ?? newDayLabel(day, today);
  if (labels.size > MOST_LABELS) labels.clear();
  labels.set(key, known);
  return known;
}

/** @param {string} day @param {string} today */
function newDayLabel(day, today) {
  const days = daysBetween(today, day);
  const word = days === 0 ? "Today" : days === 1 ? "Tomorrow" : "";
  const year = day.slice(0, 4) === today.slice(0, 4) ? {} : { year: /** @type {const} */ ("numeric") };
  const name = dayText(day, { weekday: word ? "short" : "long", day: "numeric", month: "long", ...year });
  return word ? `${word} · ${name}` : name;
}

/** What to show of a task's due date, or null without one. @param {Due} task @param {Date} [now] @returns {?{text: string, tone: Tone}} */
export function dueLabel(task, now = new Date()) {
  if (!task.due_date) return null;
  const due = dueHere(task);
  if (!due) return { text: String(task.due_date), tone: "later" };
  const days = daysBetween(dayOf(now), due.day);
  const shown = clockText(due);
  const late = days < 0 || (due.moment !== null && due.moment < now);
  const tone = late ? "late" : days === 0 ? "today" : days <= 7 ? "soon" : "later";
  return { text: dayName(due.day, days, now) + (shown ? `, ${shown}` : ""), tone };
}

/** @param {?{time: ?string, moment: ?Date}} due */
const clockText = (due) => due?.moment?.toLocaleTimeString(LANGUAGE, { hour: "numeric", minute: "2-digit", timeZone: ownZone() }) ?? due?.time ?? "";

/** When a task is due, inside a sentence: "today", "Friday"; "" without a date. @param {Due} task @param {Date} [now] */
export const dueWords = (task, now = new Date()) => (dueLabel(task, now)?.text ?? "").replace(/^(Today|Tomorrow|Yesterday)/, (word) => word.toLowerCase());

/** At which time a task is due, or "". @param {Due} task */
export const timeText = (task) => (task.due_time ? clockText(dueHere(task)) : "");

/** @param {string} day @param {number} days @param {Date} now */
function dayName(day, days, now) {
  if (days === 0) return "Today";
  if (days === 1) return "Tomorrow";
  if (days === -1) return "Yesterday";
  const options = { timeZone: "UTC" };
  if (days > 1 && days < 7) return noonOf(day).toLocaleDateString(LANGUAGE, { weekday: "long", ...options });
  /** @type {Intl.DateTimeFormatOptions} */
  const year = day.slice(0, 4) === String(now.getFullYear()) ? {} : { year: "numeric" };
  return noonOf(day).toLocaleDateString(LANGUAGE, { weekday: "short", day: "numeric", month: "short", ...year, ...options });
}

/** "just now", "5 minutes ago", "yesterday" …; "" for an invalid moment. @param {string} iso @param {Date} [now] */
export function ago(iso, now = new Date()) {
  const seconds = (new Date(iso).getTime() - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return "";
  if (seconds > -60) return "just now";
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds > -3600) return format.format(Math.ceil(seconds / 60), "minute");
  if (seconds > -86_400) return format.format(Math.ceil(seconds / 3600), "hour");
  return format.format(Math.ceil(seconds / 86_400), "day");
}
