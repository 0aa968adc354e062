/**
 * The order of tasks and the heads above them. Pure.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Task} Task
 * @typedef {import("./views.js").Head} Head
 * @typedef {import("./views.js").Arrangement} Arrangement
 */
import { addDays, dayLabel, dueHere } from "./dates.js";
import { PRIORITY_RANK } from "./priorities.js";
import { byPosition, byText, nameOf } from "./selectors.js";
import { casefold } from "./terms.js";

/** @type {[value: string, label: string][]} */
export const SORTS = [["manual", "Own order"], ["due", "Date"], ["priority", "Priority"], ["title", "Title"], ["created", "Newest first"]];
/** @type {[value: string, label: string][]} */
export const GROUPS = [["none", "Nothing"], ["list", "List"], ["section", "Section"], ["due", "Date"], ["priority", "Priority"], ["assignee", "Person"], ["label", "Label"]];

/** The day on which a task is due on this device's clock; "" without one. @param {Task} task */
export const dayOfTask = (task) => (task.due_date ? (dueHere(task)?.day ?? task.due_date) : "");

/** @typedef {import("./types.js").Fields} Fields */

/** A label's name without regard to its case, as the server compares them: labels of several lists with one name are one view. @param {string | null | undefined} name */
export const nameKey = (name) => casefold((name ?? "").normalize("NFC")).normalize("NFC");

/** The labels of that name, one of each list that has it. @param {import("./types.js").State} state @param {string | null | undefined} name */
export function labelsNamed({ labels }, name) {
  const key = nameKey(name);
  return [...(labels?.values() ?? [])].filter((label) => nameKey(label.name) === key);
}

/** @param {Task} task */
const dueKey = (task) => `${dayOfTask(task) || "9999"} ${task.due_date ? (dueHere(task)?.time ?? "99") : "99"}`;

/** @param {Task} task */
const rank = ({ priority }) => -(PRIORITY_RANK[priority] ?? 0);

/** @param {string} sort @returns {(a: Task, b: Task) => number} */
export function orderOf(sort) {
  if (sort === "due") {
    /** @type {Map<Task, string>} */
    const keys = new Map();
    const key = (/** @type {Task} */ task) => {
      const known = keys.get(task) ?? dueKey(task);
      keys.set(task, known);
      return known;
    };
    return (a, b) => byText(key(a), key(b)) || rank(a) - rank(b) || byPosition(a, b);
  }
  if (sort === "priority") return (a, b) => rank(a) - rank(b) || byPosition(a, b);
  if (sort === "title") return (a, b) => a.title.localeCompare(b.title) || byPosition(a, b);
  if (sort === "created") return (a, b) => byText(b.created_at ?? "", a.created_at ?? "") || byPosition(a, b);
  return byPosition;
}

/**
 * The tasks in their order, under heads, each subtask below its parent.
 * @param {State} state
 * @param {Task[]} tasks
 * @param {Arrangement & {list?: ?string, days?: number}} arrangement   `list`: whose sections are shown, also empty ones; `days`: shows that many days from today on, also empty ones
 * @param {string} today
 * @returns {(Task | Head)[]}
 */
export function arranged(state, tasks, { sort, group, list = null, days = 0 }, today) {
  const order = orderOf(sort);
  const { top, below } = nested(tasks);
  top.sort(order);
  const groups = grouped(state, top, { group, list, days }, today);
  const isPlain = groups.length === 1 && !groups[0]?.head;
  return groups.flatMap(({ head, tasks: members }) => {
    const rows = below.size ? members.flatMap((task) => [task, ...(below.get(task.id) ?? []).sort(order)]) : members;
    return isPlain || !head ? rows : [{ ...head, count: rows.length }, ...rows];
  });
}

/** The tasks without a parent among them, and the others by their parents. @param {Task[]} tasks */
function nested(tasks) {
  /** @type {Map<string, Task[]>} */
  const below = new Map();
  if (!tasks.some(({ parent }) => parent)) return { top: [...tasks], below };
  const present = new Set(tasks.map(({ id }) => id));
  const top = tasks.filter((task) => {
    if (!task.parent || !present.has(task.parent)) return true;
    const others = below.get(task.parent);
    if (others) others.push(task);
    else below.set(task.parent, [task]);
    return false;
  });
  return { top, below };
}

