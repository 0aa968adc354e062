/**
 * What a view shows, brought up to date with the few tasks that have changed. Pure, as views.js, which computes everything.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Task} Task
 * @typedef {import("./views.js").Shown} Shown
 * @typedef {import("./shown-view.js").Question} Question
 */
import { orderOf, placeOf } from "./arranging.js";
import { byCompletion, progressOf } from "./selectors.js";
import { changedKeys } from "./table.js";
import { partOf } from "./views.js";

const MOST = 50; // changed tasks; with more, everything is computed

/**
 * What `showView` would return now, from what it returned before; null where only a new computation can tell: for many
 * changes, for subtasks and their parents, and where a head comes or goes.
 * @param {Question} before @param {Shown} shown @param {Question} now
 * @returns {?Shown}
 */
export function followed(before, shown, now) {
  const changed = changedKeys(before.state.tasks, now.state.tasks);
  if (!changed || now.kept.done.length || before.kept.done.length) return null;
  const ids = new Set([...changed, ...[...before.kept.open, ...now.kept.open].map(({ id }) => id)]);
  if (ids.size > MOST) return null;
  const following = new Following(shown, now);
  for (const id of ids) if (!following.follow(id, before.state.tasks.get(id))) return null;
  return following.shown;
}

class Following {
  #isCopied = false;

  /** @param {Shown} shown @param {Question} question */
  constructor(shown, { state, view, arrangement, today, kept }) {
    this.shown = shown;
    this.state = state;
    this.today = today;
    this.group = arrangement.group;
    this.order = orderOf(arrangement.sort);
    this.part = partOf(state, view, today, arrangement);
    this.kept = new Map(kept.open.map((task) => [task.id, task]));
    this.progress = progressOf(state.tasks);
  }

  /** Takes over what became of one task. Returns whether that could be told. @param {string} id @param {Task | undefined} before */
  follow(id, before) {
    const open = this.shown.items.findIndex((item) => item.id === id);
    const closed = open < 0 ? this.shown.done.findIndex((task) => task.id === id) : -1;
    const old = /** @type {Task | undefined} */ (open < 0 ? this.shown.done[closed] : this.shown.items[open]);
    const task = this.kept.get(id) ?? this.state.tasks.get(id);
    const part = this.kept.has(id) ? "open" : task && this.part(task);
    if (this.progress.has(id) && (old || part || before?.completed !== this.state.tasks.get(id)?.completed)) return false;
    if (!old && !part) return true;
    if (old?.parent || task?.parent) return false;
    if (old === task && part === (closed < 0 ? "open" : "done")) return true;
    this.#copy();
    const { items, done } = this.shown;
    if (closed >= 0) done.splice(closed, 1);
    if (closed >= 0 || part === "done") this.shown.order = {};
    if (task && part === "done") done.splice(placeIn(done, task, byCompletion), 0, task);
    if (task && old && open >= 0 && part === "open" && this.#isSamePlace(old, task)) {
      items[open] = task;
      return true;
    }
    return (open < 0 || this.#remove(open)) && (!task || part !== "open" || this.#add(task));
  }

  #copy() {
    if (this.#isCopied) return;
    this.#isCopied = true;
    this.shown = { ...this.shown, items: [...this.shown.items], done: [...this.shown.done] };
  }

  /** @param {Task} old @param {Task} task */
  #isSamePlace(old, task) {
    const [before, after] = [this.#headOf(old), this.#headOf(task)];
    return this.order(old, task) === 0 && before?.id === after?.id && before?.head === after?.head;
  }

  /** The head that the task stands below. @param {Task} task */
  #headOf(task) {
    return placeOf(this.group, this.state, task, this.today)?.head;
  }

  /** Whether a head says what the first of its tasks says: labels of one name may be written in several ways. @param {number} head @param {number} at */
  #saysHead(head, at) {
    return this.group === "label" && at === head + 1;
  }

  /** @param {number} at */
  #remove(at) {
    const { items } = this.shown;
    let head = at - 1;
    while (head >= 0 && !("head" in /** @type {any} */ (items[head]))) head -= 1;
    if (this.#saysHead(head, at)) return false;
    items.splice(at, 1);
    this.shown.order = {};
    this.shown.open -= 1;
    return this.#count(head, -1);
  }

  /** @param {Task} task */
  #add(task) {
    const { items } = this.shown;
    const id = this.#headOf(task)?.id;
    const head = id ? items.findIndex((item) => item.id === id) : -1;
    if (id && head < 0) return false;
    const next = items.findIndex((item, at) => at > head && "head" in item);
    const members = /** @type {Task[]} */ (items.slice(head + 1, next < 0 ? items.length : next));
    const isBelow = (/** @type {Task} */ other) => !this.#isNested(other) && this.order(other, task) > 0;
    const at = head + 1 + placeIn(members, task, (other) => (isBelow(other) ? 1 : -1));
    if (this.#saysHead(head, at)) return false;
    items.splice(at, 0, task);
    this.shown.order = {};
    this.shown.open += 1;
    return this.#count(head, 1);
  }

  /** Whether a task stands below its parent, not where the order puts it. @param {Task} task */
  #isNested({ parent }) {
    const above = parent ? this.state.tasks.get(parent) : undefined;
    return !!above && (this.kept.has(above.id) || this.part(above) === "open");
  }

  /** Counts in a head, if there is one. Whether an empty one stays is not known here. @param {number} at @param {1 | -1} by */
  #count(at, by) {
    const { items } = this.shown;
    const head = items[at];
    if (!head || !("head" in head)) return true;
    items[at] = { ...head, count: head.count + by };
    return head.count + by > 0;
  }
}

/** The index of the first that comes after the task. @param {Task[]} tasks @param {Task} task @param {(a: Task, b: Task) => number} order */
function placeIn(tasks, task, order) {
  const at = tasks.findIndex((other) => order(other, task) > 0);
  return at < 0 ? tasks.length : at;
}
