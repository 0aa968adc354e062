import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../../tasks/static/tasks/core/api.js";
import { Lazy } from "../../tasks/static/tasks/core/lazy.js";
import { EMPTY } from "../../tasks/static/tasks/core/store.js";
import { TaskActions } from "../../tasks/static/tasks/features/items/actions.js";
import { QuickAdd } from "../../tasks/static/tasks/features/quick_add/adding.js";

const READ = {
  "Pay rent !high": { title: "Pay rent", spans: [{}], fields: { priority: "high" } },
  "Ice *new": { title: "Ice", spans: [{}], fields: { new_labels: ["new"], due_date: "2026-12-01" } },
  Plain: { title: "Plain", spans: [], fields: {} },
  "Mow #Garden": { title: "Mow", spans: [{}], fields: { list: "g", labels: ["own"] } },
};

function parts({ copied = null } = {}) {
  const sent = [];
  const outbox = { operations: [], add: (...operations) => sent.push(operations) };
  const model = { shown: { ...EMPTY, me: { id: 1 }, tasks: new Map() }, confirmed: EMPTY };
  const actions = new TaskActions({ model, outbox, toasts: {}, undo: { push: (entry) => entry }, onRemoved() {}, undoEntry() {}, restore: async () => true, copy: async () => copied });
  const reader = { known: ({ text }) => READ[text] ?? null, read: async () => null, isOnline: () => true };
  return { sent, model, actions, quickAdd: new QuickAdd({ model, outbox, actions, reader, toasts: { show() {} }, go() {} }) };
}

test("each of several lines is read; those that need the server go alone, the others together", async () => {
  const { sent, quickAdd } = parts();
  const ids = await quickAdd.addAll("l", ["Pay rent !high", "Ice *new", "Plain", "Mow #Garden"], { due_date: "2026-11-30", labels: ["mine"], section: "s" });
  const [operations] = sent;
  assert.equal(ids.length, 4);
  const [rent, ice, plain, mow] = operations;
  assert.deepEqual(rent.fields, { due_date: "2026-11-30", labels: ["mine"], section: "s", priority: "high", list: "l", title: "Pay rent" });
  assert.deepEqual([ice.quick.text, ice.given, ice.batch], ["Ice *new", { labels: ["mine"], section: "s" }, undefined]);
  assert.equal(plain.fields.title, "Plain");
  assert.ok(plain.batch && !plain.quick, "what was read and says nothing more is a title");
  assert.deepEqual(mow.fields, { due_date: "2026-11-30", list: "g", labels: ["own"], title: "Mow" }, "labels, sections and people are those of a list");
  assert.ok(rent.batch && rent.batch === plain.batch);
});

test("what is chosen beside a line is written after it, and its labels are added", async () => {
  const asked = [];
  const api = new Api({ cookies: () => "", fetch: async (url, { method, body }) => (asked.push([method, url, JSON.parse(body)]), new Response(JSON.stringify({ task: { id: "t", labels: ["new"] } }))) });
  await api.send({ kind: "task", id: "t", verb: "create", quick: { text: "Ice *new" }, given: { labels: ["mine"], priority: "low" } });
  assert.deepEqual(asked, [["POST", "/api/tasks/quick-add", { id: "t", text: "Ice *new" }], ["PATCH", "/api/tasks/t", { labels: ["mine", "new"], priority: "low" }]]);
});

test("a line that was not read is read by the server; what was chosen beside it holds where it says nothing", async () => {
  const { sent, quickAdd } = parts();
  await quickAdd.addAll("l", ["Tea tomorrow"], { priority: "low", due_date: "2026-11-30" });
  const [operation] = sent[0];
  assert.deepEqual([operation.fields.title, operation.quick.text, operation.quick.list, operation.batch], ["Tea tomorrow", "Tea tomorrow", "l", undefined]);
  const asked = [];
  const answers = [new Response(JSON.stringify({ task: { id: "t", list: "l", labels: [], due_date: "2026-12-01", priority: "none" } })), new Response("{}")];
  const api = new Api({ cookies: () => "", fetch: async (url, { method, body }) => (asked.push([method, url, JSON.parse(body)]), answers.shift()) });
  await api.send({ ...operation, id: "t" });
  assert.deepEqual([asked[0][2], asked[1]], [{ id: "t", ...operation.quick }, ["PATCH", "/api/tasks/t", { priority: "low" }]]);
  answers.push(new Response(JSON.stringify({ errors: { text: "Nothing is left for the title." } }), { status: 400 }), new Response("{}"));
  await api.send({ ...operation, id: "t" });
  assert.deepEqual(asked.at(-1), ["POST", "/api/tasks", { id: "t", ...operation.fields }], "one that leaves no title is a title");
});

test("a copy is the server's; without a connection it is made here, with the open subtasks", async () => {
  const task = { id: "t", list: "l", title: "One", position: 1, labels: [] };
  const online = parts({ copied: "c" });
  assert.deepEqual([await online.actions.duplicate(task), online.sent], ["c", []]);
  const offline = parts();
  const rows = [task, { ...task, id: "s", title: "Sub", parent: "t" }, { ...task, id: "d", parent: "t", completed: true }, { ...task, id: "n", position: 2 }];
  offline.model.shown.tasks = new Map(rows.map((row) => [row.id, { completed: false, parent: null, ...row }]));
  const id = await offline.actions.duplicate(task);
  const [[own, sub, ...others]] = offline.sent;
  assert.deepEqual([own.id, own.fields.title, sub.fields.title, sub.fields.parent, others.length], [id, "One", "Sub", id, 0]);
});

test("a task that is moved goes back between its neighbours, in one request with the others", async () => {
  const { sent, model, actions } = parts();
  const rows = ["a", "b", "c"].map((id, at) => ({ id, list: "l", title: id, position: at, completed: false }));
  model.shown.tasks = new Map(rows.map((row) => [row.id, row]));
  const { entry } = actions.edit(rows[1], { position: -1, beside: { before: "a" } });
  assert.deepEqual([sent[0][0].beside, sent[0][0].fields], [{ before: "a" }, { position: -1 }]);
  model.shown.tasks.set("b", { ...rows[1], position: 0.5 }); // where the server has put it
  model.shown.tasks.delete("c");
  assert.ok(await entry.undo());
  assert.deepEqual(sent[1][0].beside, { after: "a" });
});

test("a part that can't be loaded is told of, and can be asked for again", async () => {
  globalThis.document ??= { addEventListener() {} };
  const told = [];
  Lazy.onFailure = (error) => told.push(error.message);
  let fails = true;
  const part = new Lazy(async () => {
    if (fails) throw new Error("offline");
    return "part";
  });
  part.open(() => told.push("opened"));
  await new Promise(setImmediate);
  fails = false;
  part.open((each) => told.push(each));
  await new Promise(setImmediate);
  assert.deepEqual(told, ["offline", "part"]);
});
