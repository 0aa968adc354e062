import { explain } from "../../core/api.js";
import { ago, momentText } from "../../core/dates.js";
import { button, h, hasFocus, setText } from "../../core/dom.js";
import { fieldLabel } from "../../core/kinds.js";
import { nameOf } from "../../core/selectors.js";
import { plain } from "../../core/text.js";
import { avatar } from "../accounts/avatar.js";
import { isSameValue, restorable } from "./restoring.js";
import { changedLines, valueText } from "./values.js";

/**
 * Who changed what in a task: from which value to which, when, and from where. An earlier value can be restored, as a change
 * like any other.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 * @typedef {{id: number, version: number, action: string, way: ?string, at: string, actor: ?import("../../core/types.js").Person, source: string, changes: Record<string, {from: any, to: any}>}} Change
 *
 * @typedef {Object} HistoryParts
 * @property {import("../../core/api.js").Api} api
 * @property {import("../../core/model.js").Model} model
 * @property {(task: Task, fields: Fields, label: string) => void} restore   gives a field, whose name in a sentence is `label`, earlier values
 */

/** @type {Record<string, string>} */
const DONE = { created: "added this task", deleted: "deleted this task" };
/** @type {Record<string, string>} */
const WAYS = { undo: "undid", redo: "did again" };
/** @type {Record<string, string>} */
const SOURCES = { web: "in the page", api: "by the API", admin: "in the admin", command: "by a command" };
const HIDDEN = new Set(["id", "position", "completed_at", "completed_by", "recurrence_anchor", "recurrence_text"]); // what follows from others

export class Timeline {
  /** @type {Task} */
  #task;
  #writable = false;
  #version = 0; // of the task, when its history was last asked for
  #isLoading = false;
  #newest = 0;
  #cursor = "";
  /** @type {{node: HTMLButtonElement, fields: Fields}[]} */
  #restores = [];
  /** @type {{node: HTMLElement, at: string}[]} */
  #times = [];
  /** Who is known to have changed it, by number. @type {Map<number, string>} */
  #people = new Map();

