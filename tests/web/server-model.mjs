import "./described.mjs";
import { EVERYONE_LIST } from "../../tasks/static/tasks/core/kinds.js";
import { streamOf } from "../../tasks/static/tasks/core/store.js";

/**
 * A server in small: lists, tasks and their comments that random writes change, each with the events that the real one
 * would log.
 * One person, number 1, sees all of it.
 */
export class ServerModel {
  epoch = "e";
  lists = new Map();
  tasks = new Map();
  comments = new Map();
  members = new Map();
  users = new Map([[1, { id: 1, username: "alice", name: "", is_active: true, version: 1 }]]);
  log = []; // all events, in commit order
  #heads = new Map([["user.1", 0]]);
  #clock = 100;
  #ids = 0;

  constructor(luck) {
    this.luck = luck;
    this.#put("list", { id: EVERYONE_LIST, name: "Everyone", kind: "everyone" });
  }

  positions() {
    return Object.fromEntries(this.#heads);
  }

  /** What GET /api/sync would answer for these streams, or for all of them. */
  snapshot(streams = null, positions = this.positions()) {
    const inside = (kind) => [...this[`${kind}s`].values()].filter((each) => !streams || streams.includes(streamOf(kind, each, this)));
    const me = { id: 1, username: "alice", version: 1 };
    const rows = { users: inside("user"), lists: inside("list"), members: inside("member"), tasks: inside("task") };
    return { epoch: this.epoch, positions, me, ...rows, comments: inside("comment") };
  }

  /** One random write. */
  write() {
    const { below, pick } = this.luck;
    const task = this.tasks.size ? pick([...this.tasks.values()]) : null;
    const list = pick([...this.lists.values()]);
    const kind = below(14);
    if (kind > 9 && task) this.#comment(task);
    else if (kind < 3 || !task) this.#put("task", { id: `t${(this.#ids += 1)}`, list: list.id, title: `${below(99)}` });
    else if (kind < 5) this.#put("task", { ...task, title: `${below(99)}` });
    else if (kind < 7) this.#move(task, list.id);
    else if (kind < 8) this.#delete("task", task);
    else if (kind < 9) this.#newList();
    else if (list.kind === "list") this.#dropList(list);
    else this.#put("task", { id: task.id, list: task.list, title: "again" });
  }

  /** Adds a comment to the task, or changes or deletes one. */
  #comment(task) {
    const { below, pick } = this.luck;
    const there = [...this.comments.values()].filter((each) => each.task === task.id);
    const comment = there.length ? pick(there) : null;
    if (!comment || below(3) === 0) this.#put("comment", { id: `c${(this.#ids += 1)}`, task: task.id, text: `${below(99)}` });
    else if (below(2) === 0) this.#put("comment", { ...comment, text: `${below(99)}` });
    else this.#delete("comment", comment);
  }

  #newList() {
    const id = `l${(this.#ids += 1)}`;
    this.#put("list", { id, name: id, kind: "list" });
    this.#put("member", { id: `m${id}`, list: id, user: { id: 1, username: "alice" }, role: "owner" });
  }

  #move(task, list) {
    if (task.list === list) return;
    const moved = { ...task, list, version: (this.#clock += 1) };
    const from = streamOf("task", task);
    const comments = [...this.comments.values()].filter((each) => each.task === task.id);
    for (const { id, version } of comments) this.#log(from, "comment.deleted", { id, version });
    this.#log(from, "task.deleted", { id: task.id, version: moved.version });
    this.tasks.set(task.id, moved);
    this.#log(streamOf("task", moved), "task.created", moved);
    for (const each of comments) {
      const along = { ...each, version: (this.#clock += 1) };
      this.comments.set(each.id, along);
      this.#log(streamOf("task", moved), "comment.created", along);
    }
  }

  #dropList(list) {
    for (const table of [this.tasks, this.members]) {
      for (const [id, each] of table) if (each.list === list.id) table.delete(id);
    }
    for (const [id, { task }] of this.comments) if (!this.tasks.has(task)) this.comments.delete(id);
    this.#delete("list", list);
  }

  #put(kind, object) {
    const table = this[`${kind}s`];
    const verb = table.has(object.id) ? "updated" : "created";
    const stored = { ...object, version: (this.#clock += 1) };
    table.set(object.id, stored);
    this.#log(streamOf(kind, stored, this), `${kind}.${verb}`, stored);
  }

  #delete(kind, object) {
    const stream = streamOf(kind, object, this);
    this[`${kind}s`].delete(object.id);
    if (kind === "task") for (const [id, { task }] of this.comments) if (task === object.id) this.comments.delete(id); // told with it
    this.#log(stream, `${kind}.deleted`, { id: object.id, version: object.version });
  }

  #log(stream, type, data) {
    const seq = (this.#heads.get(stream) ?? 0) + 1;
    this.#heads.set(stream, seq);
    this.log.push({ type, stream, seq, data });
  }
}

/** The events in another order that keeps each stream's own. */
export function interleaved(events, luck) {
  const byStream = new Map();
  for (const event of events) byStream.set(event.stream, [...(byStream.get(event.stream) ?? []), event]);
  const streams = [...byStream.values()];
  const result = [];
  while (streams.length) {
    const stream = luck.pick(streams);
    result.push(stream.shift());
    if (!stream.length) streams.splice(streams.indexOf(stream), 1);
  }
  return result;
}
