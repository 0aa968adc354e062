/**
 * What each view shows: which tasks, in which order, under which heads. Pure; `now` and the zone come from outside.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Task} Task
 * @typedef {{kind: string, id: ?string}} View   "list", "today", "upcoming", "assigned", "label", "filter"; others show no tasks
 * @typedef {{id: string, head: string, day?: string, section?: string, list?: string, tone?: string, count: number,
 *   fields?: import("./types.js").Fields}} Head   a line above tasks; `fields`: what a task gets that is put there
 * @typedef {{sort: string, group: string, query?: Record<string, any>, ahead?: number}} Arrangement
 *   `query`: the filters in force, see filtering.js; `ahead`: how many days after today are shown of what is upcoming; all if missing
 * @typedef {{items: (Task | Head)[], done: Task[], open: number, order: object}} Shown   `open`: how many tasks are open in the view; `order`: another
 *   one if there may be other lines, or lines in other places
 * @typedef {{id: string, name: string, query: Record<string, any>, sort: ?string, group: ?string, position: number, version: number}} Filter
 */
import { arranged, dayOfTask, labelsNamed } from "./arranging.js";
import { addDays } from "./dates.js";
import { asksForCompleted, matches } from "./filtering.js";
import { byCompletion } from "./selectors.js";

/** @type {Record<string, Arrangement>} */
const USUAL = {
  list: { sort: "manual", group: "section" },
  today: { sort: "due", group: "late" },
  upcoming: { sort: "due", group: "due" },
  assigned: { sort: "due", group: "list" },
  label: { sort: "due", group: "none" },
  filter: { sort: "due", group: "none" },
};

/** @param {View} view @returns {Arrangement} */
export const usualArrangement = ({ kind }) => USUAL[kind] ?? { sort: "manual", group: "none" };

/** Whether the view shows tasks. @param {View} view */
export const isOfTasks = ({ kind }) => kind in USUAL;

/** @param {View} view */
export const keyOfView = ({ kind, id }) => (id ? `${kind}/${id}` : kind);

/** Whether the list's tasks are part of the views that span lists. @param {State} state @param {string} list */
const counts = (state, list) => !!state.lists.get(list) && !state.lists.get(list)?.archived_at;

/**
 * The tasks that belong to a view, and that its filters in force let through.
 * @param {State} state
 * @param {View} view
 * @param {string} today
 * @param {Record<string, any>} [query]
 * @param {number} [ahead]
 * @returns {(task: Task) => boolean}
 */
export function belongs(state, view, today, query = {}, ahead = Infinity) {
  const isPart = isPartOf(state, view, today, ahead, query.assignee !== undefined);
  if (!Object.keys(query).length) return isPart;
  const isWanted = matches(state, query, today);
  return (task) => isPart(task) && isWanted(task);
}

/** @param {State} state @param {View} view @param {string} today @param {number} ahead @param {boolean} isOfPerson  whether the filters say whose tasks are wanted @returns {(task: Task) => boolean} */
function isPartOf(state, { kind, id }, today, ahead, isOfPerson) {
  const me = state.me?.id;
  const last = ahead === Infinity ? "9999-12-31" : addDays(today, ahead);
  const concernsMe = (/** @type {Task} */ { assignee }) => isOfPerson || assignee === null || assignee === undefined || assignee === me;
  switch (kind) {
    case "today":
      return (task) => !!task.due_date && dayOfTask(task) <= today && concernsMe(task);
    case "upcoming":
      return (task) => !!task.due_date && dayOfTask(task) <= last && concernsMe(task);
    case "assigned":
      return ({ assignee }) => assignee === me;
    case "label": {
      const named = new Set(labelsNamed(state, id).map((label) => label.id));
      return ({ labels }) => !!labels?.some((each) => named.has(each));
    }
    case "filter":
      return () => !!state.filters?.has(id ?? ""); // its query is what is in force
    default:
      return ({ list }) => list === id;
  }
}

/**
 * The part of a view in which a task is shown: "open", "done", or null for none.
 * @param {State} state
 * @param {View} view
 * @param {string} today
 * @param {Pick<Arrangement, "query" | "ahead">} [arrangement]
 * @returns {(task: Task) => "open" | "done" | null}
 */
export function partOf(state, view, today, { query = {}, ahead = Infinity } = {}) {
  const spans = view.kind !== "list";
  const isPart = belongs(state, view, today, query, ahead);
  const wantsDone = !spans || asksForCompleted(query);
  return (task) => {
    if ((task.completed && !wantsDone) || !isPart(task) || (spans && !counts(state, task.list))) return null;
    if (!task.completed) return "open";
    return !task.parent || state.tasks.get(task.parent)?.completed !== false ? "done" : null;
  };
}

/**
 * What a view shows. `kept`: tasks that stay in sight, among the open or the completed ones, whatever became of them.
 * @param {State} state
 * @param {View} view
 * @param {Arrangement} arrangement
 * @param {string} today
 * @param {{open: Task[], done: Task[]}} [kept]
 * @returns {Shown}
 */
export function showView(state, view, arrangement, today, kept = { open: [], done: [] }) {
  const part = partOf(state, view, today, arrangement);
  const known = new Set([...kept.open, ...kept.done].map(({ id }) => id));
  const open = [...kept.open];
  /** @type {Task[]} */
  const done = [];
  for (const task of state.tasks.values()) {
    const found = known.has(task.id) ? null : part(task);
    if (found === "open") open.push(task);
    else if (found === "done") done.push(task);
  }
  const list = view.kind === "list" ? view.id : null;
  const items = arranged(state, open, { ...arrangement, list, days: view.kind === "upcoming" && arrangement.group === "due" ? 7 : 0 }, today);
  return { items, done: [...kept.done, ...done.sort(byCompletion)], open: open.length, order: {} };
}

/**
 * The first day after those ahead on which the view has an open task, or "".
 * @param {State} state @param {View} view @param {Arrangement} arrangement @param {string} today
 */
export function dayAfter(state, view, { query = {}, ahead = Infinity }, today) {
  if (ahead === Infinity) return "";
  const part = partOf(state, view, today, { query });
  const last = addDays(today, ahead);
  let next = "";
  for (const task of state.tasks.values()) {
    const day = dayOfTask(task);
    if (day > last && (!next || day < next) && part(task) === "open") next = day;
  }
  return next;
}
