import assert from "node:assert/strict";
import { test } from "node:test";

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
