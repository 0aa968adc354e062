import { ownZone } from "../../core/dates.js";
import { uuid } from "../../core/ids.js";
import { copiedFields, initialFields } from "../../core/kinds.js";
import { sections } from "../../core/selectors.js";
import { tableOf } from "../../core/store.js";
import { quoted } from "../../core/text.js";

/**
 * Actions on tasks. Each change is shown immediately and sent in the background. A failed change is rolled back and
 * reported by failures.js. Every action can be undone.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 * @typedef {import("../../core/types.js").Operation} Operation
 * @typedef {import("../../shell/toasts.js").Toast} Toast
 */

const GAP = 1024; // distance between positions, the same as on the server

export class TaskActions {
  /** @type {Map<string, Toast>} */
  #toasts = new Map(); // operation key → its message

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../../core/outbox.js").Outbox} parts.outbox
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {import("../../shell/undo.js").UndoStack} parts.undo
   * @param {(task: Task) => void} parts.onRemoved
   */
  constructor({ model, outbox, toasts, undo, onRemoved }) {
    this.model = model;
    this.outbox = outbox;
    this.toasts = toasts;
    this.undo = undo;
    this.onRemoved = onRemoved;
  }

  /** Returns the new task's id. @param {string} list @param {string} title @param {Fields} [more] */
  add(list, title, more = {}) {
    const last = sections(this.model.shown, list).open.at(-1);
    const at = new Date().toISOString();
    const me = this.model.shown.me?.id ?? null;
    const made = { created_at: at, updated_at: at, created_by: me, updated_by: me, position: (last?.position ?? 0) + GAP };
    const id = uuid();
    const fields = { list, title, ...more };
    this.#send({ kind: "task", id, verb: "create", fields, display: { ...initialFields("task"), ...made, ...fields } });
    return id;
  }

  /** Creates a copy of a deleted task, with every field that a copy takes over. @param {Fields & {list: string, title: string}} task @param {?string} [otherwise]  used if the task's own list is gone */
  keep(task, otherwise = null) {
    const list = this.model.shown.lists.has(task.list) ? task.list : otherwise;
    if (list) this.add(list, task.title, copiedFields("task", task));
    return !!list;
  }

  /** @param {Task} task @param {Fields} fields @param {string} [what]  label of the undo entry */
  edit(task, fields, what = "the change of") {
    const changed = this.#change(task, fields);
    if (!changed || !what) return null;
    const base = Object.fromEntries(Object.keys(changed.fields).map((name) => [name, /** @type {any} */ (task)[name]]));
    const entry = { text: `${what} ${quoted(task.title)}`, undo: () => this.#takeBack(task.id, changed.fields, base) };
    return { key: changed.key, entry: this.undo.push(entry) };
  }

  /** @param {Task} task @param {boolean} completed */
  complete(task, completed) {
    const done = this.edit(task, { completed }, completed ? "completing" : "reopening");
    if (done && completed) this.#tell(done, `Completed ${quoted(task.title)}.`);
  }

  /** @param {Task} task @param {string} list */
  move(task, list) {
    const name = this.model.shown.lists.get(list)?.name ?? "";
    const done = this.edit(task, { list }, "moving");
    if (done) this.#tell(done, `Moved ${quoted(task.title)} to ${quoted(name)}.`);
  }

  /** Deletes when the time for an undo is over; until then nothing is sent. @param {Task} task */
  remove(task) {
    const key = this.#send({ kind: "task", id: task.id, verb: "delete", seen_as: task, state: "delayed" });
    const entry = this.undo.push({ text: `deleting ${quoted(task.title)}`, undo: () => this.#restore(key) });
    this.onRemoved(task);
    const end = () => {
      this.#toasts.delete(key);
      this.undo.remove(entry);
      this.outbox.release(key);
    };
    const choices = [/** @type {[string, () => void]} */ (["Undo", () => this.undo.undo(entry)])];
    this.#toasts.set(key, this.toasts.show({ text: `Deleting ${quoted(task.title)}.`, choices, onEnd: end }));
  }

  /** Removes the message of a change that was given up. @param {string} key */
  forgetMessage(key) {
    this.#toasts.get(key)?.drop();
    this.#toasts.delete(key);
  }

  /** @param {string} key */
  #restore(key) {
    this.forgetMessage(key);
    return this.outbox.cancel(key);
  }

  /** @param {{key: string, entry: import("../../shell/undo.js").Entry}} done @param {string} text */
  #tell({ key, entry }, text) {
    const onEnd = () => this.#toasts.delete(key);
    this.#toasts.set(key, this.toasts.show({ text, choices: [["Undo", () => this.undo.undo(entry)]], onEnd }));
  }

  /** Restores the values, unless somebody has changed them since. @param {string} id @param {Fields} fields @param {Fields} base */
  #takeBack(id, fields, base) {
    const now = /** @type {any} */ (this.model.shown.tasks.get(id));
    if (!now || Object.entries(fields).some(([name, value]) => now[name] !== value)) return false;
    for (const [key, toast] of this.#toasts) if (this.outbox.operations.some((each) => each.key === key && each.id === id)) toast.drop();
    return !!this.#change(now, base);
  }

  /** @param {Task} task @param {Fields} fields */
  #change(task, fields) {
    const before = /** @type {any} */ (task);
    const sent = fields.due_time && fields.due_zone === undefined && !task.due_zone ? { ...fields, due_zone: ownZone() } : fields;
    if (Object.entries(sent).every(([name, value]) => before[name] === value)) return null;
    const display = sent.completed === undefined ? {} : { completed_at: sent.completed ? new Date().toISOString() : null };
    return { key: this.#send({ kind: "task", id: task.id, verb: "update", fields: sent, display, seen_as: task }), fields: sent };
  }

  /** @param {Pick<Operation, "kind" | "id" | "verb"> & Partial<Operation>} operation */
  #send({ kind, id, verb, fields = {}, display = {}, seen_as: seen, state = "queued" }) {
    const key = uuid();
    const base = Object.fromEntries(Object.keys(fields).map((name) => [name, seen?.[name]]));
    const version = seen && this.#version(kind, id);
    this.outbox.add({ key, kind, id, verb, fields, display, base, version, state, seen_as: seen });
    return key;
  }

  /** The version that is shown, including one's own acknowledged changes. @param {string} kind @param {string} id */
  #version(kind, id) {
    const confirmed = tableOf(this.model.confirmed, kind)?.get(id)?.version;
    const own = this.outbox.operations.filter((each) => each.id === id).map((each) => each.acknowledged ?? 0);
    return confirmed && Math.max(confirmed, ...own);
  }
}
