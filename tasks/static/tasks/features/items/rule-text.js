export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
/** @type {Record<string, string>} */
const UNITS = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" };
/** @type {Record<number, string>} */
const ENDINGS = { 1: "st", 2: "nd", 3: "rd" };

/** @typedef {{nth: number, day: number}} Day   0 for Monday */

/** A rule in the words of the server: "every 2nd Friday"; one of another form as it is. @param {string} rule */
export function ruleText(rule) {
  /** @type {Record<string, string>} */
  const { FREQ = "", INTERVAL = "1", COUNT, UNTIL, ...by } = Object.fromEntries(rule.split(";").map((part) => part.split("=")));
  const unit = UNITS[FREQ];
  const words = unit ? repeats({ freq: FREQ, unit, interval: Number(INTERVAL), by }) : null;
  if (words === null) return rule;
  return words + (COUNT ? (COUNT === "1" ? ", once" : `, ${COUNT} times`) : UNTIL ? `, until ${dateText(UNTIL)}` : "");
}

/** @param {{freq: string, unit: string, interval: number, by: Record<string, string>}} parts @returns {?string} */
function repeats({ freq, unit, interval, by }) {
  const days = (by.BYDAY ?? "").split(",").filter(Boolean).map((text) => ({ nth: Number(text.slice(0, -2)), day: WEEKDAYS.indexOf(text.slice(-2)) }));
  const [monthDays, months, positions] = [numbers(by.BYMONTHDAY), numbers(by.BYMONTH).sort((a, b) => a - b), numbers(by.BYSETPOS)];
  const named = listed(months.map((month) => MONTHS[month - 1] ?? ""));
  const [inMonths, ofMonths] = named ? [` in ${named}`, ` of ${named}`] : ["", ""];
  const every = interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`;
  if (days.length && !monthDays.length && !positions.length && (freq === "WEEKLY" || (freq === "DAILY" && interval === 1))) return weekly(days, every, interval) + inMonths;
  if (positions.length) {
    const what = positioned(days, monthDays, positions);
    return what && every + what + ofMonths;
  }
  if (monthDays.length && !days.length && freq === "YEARLY" && months.length === 1 && Math.min(...monthDays) > 0) return `${every} on ${listed(monthDays.map((day) => [day, named].join(" ")))}`;
  if (monthDays.length) return `${every}${onDays(days) || " on"} the ${listed(monthDays.map(monthDay))}${ofMonths}`;
  if (by.BYWEEKNO) return `${every} in week ${listed(by.BYWEEKNO.split(","))}${onDays(days)}${ofMonths}`;
  if (by.BYYEARDAY) return `${every} on the ${listed(numbers(by.BYYEARDAY).map((day) => nthText(day) + " day of the year"))}${ofMonths}`;
  if (days[0]?.nth) return `${every} on the ${listed(days.map(({ nth, day }) => [nthText(nth), DAYS[day]].join(" ")))}${ofMonths}`;
  return every + onDays(days) + inMonths;
}

/** @param {Day[]} days @param {string} every @param {number} interval */
function weekly(days, every, interval) {
  const one = interval === 1;
  if (new Set(days.map(({ day }) => day)).size === 7) return one ? "every day" : every;
  if (one || days.length === 1) return ["every", ...(one ? [] : [ordinal(interval)]), weekdays(days)].join(" ");
  return every + onDays(days);
}

/** Of the days of a month, the first or last; null where that takes more words. @param {Day[]} days @param {number[]} monthDays @param {number[]} positions */
function positioned(days, monthDays, positions) {
  const last = Math.max(...monthDays);
  if (!days.length && positions.join() === "-1" && monthDays.toSorted((a, b) => a - b).join() === Array.from({ length: last - 27 }, (_, at) => 28 + at).join()) return ` on the ${ordinal(last)} or the month's last day`;
  const what = weekdays(days);
  const isUsual = !monthDays.length && (days.length === 1 || what === "weekday") && days.every(({ nth }) => !nth);
  return isUsual ? ` on the ${listed(positions.map(nthText))} ${what}` : null;
}

/** @param {Day[]} days */
function weekdays(days) {
  const sorted = days.map(({ day }) => day).sort((a, b) => a - b);
  return sorted.join("") === "01234" ? "weekday" : listed(sorted.map((day) => DAYS[day] ?? ""));
}

/** @param {Day[]} days */
const onDays = (days) => (days.length ? ` on ${weekdays(days)}` : "");

/** @param {number} number */
const ordinal = (number) => `${number}${number % 100 >= 10 && number % 100 <= 20 ? "th" : (ENDINGS[number % 10] ?? "th")}`;

/** @param {number} number */
const nthText = (number) => (number === -1 ? "last" : number > 0 ? ordinal(number) : `${ordinal(-number)} to last`);

/** @param {number} number */
const monthDay = (number) => (number > 0 ? ordinal(number) : `${nthText(number)} day`);

/** @param {string | undefined} text */
const numbers = (text) => (text ? text.split(",").map(Number) : []);

/** @param {string[]} words */
const listed = (words) => [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" and ");

/** "20401231" as "31 December 2040". @param {string} text */
const dateText = (text) => `${Number(text.slice(6, 8))} ${MONTHS[Number(text.slice(4, 6)) - 1]} ${text.slice(0, 4)}`;
