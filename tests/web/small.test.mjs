import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

import { usernamesOf } from "../../tasks/static/tasks/features/lists/people.js";
import { ago, daysBetween, dueLabel, dueWords, momentIn } from "../../tasks/static/tasks/core/dates.js";
import { staying } from "../../tasks/static/tasks/core/children.js";
import { begin, isDirty, isReady, keepMine, remote, takeTheirs, type } from "../../tasks/static/tasks/core/drafts.js";
import { Model } from "../../tasks/static/tasks/core/model.js";
import { TaskFailures } from "../../tasks/static/tasks/features/items/failures.js";
import { Renderer } from "../../tasks/static/tasks/shell/renderer.js";
import { randomFrom } from "./fakes.mjs";

test("a text that one has typed in is never changed by others", () => {
  const typed = type(begin("Milk"), "Oat m");
  const warned = remote(typed, "Bread", "Bob");
  assert.deepEqual([warned.text, warned.theirs], ["Oat m", { value: "Bread", name: "Bob" }]);
  assert.ok(isReady(typed) && !isReady(warned));
  assert.equal(remote(warned, "Bread", "Bob"), warned);
  assert.equal(remote(warned, "Milk", "Bob").theirs, null, "they took it back");
});

test("a text that one has only opened follows the others", () => {
  assert.deepEqual(remote(begin("Milk"), "Bread", "Bob"), begin("Bread"));
  assert.ok(!isDirty(remote(type(begin("Milk"), "Bread"), "Bread", "Bob")), "both wrote the same");
});

test("one's own text or theirs", () => {
  const warned = remote(type(begin("Milk"), "Oat milk"), "Bread", "Bob");
  assert.ok(isReady(keepMine(warned)));
  assert.deepEqual(takeTheirs(warned), begin("Bread"));
  assert.equal(remote(keepMine(warned), "Bread", "Bob").theirs, null);
});

test("due dates in words", () => {
  const now = new Date(2026, 2, 28, 15, 0);
  const label = (due_date, due_time = null, due_zone = null) => dueLabel({ due_date, due_time, due_zone }, now);
  assert.equal(label(null), null);
  assert.deepEqual(label("2026-03-28"), { text: "Today", tone: "today" });
  assert.deepEqual(label("2026-03-27"), { text: "Yesterday", tone: "late" });
  assert.deepEqual(label("2026-03-29"), { text: "Tomorrow", tone: "soon" });
  assert.equal(label("2026-04-01").text, "Wednesday");
  assert.equal(label("2026-06-01").tone, "later");
  const words = (due_date) => dueWords({ due_date, due_time: null, due_zone: null }, now);
  assert.deepEqual(["2026-03-28", "2026-03-29", "2026-04-01"].map(words), ["today", "tomorrow", "Wednesday"], "inside a sentence");
  assert.equal(words(null), "");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  assert.equal(label("2026-03-28", "14:59:00", zone).tone, "late");
  assert.equal(label("2026-03-28", "15:01:00", zone).tone, "today");
  assert.doesNotMatch(label("2026-03-28", "05:00:00", zone).text, /0\d:\d\d [AP]M/i, "where the day has two halves");
});

test("a time is a moment in its own zone, over the change of the clocks too", () => {
  assert.equal(momentIn("2026-01-15", "12:00:00", "America/New_York").toISOString(), "2026-01-15T17:00:00.000Z");
  assert.equal(momentIn("2026-07-15", "12:00", "Europe/Vienna").toISOString(), "2026-07-15T10:00:00.000Z");
  assert.equal(momentIn("2026-03-29", "03:30", "Europe/Vienna").toISOString(), "2026-03-29T01:30:00.000Z");
  assert.equal(momentIn("2026-10-25", "12:00", "Asia/Kathmandu").toISOString(), "2026-10-25T06:15:00.000Z");
  assert.equal(daysBetween("2026-03-28", "2026-03-30"), 2);
});

test("how long ago", () => {
  const now = new Date("2026-03-28T15:00:00Z");
  const texts = ["2026-03-28T14:59:30Z", "2026-03-28T14:55:00Z", "2026-03-28T12:00:00Z", "2026-03-27T12:00:00Z"].map((each) => ago(each, now));
  assert.deepEqual(texts, ["just now", "5 minutes ago", "3 hours ago", "yesterday"]);
});

test("as few rows as possible are moved, and never the one with the focus", () => {
  assert.deepEqual([...staying([1, 2, 3, 0])].sort(), [0, 1, 2], "the first became the last: one move");
  assert.ok(staying([1, 2, 3, 0], 3).has(3), "it has the focus: the others move");
  for (let seed = 1; seed <= 200; seed += 1) {
    const { below, random } = randomFrom(seed);
    const places = Array.from({ length: 1 + below(30) }, (_, at) => ({ at, order: random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ at }) => (random() < 0.2 ? -1 : at));
    const kept = below(places.length);
    const stay = [...staying(places, kept)].sort((a, b) => a - b);
    const old = stay.map((at) => places[at]);
    assert.deepEqual(old, [...old].sort((a, b) => a - b), `seed ${seed}`);
    assert.ok(!old.includes(-1));
    assert.ok(places[kept] < 0 || stay.includes(kept));
  }
});

