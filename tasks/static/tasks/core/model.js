import * as drafts from "./drafts.js";
import { overlay, settle } from "./pending.js";
import { nameOf } from "./selectors.js";
import { EMPTY, reduceAll } from "./store.js";

/**
 * All that the page knows: the confirmed state, what is shown (with one's own pending changes), texts being edited,
 * and what is selected. Views read it and are told with `onChange`; nothing here touches the document.
 */
export class Model {
  #frames = [];

  /** @param {Object} options  schedule(call): when to take in what has come; isOwn(requestId) */
  constructor({ schedule, isOwn }) {
    this.schedule = schedule;
    this.isOwn = isOwn;
    this.confirmed = this.shown = EMPTY;
    this.outbox = null;
    this.loaded = false;
    this.status = "offline";
    this.signedOut = false;
    this.selected = { list: null, task: null };
    this.drafts = new Map(); // "id/field" → {id, field, place, home, task, text, base, theirs, gone}
    this.changes = []; // what others did since the last look: {id, kind, verb, name, object}
    this.onChange = () => {};
  }

  /** Takes a frame of the socket. Many that come at once are taken in together. */
  take(frame) {
    this.#frames.push(frame);
    if (this.#frames.length === 1) this.schedule(() => this.flush());
  }

  flush() {
    const frames = this.#frames;
    this.#frames = [];
    const before = this.confirmed;
    this.confirmed = reduceAll(before, frames);
    this.loaded ||= frames.some(({ type }) => type === "snapshot");
    this.outbox.settled(settle(this.outbox.operations, this.confirmed, frames));
    this.refresh(frames);
    for (const frame of frames) this.#note(frame, before);
    this.onChange();
  }

  /** Recomputes what is shown; the texts being edited learn what became of their fields. */
  refresh(frames = []) {
    this.shown = overlay(this.confirmed, this.outbox.operations);
    for (const [key, draft] of this.drafts) {
      const task = this.shown.tasks.get(draft.id);
      const gone = !task || !this.shown.lists.has(task.list);
      const name = this.#author(frames, draft.id, task);
      if (!gone) this.drafts.set(key, { ...drafts.remote(draft, task[draft.field], name), ...rest(draft), task, gone: null });
      else if (!draft.gone) this.drafts.set(key, { ...draft, gone: { name } });
    }
  }

  /** Starts editing a field of a task, or returns the draft that is there. */
  edit(task, field, place) {
    const key = `${task.id}/${field}`;
    if (!this.drafts.has(key)) {
      const home = { list: task.list, completed: task.completed }; // where it is shown as long as it is being edited
      this.drafts.set(key, { ...drafts.begin(task[field]), id: task.id, field, place, home, task, gone: null });
    }
    this.drafts.get(key).place = place;
    this.onChange();
    return this.drafts.get(key);
  }

  draft(id, field) {
    return this.drafts.size ? this.drafts.get(`${id}/${field}`) : undefined;
  }

  /** Replaces a draft's text state; null ends it. */
  setDraft(draft, next) {
    const key = `${draft.id}/${draft.field}`;
    if (next === null) this.drafts.delete(key);
    else if (this.drafts.has(key)) this.drafts.set(key, { ...this.drafts.get(key), ...next });
    this.onChange();
  }

  takeChanges() {
    const changes = this.changes;
    this.changes = [];
    return changes;
  }

  #author(frames, id, task) {
    const frame = frames.findLast(({ data, stream }) => data?.id === id || stream === `list.${id}`);
    if (frame?.actor) return nameOf(this.confirmed, frame.actor.id, frame.actor.username);
    return task?.updated_by && !frame ? nameOf(this.confirmed, task.updated_by) : "Somebody";
  }

  #note({ type, data, actor, request_id: request }, before) {
    if (!actor && !request) return;
    const [kind, verb] = type.split(".");
    if (this.isOwn(request) || (kind !== "task" && kind !== "list")) return;
    const object = this.shown[`${kind}s`].get(data.id) ?? before[`${kind}s`].get(data.id);
    const name = actor ? nameOf(this.confirmed, actor.id, actor.username) : "Somebody";
    this.changes.push({ id: data.id, kind, verb, name, object, before: before[`${kind}s`].get(data.id) });
  }
}

const rest = ({ id, field, place, home }) => ({ id, field, place, home });
