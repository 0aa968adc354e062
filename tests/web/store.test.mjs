import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, reduce, reduceAll, streamOf } from "../../tasks/static/tasks/core/store.js";
import { randomFrom } from "./fakes.mjs";
import { interleaved, ServerModel } from "./server-model.mjs";

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

const whole = (data) => ({ type: "snapshot", streams: null, data });
const task = (id, list, version, title = "") => ({ id, list, version, title });

/** A state as plain sorted data, to compare. */
function plain({ users, lists, members, tasks, comments }) {
  return Object.fromEntries(
    Object.entries({ users, lists, members, tasks, comments }).map(([name, table]) => [
      name,
      [...table.values()].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1)),
    ]),
  );
}

function story(seed, writes = 40) {
  const luck = randomFrom(seed);
  const server = new ServerModel(luck);
  const before = server.snapshot();
  for (let count = 0; count < writes; count += 1) server.write();
  const fresh = plain(reduce(EMPTY, whole(server.snapshot())));
  const events = server.log.filter(({ stream, seq }) => seq > (before.positions[stream] ?? 0));
  return { luck, server, before, events, fresh };
}

test("a snapshot and the events after it are a fresh snapshot, however the streams are interleaved", () => {
  for (const seed of SEEDS) {
    const { luck, before, events, fresh } = story(seed);
    const state = reduceAll(reduce(EMPTY, whole(before)), interleaved(events, luck));
    assert.deepEqual(plain(state), fresh, `seed ${seed}`);
  }
});

test("events that come again change nothing, if each stream's come in order", () => {
  for (const seed of SEEDS) {
    const { luck, before, events, fresh } = story(seed);
    const once = reduceAll(reduce(EMPTY, whole(before)), interleaved(events, luck));
    assert.deepEqual(plain(reduceAll(once, interleaved(events, luck))), fresh, `seed ${seed}`);
  }
});

test("a snapshot whose rows are newer than its position still ends the same", () => {
  for (const seed of SEEDS) {
    const { luck, server, before, fresh, events } = story(seed);
    const late = server.snapshot(null, before.positions);
    assert.deepEqual(plain(reduceAll(reduce(EMPTY, whole(late)), interleaved(events, luck))), fresh, `seed ${seed}`);
  }
});

test("a snapshot of one stream, taken in the middle, repairs that stream and harms no other", () => {
  for (const seed of SEEDS) {
    const luck = randomFrom(seed);
    const server = new ServerModel(luck);
    for (let count = 0; count < 20; count += 1) server.write();
    const before = server.snapshot();
    for (let count = 0; count < 20; count += 1) server.write();
    const streams = Object.keys(server.positions());
    const lost = luck.pick(streams.filter((stream) => stream !== "user.1"));
    const news = ({ stream, seq }) => seq > (before.positions[stream] ?? 0);
    const early = server.log.filter((event) => event.stream !== lost && news(event));
    const data = server.snapshot([lost]);
    const position = server.positions()[lost];
    for (let count = 0; count < 20; count += 1) server.write();
    const rest = server.log.filter((event) => (event.stream === lost ? event.seq > position : news(event) && !early.includes(event)));
    const mixed = interleaved(early, luck);
    const state = reduceAll(reduce(EMPTY, whole(before)), [...mixed, { type: "snapshot", streams: [lost], data }, ...interleaved(rest, luck)]);
    assert.deepEqual(plain(state), plain(reduce(EMPTY, whole(server.snapshot()))), `seed ${seed}, lost ${lost}`);
  }
});

test("one after the other or all at once is the same", () => {
  for (const seed of SEEDS.slice(0, 50)) {
    const { before, events } = story(seed);
    const start = reduce(EMPTY, whole(before));
    assert.deepEqual(plain(events.reduce(reduce, start)), plain(reduceAll(start, events)));
  }
});

test("no state is changed in place, and what did not change is the same object", () => {
  const first = reduce(EMPTY, whole({ me: { id: 1, version: 1 }, tasks: [task("a", "x", 1)], lists: [{ id: "x", version: 1 }] }));
  const second = reduce(first, { type: "task.updated", stream: "list.x", data: task("a", "x", 2, "new") });
  assert.equal(first.tasks.get("a").title, "");
  assert.equal(second.tasks.get("a").title, "new");
  assert.equal(second.lists, first.lists);
  assert.equal(reduce(second, { type: "task.updated", stream: "list.x", data: task("a", "x", 2, "late") }), second);
  assert.equal(EMPTY.tasks.size, 0);
});

