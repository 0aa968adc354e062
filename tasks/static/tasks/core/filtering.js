/**
 * Filters of tasks: a query is an object with parameters of `GET /api/tasks`; several values of one are alternatives. Pure.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Task} Task
 * @typedef {Record<string, any>} Query
 * @typedef {(task: Task, value: any) => boolean} Test
 */
import { dayOfTask, labelsNamed, nameKey } from "./arranging.js";
import { addDays } from "./dates.js";
import { termsOf, wantedTerms } from "./terms.js";

const WHOLE = new Set(["search"]); // its commas are part of the text

/** The values of a parameter. @param {string} name @param {any} value @returns {any[]} */
export function valuesOf(name, value) {
  if (Array.isArray(value)) return value.flatMap((each) => valuesOf(name, each));
  return typeof value === "string" && !WHOLE.has(name) ? value.split(",").map((each) => each.trim()) : [value];
}

/** @param {any} value  of a parameter that is on or off */
const isOn = (value) => ["true", "1"].includes(String(value));

/**
 * Whether a task matches a query. Each parameter narrows. Parameters that the page does not know leave everything in.
 * @param {State} state
 * @param {Query} query
 * @param {string} today
 * @returns {(task: Task) => boolean}
 */
export function matches(state, query, today) {
  const tests = testsFor(state, today);
  const wanted = Object.entries(query).flatMap(([name, value]) => {
    const test = tests[name];
    return test ? [{ test, values: valuesOf(name, value) }] : [];
  });
  return (task) => wanted.every(({ test, values }) => values.some((each) => test(task, each)));
}

/** @param {State} state @param {string} today @returns {Record<string, Test>} */
function testsFor(state, today) {
  const isIn = (/** @type {?string | undefined} */ id, /** @type {any} */ value) => (value === "none" ? !id : id === value);
  const nameOf = (/** @type {string} */ id) => nameKey(state.labels?.get(id)?.name);
  return {
    list: (task, value) => task.list === value,
    parent: (task, value) => isIn(task.parent, value),
    section: (task, value) => isIn(task.section, value),
    priority: (task, value) => task.priority === value,
    assignee: (task, value) => (value === "none" ? !task.assignee : task.assignee === (value === "me" ? state.me?.id : Number(value))),
    created_by: (task, value) => task.created_by === Number(value),
    label: ({ labels }, value) => !!labels?.some((id) => id === value || nameOf(id) === nameKey(String(value))),
    due: (task, value) => isDue(dayOfTask(task), value, today),
    due_before: ({ due_date: day }, value) => !!day && day < value,
    due_after: ({ due_date: day }, value) => !!day && day > value,
    completed: (task, value) => task.completed === isOn(value),
    search: searchIn(state),
  };
}

/** Whole words, of the last one the beginning, in title, notes and labels: as the server searches. @param {State} state @returns {Test} */
function searchIn(state) {
  /** @type {Map<string, string[]>} */
  const known = new Map();
  return (task, value) => {
    const query = String(value).trim();
    if (!query) return true;
    const wanted = known.get(query) ?? wantedTerms(query);
    known.set(query, wanted);
    const terms = termsOfTask(task, state.labels);
    return wanted.length > 0 && wanted.every((term) => terms.includes(term));
  };
}

/** @type {WeakMap<Task, {labels: State["labels"], terms: string}>} */
const found = new WeakMap();

/** @param {Task} task @param {State["labels"]} labels */
function termsOfTask(task, labels) {
  const before = found.get(task);
  if (before && before.labels === labels) return before.terms;
  const terms = termsOf(task.title, task.notes, ...(task.labels ?? []).map((id) => labels?.get(id)?.name ?? ""));
  found.set(task, { labels, terms });
  return terms;
}

/** @param {string} day @param {string} value @param {string} today */
function isDue(day, value, today) {
  if (value === "none") return !day;
  if (!day) return false;
  if (value === "overdue") return day < today;
  if (value === "today") return day === today;
  if (value === "tomorrow") return day === addDays(today, 1);
  if (value === "week") return day >= today && day <= addDays(today, 6);
  if (value === "month") return day >= today && day <= addDays(today, 28);
  return value === "any";
}

/** Whether a query asks for completed tasks. @param {Query} query */
export const asksForCompleted = ({ completed }) => completed !== undefined && valuesOf("completed", completed).some(isOn);

/** The query with a value more, or without it where it has it. @param {Query} query @param {string} name @param {any} value @returns {Query} */
export function toggled(query, name, value) {
  const { [name]: present, ...others } = query;
  const values = present === undefined ? [] : valuesOf(name, present);
  const kept = values.filter((each) => String(each) !== String(value));
  if (kept.length === values.length) kept.push(value);
  return kept.length ? { ...others, [name]: kept.length > 1 ? kept : kept[0] } : others;
}

/** @param {Query} query @param {string} name @param {any} value */
export const hasValue = (query, name, value) => query[name] !== undefined && valuesOf(name, query[name]).some((each) => String(each) === String(value));

// A saved filter's order is an `ordering` of the API, and its group has no word for "nothing".

/** @type {Record<string, string>} */
const ORDERINGS = { manual: "position", due: "due_date,due_time", priority: "-priority", title: "title", created: "-created_at" };
/** @type {Record<string, string>} */
const SORTS = { position: "manual", due_date: "due", due_time: "due", priority: "priority", title: "title", created_at: "created" };

/** An order of the page as the API says it. @param {string} sort @returns {?string} */
export const orderingOf = (sort) => ORDERINGS[sort] ?? null;

/** The page's order that is nearest to one of the API. @param {?string | undefined} ordering @returns {string | undefined} */
export const sortOf = (ordering) => SORTS[(ordering ?? "").split(",")[0]?.replace("-", "") ?? ""];

/** A group of the page as the API says it. @param {string} group @returns {?string} */
export const savedGroupOf = (group) => (group === "none" ? null : group === "late" ? "due" : group);

/** The query that finds what a view shows, narrowed by the filters in force. @param {State} state @param {import("./views.js").View} view @param {Query} query @returns {Query} */
export function queryOfView(state, { kind, id }, query) {
  const concernsMe = { assignee: ["me", "none"] };
  /** @type {Record<string, Query>} */
  const own = {
    list: { list: id },
    today: { due: ["overdue", "today"], ...concernsMe },
    upcoming: { due: ["any"], ...concernsMe },
    assigned: { assignee: "me" },
    label: { label: labelsNamed(state, id)[0]?.name ?? id },
  };
  return { completed: false, ...own[kind], ...query };
}
