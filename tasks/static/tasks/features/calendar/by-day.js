import { dayOfTask, orderOf } from "../../core/arranging.js";
import { ownZone } from "../../core/dates.js";
import { matches } from "../../core/filtering.js";
import { byPosition } from "../../core/selectors.js";
import { changedKeys } from "../../core/table.js";

/**
 * The open tasks of a list by the days on which they are due, "" for none, each day's in their order. Brought up to date with
 * the few tasks that have changed. A subtask without a date stands with its parent alone. Pure.
 *
 * @typedef {import("../../core/types.js").State} State
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {{state: State, list: string, query: Record<string, any>, today: string}} Question
 */
export class ByDay {
  /** @type {any[]} */
  #key = [];
  /** @type {?Map<string, Task>} */
  #tasks = null;
  /** @type {Map<string, Task[]>} */
  #days = new Map();
  /** @type {Map<string, string>} */
  #places = new Map(); // task → its day

  /** @param {Question} question @returns {Map<string, Task[]>} the same one each time */
  of({ state, list, query, today }) {
    const key = [list, query, today, ownZone(), state.me, state.labels];
    const isSame = key.every((each, at) => each === this.#key[at]);
    const changed = isSame && this.#tasks ? changedKeys(this.#tasks, state.tasks) : null;
    if (!changed) this.#places.clear();
    if (!changed) this.#days.clear();
    const isWanted = matches(state, query, today);
    const touched = new Set();
    for (const id of changed ?? state.tasks.keys()) {
      const task = state.tasks.get(id);
      const day = task && task.list === list && !task.completed && (task.due_date || !task.parent) && isWanted(task) ? dayOfTask(task) : null;
      touched.add(this.#remove(id)).add(day);
      if (task && day !== null) this.#add(task, day);
    }
    for (const day of touched) this.#days.get(day)?.sort(day ? orderOf("due") : byPosition);
    [this.#key, this.#tasks] = [key, state.tasks];
    return this.#days;
  }

  /** The day of a task that is shown; undefined for others. @param {string} id */
  dayOf(id) {
    return this.#places.get(id);
  }

  /** @param {string} id */
  #remove(id) {
    const day = this.#places.get(id);
    if (day === undefined) return null;
    this.#places.delete(id);
    const others = this.#days.get(day)?.filter((task) => task.id !== id) ?? [];
    if (others.length) this.#days.set(day, others);
    else this.#days.delete(day);
    return day;
  }

  /** @param {Task} task @param {string} day */
  #add(task, day) {
    this.#places.set(task.id, day);
    const others = this.#days.get(day);
    if (others) others.push(task);
    else this.#days.set(day, [task]);
  }
}
