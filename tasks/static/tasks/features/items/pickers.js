import { h, icon, setColor } from "../../core/dom.js";
import { nameKey } from "../../core/arranging.js";
import { COLORS } from "../../core/colors.js";
import { PRIORITIES } from "../../core/priorities.js";
import { isWritable, nameOf, ofList, peopleOf, shownName, sortedLists } from "../../core/selectors.js";
import { quoted } from "../../core/text.js";
import { Picker } from "../../shell/picker.js";
import { avatar } from "../accounts/avatar.js";
import { DuePicker } from "./due-picker.js";
import { prioritySign } from "./priority.js";

/**
 * What a task's properties are chosen with, for one task or for several. Loaded when the first is opened.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 * @typedef {import("../../shell/picker.js").Option} Option
 * @typedef {"due" | "priority" | "assignee" | "labels" | "list" | "section"} Property
 *
 * @typedef {Object} PickerParts
 * @property {import("../../core/model.js").Model} model
 * @property {(tasks: Task[], fields: Fields | ((task: Task) => Fields), what: string, told?: string) => void} apply   changes the tasks; `told`: a message for it
 * @property {(tasks: Task[], list: string, section?: ?string) => void} move   `section`: null for none
 * @property {(tasks: Task[], anchor: HTMLElement) => Option[]} menu   what else can be done
 * @property {boolean} [isNew]   the task is not made yet
 * @property {import("../objects.js").Objects} objects
 * @property {import("../../core/api.js").Api} api
 * @property {import("../../core/outbox.js").Outbox} outbox
 * @property {import("../quick_add/reader.js").Reader} reader
 *
 * @typedef {{task: Task, set: (fields: Fields | ((task: Task) => Fields)) => void, onChosen: () => void}} Draft   a task that is not made yet
 */
export class Pickers {
  /** @type {?Picker | DuePicker} */
  #open = null;

  /** @param {PickerParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** @param {Property | "reschedule" | "more"} property @param {HTMLElement} anchor @param {string[] | Draft} of  the ids of tasks, or a task that is not made yet */
  open(property, anchor, of) {
    const known = (/** @type {string[]} */ ids) => ids.map((id) => this.parts.model.shown.tasks.get(id)).filter((task) => task !== undefined);
    const tasks = () => (Array.isArray(of) ? known(of) : [of.task]);
    /** @type {PickerParts} */
    const parts = Array.isArray(of) ? this.parts : { ...this.parts, isNew: true, apply: (_, fields) => of.set(fields), move: (_, list, section) => of.set({ list, ...(section && { section }) }) };
    const more = () => ({ label: "More", options: () => parts.menu(tasks(), anchor) });
    const make = { more, priority: priorities, assignee: people, labels, list: lists, section: sections };
    this.#open = property === "due" || property === "reschedule" ? new DuePicker({ ...parts, tasks, isForAll: property === "reschedule" }) : new Picker(make[property](parts, tasks));
    if (!Array.isArray(of)) this.#open.popover.onClose = () => document.activeElement === anchor && of.onChosen();
    this.#open.open(anchor);
  }

