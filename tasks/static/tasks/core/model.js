import * as drafts from "./drafts.js";
import { KINDS } from "./kinds.js";
import { overlay, settle } from "./pending.js";
import { nameOf } from "./selectors.js";
import { EMPTY, reduceAll, streamOf, tableOf } from "./store.js";

/**
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Frame} Frame
 * @typedef {import("./types.js").Task} Task
 * @typedef {import("./types.js").Draft} Draft
 * @typedef {import("./types.js").Change} Change
 * @typedef {import("./types.js").Operation} Operation
 * @typedef {{view: import("./views.js").View, list: ?string, task: ?string}} Selection   `list`: of a list's view; else null
 * @typedef {{id: string, name: string, how: "deleted" | "left", by: string}} LostList
 */

/**
 * The page's state: confirmed, shown (with pending changes), drafts, and selection. Views read it and are notified by
 * `onChange`. Nothing here touches the document.
 */
export class Model {
  /** @type {Frame[]} */
  #frames = [];
  /** @type {Map<string, string>} */
  #joined = new Map(); // lists that the person was added to, not loaded yet → by whom
  /** @type {State} */
  confirmed = EMPTY;
  /** @type {State} */
  shown = EMPTY;
  loaded = false;
  /** Of the connection: "live", "catching up" or "offline". */
  status = "offline";
  signedOut = false;
  /** @type {Selection} */
  selected = { view: { kind: "list", id: null }, list: null, task: null };
  /** @type {Map<string, Draft>} */
  drafts = new Map(); // by "id/field"
  /** @type {Map<string, string>} */
  composers = new Map(); // list → draft of a new task
  /** @type {Change[]} */
  changes = []; // changes by others since the last rendering
  /** @type {Map<string, LostList>} */
  lost = new Map(); // lists that were removed while this page was open
  /** The selected list, if it has been removed. @type {?LostList} */
  missing = null;
  /** `onlyTasks`: nothing that is shown beside the tasks has changed. @type {(onlyTasks?: boolean) => void} */
  onChange = () => {};
  /** An event that is no change of an object: "reminder.due". @type {(frame: Frame) => void} */
  onNotice = () => {};
  /** The person has changed something elsewhere: in another tab, on another device, by the API. @type {() => void} */
  onElsewhere = () => {};
  /** Unsaved work has changed. @type {() => void} */
  onUnsaved = () => {};

  /**
   * @param {Object} options
   * @param {(call: () => void) => void} options.schedule    schedules `flush`
   * @param {(request: string | undefined) => boolean} options.isOwn
   * @param {{operations: Operation[], settled: (operations: Operation[]) => void}} options.outbox
   */
  constructor({ schedule, isOwn, outbox }) {
    this.schedule = schedule;
    this.isOwn = isOwn;
    this.outbox = outbox;
  }

