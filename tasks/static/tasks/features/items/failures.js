import { explain } from "../../core/api.js";
import { isDirty } from "../../core/drafts.js";
import { fieldLabel } from "../../core/kinds.js";
import { nameOf } from "../../core/selectors.js";
import { quoted } from "../../core/text.js";

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
   */
  constructor({ model, toasts, actions, compose, show, compare }) {
    this.model = model;
    this.toasts = toasts;
    this.actions = actions;
    this.compose = compose;
    this.openField = show;
    this.compare = compare;
  }

  /** @param {Operation} operation @param {Failure} failure */
  report(operation, { error, theirs }) {
    this.actions.forgetMessage(operation.key);
    if (operation.verb === "create") this.#notAdded(operation, error);
    else if (operation.verb === "update") this.#notChanged(operation, error, theirs);
    else this.#notDeleted(operation, error, theirs);
  }

  /** @param {Operation} operation @param {any} error */
  #notAdded({ fields }, error) {
    const { list, title } = /** @type {Task} */ (fields);
    this.toasts.problem(`${quoted(title)} could not be added. ${explain(error)}`, ["Edit again", () => this.compose(list, title)]);
  }

  /** @param {Operation} operation @param {any} error @param {Failure["theirs"]} theirs */
  #notChanged(operation, error, theirs) {
    const { id, fields = {}, seen_as: before } = operation;
    const task = this.model.shown.tasks.get(id) ?? error.problem?.current ?? before;
    const text = /** @type {Draft["field"] | undefined} */ (["title", "notes"].find((name) => name in fields));
    if (error.status === 404) {
      const keep = () => this.actions.keep({ ...before, ...fields }, this.model.selected.list);
      this.toasts.problem(`${quoted(before.title)} has been deleted, so your change could not be saved.`, ["Keep as a new task", keep]);
    } else if (fields.position !== undefined && !fields.list && task.list !== before.list) {
      this.toasts.problem(`${quoted(task.title)} is in another list now, so it could not be put there.`);
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
