import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../tasks/static/tasks/core/api.js";
import { Outbox } from "../../tasks/static/tasks/core/outbox.js";
import { EMPTY } from "../../tasks/static/tasks/core/store.js";
import { TaskActions } from "../../tasks/static/tasks/features/items/actions.js";
import { TaskFailures } from "../../tasks/static/tasks/features/items/failures.js";
import { ObjectFailures } from "../../tasks/static/tasks/features/object-failures.js";
import { Objects } from "../../tasks/static/tasks/features/objects.js";
import { Clock, settled } from "./fakes.mjs";

const LOST = "990c0000-0000-4000-8000-000000000000";
const INVALID = { errors: { list: [`Invalid pk "${LOST}" - object does not exist.`] } };
const home = { id: "home", name: "Home", kind: "inbox", owner: 1 };
const task = { id: "t", list: LOST, title: "Milk", notes: "Semi", labels: ["x"], section: "s", completed: false, position: 1, version: 1 };

/** A person whose changes the server refuses; `lists` are those that they still have. */
function refusing(error, { lists = [home] } = {}) {
  const told = [];
  const drafts = [];
  const sent = [];
  const toasts = { problem: (text, ...choices) => told.push({ text, choices }), show: ({ text, choices }) => told.push({ text, choices }) };
  const known = { ...EMPTY, me: { id: 1 }, lists: new Map(lists.map((list) => [list.id, list])) };
  const model = { shown: known, confirmed: known, lost: new Map([[LOST, { name: "Party" }]]), selected: { list: null }, composers: new Map(), compose: (list, text) => drafts.push([list, text]) };
  let answer = () => Promise.reject(error);
  const outbox = new Outbox({ send: (operation) => (sent.push(operation), answer()), onChange() {}, onSignedOut() {}, clock: new Clock(), onFailure: (operation, failure) => (operation.kind === "task" ? failures : others).report(operation, failure) });
  const actions = new TaskActions({ model, outbox, toasts, undo: { push: (entry) => entry, forget() {} }, onRemoved() {}, undoEntry() {}, restore: async () => true, copy: async () => null });
  const failures = new TaskFailures({ model, toasts, actions, compose() {}, show() {}, compare() {}, go() {}, isListReadable: async (id) => model.shown.lists.has(id) });
  const objects = new Objects({ model, outbox });
  const others = new ObjectFailures({ model, objects, toasts });
  const accept = () => (answer = async () => ({ version: 1 }));
  return { told, drafts, sent, actions, objects, accept };
}

const choose = async ({ told, accept }, label) => {
  accept();
  told.at(-1).choices.find(([each]) => each === label)[1]();
  await settled();
};

test("a change of a task whose list the person lost is kept as a new task where they may write", async () => {
  const page = refusing(new ApiError(404, { detail: "Not found." }));
  page.actions.edit(task, { title: "Oat milk" });
  await settled();
  assert.equal(page.told[0].text, "You can no longer see “Milk”, so your change could not be saved.");
  await choose(page, "Keep as a new task");
  assert.deepEqual(page.sent.at(-1).fields, { list: "home", title: "Oat milk", notes: "Semi", labels: [] });
  assert.equal(page.told.at(-1).text, "Added “Oat milk” to “Home”.");
});

test("a task that was deleted is kept in its own list", async () => {
  const page = refusing(new ApiError(404, {}), { lists: [home, { ...home, id: LOST, name: "Party" }] });
  page.actions.edit(task, { notes: "Oat" });
  await settled();
  assert.equal(page.told[0].text, "“Milk” has been deleted, so your change could not be saved.");
  await choose(page, "Keep as a new task");
  assert.deepEqual([page.sent.at(-1).fields.list, page.sent.at(-1).fields.notes], [LOST, "Oat"]);
});

for (const [how, error, lists, why] of [
  ["lost", new ApiError(400, INVALID), [home], "you can no longer see the list “Party”"],
  ["archived", new ApiError(403, { detail: "This list is archived." }), [home, { id: LOST, name: "Party", kind: "list", owner: 1, archived_at: "2026-11-01" }], "you can no longer change the list “Party”"],
])
  test(`a task for a list that is ${how}, with all that was written since, goes to another one`, async () => {
    const page = refusing(error, { lists });
    const { id } = page.actions.add(LOST, "Ice tomorrow", { priority: "high" }, { quick: { text: "Ice tomorrow", list: LOST, typed_at: "2026-11-26T10:00:00Z" } });
    page.actions.edit({ ...task, id, title: "Ice tomorrow" }, { notes: "Two kilos" });
    await settled();
    assert.deepEqual(page.told.map(({ text }) => text), [`“Ice tomorrow” could not be added: ${why}.`]);
    await choose(page, "Keep as a new task");
    const { fields, quick, given } = page.sent.at(-1);
    assert.deepEqual([fields.list, fields.title, fields.notes, quick.list], ["home", "Ice tomorrow", "Two kilos", "home"]);
    assert.deepEqual([given.notes, given.priority], ["Two kilos", "high"]);
  });

test("without any list to write in, the text becomes a draft", async () => {
  const page = refusing(new ApiError(400, INVALID), { lists: [] });
  page.actions.add(LOST, "Ice");
  await settled();
  await choose(page, "Keep as a new task");
  assert.deepEqual(page.drafts, [[LOST, "Ice"]]);
});

for (const kind of ["label", "section", "filter"])
  test(`the name of a ${kind} that is refused is not lost, and the reason is a sentence`, async () => {
    const page = refusing(new ApiError(400, INVALID));
    page.objects.create(kind, { list: LOST, name: "Fruit" });
    await settled();
    assert.equal(page.told[0].text, `The ${kind} “Fruit” could not be made. The list does not exist any more, or you cannot see it.`);
    assert.deepEqual(page.told[0].choices.map(([label]) => label), ["Edit again"]);
  });

test("a saved filter that is gone is kept as a new one", async () => {
  const page = refusing(new ApiError(404, { detail: "Not found." }));
  page.objects.update("filter", { id: "f", name: "Old", query: { due: "today" }, version: 3 }, { name: "New" });
  await settled();
  assert.equal(page.told[0].text, "The filter “New” could not be changed. It does not exist any more, or you cannot see it.");
  await choose(page, "Keep as a new filter");
  const { verb, fields } = page.sent.at(-1);
  assert.deepEqual([verb, fields], ["create", { name: "New", query: { due: "today" } }]);
});
