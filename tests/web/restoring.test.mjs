import assert from "node:assert/strict";
import { test } from "node:test";

import { isSameValue, restorable } from "../../tasks/static/tasks/features/history/restoring.js";
import { changedLines } from "../../tasks/static/tasks/features/history/values.js";

const change = (from, to) => ({ from, to });

test("a field's earlier value comes with those of the fields that belong to it", () => {
  const changes = { title: change("One", "Two"), due_time: change(null, "17:00:00"), due_date: change("2026-11-27", "2026-12-01"), due_zone: change(null, "UTC") };
  assert.deepEqual(restorable(changes, "title"), { first: "title", fields: { title: "One" } });
  const due = { first: "due_date", fields: { due_date: "2026-11-27", due_time: null, due_zone: null } };
  assert.deepEqual(restorable(changes, "due_time"), due);
  assert.deepEqual(restorable(changes, "due_date"), due);
});

test("a text that was hidden is restored as an empty one, and what is no value of its own not at all", () => {
  assert.deepEqual(restorable({ notes: change(null, "New") }, "notes").fields, { notes: "" });
  for (const name of ["completed", "position", "completed_at"]) assert.equal(restorable({ [name]: change(1, 2) }, name).first, "");
});

test("values are compared by what they hold", () => {
  assert.ok(isSameValue(["a", "b"], ["a", "b"]));
  assert.ok(isSameValue(undefined, null));
  assert.ok(!isSameValue(["a"], ["b"]));
});

test("of notes that have changed, the lines that differ are shown, cut in the middle", () => {
  assert.deepEqual(changedLines("One\nTwo\nThree\nFour", "One\n2\nThree\nFour"), change("Two", "2"));
  assert.deepEqual(changedLines("One\nTwo", "One\nNew\nTwo"), change("", "New"));
  assert.deepEqual(changedLines("", "Only"), change("", "Only"));
  const { from, to } = changedLines(`a${"x".repeat(500)}b`, `a${"y".repeat(500)}c`);
  assert.match(from, /^ax{79} … x{79}b$/);
  assert.match(to, /^ay{79} … y{79}c$/);
});