  /** Shows what has changed meanwhile in what is open. */
  show() {
    if (this.#open?.popover.isOpen) this.#open.update();
  }
}

/** @typedef {() => Task[]} Tasks */

/** Whether all of them have this. @param {Tasks} tasks @param {(task: Task) => boolean} test */
const all = (tasks, test) => tasks().every(test);

/** What is told of a change of several tasks; one is in sight. @param {Task[]} tasks @param {string} text */
const ofMany = (tasks, text) => (tasks.length > 1 ? text : "");

/** @param {PickerParts} parts @param {Tasks} tasks @returns {import("../../shell/picker.js").Choices} */
const priorities = ({ apply }, tasks) => ({
  label: "Priority",
  options: () =>
    [...PRIORITIES].reverse().map(([value, label]) => ({
      label: value === "none" ? "No priority" : label,
      sign: prioritySign(value) ?? h("span", { class: "bars" }),
      checked: all(tasks, ({ priority }) => priority === value),
      run: () => apply(tasks(), { priority: value }, "the change of the priority of", ofMany(tasks(), value === "none" ? "Removed the priority of %" : `Set the priority of % to ${value}`)),
    })),
});

/** @param {PickerParts} parts @param {Tasks} tasks @returns {import("../../shell/picker.js").Choices} */
const people = ({ model, apply }, tasks) => ({
  label: "Assignee",
  search: "Search people",
  options: (query) => {
    const { shown } = model;
    const lists = [...new Set(tasks().map(({ list }) => list))];
    const able = lists.map((list) => peopleOf(shown, shown.lists.get(list)));
    const both = (able[0] ?? []).filter(({ id }) => able.every((some) => some.some((each) => each.id === id)));
    const me = shown.me?.id;
    const sorted = both.sort((a, b) => Number(b.id === me) - Number(a.id === me) || shownName(a).localeCompare(shownName(b)));
    const set = (/** @type {?number} */ assignee) => apply(tasks(), { assignee }, "assigning", ofMany(tasks(), assignee ? `Assigned % to ${nameOf(shown, assignee).replace(/^You$/, "you")}` : "Assigned % to nobody"));
    const options = sorted.map((person) => ({
      label: person.id === me ? `${shownName(person)} (you)` : shownName(person),
      hint: person.name ? `@${person.username}` : "",
      sign: avatar(person, 1),
      checked: all(tasks, ({ assignee }) => assignee === person.id),
      run: () => set(person.id),
    }));
    const nobody = { label: "Nobody", hint: "", sign: icon("person"), checked: all(tasks, ({ assignee }) => !assignee), run: () => set(null) };
    return [nobody, ...options].filter(({ label, hint = "" }) => isFound(`${label} ${hint}`, query));
  },
});

/** The lists, and below each its sections. @param {PickerParts} parts @param {Tasks} tasks @returns {import("../../shell/picker.js").Choices} */
const lists = ({ model, move }, tasks) => ({
  label: "List",
  search: "Move to a list",
  options: (query) =>
    sortedLists(model.shown)
      .filter((list) => isWritable(model.shown, list))
      .flatMap((list) => {
        const own = ofList(model.shown.sections, list.id).sort((a, b) => a.position - b.position);
        const isListFound = isFound(list.name, query);
        const whole = {
          label: list.name,
          hint: list.kind === "everyone" ? "all people" : "",
          sign: list.kind === "everyone" ? icon("globe") : dot(list.color),
          checked: all(tasks, (task) => task.list === list.id && !(own.length && task.section)),
          run: () => move(tasks(), list.id, null),
        };
        const isSought = (/** @type {string} */ name) => isFound(name, query) || (!isListFound && isFound(`${list.name} ${name}`, query));
        const inside = own.filter(({ name }) => isSought(name)).map(({ id, name }) => ({
          label: name,
          hint: query && list.name,
          sign: h("span", { class: "picker-nested" }, icon("section")),
          checked: all(tasks, (task) => task.section === id),
          run: () => move(tasks(), list.id, id),
        }));
        return isListFound ? [whole, ...inside] : inside;
      }),
});

/** @param {PickerParts} parts @param {Tasks} tasks @returns {import("../../shell/picker.js").Choices} */
const sections = ({ model, apply }, tasks) => ({
  label: "Section",
  options: () => {
    const list = tasks()[0]?.list ?? "";
    const known = ofList(model.shown.sections, list).sort((a, b) => a.position - b.position);
    return [{ id: null, name: "No section" }, ...known].map(({ id, name }) => ({
      label: name,
      checked: all(tasks, (task) => (task.section ?? null) === id),
      run: () => apply(tasks(), { section: id }, "moving"),
    }));
  },
});

/** Labels are chosen by name: tasks of several lists get each its own list's label. @param {PickerParts} parts @param {Tasks} tasks @returns {import("../../shell/picker.js").Choices} */
const labels = ({ model, apply, objects }, tasks) => ({
  label: "Labels",
  search: "Search or make a label",
  several: true,
  options: (query) => {
    const { shown } = model;
    const own = [...new Set(tasks().map(({ list }) => list))];
    const known = new Map(own.flatMap((list) => ofList(shown.labels, list)).map((label) => [nameKey(label.name), label]));
    const has = (/** @type {Task} */ task, /** @type {string} */ key) => task.labels?.some((id) => nameKey(shown.labels?.get(id)?.name) === key);
    const idIn = (/** @type {string} */ list, /** @type {string} */ key) => ofList(model.shown.labels, list).find(({ name }) => nameKey(name) === key)?.id;
    const set = (/** @type {string} */ name, /** @type {boolean} */ on) => {
      const key = nameKey(name);
      for (const list of own) if (on && !idIn(list, key)) objects.create("label", { list, name, color: known.get(key)?.color ?? colorFor(name) });
      const told = ofMany(tasks(), on ? `Gave % the label ${quoted(name)}` : `Took the label ${quoted(name)} from %`);
      apply(tasks(), (task) => ({ labels: changedLabels(task.labels ?? [], idIn(task.list, key), on) }), "the labels of", told);
    };
    const sorted = [...known.values()].sort((a, b) => a.name.localeCompare(b.name)).filter(({ name }) => isFound(name, query));
    /** @type {Option[]} */
    const options = sorted.map(({ name, color }) => {
      const checked = all(tasks, (task) => !!has(task, nameKey(name)));
      return { label: name, sign: dot(color), checked, run: () => set(name, !checked) };
    });
    if (query && !known.has(nameKey(query))) options.push({ label: `Make “${query}”`, sign: icon("plus"), run: () => set(query, true) });
    return options;
  },
});

/** @param {string[]} ids @param {string | undefined} id @param {boolean} on */
function changedLabels(ids, id, on) {
  if (!id) return ids;
  return [...new Set(on ? [...ids, id] : ids.filter((each) => each !== id))].sort();
}

/** A colour that is always the same for a name. @param {string} name */
function colorFor(name) {
  const colors = Object.values(COLORS);
  return colors[Array.from(nameKey(name)).reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % colors.length] ?? "";
}

/** @param {string} color */
const dot = (color) => setColor(h("span", { class: "dot" }), color);

/** @param {string} text @param {string} query */
const isFound = (text, query) => query.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));