test("of an object that is twice in a snapshot, the newer one stays", () => {
  const tasks = [task("a", "x", 2, "new"), { title: "no id" }, task("a", "x", 1, "old"), task("b", "x", 1)];
  const state = reduce(EMPTY, whole({ tasks }));
  assert.deepEqual([state.tasks.get("a").title, state.tasks.size, EMPTY.tasks.size], ["new", 2, 0]);
});

test("only its own stream deletes an object", () => {
  const state = reduce(EMPTY, whole({ tasks: [task("a", "y", 2)] }));
  assert.ok(reduce(state, { type: "task.deleted", stream: "list.x", data: { id: "a", version: 9 } }).tasks.has("a"));
  assert.ok(!reduce(state, { type: "task.deleted", stream: "list.y", data: { id: "a", version: 2 } }).tasks.has("a"));
});

for (const end of [{ type: "left", stream: "list.x" }, { type: "list.deleted", stream: "list.x", data: { id: "x", version: 3 } }]) {
  test(`${end.type} forgets all that belongs to the stream, and nothing else`, () => {
    const member = { id: "m", list: "x", version: 1, user: { id: 1 } };
    const tasks = [task("a", "x", 1), task("b", "y", 1)];
    const state = reduce(EMPTY, whole({ me: { id: 1, version: 1 }, lists: [{ id: "x", version: 1 }, { id: "y", version: 1 }], members: [member], tasks }));
    const after = reduce(state, end);
    assert.deepEqual([[...after.lists.keys()], [...after.tasks.keys()], after.members.size], [["y"], ["b"], 0]);
    assert.equal(after.me, state.me);
  });
}

test("what it does not know, it leaves alone", () => {
  const state = reduce(EMPTY, whole({ tasks: [task("a", "x", 1)] }));
  for (const type of ["chat.created", "chat.deleted", "list.joined", "reminder.due"]) {
    assert.equal(reduce(state, { type, stream: "list.x", data: { id: "a", version: 9 } }), state);
  }
});

test("me follows my own stream", () => {
  const state = reduce(EMPTY, whole({ me: { id: 1, version: 1, name: "" } }));
  const named = reduce(state, { type: "me.updated", stream: "user.1", data: { id: 1, version: 2, name: "Alice" } });
  assert.equal(named.me.name, "Alice");
  assert.equal(reduce(named, { type: "me.updated", stream: "user.1", data: { id: 1, version: 1, name: "" } }), named);
  assert.equal(streamOf("me", { id: 1 }), "user.1");
});

test("of a kind that no module names, the description alone says table, stream and deletion", () => {
  const rows = { me: { id: 1, version: 1 }, lists: [{ id: "x", version: 1 }], tasks: [task("a", "x", 1)], labels: [{ id: "l", list: "x", version: 1 }] };
  const state = reduce(EMPTY, whole({ ...rows, comments: [{ id: "c", task: "a", version: 1 }], filters: [{ id: "f", version: 1 }] }));
  assert.equal(streamOf("comment", state.comments.get("c"), state), "list.x");
  assert.equal(streamOf("filter", state.filters.get("f"), state), "user.1");
  const event = (type, stream, data) => reduce(state, { type, stream, data });
  assert.equal(event("comment.updated", "list.x", { id: "c", task: "a", version: 2, text: "new" }).comments.get("c").text, "new");
  assert.equal(event("task.deleted", "list.x", { id: "a", version: 2 }).comments.size, 0, "it goes with its parent");
  assert.equal(event("label.deleted", "list.x", { id: "l", version: 2 }).labels.size, 0);
  assert.equal(event("filter.deleted", "user.1", { id: "f", version: 2 }).filters.size, 0);
  const left = reduce(state, { type: "left", stream: "list.x" });
  assert.deepEqual([left.comments.size, left.labels.size, left.filters.size], [0, 0, 1]);
});
