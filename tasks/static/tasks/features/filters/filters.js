import { arrange, arrangementOf, isChanged, savedFields } from "../../core/arrangements.js";
import { GROUPS, SORTS } from "../../core/arranging.js";
import { hasValue, queryOfView, toggled } from "../../core/filtering.js";
import { button, find, h, icon, setColor } from "../../core/dom.js";
import { stepped } from "../../core/placing.js";
import { quoted } from "../../core/text.js";
import { usualArrangement } from "../../core/views.js";
import { askText } from "../../shell/dialog.js";
import { Picker } from "../../shell/picker.js";
import { prioritySign } from "../items/priority.js";
import { choicesOf, isGone, valuesInForce, without } from "./values.js";

/**
 * The filters in force and an unusual order, as chips above the tasks, and the filters that the person has saved. Loaded when there is the first.
 *
 * @typedef {import("../../core/views.js").Filter} Filter
 * @typedef {import("./values.js").Value} Value
 */
const MOST_LETTERS = 100; // of a name

/** @typedef {{name: "sort" | "group", text: string, usual: string}} Mark */
const WORDS = {
  sort: (/** @type {string} */ sort) => (sort === "manual" || sort === "created" ? nameIn(SORTS, sort) : `Sorted by ${nameIn(SORTS, sort).toLowerCase()}`),
  group: (/** @type {string} */ group) => (group === "none" ? "Not grouped" : `Grouped by ${nameIn(GROUPS, group).toLowerCase()}`),
};

/** @param {[value: string, label: string][]} choices @param {string} chosen */
const nameIn = (choices, chosen) => choices.find(([value]) => value === chosen)?.[1] ?? "date"; // what is late is a group by date, too

/** @type {Record<string, string>} */
const ICONS = { due: "calendar", due_before: "calendar", due_after: "calendar", priority: "flag", assignee: "person", created_by: "person", label: "label", list: "list", section: "section", completed: "check", search: "search" };

export class Filters {
  #shown = "";

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../objects.js").Objects} parts.objects
   * @param {import("../../shell/router.js").Router} parts.router
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {(key: string) => void} parts.undo   takes back this change if it is the last one
   * @param {() => boolean} parts.isList   whether there are rows, rather than a board or a calendar, which have an order of their own
   * @param {() => void} parts.onChange   draws the view again
   */
  constructor({ model, objects, router, toasts, undo, isList, onChange }) {
    this.model = model;
    this.objects = objects;
    this.router = router;
    this.toasts = toasts;
    this.undo = undo;
    this.isList = isList;
    this.onChange = onChange;
    this.node = find("filters");
  }