test("a task that somebody else puts into another list while one drags it stays there, and one is told why", () => {
  const told = [];
  const before = { id: "a", list: "x", title: "Milk", position: 1, section: "s" };
  const current = { ...before, list: "y", section: null };
  const model = { shown: { tasks: new Map([["a", current]]) } };
  const failures = new TaskFailures({ model, toasts: { problem: (text) => told.push(text) }, actions: { forgetMessage: () => {} } });
  const drag = { key: "1", id: "a", verb: "update", fields: { position: 2, section: "t" }, base: { position: 1, section: "s" }, beside: { after: "b" }, seen_as: before };
  failures.report(drag, { error: { status: 400, problem: {}, message: "after: This is not another one in the list." } });
  failures.report(drag, { error: { status: 412, problem: { current } }, theirs: { section: null } });
  assert.deepEqual(told, Array(2).fill("“Milk” is in another list now, so it could not be put there."));
});

test("people are found by their user names and their own names", () => {
  const users = new Map([["berta", "Berta Baum"], ["b2", "Ben Baum"], ["b3", "ben baum"], ["Ben Baum!", ""]].map(([username, name], id) => [id, { id, username, name, is_active: true }]));
  users.set(9, { id: 9, username: "gone", name: "Gone Girl", is_active: false });
  const found = (typed) => usernamesOf({ users }, typed);
  assert.deepEqual([found("berta  baum"), found("@Berta"), found("Ben Baum"), found("gone girl"), found("nobody")], [["berta"], ["berta"], ["b2", "b3"], [], []]);
});

test("where only tasks have changed, what shows none of them is not drawn again", () => {
  const frames = [];
  Object.assign(globalThis, { document: { hidden: false }, requestAnimationFrame: (call) => void frames.push(call) });
  const shown = [];
  const [rows, badge] = ["rows", "badge"].map((name) => ({ show: () => void shown.push(name) }));
  const renderer = new Renderer({ isLoaded: () => false, before: () => void shown.push("place"), after() {} });
  renderer.views = [rows, badge];
  renderer.apart = new Set([badge]);
  const model = new Model({ schedule: (call) => renderer.ahead(call), isOwn: () => false, outbox: { operations: [], settled() {} } });
  model.onChange = (onlyTasks) => renderer.later(onlyTasks);
  const drawnAfter = (...messages) => {
    shown.length = 0;
    for (const message of messages) model.take(message);
    assert.ok(frames.length <= 1, "events are applied in the frame that draws them");
    for (const call of frames.splice(0)) call();
    return shown.join();
  };
  const task = (version, verb = "updated") => ({ type: `task.${verb}`, stream: "list.1", data: { id: "t", list: "1", title: String(version), version } });
  const list = { type: "list.updated", stream: "list.1", data: { id: "1", name: "Home", version: 2 } };
  const comment = { type: "comment.created", stream: "list.1", data: { id: "c", task: "t", text: "Yes", version: 1 } };
  assert.equal(drawnAfter({ type: "snapshot", streams: null, data: { lists: [{ id: "1", name: "House", version: 1 }] } }), "place,rows,badge");
  assert.equal(drawnAfter(task(1, "created")), "rows");
  assert.equal(drawnAfter(task(2), list, task(3)), "place,rows,badge");
  assert.equal(drawnAfter(task(4), task(5)), "rows");
  assert.equal(drawnAfter(comment), "place,rows,badge");
  assert.equal(drawnAfter(task(6, "deleted")), "place,rows,badge", "its comment goes with it");
  model.take(task(7, "created"));
  renderer.later();
  assert.equal(drawnAfter(), "place,rows,badge", "something else was to be drawn in the same frame");
});

test("an event that cannot be applied does not stop the page", (context) => {
  context.mock.method(console, "error", () => {});
  const frames = [];
  Object.assign(globalThis, { document: { hidden: false }, requestAnimationFrame: (call) => void frames.push(call) });
  const shown = [];
  const renderer = new Renderer({ isLoaded: () => false, before() {}, after() {} });
  renderer.views = [{ show: () => void shown.push("rows") }];
  for (const call of [() => assert.fail("no sense"), () => void shown.push("applied")]) renderer.ahead(call);
  frames.shift()();
  renderer.ahead(() => void shown.push("next"));
  frames.shift()();
  assert.deepEqual(shown, ["applied", "rows", "next", "rows"]);
});