/** Where a task stands among heads; null where there are none. @param {string} group @param {State} state @param {Task} task @param {string} today */
export const placeOf = (group, state, task, today) => (group === "section" && !state.sections?.size ? null : (PLACES[group]?.of(state, task, today) ?? null));

/**
 * @typedef {Omit<Head, "count">} NewHead
 * @param {State} state
 * @param {Task[]} tasks
 * @param {{group: string, list: ?string, days: number}} by
 * @param {string} today
 * @returns {{head: ?NewHead, tasks: Task[]}[]}
 */
function grouped(state, tasks, { group, list, days }, today) {
  const place = PLACES[group];
  if (!place || (group === "section" && !state.sections?.size)) return [{ head: null, tasks }];
  /** @type {Map<string, Place & {tasks: Task[]}>} */
  const groups = new Map();
  const add = (/** @type {Place} */ { key, rank: at, head }) => {
    const found = groups.get(key) ?? { key, head, rank: at, tasks: [] };
    groups.set(key, found);
    return found;
  };
  for (const empty of place.empty?.(state, { list, days, today }) ?? []) add(empty);
  for (const task of tasks) add(place.of(state, task, today)).tasks.push(task);
  return [...groups.values()].sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : byText(a.key, b.key)));
}

/** @type {Place} */
const LATE = { key: "late", rank: "0", head: { id: "head:late", head: "Late", tone: "late" } };

/**
 * @typedef {{key: string, rank: string | number, head: ?NewHead}} Place
 * @type {Record<string, {of: (state: State, task: Task, today: string) => Place, empty?: (state: State, by: {list: ?string, days: number, today: string}) => Place[]}>}
 */
const PLACES = {
  late: {
    of: (_, task, today) => (dayOfTask(task) < today ? { ...LATE, rank: 0 } : { ...placeOfDay(today, today), rank: 1 }),
  },
  due: {
    of: (_, task, today) => {
      const day = dayOfTask(task);
      if (!day) return { key: "none", rank: "9999", head: { id: "head:none", head: "No date", fields: { due_date: null, due_time: null, due_zone: null } } };
      return day < today ? LATE : placeOfDay(day, today);
    },
    empty: (_, { days, today }) => Array.from({ length: days }, (_each, at) => placeOfDay(addDays(today, at), today)),
  },
  list: {
    of: (state, { list }) => {
      const { name = "", kind = "" } = state.lists.get(list) ?? {};
      return { key: list, rank: `${kind === "inbox" ? 0 : kind === "everyone" ? 2 : 1}${name.toLowerCase()}${list}`, head: { id: `head:${list}`, head: name, list, fields: { list } } };
    },
  },
  section: {
    of: (state, { section }) => placeOfSection(state.sections?.get(section ?? "")),
    empty: (state, { list }) => [...(state.sections?.values() ?? [])].filter((each) => each.list === list).map(placeOfSection),
  },
  priority: {
    of: (_, task) => ({ key: task.priority, rank: rank(task), head: { id: `head:${task.priority}`, head: task.priority === "none" ? "No priority" : capital(task.priority), fields: { priority: task.priority } } }),
  },
  assignee: {
    of: (state, { assignee }) =>
      assignee ? { key: String(assignee), rank: `1${nameOf(state, assignee)}`, head: { id: `head:${assignee}`, head: nameOf(state, assignee), fields: { assignee } } } : { key: "none", rank: "2", head: { id: "head:nobody", head: "Nobody", fields: { assignee: null } } },
  },
  label: {
    of: (state, { labels }) => {
      const known = (labels ?? []).map((id) => state.labels?.get(id)).filter((each) => each !== undefined);
      const [first] = known;
      if (!first) return { key: "none", rank: "~", head: { id: "head:unlabelled", head: "No label" } };
      const key = nameKey(first.name);
      return { key, rank: key, head: { id: `head:label:${key}`, head: first.name } };
    },
  },
};

/** @param {import("./types.js").Section | undefined} section @returns {Place} */
function placeOfSection(section) {
  if (!section) return { key: "", rank: -Infinity, head: null };
  return { key: section.id, rank: section.position, head: { id: `head:${section.id}`, head: section.name, section: section.id, fields: { section: section.id } } };
}

/** @param {string} day @param {string} today @returns {Place} */
const placeOfDay = (day, today) => ({ key: day, rank: day, head: { id: `head:${day}`, head: dayLabel(day, today), day, fields: { due_date: day } } });

/** @param {string} word */
const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