  /** Takes a frame of the socket. Frames that arrive together are applied together. @param {Frame} frame */
  take(frame) {
    this.#frames.push(frame);
    if (this.#frames.length === 1) this.schedule(() => this.flush());
  }

  /** Whether frames were taken that the state does not show yet. */
  get isBehind() {
    return this.#frames.length > 0;
  }

  flush() {
    const frames = this.#frames;
    this.#frames = [];
    const { confirmed: before, shown } = this;
    this.confirmed = reduceAll(before, frames);
    this.loaded ||= frames.some(({ type }) => type === "snapshot");
    this.outbox.settled(settle(this.outbox.operations, this.confirmed, frames));
    this.refresh(frames);
    this.#noteLostLists(frames, before);
    for (const frame of frames) {
      this.#note(frame, before);
      if (frame.type === "reminder.due") this.onNotice(frame);
    }
    this.#noteJoinedLists();
    this.onChange(frames.every(({ type }) => String(type).startsWith("task.")) && isSameBeside(shown, this.shown));
  }

  /** Recomputes the shown state and updates the drafts. @param {Frame[]} [frames] */
  refresh(frames = []) {
    this.shown = overlay(this.confirmed, this.outbox.operations);
    for (const [key, draft] of this.drafts) {
      const task = this.shown.tasks.get(draft.id);
      const name = this.#author(frames, draft.id, task ?? draft.task);
      if (task && this.shown.lists.has(task.list)) {
        this.drafts.set(key, { ...draft, ...drafts.remote(draft, task[draft.field], name), task, gone: null });
      } else if (!draft.gone) {
        this.drafts.set(key, { ...draft, gone: { name } });
      }
    }
  }

  /** Starts editing a field of a task, or returns the draft that is there. @param {Task} task @param {Draft["field"]} field @param {Draft["place"]} place */
  edit(task, field, place) {
    const key = `${task.id}/${field}`;
    const home = { list: task.list, completed: task.completed };
    const draft = this.drafts.get(key) ?? { ...drafts.begin(task[field]), id: task.id, field, place, home, task, gone: null };
    draft.place = place;
    this.drafts.set(key, draft);
    this.onChange();
    return draft;
  }

  /** @param {string} id @param {Draft["field"]} field */
  draft(id, field) {
    return this.drafts.size ? this.drafts.get(`${id}/${field}`) : undefined;
  }

  /** Replaces a draft's text state; null ends it. @param {Draft} draft @param {?Partial<Draft>} next */
  setDraft(draft, next) {
    const key = `${draft.id}/${draft.field}`;
    const present = this.drafts.get(key);
    if (next === null) this.drafts.delete(key);
    else if (present) this.drafts.set(key, { ...present, ...next });
    this.onUnsaved();
    this.onChange();
  }

  /** Stores typed text. The field shows it already, so nothing is rendered. @param {Draft} draft @param {string} text */
  typed(draft, text) {
    const key = `${draft.id}/${draft.field}`;
    const present = this.drafts.get(key);
    if (present) this.drafts.set(key, drafts.type(present, text));
    this.onUnsaved();
  }

  /** Stores a list's draft of a new task. @param {string} list @param {string} text */
  compose(list, text) {
    if (text) this.composers.set(list, text);
    else this.composers.delete(list);
    this.onUnsaved();
  }

  /** Restores drafts of closed tabs; drafts of this page take precedence. @param {Draft[]} texts @param {[string, string][]} composers */
  adopt(texts, composers) {
    for (const draft of texts) {
      const key = `${draft.id}/${draft.field}`;
      if (!this.drafts.has(key)) this.drafts.set(key, draft);
    }
    for (const [list, text] of composers) if (!this.composers.get(list)) this.composers.set(list, text);
    this.refresh();
    this.onChange();
  }

  /** Where one is, and all that is shown beside the tasks. @returns {any[]} */
  get surroundings() {
    const { view, list } = this.selected;
    return [...Object.values({ ...this.shown, tasks: null }), view.kind, view.id, list, this.missing];
  }

  takeChanges() {
    const changes = this.changes;
    this.changes = [];
    return changes;
  }

  /** @param {Frame[]} frames @param {string} id @param {Task | undefined} task */
  #author(frames, id, task) {
    const stream = task && streamOf("task", task);
    const frame = frames.findLast(({ type, data, stream: of }) => data?.id === id || (of === stream && type === "list.deleted"));
    if (frame?.actor) return nameOf(this.confirmed, frame.actor.id, frame.actor.username);
    return task?.updated_by && !frame ? nameOf(this.confirmed, task.updated_by) : "Somebody";
  }

  /** @param {Frame[]} frames @param {State} before */
  #noteLostLists(frames, before) {
    if (before.lists === this.confirmed.lists) return;
    for (const id of this.confirmed.lists.keys()) this.lost.delete(id);
    for (const [id, list] of before.lists) {
      if (this.confirmed.lists.has(id)) continue;
      const stream = streamOf("list", list);
      const end = frames.findLast((frame) => frame.stream === stream && ["list.deleted", "member.deleted"].includes(frame.type));
      const by = end?.actor ? nameOf(this.confirmed, end.actor.id, end.actor.username) : "";
      this.lost.set(id, { id, name: list.name, how: end?.type === "list.deleted" ? "deleted" : "left", by });
    }
  }

  /** @param {Frame} frame @param {State} before */
  #note({ type, data, actor, request_id: request }, before) {
    const [kind = "", verb = ""] = String(type).split(".");
    if (actor && actor.id === this.confirmed.me?.id && !this.isOwn(request)) this.onElsewhere();
    if ((!actor && !request) || this.isOwn(request) || KINDS[kind]?.noun === undefined) return;
    const name = actor ? nameOf(this.confirmed, actor.id, actor.username) : "Somebody";
    if (verb === "joined") return void this.#joined.set(data.list, name);
    const { id } = data;
    const object = tableOf(this.shown, kind)?.get(id) ?? tableOf(before, kind)?.get(id);
    this.changes.push({ id, kind, verb, name, object });
  }

  /** Reports a list that the person was added to once it is loaded and has a name. */
  #noteJoinedLists() {
    for (const [id, name] of this.#joined) {
      const object = this.confirmed.lists.get(id);
      if (!object) continue;
      this.changes.push({ id, kind: "list", verb: "joined", name, object });
      this.#joined.delete(id);
    }
  }
}

/** Whether two states differ in their tasks alone. @param {State} a @param {State} b */
const isSameBeside = (a, b) => Object.entries(a).every(([name, table]) => name === "tasks" || /** @type {any} */ (b)[name] === table);
