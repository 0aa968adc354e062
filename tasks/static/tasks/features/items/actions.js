import { ownZone } from "../../core/dates.js";
import { uuid } from "../../core/ids.js";
import { copiedFields, initialFields, isSame } from "../../core/kinds.js";
import { Lazy } from "../../core/lazy.js";
import { GAP } from "../../core/placing.js";
import { besideOf, lastPosition, subtasksOf } from "../../core/selectors.js";
import { tableOf } from "../../core/store.js";
import { counted, quoted } from "../../core/text.js";

/**
 * Actions on tasks. Each change is shown immediately and sent in the background. A failed change is rolled back and
 * reported by failures.js. Every action can be undone.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 * @typedef {import("../../core/types.js").Operation} Operation
 * @typedef {import("../../shell/toasts.js").Toast} Toast
 * @typedef {Pick<Operation, "kind" | "id" | "verb"> & Partial<Operation>} NewOperation
 * @typedef {{task: Task, fields: Fields, base: Fields, beside?: Operation["beside"], home?: () => ReturnType<typeof besideOf>}} FieldChange
 */

const PLACING = new Set(["position", "section", "parent", "list"]); // what can be said together with the neighbours

export class TaskActions {
  keeping = new Lazy(async () => (await import("./keep-as-new.js")).keepTask);
  /** @type {Map<string, Toast>} */
  #toasts = new Map(); // operation key → its message
  /** @type {Map<string, string>} */
  #deletions = new Map(); // the task that was deleted last, if alone → its operation key

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../../core/outbox.js").Outbox} parts.outbox
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {import("../../shell/undo.js").UndoStack} parts.undo
   * @param {(task: Task) => void} parts.onRemoved
   * @param {(entry: import("../../shell/undo.js").Entry) => void} parts.undoEntry
   * @param {(ids: string[]) => Promise<boolean>} parts.restore   brings tasks back from the trash
   * @param {(task: Task) => Promise<?string>} parts.copy   a copy that the server makes: its id; null without a connection
   */
  constructor({ model, outbox, toasts, undo, onRemoved, undoEntry, restore, copy }) {
    this.copy = copy;
    this.model = model;
    this.outbox = outbox;
    this.toasts = toasts;
    this.undo = undo;
    this.onRemoved = onRemoved;
    this.undoEntry = undoEntry;
    this.restore = restore;
  }

  /** Returns the new task's id, and its operation's key. @param {string} list @param {string} title @param {Fields} [more] @param {Partial<Operation>} [options] */
  add(list, title, more = {}, options = {}) {
    const [made] = this.#addAll([this.#newTask(list, { title, ...more }, options)]);
    return made ?? { id: "", key: "" };
  }

  /** Adds tasks in one request where that can be; returns their ids. @param {{fields: Fields & {list: string}, options: Partial<Operation>}[]} tasks */
  addAll(tasks) {
    return this.#addAll(tasks.map(({ fields, options }, at) => this.#newTask(fields.list, fields, options, at))).map(({ id }) => id);
  }

