import { preference, setPreference } from "../core/preferences.js";
import { sortedLists } from "../core/selectors.js";

/**
 * The selected list and task, in the address: `#/LIST` and `#/LIST/TASK`. Opening a task adds one
 * history entry, going to another task replaces it, and closing goes back.
 *
 * @typedef {import("../core/model.js").Model} Model
 * @typedef {import("../core/model.js").Selection} Selection
 */
export class Router {
  /** @type {Selection} */
  #wanted = { list: null, task: null };
  /** @type {?string} */
  #open = null; // the list that was shown last
  #forgone = new Set(); // lists that the person has left or deleted
  /** Called after each change of the address. @type {() => void} */
  onRoute = () => {};
  /** Called for a list that is not there for this person. @type {() => void} */
  onUnknownList = () => {};

  /** @param {{model: Model}} parts */
  constructor({ model }) {
    this.model = model;
  }

  start() {
    addEventListener("hashchange", () => this.#read());
    addEventListener("popstate", () => this.#read());
    this.#read();
  }

  /** Goes to a list, and to a task in it. @param {?string} list @param {?string} [task] */
  go(list, task = null) {
    const hash = `#/${[list, task].filter(Boolean).join("/")}`;
    if (location.hash !== hash) {
      const fromTask = this.#wanted.task;
      if (task && fromTask) history.replaceState(this.#wanted.list === list ? history.state : null, "", hash);
      else history.pushState(task ? { opened: list } : null, "", hash);
    }
    this.#read();
  }

  closeTask() {
    const { list, task } = this.#wanted;
    if (!task) return;
    if (history.state?.opened === list) history.back();
    else history.replaceState(null, "", `#/${list}`);
    this.#wanted = { list, task: null };
    this.resolve();
    this.onRoute();
  }

  /** The person is leaving or deleting this list, so its removal is not reported. @param {string} list */
  forgo(list) {
    this.#forgone.add(list);
  }

  /** Updates the selection to what exists. Called before each rendering. */
  resolve() {
    const { model } = this;
    if (!model.loaded) return;
    const { list, task } = this.#wanted;
    model.missing = null;
    if (list && model.shown.lists.has(list)) return this.#select(list, task);
    if (list && this.#isMissed(list)) {
      model.selected = { list: null, task: null };
      model.missing = model.lost.get(list) ?? { id: list, name: "", how: "left", by: "" };
      return;
    }
    if (list && !this.#forgone.has(list)) this.onUnknownList();
    const first = this.#first();
    history.replaceState(null, "", first ? `#/${first}` : "#/");
    this.#wanted = { list: first, task: null };
    if (first) this.#select(first, null);
    else model.selected = { list: null, task: null };
  }

  /** Whether to say that the list is gone instead of showing another one: a draft must not move to another list. @param {string} list */
  #isMissed(list) {
    const wasHere = this.#open === list || this.model.lost.has(list);
    return !!this.model.composers.get(list) || (wasHere && !this.#forgone.has(list));
  }

  /** @param {string} list @param {?string} task */
  #select(list, task) {
    this.#open = list;
    this.model.selected = { list, task };
    if (preference("list") !== list) setPreference("list", list);
  }

  /** The list to start with: the last one, or the first in the sidebar. */
  #first() {
    const { shown } = this.model;
    const last = preference("list");
    return last && shown.lists.has(last) ? last : (sortedLists(shown)[0]?.id ?? null);
  }

  #read() {
    const [list = null, task = null] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
    this.#wanted = { list, task };
    this.resolve();
    this.onRoute();
  }
}
