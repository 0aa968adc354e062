/**
 * Derived data for the views. Pure, and memoized where a list may be long.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Task} Task
 * @typedef {import("./types.js").TaskList} TaskList
 * @typedef {import("./types.js").Person} Person
 * @typedef {{all: number, done: number, ids: Set<string>}} Progress
 */

import { dueHere, ownZone } from "./dates.js";
import { changedKeys } from "./table.js";

/** @type {Record<string, number>} */
const RANK = { inbox: 0, list: 1, everyone: 2 }; // Everyone is never the first choice

/** @param {string} a @param {string} b */
export const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** @type {(places: State["places"]) => Map<string, import("./types.js").Place>} */
const placesByList = memoized((/** @type {State["places"]} */ places) => new Map([...(places?.values() ?? [])].map((place) => [place.list, place])));

/** Where the person has the list; undefined where they have never placed it. @param {State} state @param {string} list */
export const placeOf = (state, list) => placesByList(state.places).get(list);

/** The list's place in the person's own order: where they have put it, else when it was made, in seconds. @param {State} state @param {TaskList} list */
export const positionOf = (state, { id, created_at: made }) => placeOf(state, id)?.position ?? (made ? Date.parse(made) / 1000 : Date.now() / 1000);

/** The lists in the person's own order. @param {State} state @returns {TaskList[]} */
export function sortedLists(state) {
  const rank = (/** @type {TaskList} */ { kind }) => RANK[kind] ?? 1;
  const at = new Map([...state.lists.values()].map((list) => [list, positionOf(state, list)]));
  return [...at.keys()].sort((a, b) => rank(a) - rank(b) || (at.get(a) ?? 0) - (at.get(b) ?? 0) || byText(a.id, b.id));
}

/** @param {Task} a @param {Task} b */
export const byPosition = (a, b) => a.position - b.position || byText(a.id, b.id);

/** @param {Task} a @param {Task} b */
export const byCompletion = (a, b) => byText(b.completed_at ?? "", a.completed_at ?? "") || byPosition(a, b);

/**
 * The ids of the open tasks of its list between which a task stands; none if it is completed or gone. In one pass: a list may be long.
 * @param {State} state @param {string} id
 * @returns {{after?: string, before?: string}}
 */
export function besideOf(state, id) {
  const task = state.tasks.get(id);
  if (!task || task.completed) return {};
  /** @type {Task | undefined} */
  let above;
  /** @type {Task | undefined} */
  let below;
  for (const other of state.tasks.values()) {
    if (other.list !== task.list || other.completed || other.id === id) continue;
    if (byPosition(other, task) < 0) above = above && byPosition(above, other) > 0 ? above : other;
    else below = below && byPosition(below, other) < 0 ? below : other;
  }
  return { ...(above && { after: above.id }), ...(below && { before: below.id }) };
}

/** The position of the list's last open task; 0 without one. @param {State} state @param {string} list */
export function lastPosition(state, list) {
  let last = -Infinity;
  for (const task of state.tasks.values()) if (task.list === list && !task.completed && task.position > last) last = task.position;
  return last === -Infinity ? 0 : last;
}

/** How many tasks are due today, and how many are late. @param {Map<string, Task>} tasks @param {State["lists"]} lists @param {number | undefined} me @param {string} today */
export const dueCounts = (tasks, lists, me, today) => countDue(tasks, lists, me, today, ownZone());

/** @type {(tasks: Map<string, Task>, lists: State["lists"], me: number | undefined, today: string, zone: string) => {today: number, late: number}} */
const countDue = folded(
  () => ({ today: 0, late: 0 }),
  (counts, task, by, lists, me, today) => {
    if (task.completed || !task.due_date || (task.assignee && task.assignee !== me)) return;
    const day = dueHere(task)?.day ?? task.due_date;
    if (day > today || !lists.has(task.list) || lists.get(task.list)?.archived_at) return;
    counts[day < today ? "late" : "today"] += by;
  },
);

/** A task's subtasks, and how many of them are completed, by the task's id. @type {(tasks: Map<string, Task>) => Map<string, Progress>} */
export const progressOf = folded(
  () => /** @type {Map<string, Progress>} */ (new Map()),
  (found, { id, parent, completed }, by) => {
    if (!parent) return;
    const progress = found.get(parent) ?? { all: 0, done: 0, ids: new Set() };
    progress.all += by;
    progress.done += completed ? by : 0;
    if (by > 0) progress.ids.add(id);
    else progress.ids.delete(id);
    if (progress.all) found.set(parent, progress);
    else found.delete(parent);
  },
);

/** The subtasks in their order. @param {State} state @param {string} id */
export const subtasksOf = (state, id) =>
  [...(progressOf(state.tasks).get(id)?.ids ?? [])]
    .map((each) => state.tasks.get(each))
    .filter((task) => task !== undefined)
    .sort(byPosition);

/** @type {(reminders: State["reminders"]) => Map<string, import("./types.js").Reminder[]>} */
const comingByTask = memoized((/** @type {State["reminders"]} */ reminders) => Map.groupBy([...(reminders?.values() ?? [])].filter(({ sent_at: sent, fires_at: fires }) => !sent && fires), ({ task }) => task));

