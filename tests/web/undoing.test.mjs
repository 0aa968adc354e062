import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

import { Model } from "../../tasks/static/tasks/core/model.js";
import { Outbox } from "../../tasks/static/tasks/core/outbox.js";
import { Undoing } from "../../tasks/static/tasks/features/history/undoing.js";
import { UndoStack } from "../../tasks/static/tasks/shell/undo.js";

test("without a connection a change whose request is still on its way is not sent", async () => {
  let fail;
  const request = new Promise((_, reject) => (fail = reject));
  const outbox = new Outbox({ send: () => request, onChange: () => {}, isOffline: () => true, onSignedOut: () => {}, clock: { setTimeout: () => 1, clearTimeout() {} } });
  const told = [];
  const stack = new UndoStack();
  const toasts = { show: ({ text }) => told.push(text), problem: (text) => told.push(text) };
  const undoing = new Undoing({ api: {}, outbox, stack, toasts, isOnline: () => false, onUndone: () => {} });
  outbox.add({ key: "k", verb: "delete", kind: "task", id: "a", state: "queued" });
  stack.push({ text: "Deleted", keys: ["k"], undo: () => assert.fail("the server was asked") });
  undoing.undo();
  await new Promise(setImmediate);
  assert.equal(outbox.operations[0].state, "sending");
  fail({ status: 0, passing: true });
  await new Promise(setImmediate);
  assert.deepEqual([outbox.operations, told], [[], ["Undone: Deleted."]]);
});

/** An outbox and an undo on a server whose answers the test gives; `log` has what was asked and told, in its order. */
function begin() {
  const log = [];
  const answers = [];
  const outbox = new Outbox({ send: ({ key }) => new Promise((resolve) => void (log.push(`send ${key}`), answers.push(resolve))), onChange: () => {}, onSignedOut: () => {} });
  const stack = new UndoStack();
  const toasts = { show: ({ text }) => log.push(text), problem: (text) => log.push(text) };
  const api = { request: async (_, path) => (log.push(path), { detail: "Undone: deleted “Two”." }) };
  let adopt = () => {};
  const adopted = new Promise((resolve) => (adopt = (...operations) => resolve(outbox.adopt(operations))));
  const undoing = new Undoing({ api, outbox, stack, toasts, isOnline: () => true, onUndone: () => {}, adopted: () => adopted });
  return { undoing, api, outbox, stack, adopt, log, answer: () => (answers.shift()({ version: 2 }), new Promise(setImmediate)) };
}

const deletion = (key, more = {}) => ({ key, verb: "delete", kind: "task", id: key, state: "sending", tried: true, ...more });

test("after a reload an undo waits for what the page before it has left", async () => {
  for (const redo of [false, true]) {
    const { undoing, adopt, log, answer } = begin();
    if (redo) undoing.redo();
    else undoing.undo();
    await new Promise(setImmediate);
    assert.deepEqual(log, [], "not before it is known what is left");
    adopt(deletion("two"));
    await new Promise(setImmediate);
    assert.deepEqual(log, ["send two"]);
    await answer();
    assert.deepEqual(log.slice(1), [redo ? "/api/redo" : "/api/undo", "Undone: deleted “Two”."]);
  }
});

test("what the page before it has left and never sent is dropped", async () => {
  const { undoing, outbox, adopt, log } = begin();
  outbox.hold();
  adopt(deletion("one", { state: "queued", tried: false }), deletion("two", { state: "queued", tried: false }));
  undoing.undo();
  await new Promise(setImmediate);
  assert.deepEqual([outbox.operations.map(({ key }) => key), log], [["one"], ["Undone."]]);
});

test("the undo that a message offers takes back nothing else", async () => {
  const { undoing, outbox, adopt, log } = begin();
  adopt();
  outbox.hold();
  for (const key of ["section", "task"]) outbox.add(deletion(key, { state: "queued", tried: false }));
  undoing.undo("section");
  await new Promise(setImmediate);
  assert.deepEqual([outbox.operations.map(({ key }) => key), log], [["section", "task"], ["You have changed something else since: undo that first."]]);
  undoing.undo("task");
  await new Promise(setImmediate);
  assert.deepEqual(outbox.operations.map(({ key }) => key), ["section"]);
});

test("an undo whose answer did not come is not done twice", async () => {
  const { undoing, api, adopt, log } = begin();
  adopt();
  const keys = [];
  const answers = [() => Promise.reject(Object.assign(new Error("no answer"), { passing: true })), async () => ({ detail: "Undone: a." }), async () => ({ detail: "Undone: b." })];
  api.request = (_, path, body, { key }) => (keys.push(key), answers.shift()());
  for (let times = 0; times < 3; times += 1) undoing.undo();
  await new Promise(setImmediate);
  assert.deepEqual(log.slice(1), ["Undone: a.", "Undone: b."]);
  assert.deepEqual([keys[0] === keys[1], keys[1] === keys[2]], [true, false]);
});

test("the server's last change is taken back only where it is the one that is meant", async () => {
  for (const elsewhere of ["in a closed tab", "on another device", ""]) {
    const { undoing, outbox, stack, adopt, log, answer } = begin();
    outbox.add(deletion("own", { state: "queued" }));
    const entry = stack.push({ text: "deleting “Own”", keys: ["own"], undo: async () => !!log.push("restored") });
    await answer();
    const model = new Model({ schedule: (call) => call(), isOwn: (request) => request === "own", outbox });
    model.onElsewhere = () => void (outbox.overtaken = true);
    model.take({ type: "snapshot", streams: null, data: { me: { id: 1, version: 1 } } });
    const request = elsewhere === "on another device" ? "other" : "own";
    model.take({ type: "list.updated", stream: "list.x", data: { id: "x", version: 2 }, actor: { id: 1 }, request_id: request });
    model.take({ type: "list.updated", stream: "list.x", data: { id: "x", version: 3 }, actor: { id: 2 }, request_id: "bob's" });
    adopt(...(elsewhere === "in a closed tab" ? [deletion("left")] : []));
    await new Promise(setImmediate);
    undoing.undoEntry(entry);
    await new Promise(setImmediate);
    assert.deepEqual(log.filter((each) => !each.startsWith("send")), elsewhere ? ["restored", "Undone: deleting “Own”."] : ["/api/undo", "Undone: deleted “Two”."]);
  }
});
