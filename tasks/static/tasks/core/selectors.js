/**
 * Derived data for the views. Pure, and memoized where a list may be long.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Task} Task
 * @typedef {import("./types.js").TaskList} TaskList
 * @typedef {import("./types.js").Person} Person
 */

import { dueHere } from "./dates.js";

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

/** The list's tasks in the order in which they are shown. @param {State} state @param {string} list @returns {{open: Task[], done: Task[]}} */
export const sections = (state, list) => sectionsOf(state.tasks, list);

const sectionsOf = memoized((/** @type {Map<string, Task>} */ tasks, /** @type {string} */ list) => {
  /** @type {Task[]} */
  const open = [];
  /** @type {Task[]} */
  const done = [];
  for (const task of tasks.values()) {
    if (task.list === list) (task.completed ? done : open).push(task);
  }
  return { open: open.sort(byPosition), done: done.sort(byCompletion) };
});

/** How many tasks are due today, and how many are late. @type {(tasks: Map<string, Task>, lists: State["lists"], me: number | undefined, today: string) => {today: number, late: number}} */
export const dueCounts = memoized((/** @type {Map<string, Task>} */ tasks, /** @type {State["lists"]} */ lists, /** @type {number | undefined} */ me, /** @type {string} */ today) => {
  const counts = { today: 0, late: 0 };
  for (const task of tasks.values()) {
    if (task.completed || !task.due_date || (task.assignee && task.assignee !== me)) continue;
    const day = dueHere(task)?.day ?? task.due_date;
    if (day > today || !lists.has(task.list) || lists.get(task.list)?.archived_at) continue;
    counts[day < today ? "late" : "today"] += 1;
  }
  return counts;
});

/** A task's subtasks, and how many of them are completed, by the task's id. @type {(tasks: Map<string, Task>) => Map<string, {all: number, done: number}>} */
export const progressOf = memoized((/** @type {Map<string, Task>} */ tasks) => {
  /** @type {Map<string, {all: number, done: number}>} */
  const found = new Map();
  for (const { parent, completed } of tasks.values()) {
    if (!parent) continue;
    const progress = found.get(parent) ?? { all: 0, done: 0 };
    progress.all += 1;
    progress.done += Number(completed);
    found.set(parent, progress);
  }
  return found;
});

/** The subtasks in their order. @param {State} state @param {string} id */
export const subtasksOf = (state, id) => [...state.tasks.values()].filter(({ parent }) => parent === id).sort(byPosition);

/** @template {{list: string}} T @param {Map<string, T> | undefined} table @param {string} list */
export const ofList = (table, list) => [...(table?.values() ?? [])].filter((each) => each.list === list);

/** The people who can read a list. @param {State} state @param {TaskList | undefined} list @returns {Person[]} */
export function peopleOf(state, list) {
  if (!list) return [];
  if (list.kind === "everyone") return [...state.users.values()].filter((user) => user.is_active);
  return membersOf(state, list.id).map(({ user }) => user);
}

/** How many tasks are open, by list. @type {(tasks: Map<string, Task>) => Map<string, number>} */
export const openCounts = memoized((/** @type {Map<string, Task>} */ tasks) => {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const task of tasks.values()) {
    if (!task.completed) counts.set(task.list, (counts.get(task.list) ?? 0) + 1);
  }
  return counts;
});

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

/** Whether the person may add tasks to the list. @param {State} state @param {TaskList} list */
export const isWritable = (state, list) => roleIn(state, list) !== "viewer" && !list.archived_at;

/** Where a task goes that is meant for no list: the Inbox, else the person's own first list, else one of others; Everyone last. @param {State} state */
export function firstWritable(state) {
  const lists = sortedLists(state).filter((list) => isWritable(state, list));
  return lists.find(({ owner }) => owner === state.me?.id) ?? lists[0];
}

/** @param {Person} person */
export const shownName = (person) => person.name || person.username;

/** A person's name by number; `otherwise` for one who is not known here (any more). @param {State} state @param {?number | undefined} id */
export function nameOf(state, id, otherwise = "Somebody") {
  if (id === state.me?.id) return "You";
  const user = state.users.get(id ?? -1) ?? [...state.members.values()].find((each) => each.user.id === id)?.user;
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
