import { ownZone } from "../../core/dates.js";
import { initialFields } from "../../core/kinds.js";
import { peopleOf } from "../../core/selectors.js";
import { Properties } from "../items/properties.js";

const DUE = ["due_date", "due_time", "due_zone", "recurrence"];

/** What the words of a line replace, by their kind. @type {Record<string, string[]>} */
const FIELDS = { date: DUE, time: DUE, recurrence: DUE, priority: ["priority"], assignee: ["assignee"] };

/**
 * What a new task is to have beside what its line says: a button for each property, as in a task's details.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 */
export class Chosen {
  /** @type {Fields} */
  #own = {};
  /** @type {?string} */
  #named = null; // the list that the line names
  /** @type {string[]} */
  #said = []; // fields that the line says

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {(property: import("../items/pickers.js").Property, anchor: HTMLElement, draft: import("../items/pickers.js").Draft) => void} parts.pick
   * @param {() => {list: ?string, fields: Fields}} parts.target   where the task goes, and what it has there, if nothing else is chosen
   * @param {() => void} parts.onChosen   a choice is closed: the focus belongs into the field
   */
  constructor({ model, pick, target, onChosen }) {
    this.model = model;
    this.onChosen = onChosen;
    this.target = target;
    this.properties = new Properties({ open: (property, anchor) => pick(property, anchor, this) });
    this.node = this.properties.node;
    this.node.setAttribute("aria-label", "Choices");
    this.node.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus until a choice is open
  }

  /** The list that the task goes to. @returns {?string} */
  get list() {
    return this.#own.list ?? this.target().list;
  }

  /** What the task has, the list apart. @returns {Fields} */
  get fields() {
    return { ...this.target().fields, ...without(this.#own, "list") };
  }

  /** The task as far as it is known: what the choices begin with. */
  get task() {
    return /** @type {Task} */ (/** @type {unknown} */ ({ ...initialFields("task"), id: "", title: "", list: this.#named ?? this.list ?? "", ...without(this.fields, ...this.#said) }));
  }

  /** @param {Fields | ((task: Task) => Fields)} change */
  set(change) {
    const fields = typeof change === "function" ? change(this.task) : change;
    const zone = fields.due_time && !fields.due_zone ? { due_zone: ownZone() } : {};
    this.#own = { ...this.#own, ...fields, ...zone };
    if (fields.list) this.#fit(fields.list);
    this.update();
  }

  /** Takes back what does not exist in the list. @param {string} id */
  #fit(id) {
    const isReader = peopleOf(this.model.shown, this.model.shown.lists.get(id)).some((person) => person.id === this.#own.assignee);
    this.#own = without(this.#own, "labels", "section", ...(isReader ? [] : ["assignee"]));
  }

  /** Shows the list that the line names, and nothing that the line says otherwise. @param {import("./reader.js").Span[]} spans  what is understood of it */
  read(spans) {
    this.#named = spans.find(({ kind }) => kind === "list")?.value?.id ?? null;
    this.#said = spans.flatMap(({ kind }) => FIELDS[kind] ?? []);
    this.update();
  }

  /** A new task begins. */
  clear() {
    this.#own = {};
    this.update();
  }

  update() {
    this.node.classList.toggle("chosen", Object.keys(this.#own).length > 0);
    if (this.list) this.properties.update(this.task, this.model.shown, true);
  }
}

/** @param {Fields} fields @param {...string} names @returns {Fields} */
export const without = (fields, ...names) => Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