  /** @param {NewOperation[]} operations */
  #addAll(operations) {
    const keys = this.#sendAll(operations);
    return operations.map(({ id }, at) => ({ id, key: keys[at] ?? "" }));
  }

  /** @param {string} list @param {Fields} fields @param {Partial<Operation>} [options] @param {number} [at]  its place among those that are added together @returns {NewOperation} */
  #newTask(list, fields, options = {}, at = 0) {
    const last = lastPosition(this.model.shown, list);
    const now = new Date().toISOString();
    const me = this.model.shown.me?.id ?? null;
    const made = { created_at: now, updated_at: now, created_by: me, updated_by: me, position: last + GAP * (at + 1) };
    const sent = { list, ...fields };
    return { kind: "task", id: uuid(), verb: "create", fields: sent, display: { ...initialFields("task"), ...made, ...sent }, ...options };
  }

  /** Creates a copy of a task that is gone; returns whether there is a list for it. @param {Fields & {list: string, title: string}} task */
  async keep(task) {
    return (await this.keeping.get())({ model: this.model, actions: this }, task) !== null;
  }

  /** A copy right below the task, with its open subtasks: made by the server, or here without a connection. Returns its id. @param {Task} task */
  async duplicate(task) {
    const made = await this.copy(task);
    if (made !== null) return made;
    const next = this.model.shown.tasks.get(besideOf(this.model.shown, task.id).before ?? "");
    const position = next ? (task.position + next.position) / 2 : task.position + GAP;
    const own = this.#newTask(task.list, { ...copiedFields("task", task), position });
    const below = subtasksOf(this.model.shown, task.id).filter(({ completed }) => !completed);
    this.#addAll([own, ...below.map((each) => this.#newTask(task.list, { ...copiedFields("task", each), parent: own.id, position: each.position }))]);
    return own.id;
  }

  /** How the task can become a subtask of the one above it, or a task of its own; null where it can't. @param {Task} task @param {Task[]} order  as they are shown */
  nesting(task, order) {
    const above = order.slice(0, Math.max(0, order.findIndex(({ id }) => id === task.id))).findLast(({ parent, list }) => !parent && list === task.list);
    const hasOwn = order.some(({ parent }) => parent === task.id);
    const set = (/** @type {?string} */ parent) => () => void this.edit(task, { parent }, "moving");
    return { indent: above && !task.parent && !hasOwn ? set(above.id) : null, outdent: task.parent ? set(null) : null };
  }

  /** @param {Task} task @param {Fields} fields @param {string} [what]  label of the undo entry */
  edit(task, fields, what = "the change of") {
    return this.editAll([task], fields, what);
  }

  /**
   * Changes tasks together: sent in one request, and undone as one. Returns null if nothing changes.
   * @param {Task[]} tasks
   * @param {Fields | ((task: Task) => Fields)} fields
   * @param {string} [what]   label of the undo entry
   * @param {string} [told]   for a message with "Undo": what was done
   */
  editAll(tasks, fields, what = "the change of", told = "") {
    const changed = tasks.map((task) => changeOf(task, typeof fields === "function" ? fields(task) : fields)).filter((change) => change !== null);
    const before = this.model.shown;
    const changes = changed.map((change) => (change.fields.position === undefined ? change : { ...change, home: soon(() => besideOf(before, change.task.id)) })); // where they go back: their number may mean another place then
    if (!changes.length) return null;
    const keys = this.#sendAll(changes.flatMap((change) => this.#inRequests(change)).map((change) => this.#update(change)));
    const names = nameAll(changes.map(({ task }) => task));
    const undo = () => this.#takeBack(changes);
    const entry = this.undo.push({ text: `${what} ${names}`, keys, undo });
    if (told) this.#tell(keys, entry, `${told.replace("%", names)}.`);
    return { keys, entry };
  }

  /** @param {Task} task @param {boolean} completed */
  complete(task, completed) {
    this.completeAll([task], completed);
  }

  /** @param {Task[]} tasks @param {boolean} completed */
  completeAll(tasks, completed) {
    this.editAll(tasks, { completed }, completed ? "completing" : "reopening", completed ? "Completed %" : "");
  }

  /** @param {Task} task @param {string} list */
  move(task, list) {
    this.moveAll([task], list);
  }

  /** Subtasks stay with a task that goes along; others become tasks of their own. @param {Task[]} tasks @param {string} list @param {?string} [section] */
  moveAll(tasks, list, section) {
    const { lists, sections } = this.model.shown;
    const ids = new Set(tasks.map(({ id }) => id));
    const fields = (/** @type {Task} */ { parent }) => (section === undefined || ids.has(parent ?? "") ? { list } : { list, section, ...(parent && { parent: null }) });
    this.editAll(tasks, fields, "moving", `Moved % to ${quoted((sections?.get(section ?? "") ?? lists.get(list))?.name ?? "")}`);
  }

  /** @param {Task} task */
  remove(task) {
    this.removeAll([task]);
  }

  /** Deletes tasks: they go to the trash at once. @param {Task[]} tasks */
  removeAll(tasks) {
    if (!tasks.length) return;
    const keys = this.#sendAll(tasks.map((task) => ({ kind: "task", id: task.id, verb: "delete", seen_as: task })));
    const names = nameAll(tasks);
    const entry = this.undo.push({ text: `deleting ${names}`, keys, undo: () => this.restore(tasks.map(({ id }) => id)) });
    this.#deletions = tasks.length === 1 ? new Map(tasks.map(({ id }, at) => [id, keys[at] ?? ""])) : new Map();
    for (const task of tasks) this.onRemoved(task);
    this.#tell(keys, entry, `Deleted ${names}.`);
  }

  /** A task is back from the trash: the message that offers to undo its deletion goes. @param {string} id */
  restored(id) {
    const key = this.#deletions.get(id);
    if (key) this.forgetMessage(key);
    this.#deletions.delete(id);
  }

  /** Removes the message of a change that was given up. @param {string} key */
  forgetMessage(key) {
    this.#toasts.get(key)?.drop();
    this.#toasts.delete(key);
    this.undo.forget(key);
  }

  /** @param {string[]} keys @param {import("../../shell/undo.js").Entry} entry @param {string} text */
  #tell(keys, entry, text) {
    const onEnd = () => keys.forEach((key) => this.#toasts.delete(key));
    const toast = this.toasts.show({ text, choices: [["Undo", () => this.undoEntry(entry)]], onEnd });
    for (const key of keys) this.#toasts.set(key, toast);
  }

  /** Restores the values of each task that nobody has changed since; false if there is none. @param {FieldChange[]} changes */
  #takeBack(changes) {
    const back = changes.flatMap(({ task: { id }, fields, base, home }) => {
      const now = /** @type {any} */ (this.model.shown.tasks.get(id));
      if (!now || Object.entries(fields).some(([name, value]) => name !== "position" && !isSame(now[name], value))) return []; // the server chooses positions
      const beside = Object.fromEntries(Object.entries(home?.() ?? {}).filter(([, other]) => this.model.shown.tasks.has(other)));
      return changeOf(now, Object.keys(beside).length ? { ...base, beside } : base) ?? [];
    });
    this.#sendAll(back.flatMap((change) => this.#inRequests(change)).map((change) => this.#update(change)));
    return back.length > 0;
  }

  /**
   * A change in the requests that it takes. One that is more than a move gives its position itself, unless there is no room
   * left: then the move is a request of its own.
   * @param {FieldChange} change
   * @returns {FieldChange[]}
   */
  #inRequests({ task, fields, base, beside }) {
    const names = Object.keys(fields);
    const others = names.filter((name) => !PLACING.has(name) && !isSame(fields[name], base[name]));
    if (!beside || (others.length && this.#isRoom(fields.position, beside))) return [{ task, fields, base }];
    const only = (/** @type {string[]} */ some) => ({ task, fields: pick(fields, some), base: pick(base, some) });
    const move = { ...only(names.filter((name) => PLACING.has(name))), beside };
    return others.length ? [only(others), move] : [move];
  }

  /** @param {number} position @param {{after?: string, before?: string}} beside */
  #isRoom(position, { after, before }) {
    const { tasks } = this.model.shown;
    return position > (after ? (tasks.get(after)?.position ?? position) : -Infinity) && position < (before ? (tasks.get(before)?.position ?? position) : Infinity);
  }

  /** @param {FieldChange} change @returns {NewOperation} */
  #update({ task, fields, beside }) {
    const display = fields.completed === undefined ? {} : { completed_at: fields.completed ? new Date().toISOString() : null };
    return { kind: "task", id: task.id, verb: "update", fields, display, seen_as: task, ...(beside ? { beside } : {}) };
  }

  /** Returns their keys. @param {NewOperation[]} operations */
  #sendAll(operations) {
    const batch = operations.length > 1 ? { batch: uuid() } : {};
    const made = operations.map(({ kind, id, verb, fields = {}, display = {}, seen_as: seen, state = "queued", quick, given, beside }) => {
      const base = Object.fromEntries(Object.keys(fields).map((name) => [name, seen?.[name]]));
      const version = seen && this.#version(kind, id);
      return { key: uuid(), kind, id, verb, fields, display, base, ...(version ? { version } : {}), state, seen_as: seen, ...(quick ? { quick } : batch), ...(given ? { given } : {}), ...(beside ? { beside } : {}) };
    });
    this.outbox.add(...made);
    return made.map(({ key }) => key);
  }

  /** The version that is shown, including one's own acknowledged changes. @param {string} kind @param {string} id */
  #version(kind, id) {
    const confirmed = tableOf(this.model.confirmed, kind)?.get(id)?.version;
    const own = this.outbox.operations.filter((each) => each.id === id).map((each) => each.acknowledged ?? 0);
    return confirmed && Math.max(confirmed, ...own);
  }
}

/** The values of a changed task, and those before; null if nothing changes. @param {Task} task @param {Fields} fields @returns {?FieldChange} */
function changeOf(task, { beside, ...fields }) {
  const before = /** @type {any} */ (task);
  const sent = fields.due_time && fields.due_zone === undefined && !task.due_zone ? { ...fields, due_zone: ownZone() } : fields;
  if (Object.entries(sent).every(([name, value]) => isSame(before[name], value))) return null;
  return { task, fields: sent, base: pick(before, Object.keys(sent)), ...(beside ? { beside } : {}) };
}

/** @param {Fields} fields @param {string[]} names @returns {Fields} */
const pick = (fields, names) => Object.fromEntries(names.map((name) => [name, fields[name]]));

/** @param {Task[]} tasks */
const nameAll = (tasks) => (tasks[0] && tasks.length === 1 ? quoted(tasks[0].title) : counted(tasks.length, "task"));

/**
 * What `compute` returns, computed when it is asked for, at the latest when what the person did has been drawn.
 * @template T
 * @param {() => T} compute
 */
function soon(compute) {
  let get = () => {
    const value = compute();
    get = () => value; // what `compute` holds is given up
    return value;
  };
  setTimeout(() => get(), 100);
  return () => get();
}