/** When the person is reminded of a task next; "" if not at all. @param {State} state @param {string} task */
export const remindedAt = (state, task) => comingByTask(state.reminders).get(task)?.map(({ fires_at: fires }) => fires ?? "").sort()[0] ?? "";

/** @template {{list: string}} T @param {Map<string, T> | undefined} table @param {string} list */
export const ofList = (table, list) => [...(table?.values() ?? [])].filter((each) => each.list === list);

/** The people who can read a list. @param {State} state @param {TaskList | undefined} list @returns {Person[]} */
export function peopleOf(state, list) {
  if (!list) return [];
  if (list.kind === "everyone") return [...state.users.values()].filter((user) => user.is_active);
  return membersOf(state, list.id).map(({ user }) => user);
}

/** How many tasks are open, by list. @type {(tasks: Map<string, Task>) => Map<string, number>} */
export const openCounts = folded(
  () => /** @type {Map<string, number>} */ (new Map()),
  (counts, { completed, list }, by) => void (completed || counts.set(list, (counts.get(list) ?? 0) + by)),
);

/** @type {(members: State["members"]) => Map<string, import("./types.js").Member[]>} */
const membersByList = memoized((/** @type {State["members"]} */ members) => {
  /** @type {Map<string, import("./types.js").Member[]>} */
  const lists = new Map();
  for (const member of members.values()) {
    const list = lists.get(member.list);
    if (list) list.push(member);
    else lists.set(member.list, [member]);
  }
  return lists;
});

/** The owner first. @param {State} state @param {string} list */
export const membersOf = (state, list) =>
  [...(membersByList(state.members).get(list) ?? [])].sort(
    (a, b) => Number(b.role === "owner") - Number(a.role === "owner") || a.user.username.localeCompare(b.user.username),
  );

/** "owner", "editor" or "viewer"; everybody edits the list Everyone. @param {State} state @param {TaskList | undefined} list @returns {string} */
export function roleIn(state, list) {
  if (!list || list.kind === "everyone") return "editor";
  if (list.owner === state.me?.id) return "owner";
  const mine = membersByList(state.members).get(list.id)?.find((each) => each.user.id === state.me?.id);
  return mine?.role ?? "viewer";
}

/** Whether the person may change the list's tasks; not in a list that is unknown. @param {State} state @param {TaskList | undefined} list */
export const isWritable = (state, list) => !!list && !list.archived_at && roleIn(state, list) !== "viewer";

/** Where a task goes that is meant for no list: the Inbox, else the person's own first list, else one of others; Everyone last. @param {State} state */
export function firstWritable(state) {
  const lists = sortedLists(state).filter((list) => isWritable(state, list));
  return lists.find(({ owner }) => owner === state.me?.id) ?? lists[0];
}

/** @param {Person} person */
export const shownName = (person) => person.name || person.username;

/** A person by number, also one who is known as a member only. @param {State} state @param {?number | undefined} id */
export const personOf = (state, id) => state.users.get(id ?? -1) ?? [...state.members.values()].find(({ user }) => user.id === id)?.user;

/** A person's name by number; `otherwise` for one who is not known here (any more). @param {State} state @param {?number | undefined} id */
export function nameOf(state, id, otherwise = "Somebody") {
  if (id === state.me?.id) return "You";
  const user = personOf(state, id);
  return user ? shownName(user) : otherwise;
}

/**
 * Caches the last result. Tables are never changed in place, so identical arguments give the same result.
 * @template {any[]} A
 * @template R
 * @param {(...all: A) => R} compute
 * @returns {(...all: A) => R}
 */
function memoized(compute) {
  /** @type {?A} */
  let last = null;
  /** @type {R} */
  let result;
  return (...all) => {
    if (!last || all.some((each, at) => each !== last?.[at])) [last, result] = [all, compute(...all)];
    return result;
  };
}

/**
 * What follows from each task by itself, as a count does: kept, and brought up to date with the tasks that have changed since
 * it was last asked for. Callers read the result at once; it changes with the next call.
 * @template R
 * @template {any[]} A
 * @param {() => R} begin
 * @param {(result: R, task: Task, by: 1 | -1, ...more: A) => void} count
 * @returns {(tasks: Map<string, Task>, ...more: A) => R}
 */
function folded(begin, count) {
  /** @type {?{tasks: Map<string, Task>, more: A, result: R}} */
  let last = null;
  return (tasks, ...more) => {
    const keys = last?.more.every((each, at) => each === more[at]) ? changedKeys(last.tasks, tasks) : null;
    const result = keys && last ? last.result : begin();
    for (const key of keys ?? []) {
      const before = last?.tasks.get(key);
      const now = tasks.get(key);
      if (before) count(result, before, -1, ...more);
      if (now) count(result, now, 1, ...more);
    }
    if (!keys) for (const task of tasks.values()) count(result, task, 1, ...more);
    last = { tasks, more, result };
    return result;
  };
}
