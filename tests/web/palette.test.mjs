import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

import { Beyond } from "../../tasks/static/tasks/features/palette/beyond.js";
import { placeText } from "../../tasks/static/tasks/features/quick_add/dialog.js";

/** A promise that is kept from outside. */
function signal() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

const titles = (found) => found.map(({ title }) => title);

test("the palette shows what the server finds, and what it found last as far as that fits while more is typed", async () => {
  const asked = [];
  let shown = signal();
  let task = { title: "Rent", notes: "wichtig" };
  const request = async (_, path) => (asked.push(path), { results: [task] });
  const beyond = new Beyond({ api: { request }, isOnline: () => true, refresh: () => shown.resolve() });
  assert.deepEqual(beyond.of("wich", ["wich"]), []);
  assert.deepEqual(beyond.of("wichtig", ["wichtig"]), []);
  assert.ok(beyond.isAwaited("wichtig"));
  await shown.promise;
  assert.deepEqual(asked, ["/api/search?q=wichtig&limit=8"], "once, after a pause");
  assert.ok(!beyond.isAwaited("wichtig"));
  assert.deepEqual(titles(beyond.of("wichtig", ["wichtig"])), ["Rent"]);
  [shown, task] = [signal(), { title: "Other", notes: "" }];
  assert.deepEqual(titles(beyond.of("wichtig re", ["wichtig", "re"])), ["Rent"], "still there while the next answer is awaited");
  assert.deepEqual(beyond.of("wichtig ret", ["wichtig", "ret"]), []);
  await shown.promise;
  assert.deepEqual(titles(beyond.of("wichtig ret", ["wichtig", "ret"])), ["Other"]);
  assert.deepEqual(beyond.of("", []), [], "nothing is kept for the next time");
});

test("without a connection, or when the server refuses, nothing further is found", async () => {
  const shown = signal();
  let isOnline = false;
  const request = async () => Promise.reject(new Error("refused"));
  const beyond = new Beyond({ api: { request }, isOnline: () => isOnline, refresh: () => shown.resolve() });
  assert.deepEqual(beyond.of("a", ["a"]), []);
  assert.ok(!beyond.isAwaited("a"));
  isOnline = true;
  assert.deepEqual(beyond.of("b", ["b"]), []);
  await shown.promise;
  assert.ok(!beyond.isAwaited("b"));
});

test("who adds to Everyone is told who sees it", () => {
  const person = (id, is_active = true) => [id, { id, is_active }];
  const lists = new Map([["e", { id: "e", kind: "everyone", name: "Everyone" }], ["h", { id: "h", kind: "list", name: "Household" }]]);
  const state = { lists, users: new Map([person(1), person(2), person(3), person(4, false)]) };
  assert.equal(placeText(state, "e"), "Everyone: all 3 people see it.");
  assert.equal(placeText(state, "h"), "“Household”.");
});
