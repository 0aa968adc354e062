import { explain } from "../../core/api.js";
import { isDirty } from "../../core/drafts.js";
import { fieldLabel } from "../../core/kinds.js";
import { isWritable, nameOf } from "../../core/selectors.js";
import { quoted } from "../../core/text.js";
import { keepTask } from "./keep-as-new.js";

/**
 * Reports changes of tasks that could not be saved, and offers their text again. It never moves the focus and never
 * navigates: an offline change may fail while the person is typing elsewhere.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Operation} Operation
 * @typedef {import("../../core/types.js").Draft} Draft
 * @typedef {import("../../core/types.js").Choice} Choice
 * @typedef {import("../../core/types.js").Fields} Fields
 * @typedef {import("../../core/outbox.js").Failure} Failure
 */
export class TaskFailures {
  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {import("./actions.js").TaskActions} parts.actions
   * @param {(list: string, text: string) => void} parts.compose   opens the field for a new task in that list, with this text
   * @param {(conflict: Parameters<typeof import("../history/conflict.js").compare>[0]) => void} parts.compare
   * @param {(task: Task, field: Draft["field"]) => void} parts.show   opens the field of a task
   * @param {(list: string, task: string) => void} parts.go
   * @param {(list: string) => Promise<boolean>} parts.isListReadable   whether the server still has the list for the person
   */
  constructor({ model, toasts, actions, compose, show, compare, go, isListReadable }) {
    this.model = model;
    this.toasts = toasts;
    this.actions = actions;
    this.compose = compose;
    this.openField = show;
    this.compare = compare;
    this.go = go;
    this.isListReadable = isListReadable;
  }

  /** @param {Operation} operation @param {Failure} failure */
  report(operation, { error, theirs }) {
    this.actions.forgetMessage(operation.key);
    if (operation.verb === "create") this.#notAdded(operation, error);
    else if (operation.verb === "update") this.#notChanged(operation, error, theirs);
    else this.#notDeleted(operation, error, theirs);
  }

  /** @param {Operation} operation @param {any} error */
  #notAdded({ fields, display, quick, given }, error) {
    const task = /** @type {Task} */ ({ ...display, ...fields });
    const { list, title } = task;
    const why = error.problem?.errors?.list ? "see" : this.#whyLost(list);
    if (!why) return this.toasts.problem(`${quoted(title)} could not be added. ${explain(error)}`, ["Edit again", () => this.compose(list, title)]);
    const line = quick && title === quick.text.trim() ? { quick, given: { ...given, ...fields } } : {};
    return this.toasts.problem(`${quoted(title)} could not be added: you can no longer ${why} ${this.#nameOf(list)}.`, ["Keep as a new task", () => this.#keep(task, line)]);
  }

  /** What the person can no longer do with the list; "" where it can be written. @param {string} id @returns {"see" | "change" | ""} */
  #whyLost(id) {
    const { shown } = this.model;
    const list = shown.lists.get(id);
    if (!list) return "see";
    return isWritable(shown, list) ? "" : "change";
  }

