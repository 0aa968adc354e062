import { find } from "../../core/dom.js";
import { changedKeys } from "../../core/table.js";

/**
 * Tasks that stay in sight whatever became of them: one whose title is edited, one that was just completed, one just made.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").State} State
 * @typedef {import("../../core/views.js").View} View
 * @typedef {import("../../core/views.js").Head} Head
 */
const LINGER = 1_200; // ms for which a completed task keeps its place …
const LINGER_MOST = 3_000; // … and the maximum while the pointer or the focus is in the list

export class Kept {
  /** @type {Map<string, any>} */
  #held = new Map(); // id → timer of a task that was just completed
  /** @type {readonly (Task | Head)[]} */
  #items = []; // what was shown last
  /** @type {?State["tasks"]} */
  #seen = null; // the tasks in which completed ones were looked for
  #made = new Set();

  /** @param {{model: import("../../core/model.js").Model, render: () => void}} parts */
  constructor({ model, render }) {
    this.model = model;
    this.render = render;
  }

  /** Another view is shown. */
  clear() {
    for (const timer of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
    this.#items = [];
    this.#seen = null;
    this.#made.clear();
  }

  /** The task was just made here. @param {string} id */
  made(id) {
    this.#made.add(id);
  }

  /** Whether anything may be kept, beside what was completed since. */
  get isIdle() {
    return !this.#held.size && !this.#made.size && !this.model.drafts.size;
  }

  /** What is shown now. @param {readonly (Task | Head)[]} items */
  shown(items) {
    this.#items = items;
  }

  /** Looks for what was completed since. */
  look() {
    const { tasks } = this.model.shown;
    const changed = this.#seen && changedKeys(this.#seen, tasks);
    this.#seen = tasks;
    const isHere = (/** @type {string} */ id) => !changed || this.#items.some((item) => item.id === id);
    for (const id of changed ?? this.#items.map((item) => item.id)) if (tasks.get(id)?.completed && isHere(id)) this.#hold(id);
  }

  /**
   * @param {View} view
   * @param {(task: Task) => boolean} belongs    to what is shown
   * @param {(task: Task) => boolean} isOfView   whatever the filters say: a new task that they hide is kept, not one of another list
   * @returns {{open: Task[], done: Task[]}}
   */
  of(view, belongs, isOfView) {
    const isHere = (/** @type {string} */ id) => this.#items.some((item) => item.id === id);
    const here = [...this.model.drafts.values()].filter(({ place, home, id }) => place === "row" && (home.list === view.id || isHere(id)));
    const pinned = new Set(here.map(({ id }) => id));
    const of = (/** @type {boolean} */ completed) => here.filter(({ home }) => home.completed === completed).map(({ task }) => task);
    const held = this.#tasks(this.#held.keys(), pinned).filter(({ completed }) => completed);
    const made = this.#tasks(this.#made, pinned).filter((task) => !task.completed && !belongs(task) && isOfView(task));
    return { open: [...of(false), ...held, ...made], done: of(true) };
  }

  /** @param {Iterable<string>} ids @param {Set<string>} without */
  #tasks(ids, without) {
    return [...ids].flatMap((id) => (without.has(id) ? [] : (this.model.shown.tasks.get(id) ?? [])));
  }

  /** Keeps a completed task in place for a while, so that rows do not move under the pointer. @param {string} id */
  #hold(id) {
    if (this.#held.has(id)) return;
    const since = performance.now();
    const release = () => {
      const busy = find("open").matches(":hover, :focus-within") && performance.now() - since < LINGER_MOST;
      if (busy) return void this.#held.set(id, setTimeout(release, 300));
      this.#held.delete(id);
      this.#items = this.#items.filter((item) => item.id !== id);
      this.render();
    };
    this.#held.set(id, setTimeout(release, LINGER));
  }
}