  get #view() {
    return this.model.selected.view;
  }

  /** The saved filter whose view is shown. */
  get #filter() {
    return this.#view.kind === "filter" ? this.model.shown.filters?.get(this.#view.id ?? "") : undefined;
  }

  get #arrangement() {
    return arrangementOf(this.#view, this.#filter);
  }

  get #query() {
    return this.#arrangement.query ?? {};
  }

  /** How the view is sorted and grouped, where that is not the usual way; a saved filter's order is its own. @returns {Mark[]} */
  get #marks() {
    if (!this.isList() || this.#view.kind === "filter") return [];
    const [now, usual] = [this.#arrangement, usualArrangement(this.#view)];
    /** @type {("sort" | "group")[]} */
    const names = ["sort", "group"];
    return names.filter((name) => now[name] !== usual[name]).map((name) => ({ name, text: WORDS[name](now[name]), usual: usual[name] }));
  }

  /** Whether there is something of them on the page. */
  get isShown() {
    return !this.node.hidden;
  }

  show() {
    const values = valuesInForce(this.model.shown, this.#query);
    const changed = isChanged(this.#view);
    const marks = this.#marks;
    const isFiltered = values.length > 0 || changed;
    this.node.hidden = !isFiltered && !marks.length;
    const gone = this.#filter ? values.filter((value) => isGone(this.model.shown, value)) : [];
    const key = JSON.stringify([values, changed, this.#view, gone, marks]);
    if (key === this.#shown) return;
    this.#shown = key;
    const focused = [...this.node.querySelectorAll("button")].findIndex((each) => each === document.activeElement);
    const more = button("", ({ currentTarget }) => this.pick(/** @type {HTMLElement} */ (currentTarget)), "small quiet-button");
    more.append(icon("plus"), "Filter");
    more.setAttribute("aria-haspopup", "dialog");
    const chips = [...marks.map((mark) => this.#mark(mark)), ...values.map((value) => this.#chip(value, gone.includes(value)))];
    const actions = isFiltered ? [more, h("span", { class: "bar-space" }), ...this.#actions(changed)] : [];
    this.node.replaceChildren(...chips, ...actions, ...(gone.length ? [this.#note(gone)] : []));
    if (focused >= 0) [...this.node.querySelectorAll("button")][Math.min(focused, chips.length)]?.focus();
  }

  /** @param {Mark} mark */
  #mark({ name, text, usual }) {
    const node = h("button", { type: "button", class: "quick-chip", title: "Back to the usual order", onclick: () => this.#arrange({ [name]: usual }) }, icon("arrange"), h("span", {}, text), icon("close"));
    node.setAttribute("aria-label", `${text}: back to the usual order`);
    return node;
  }

  /** Says why a task can't be put into another place, and offers the order in which it can. */
  saySorted() {
    const { sort } = this.#arrangement;
    const why = sort === "created" ? "the newest tasks come first" : `this view is sorted by ${nameIn(SORTS, sort).toLowerCase()}`;
    const text = `Tasks can’t be put into an order of your own here: ${why}.`;
    this.toasts.show({ text, choices: [["Use my own order", () => this.#arrange({ sort: "manual" })]] });
  }

  /** @param {{sort?: string, group?: string}} change */
  #arrange(change) {
    const filter = this.#filter;
    if (filter) this.objects.update("filter", filter, savedFields(change));
    else arrange(this.#view, change);
    this.onChange();
  }

  /** What of a saved filter is not here any more, and what can be done then. @param {Value[]} gone */
  #note(gone) {
    const names = gone.map(({ name, kind, label }) => (name === "label" ? `the label ${quoted(label)}` : `a ${kind.toLowerCase()}`));
    const text = `This filter asks for ${names.join(" and ")}, which ${gone.length > 1 ? "are" : "is"} not here any more.`;
    const change = button("Change the filter", () => this.#withoutGone(gone), "small");
    const remove = button("Delete the filter", () => this.remove(), "small danger quiet-button");
    return h("div", { class: "filter-note", role: "status", dir: "auto" }, h("span", {}, text), change, remove);
  }

  /** Takes away what is gone, which is not saved yet, and asks what else to filter by. @param {Value[]} gone */
  #withoutGone(gone) {
    this.#set(gone.reduce((query, value) => without(query, value), this.#query));
    const more = this.node.querySelector("[aria-haspopup]");
    if (more instanceof HTMLElement) this.pick(more);
  }

  /** @param {Value} value @param {boolean} gone */
  #chip(value, gone) {
    const { name, kind, label, color } = value;
    const sign = color ? setColor(h("span", { class: "dot" }), color) : ((name === "priority" && prioritySign(value.value)) || icon(ICONS[name] ?? "filter"));
    const node = h("button", { type: "button", class: "quick-chip", title: "Remove this filter", onclick: () => this.#set(without(this.#query, value)) }, sign, h("span", { dir: "auto" }, label), icon("close"));
    node.setAttribute("aria-label", `Remove the filter ${kind}: ${label}`);
    node.classList.toggle("gone", gone);
    return node;
  }

  /** @param {boolean} changed */
  #actions(changed) {
    if (changed) return [button("Discard", () => this.clear(), "small quiet-button"), button("Save changes", () => this.#saveChanges(), "small")];
    if (this.#view.kind === "filter") return [];
    return [button("Clear", () => this.clear(), "small quiet-button"), button("Save as filter", () => void this.save(), "small")];
  }

  /** Lets the person choose what to filter by. @param {HTMLElement} anchor */
  pick(anchor) {
    const options = (/** @type {string} */ query) =>
      choicesOf(this.model.shown, this.#view)
        .filter(({ kind, label }) => query.toLowerCase().split(/\s+/).every((word) => `${kind} ${label}`.toLowerCase().includes(word)))
        .map((value) => ({
          label: value.label,
          hint: value.kind,
          checked: hasValue(this.#query, value.name, value.value),
          sign: value.color ? setColor(h("span", { class: "dot" }), value.color) : ((value.name === "priority" && prioritySign(value.value)) || icon(ICONS[value.name] ?? "filter")),
          run: () => this.#set(toggled(this.#query, value.name, value.value)),
        }));
    new Picker({ label: "Filter", search: "Filter by …", several: true, options }).open(anchor);
  }

  /** Takes back what is in force; of a saved filter, what was changed. */
  clear() {
    this.#set(undefined);
  }

  /** Keeps what is shown as a filter, under a name. */
  async save() {
    const { shown } = this.model;
    const { sort, group } = arrangementOf(this.#view, this.#filter);
    const view = this.#view;
    const query = queryOfView(shown, view, this.#query);
    const proposal = valuesInForce(shown, query).map(({ label }) => label).join(", ").slice(0, MOST_LETTERS);
    const name = await askText({ title: "Save this view as a filter", label: "Name", value: proposal, yes: "Save", most: MOST_LETTERS });
    if (!name) return;
    const id = this.objects.create("filter", { name, query, ...savedFields({ sort, group }) }, { position: Date.now() / 1000 });
    if (view.kind !== "filter") arrange(view, { query: undefined });
    find("labels").closest("details")?.setAttribute("open", ""); // where it stands from now on
    this.router.goTo({ kind: "filter", id });
  }

  #saveChanges() {
    const filter = this.#filter;
    if (!filter) return;
    this.objects.update("filter", filter, savedFields({ query: this.#query }));
    this.clear();
    this.toasts.show({ text: `Saved the filter ${quoted(filter.name)}.` });
  }

  /** What can be done with a saved filter. @param {HTMLElement} anchor */
  menu(anchor) {
    const filter = this.#filter;
    if (!filter) return;
    const order = [...(this.model.shown.filters?.values() ?? [])].sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
    const at = order.findIndex(({ id }) => id === filter.id);
    const move = (/** @type {number} */ step) => () => this.objects.update("filter", filter, { position: stepped(order, at, step) });
    /** @type {(import("../../shell/picker.js").Option | false)[]} */
    const all = [
      { label: "Rename", sign: icon("pencil"), run: () => void this.rename() },
      { label: "Filter by …", sign: icon("filter"), run: () => this.pick(anchor) },
      at > 0 && { label: "Move up", sign: icon("up"), run: move(-1) },
      at < order.length - 1 && { label: "Move down", sign: icon("down"), run: move(1) },
      { label: "Delete the filter", sign: icon("trash"), run: () => this.remove() },
    ];
    new Picker({ label: "Saved filter", options: () => all.filter((option) => option !== false) }).open(anchor);
  }

  async rename() {
    const filter = this.#filter;
    const name = filter && (await askText({ title: "Rename the filter", label: "Name", value: filter.name, yes: "Rename", most: MOST_LETTERS }));
    if (filter && name) this.objects.update("filter", filter, { name });
  }

  remove() {
    const filter = this.#filter;
    if (!filter) return;
    const key = this.objects.remove("filter", filter);
    this.router.goTo({ kind: "today", id: null });
    this.toasts.show({ text: `Deleted the filter ${quoted(filter.name)}.`, choices: [["Undo", () => this.undo(key)]] });
  }

  /** @param {import("../../core/filtering.js").Query | undefined} query */
  #set(query) {
    const isUsual = query && !Object.keys(query).length && this.#view.kind !== "filter";
    arrange(this.#view, { query: isUsual ? undefined : query });
    this.onChange();
  }
}