  /** @param {HistoryParts} parts @param {Task} task @param {() => void} [onShown]  called when the first entries are there */
  constructor(parts, task, onShown = () => {}) {
    this.parts = parts;
    this.onShown = onShown;
    this.#task = task;
    this.list = h("ol", { class: "timeline", "aria-label": "Changes, the newest first", tabIndex: -1 });
    this.more = h("div", { class: "buttons" });
    this.who = h("select", { "aria-label": "Whose changes", class: "timeline-who", hidden: true, onchange: () => this.#again() });
    this.node = h("div", {}, this.who, this.list, this.more);
  }

  /** Loads what has happened since. @param {Task} task @param {boolean} writable */
  update(task, writable) {
    this.#task = task;
    this.#writable = writable;
    for (const { node, at } of this.#times) setText(node, ago(at));
    this.#showRestores();
    if (task.version > this.#version && !this.#isLoading) this.#load();
  }

  /** Loads the changes of the person who was chosen. */
  #again() {
    this.#newest = 0;
    this.#cursor = "";
    this.#restores = [];
    this.#times = [];
    this.list.replaceChildren();
    void this.#load();
  }

  /** A choice of people, once there are two. @param {Change[]} changes */
  #know(changes) {
    const before = this.#people.size;
    for (const { actor } of changes) if (actor) this.#people.set(actor.id, nameOf(this.parts.model.shown, actor.id, actor.name || actor.username));
    if (this.#people.size === before) return;
    const chosen = this.who.value;
    this.who.replaceChildren(...[["", "Changes of all people"], ...[...this.#people].map(([id, name]) => [String(id), name === "You" ? "Your changes" : `Changes of ${name}`])].map(([value, label]) => h("option", { value }, label)));
    this.who.value = chosen;
    this.who.hidden = this.#people.size < 2;
  }

  async #load() {
    this.#isLoading = true;
    this.#version = this.#task.version;
    if (!this.#newest) this.more.replaceChildren(h("span", { class: "quiet", role: "status" }, "Loading …"));
    try {
      const who = this.who.value;
      const page = await this.#page("");
      if (who === this.who.value) this.#showNew(page);
    } catch (error) {
      const again = () => {
        this.#load();
      };
      this.more.replaceChildren(h("span", { class: "form-error", role: "alert" }, explain(error)), button("Try again", again, "small"));
    }
    this.#isLoading = false;
    this.update(this.#task, this.#writable); // it may have changed meanwhile
  }

  /** @param {string} cursor @returns {Promise<{results: Change[], next_cursor: ?string}>} */
  #page(cursor) {
    const parameters = new URLSearchParams(Object.entries({ actor: this.who.value, cursor }).filter(([, value]) => value));
    return this.parts.api.request("GET", `/api/tasks/${this.#task.id}/history?${parameters}`);
  }

  /** @param {{results: Change[], next_cursor: ?string}} page  the newest */
  #showNew({ results, next_cursor: next }) {
    this.#know(results);
    const fresh = results.filter(({ id }) => id > this.#newest);
    const entries = fresh.map((change) => this.#entry(change));
    const isGap = fresh.length === results.length; // nothing that is shown is on this page
    if (isGap) this.list.replaceChildren(...entries);
    else this.list.prepend(...entries);
    this.#newest = results[0]?.id ?? 0;
    if (isGap) this.#cursor = next ?? "";
    this.#showMore();
    this.onShown();
  }

  #showMore() {
    this.more.replaceChildren(...(this.#cursor ? [button("Show older", () => this.#loadOlder(), "small")] : []));
    if (!this.list.children.length) this.more.append(h("span", { class: "quiet" }, "Nothing is known of earlier changes."));
  }

  async #loadOlder() {
    try {
      const who = this.who.value;
      const { results, next_cursor: next } = await this.#page(this.#cursor);
      if (who !== this.who.value) return;
      this.#know(results);
      const [first, ...others] = results.map((change) => this.#entry(change));
      if (first) this.list.append(first, ...others);
      this.#cursor = next ?? "";
      this.#showMore();
      if (first && document.activeElement === document.body) this.list.focus({ preventScroll: true });
    } catch (error) {
      this.more.replaceChildren(h("span", { class: "form-error", role: "alert" }, explain(error)), button("Try again", () => this.#loadOlder(), "small"));
    }
  }

  /** @param {Change} change */
  #entry(change) {
    const { actor, at, source } = change;
    const who = actor ? nameOf(this.parts.model.shown, actor.id, actor.name || actor.username) : "Somebody";
    const { sentence, fields, isNamed } = described(change);
    const when = h("time", { dateTime: at, title: momentText(at) }, ago(at));
    this.#times.push({ node: when, at });
    const where = SOURCES[source] ? ` · ${SOURCES[source]}` : "";
    const values = fields.map(([name, { from, to }], index) => this.#value(change, name, { from, to, isNamed, isFirst: restorable(change.changes, name).first === name, index }));
    const face = actor ? avatar(actor, 1) : h("span", { class: "timeline-dot" });
    return h("li", {}, face, h("p", { dir: "auto" }, h("strong", {}, who), ` ${sentence}`), ...values, h("p", { class: "timeline-when" }, when, where));
  }

  /** @param {Change} change @param {string} name @param {{from: any, to: any, isNamed: boolean, isFirst: boolean, index: number}} value */
  #value(change, name, { from, to, isNamed, isFirst }) {
    const text = (/** @type {any} */ value) => valueText(this.parts.model.shown, name, value);
    const shown = name === "notes" ? changedLines(from ?? "", to ?? "") : { from, to };
    const label = isNamed ? h("span", { class: "quiet" }, `${fieldLabel("task", name)}: `) : null;
    const words = h("span", { class: `timeline-words ${name}`, dir: "auto" }, label, h("del", {}, text(shown.from)), h("span", { "aria-hidden": "true" }, " → "), h("span", { class: "visually-hidden" }, "to "), h("ins", {}, text(shown.to)));
    const { fields } = restorable(change.changes, name);
    return h("div", { class: "timeline-change" }, words, isFirst && change.action === "updated" ? this.#restore(name, fields, text(from)) : null);
  }

  /** @param {string} name @param {Fields} fields @param {string} text  the value */
  #restore(name, fields, text) {
    const label = fieldLabel("task", name);
    const run = () => {
      this.list.focus({ preventScroll: true }); // the button goes
      this.parts.restore(this.#task, fields, label);
    };
    const node = button("Restore", run, "small quiet-button");
    node.setAttribute("aria-label", `Restore the ${label}: ${plain(text).slice(0, 80)}`);
    this.#restores.push({ node, fields });
    return node;
  }

  /** Only what differs from the present value, and can be written, can be restored. */
  #showRestores() {
    const task = /** @type {any} */ (this.#task);
    for (const { node, fields } of this.#restores) {
      const isPresent = Object.entries(fields).every(([name, value]) => isSameValue(task[name], value));
      const isHidden = isPresent || !this.#writable || !this.#isKnown(fields);
      if (isHidden && hasFocus(node)) this.list.focus({ preventScroll: true });
      node.hidden = isHidden;
    }
  }

  /** Whether what the values name is there. @param {Fields} fields */
  #isKnown({ list, section, parent, labels }) {
    const { shown } = this.parts.model;
    const has = (/** @type {Map<string, any> | undefined} */ table, /** @type {?string | undefined} */ id) => !id || !!table?.has(id);
    const isHere = !section || shown.sections?.get(section)?.list === this.#task.list;
    return has(shown.lists, list) && isHere && has(shown.tasks, parent) && (labels ?? []).every((/** @type {string} */ id) => shown.labels?.get(id)?.list === this.#task.list);
  }
}

/** What a change was, in words, and the fields whose values are shown. @param {Change} change */
function described({ action, way, changes }) {
  const fields = action === "updated" ? Object.entries(changes).filter(([name]) => !HIDDEN.has(name) && !(name === "due_zone" && "due_time" in changes)) : [];
  const single = fields.length === 1 ? fields[0] : undefined;
  const isCompletion = single?.[0] === "completed";
  if (way) return { sentence: `${WAYS[way] ?? way} a change`, fields, isNamed: true };
  if (isCompletion) return { sentence: single?.[1].to ? "completed this task" : "reopened this task", fields: [], isNamed: false };
  if (single) return { sentence: `changed the ${fieldLabel("task", single[0])}`, fields, isNamed: false };
  if (action === "updated" && !fields.length) return { sentence: "moved this task", fields, isNamed: false };
  const names = fields.map(([name]) => `the ${fieldLabel("task", name)}`);
  return { sentence: action === "updated" ? `changed ${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : (DONE[action] ?? action), fields, isNamed: true };
}
