/** Days are texts, YYYY-MM-DD, as the API has them: they compare as they sort, and have no time zone to fall into. */

const DAY = 86_400_000;

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export function dayOf(moment) {
  const two = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

const noonOf = (day) => new Date(`${day}T12:00:00Z`);

export const daysBetween = (from, to) => Math.round((noonOf(to) - noonOf(from)) / DAY);

/** The moment of a day and a time in a zone. An hour that the clocks skip or repeat gives one of its neighbours. */
export function momentIn(day, time, zone) {
  const wanted = Date.parse(`${day}T${time}Z`);
  const guess = wanted - offsetAt(wanted, zone);
  return new Date(wanted - offsetAt(guess, zone));
}

function offsetAt(moment, zone) {
  const options = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" };
  const format = new Intl.DateTimeFormat("en-US", { ...options, hour: "numeric", minute: "numeric", second: "numeric" });
  const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - Math.floor(moment / 1000) * 1000;
}

/** What to show of a task's due date: {text, tone: "late" | "today" | "soon" | "later"}, or null without one. */
export function dueLabel(task, now = new Date()) {
  if (!task.due_date) return null;
  const moment = task.due_time && task.due_zone ? momentIn(task.due_date, task.due_time, task.due_zone) : null;
  const day = moment ? dayOf(moment) : task.due_date;
  const days = daysBetween(dayOf(now), day);
  const time = moment ? `, ${moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}` : "";
  const late = days < 0 || (moment && moment < now);
  return { text: dayName(day, days, now) + time, tone: late ? "late" : days === 0 ? "today" : days <= 7 ? "soon" : "later" };
}

function dayName(day, days, now) {
  if (days === 0) return "Today";
  if (days === 1) return "Tomorrow";
  if (days === -1) return "Yesterday";
  const options = { timeZone: "UTC" };
  if (days > 1 && days < 7) return noonOf(day).toLocaleDateString([], { weekday: "long", ...options });
  const year = day.slice(0, 4) === String(now.getFullYear()) ? {} : { year: "numeric" };
  return noonOf(day).toLocaleDateString([], { weekday: "short", day: "numeric", month: "short", ...year, ...options });
}

/** "just now", "5 minutes ago", "yesterday" … */
export function ago(iso, now = new Date()) {
  const seconds = (new Date(iso) - now) / 1000;
  if (seconds > -60) return "just now";
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds > -3600) return format.format(Math.ceil(seconds / 60), "minute");
  if (seconds > -86_400) return format.format(Math.ceil(seconds / 3600), "hour");
  return format.format(Math.ceil(seconds / 86_400), "day");
}