  /** @param {string} list */
  #nameOf(list) {
    const name = (this.model.shown.lists.get(list) ?? this.model.lost.get(list))?.name;
    return name ? `the list ${quoted(name)}` : "its list";
  }

  /** What was written becomes a task elsewhere, or where there is no list for it, a draft. @param {Task} task @param {Partial<Operation>} [line] */
  #keep(task, line) {
    const kept = keepTask({ model: this.model, actions: this.actions }, task, line);
    if (!kept) {
      const present = this.model.composers.get(task.list);
      this.model.compose(task.list, [present, task.title].filter(Boolean).join(" "));
      return this.compose(task.list, "");
    }
    const isHere = this.model.selected.list === kept.list.id;
    if (!isHere) this.toasts.show({ text: `Added ${quoted(task.title)} to ${quoted(kept.list.name)}.`, choices: [["Open", () => this.go(kept.list.id, kept.id)]] });
  }

  /** @param {Operation} operation @param {any} error @param {Failure["theirs"]} theirs */
  #notChanged(operation, error, theirs) {
    const { id, fields = {}, seen_as: before } = operation;
    const task = this.model.shown.tasks.get(id) ?? error.problem?.current ?? before;
    const text = /** @type {Draft["field"] | undefined} */ (["title", "notes"].find((name) => name in fields));
    if (error.status === 404) {
      void this.#tellGone({ ...before, ...fields }, before.title);
    } else if (fields.position !== undefined && !fields.list && task.list !== before.list) {
      this.toasts.problem(`${quoted(task.title)} is in another list now, so it could not be put there.`);
    } else if (error.status === 403 || this.#whyLost(task.list)) {
      /** @type {Choice[]} */
      const keep = text ? [["Keep as a new task", () => this.#keep({ ...before, ...fields })]] : [];
      this.toasts.problem(`You can no longer change ${quoted(before.title)}, so your change could not be saved.`, ...keep);
    } else if (text && theirs && text in theirs) {
      this.#conflict(operation, task, text, error);
    } else if (theirs) {
      const names = Object.keys(theirs).map((name) => fieldLabel("task", name)).join(" and ");
      const now = () => this.#newest(id, error.problem?.current) ?? task;
      const name = nameOf(this.model.shown, error.problem?.current?.updated_by);
      const save = (/** @type {Fields} */ taken) => this.actions.edit(now(), taken);
      const side = () => this.compare({ state: this.model.shown, task: now(), mine: fields, theirs, name, save });
      this.toasts.problem(`The ${names} of ${quoted(task.title)} had just been changed by ${name}. Yours was not saved.`, ["Compare", side], ["Use mine", () => save(fields)]);
    } else {
      /** @type {Choice[]} */
      const again = text ? [["Edit again", () => this.#editAgain(task, text, fields[text])]] : [];
      this.toasts.problem(`The change of ${quoted(before.title)} was not saved. ${explain(error)}`, ...again);
    }
  }

  /** A task that the server does not find is deleted, or where the person can't see it: the list tells. @param {Task} task  with the change @param {string} title */
  async #tellGone(task, title) {
    const isListThere = await this.isListReadable(task.list);
    const why = isListThere ? `${quoted(title)} has been deleted` : `You can no longer see ${quoted(title)}`;
    this.toasts.problem(`${why}, so your change could not be saved.`, ["Keep as a new task", () => this.#keep(task)]);
  }

  /** The answer may be newer than the page: after an interruption, the events come later. @param {string} id @param {Task | undefined} current */
  #newest(id, current) {
    const shown = this.model.shown.tasks.get(id);
    return shown && (current?.version ?? 0) > shown.version ? current : shown;
  }

  /** @param {Operation} operation @param {Task} task @param {Draft["field"]} field @param {any} error */
  #conflict({ fields = {}, base = {} }, task, field, error) {
    const { current } = error.problem;
    const name = nameOf(this.model.shown, current.updated_by);
    this.#offer(task, field, { text: fields[field], base: base[field], theirs: { value: current[field], name } });
    const { list, task: open } = this.model.selected;
    if (field === "title" ? list === task.list : open === task.id) return; // the notice below the field says it
    this.toasts.problem(`${name} changed the ${field} of ${quoted(task.title)}, as you did.`, ["Show", () => this.openField(task, field)]);
  }

  /** @param {Operation} operation @param {any} error @param {Failure["theirs"]} theirs */
  #notDeleted({ id, seen_as: before }, error, theirs) {
    if (!theirs) return this.toasts.problem(`${quoted(before.title)} could not be deleted. ${explain(error)}`);
    const anyway = () => this.actions.remove(this.model.shown.tasks.get(id) ?? before);
    return this.toasts.problem(`${quoted(before.title)} was changed by somebody else just now, so it was not deleted.`, ["Delete anyway", anyway]);
  }

  /** Puts the text that was not saved into its field, unless somebody is writing there already. @param {Task} task @param {Draft["field"]} field @param {Partial<Draft>} draft */
  #offer(task, field, draft) {
    const present = this.model.draft(task.id, field);
    if (present && isDirty(present)) this.model.setDraft(present, { base: draft.base ?? present.base, theirs: draft.theirs ?? null });
    else this.model.setDraft(this.model.edit(task, field, present?.place ?? (field === "notes" ? "panel" : "row")), draft);
  }

  /** @param {Task} task @param {Draft["field"]} field @param {string} text */
  #editAgain(task, field, text) {
    this.#offer(task, field, { text });
    this.openField(task, field);
  }
}
