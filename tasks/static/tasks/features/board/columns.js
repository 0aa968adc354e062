/**
 * The columns of a board, and what a task becomes that is put into one. Pure.
 *
 * @typedef {import("../../core/types.js").State} State
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 *
 * @typedef {Object} Column
 * @property {string} id
 * @property {string} name
 * @property {string} [color]
 * @property {string} [section]                  the id of the section that it stands for
 * @property {boolean} closed                    whether nothing can be put into it
 * @property {(task: Task) => Fields} fields     what a task gets that is put into it
 * @property {Task[]} tasks
 */
import { fieldsOn } from "../../core/calendar.js";
import { dayText, dueHere } from "../../core/dates.js";
import { initialFields, isSame } from "../../core/kinds.js";
import { placeBetween } from "../../core/placing.js";
import { byPosition, membersOf, shownName } from "../../core/selectors.js";

const DAY = 86_400_000;

/** @type {[value: string, label: string][]} */
export const GROUPS = [["section", "Section"], ["priority", "Priority"], ["due", "Date"], ["assignee", "Person"], ["label", "Label"]];

const PRIORITIES = [["urgent", "Urgent"], ["high", "High"], ["medium", "Medium"], ["low", "Low"], ["none", "No priority"]];

/** @param {State} state @param {string} list @param {string} by @param {string} today @returns {Column[]} */
export function columnsOf(state, list, by, today) {
  const make = MAKERS[by] ?? sections;
  const { columns, place } = make(state, list, today);
  const byId = new Map(columns.map((column) => [column.id, column]));
  for (const task of state.tasks.values()) {
    if (task.list === list && !task.completed && !(/** @type {any} */ (task).parent)) byId.get(place(task))?.tasks.push(task);
  }
  for (const { tasks } of columns) tasks.sort(byPosition);
  return columns;
}

/** What a task gets that is put before the one at index `at` of a column. @param {Task} task @param {Column} column @param {number} at @returns {Fields} */
export function dropped(task, column, at) {
  const others = column.tasks.filter(({ id }) => id !== task.id);
  const before = column.tasks.slice(0, at).filter(({ id }) => id !== task.id).length;
  return { ...column.fields(task), ...(placeBetween(others[before - 1], others[before]) ?? { position: task.position }) };
}

/** What a new task has in a column, beside what every new task has. @param {Column} column @returns {Fields} */
export function fieldsIn(column) {
  const initial = initialFields("task");
  const fields = Object.entries(column.fields(/** @type {any} */ (initial)));
  return Object.fromEntries(fields.filter(([name, value]) => !isSame(value, initial[name])));
}

/**
 * @typedef {{columns: Column[], place: (task: Task) => string}} Columns
 * @type {Record<string, (state: State, list: string, today: string) => Columns>}
 */
const MAKERS = { section: sections, priority: priorities, due: dates, assignee: people, label: labels };

/** @param {string} id @param {string} name @param {(task: Task) => Fields} fields @param {{color?: string, closed?: boolean}} [more] @returns {Column} */
const column = (id, name, fields, { color, closed = false } = {}) => ({ id, name, fields, closed, tasks: [], ...(color ? { color } : {}) });

/** @param {State} state @param {string} table @param {string} list @returns {any[]} */
const ofList = (state, table, list) => [.../** @type {any} */ (state)[table]?.values() ?? []].filter((each) => each.list === list);

/** @param {State} state @param {string} list @returns {Columns} */
function sections(state, list) {
  const known = ofList(state, "sections", list).sort((a, b) => a.position - b.position);
  const ids = new Set(known.map(({ id }) => id));
  const columns = [column("", known.length ? "No section" : "Tasks", () => ({ section: null })), ...known.map(({ id, name }) => ({ ...column(id, name, () => ({ section: id })), section: id }))];
  return { columns, place: (task) => (ids.has(/** @type {any} */ (task).section) ? /** @type {any} */ (task).section : "") };
}

/** @returns {Columns} */
function priorities() {
  return { columns: PRIORITIES.map(([value = "", name = ""]) => column(value, name, () => ({ priority: value }))), place: ({ priority }) => priority };
}

/** The late ones, each of the next seven days, and what comes later. @param {State} _ @param {string} __ @param {string} today @returns {Columns} */
function dates(_, __, today) {
  const day = (/** @type {number} */ days) => new Date(new Date(`${today}T12:00Z`).getTime() + days * DAY).toISOString().slice(0, 10);
  const put = (/** @type {string} */ date) => (/** @type {Task} */ task) => fieldsOn(task, date);
  const name = (/** @type {string} */ date, /** @type {number} */ days) =>
    ["Today", "Tomorrow"][days] ?? dayText(date, { weekday: "long" });
  const days = Array.from({ length: 7 }, (__none, at) => day(at));
  const columns = [
    column("late", "Late", () => ({}), { closed: true }),
    ...days.map((date, at) => column(date, name(date, at), put(date))),
    column("later", "Later", put(day(7))),
    column("none", "No date", put("")),
  ];
  const place = (/** @type {Task} */ task) => {
    const due = task.due_date && (dueHere(task)?.day ?? task.due_date);
    if (!due) return "none";
    return due < today ? "late" : due > (days.at(-1) ?? "") ? "later" : due;
  };
  return { columns, place };
}

/** @param {State} state @param {string} list @returns {Columns} */
function people(state, list) {
  const isEveryone = state.lists.get(list)?.kind === "everyone";
  const able = isEveryone ? [...state.users.values()].filter((user) => user.is_active) : membersOf(state, list).map(({ user }) => user);
  const me = state.me;
  const all = able.length || !me ? able : [me];
  const ids = new Set(all.map(({ id }) => String(id)));
  const columns = [column("", "Nobody", () => ({ assignee: null })), ...all.map((person) => column(String(person.id), shownName(person), () => ({ assignee: person.id })))];
  const place = (/** @type {any} */ { assignee }) => (ids.has(String(assignee)) ? String(assignee) : "");
  return { columns, place };
}

/** A task stands in the column of its first label by name. Another column replaces that one. @param {State} state @param {string} list @returns {Columns} */
function labels(state, list) {
  const known = ofList(state, "labels", list).sort((a, b) => a.name.localeCompare(b.name));
  const place = (/** @type {any} */ task) => known.find(({ id }) => task.labels?.includes(id))?.id ?? "";
  const put = (/** @type {string} */ id) => (/** @type {any} */ task) => {
    const rest = (task.labels ?? []).filter((/** @type {string} */ each) => each !== place(task));
    return { labels: id ? [...new Set([...rest, id])].sort() : [] };
  };
  return { columns: [...known.map(({ id, name, color }) => column(id, name, put(id), { color })), column("", "No label", put(""))], place };
}
