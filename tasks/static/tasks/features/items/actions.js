import { ownZone } from "../../core/dates.js";
import { nameOf, sections } from "../../core/selectors.js";

const GAP = 1024; // the distance of positions, as the server leaves it
const UNDO_SECONDS = 5;

const FIELD_NAMES = { due_date: "due date", due_time: "due time", list: "list", completed: "state" };

export const quoted = (text) => `“${text.length > 60 ? `${text.slice(0, 57)}…` : text}”`;

/** What a person can do. Each change is shown at once and sent in the background; what fails is rolled back and said. */
export class Actions {
  constructor({ model, outbox, toasts, navigate, compose, focusEditor }) {
    Object.assign(this, { model, outbox, toasts, navigate, compose, focusEditor });
    outbox.onFailure = (operation, why) => this.#failed(operation, why);
  }

  addTask(list, title, more = {}) {
    const last = sections(this.model.shown, list).open.at(-1);
    const at = new Date().toISOString();
    const me = this.model.shown.me?.id;
    const empty = { notes: "", priority: "none", completed: false, completed_at: null, completed_by: null };
    const dates = { due_date: null, due_time: null, due_zone: null, created_at: at, updated_at: at };
    const display = { ...empty, ...dates, position: (last?.position ?? 0) + GAP, created_by: me, updated_by: me, ...more };
    const id = crypto.randomUUID();
    this.#add("task", id, "create", { list, title, ...more }, display);
    return id;
  }

  editTask(task, fields) {
    const done = fields.completed === undefined ? {} : { completed_at: fields.completed ? new Date().toISOString() : null };
    const due = fields.due_time ? { due_zone: ownZone() } : {};
    if (Object.entries(fields).every(([name, value]) => task[name] === value)) return;
    this.#add("task", task.id, "update", { ...fields, ...due }, done, task);
  }

  complete(task, completed) {
    this.editTask(task, { completed });
    if (!completed) return;
    const undo = () => this.editTask(this.model.shown.tasks.get(task.id) ?? task, { completed: false });
    this.toasts.show({ text: `Completed ${quoted(task.title)}`, action: ["Undo", undo] });
  }

  /** Deletes after the time to undo it: until then nothing has happened, so that an undo loses nothing. */
  removeTask(task) {
    const key = this.#add("task", task.id, "delete", undefined, undefined, task, "delayed");
    if (this.model.selected.task === task.id) this.navigate(this.model.selected.list, null);
    this.toasts.show({
      text: `Deleting ${quoted(task.title)}`,
      seconds: UNDO_SECONDS,
      countdown: true,
      action: ["Undo", () => this.outbox.cancel(key)],
      onEnd: () => this.outbox.release(key),
    });
  }

  addList(name, color) {
    const id = crypto.randomUUID();
    this.#add("list", id, "create", { name, color }, { kind: "list", owner: this.model.shown.me?.id });
    this.navigate(id, null);
  }

  editList(list, fields) {
    const changed = Object.fromEntries(Object.entries(fields).filter(([name, value]) => list[name] !== value));
    if (Object.keys(changed).length) this.#add("list", list.id, "update", changed, {}, list);
  }

  removeList(list) {
    this.#add("list", list.id, "delete");
  }

  #add(kind, id, verb, fields, display, seen, state = "queued") {
    const key = crypto.randomUUID();
    const base = Object.fromEntries(Object.keys(fields ?? {}).map((name) => [name, seen?.[name]]));
    this.outbox.add({ key, kind, id, verb, fields, display, base, version: seen && this.#version(kind, id), state, seen_as: seen });
    return key;
  }

  /** The version that the person has before their eyes, their own changes included as far as they are answered. */
  #version(kind, id) {
    const confirmed = this.model.confirmed[`${kind}s`].get(id)?.version;
    const own = this.outbox.operations.filter((each) => each.id === id).map((each) => each.acknowledged ?? 0);
    return confirmed && Math.max(confirmed, ...own);
  }

  #failed(operation, { error, theirs }) {
    const report = operation.kind === "list" ? this.#listFailed : this.#taskFailed[operation.verb];
    report.call(this, operation, error, theirs);
  }

  #listFailed({ verb, fields, seen_as: list }, error) {
    const what = { create: "could not be made", update: "could not be changed", delete: "could not be deleted" }[verb];
    this.toasts.problem(`The list ${quoted(fields?.name ?? list?.name ?? "")} ${what}. ${error.message}`);
  }

  #taskFailed = {
    create({ fields }, error) {
      const again = ["Edit again", () => this.compose(fields.title)];
      this.toasts.problem(`${quoted(fields.title)} could not be added. ${error.message}`, again);
    },

    update({ id, fields, base, seen_as: before }, error, theirs) {
      const task = this.model.shown.tasks.get(id) ?? error.problem.current;
      const text = ["title", "notes"].find((name) => name in fields);
      if (error.status === 404) {
        const keep = ["Keep as a new task", () => this.keep({ ...before, ...fields })];
        this.toasts.problem(`${quoted(before.title)} has been deleted, so your change could not be saved.`, keep);
      } else if (theirs && text in theirs) {
        const { current } = error.problem;
        const name = nameOf(this.model.shown, current.updated_by);
        this.#reopen(task, text, { text: fields[text], base: base[text], theirs: { value: current[text], name } });
      } else if (theirs) {
        const names = Object.keys(theirs).map((name) => FIELD_NAMES[name] ?? name).join(" and ");
        const mine = ["Use mine", () => this.editTask(this.model.shown.tasks.get(id) ?? task, fields)];
        this.toasts.problem(`The ${names} of ${quoted(task.title)} had just been changed by somebody else. Yours was not saved.`, mine);
      } else {
        const again = text && ["Edit again", () => this.#editAgain(task, text, fields[text])];
        this.toasts.problem(`The change of ${quoted(before.title)} was not saved. ${error.message}`, again);
      }
    },

    delete({ id, seen_as: before }, error, theirs) {
      if (!theirs) return this.toasts.problem(`${quoted(before.title)} could not be deleted. ${error.message}`);
      const anyway = ["Delete anyway", () => this.removeTask(this.model.shown.tasks.get(id) ?? before)];
      this.toasts.problem(`${quoted(before.title)} was changed by somebody else just now, so it was not deleted.`, anyway);
    },
  };

  /** A deleted task that one was working on lives on as a new one. */
  keep(task) {
    const { title, notes, priority, due_date, due_time, due_zone } = task;
    const list = this.model.shown.lists.has(task.list) ? task.list : this.model.selected.list;
    this.addTask(list, title, { notes, priority, due_date, due_time, due_zone });
  }

  /** Opens the editor with the text that was not saved. */
  #reopen(task, field, draft) {
    if (field === "notes") this.navigate(task.list, task.id);
    this.model.setDraft(this.model.edit(task, field, field === "notes" ? "panel" : "row"), draft);
  }

  #editAgain(task, field, text) {
    this.#reopen(task, field, { text });
    if (field === "title") this.focusEditor(task.id);
  }
}
