import { dayText } from "../../core/dates.js";

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const UNITS = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" };

/** A rule in words: "every 2 weeks on Fri". @param {string} rule */
export function ruleText(rule) {
  /** @type {Record<string, string>} */
  const parts = Object.fromEntries(rule.split(";").map((part) => part.split("=")));
  const unit = UNITS[/** @type {keyof typeof UNITS} */ (parts.FREQ)] ?? "";
  if (!unit) return rule;
  const interval = Number(parts.INTERVAL ?? 1);
  const days = parts.BYDAY === "MO,TU,WE,TH,FR" ? "weekdays" : (parts.BYDAY ?? "").split(",").filter(Boolean).map(weekdayName).join(", ");
  const on = days ? ` on ${days}` : parts.BYMONTHDAY && unit === "month" ? ` on day ${parts.BYMONTHDAY}` : "";
  const until = parts.COUNT ? `, ${parts.COUNT} times` : parts.UNTIL ? `, until ${parts.UNTIL.slice(0, 8).replace(/(....)(..)(..)/, "$1-$2-$3")}` : "";
  const every = interval > 1 ? `${interval} ${unit}s` : unit;
  return `Every ${every}${on}${until}`;
}

/** "FR" or "-1FR" in words. @param {string} text */
function weekdayName(text) {
  const at = WEEKDAYS.indexOf(text.slice(-2));
  const name = at < 0 ? text : dayText(`2024-01-0${at + 1}`, { weekday: "short" });
  const nth = Number(text.slice(0, -2));
  return nth ? `the ${nth === -1 ? "last" : (["first", "second", "third", "fourth", "fifth"][nth - 1] ?? nth)} ${name}` : name;
}
