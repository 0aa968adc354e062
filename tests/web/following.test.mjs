import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { useZone } from "../../tasks/static/tasks/core/dates.js";
import { followed } from "../../tasks/static/tasks/core/following.js";
import { dueCounts, openCounts, progressOf, subtasksOf } from "../../tasks/static/tasks/core/selectors.js";
import * as again from "../../tasks/static/tasks/core/selectors.js?again";
import { ShownView } from "../../tasks/static/tasks/core/shown-view.js";
import { EMPTY } from "../../tasks/static/tasks/core/store.js";
import { changedKeys, Table } from "../../tasks/static/tasks/core/table.js";
import { showView } from "../../tasks/static/tasks/core/views.js";
import { randomFrom } from "./fakes.mjs";

const TODAY = "2026-11-26";
const DAYS = [null, TODAY, "2026-11-20", "2026-11-28", "2026-12-20"];
const table = (...rows) => new Table(rows.map((row) => [row.id, row]));
const person = (id, name) => ({ id, username: name, name });
const STATE = {
  ...EMPTY,
  me: person(1, "me"),
  users: table(person(1, "me"), person(2, "Same"), person(3, "Same")),
  lists: table(...["a", "b", "old"].map((id) => ({ id, name: id, kind: "list", archived_at: id === "old" ? "2026-01-01" : null }))),
  sections: table(...["s1", "s2", "s3"].map((id) => ({ id, list: id === "s3" ? "b" : "a", name: id, position: 1 }))),
  labels: table({ id: "l1", list: "a", name: "Shop" }, { id: "l2", list: "b", name: "shop" }, { id: "l3", list: "a", name: "Home" }),
  filters: table({ id: "f" }),
};
const NEW = { list: "a", notes: "", priority: "none", labels: [], assignee: null, completed: false, completed_at: null, parent: null, section: null, due_date: null, due_time: null, due_zone: null };

/** The tasks after one change as a person makes it: of a task that is there, a new one, or the end of one. */
function changed(tasks, luck, number) {
  const next = new Table(tasks);
  const one = (values) => values[luck.below(values.length)];
  const ids = [...tasks.keys()];
  const id = luck.below(8) && ids.length ? one(ids) : `new${number}`;
  const old = tasks.get(id) ?? { ...NEW, id, title: `Title ${luck.below(5)}`, position: luck.below(50), created_at: `2026-11-${10 + luck.below(9)}` };
  const changes = [
    { title: `Title ${luck.below(5)}` },
    { completed: !old.completed, completed_at: `2026-11-${10 + luck.below(15)}` },
    { position: luck.below(50) + 0.5 },
    { section: one([null, "s1", "s2", "s3"]) },
    { list: one(["a", "a", "b", "old"]) },
    { due_date: one(DAYS) },
    { due_date: one(DAYS), due_time: "23:30:00", due_zone: one(["Asia/Tokyo", "America/New_York"]) },
    { priority: one(["none", "low", "high"]) },
    { assignee: one([null, 1, 2, 3]) },
    { labels: one([[], ["l1"], ["l2"], ["l3", "l1"]]) },
    { parent: one([null, ids[0] ?? null, ids[1] ?? null]) },
    { parent: ids[0] ?? null },
  ];
  if (luck.below(12)) next.set(id, withoutLevels(tasks, { ...old, ...one(changes) }));
  else next.delete(id);
  return next;
}

/** Subtasks have none of their own. @param {Map} tasks @param task */
function withoutLevels(tasks, task) {
  const isBelow = task.parent === task.id || tasks.get(task.parent)?.parent || [...tasks.values()].some(({ parent }) => parent === task.id);
  return isBelow ? { ...task, parent: null } : task;
}

const ARRANGEMENTS = [
  ["list", "a", "manual", "section"], ["list", "a", "title", "none"], ["list", "a", "due", "priority"], ["list", "a", "created", "label"], ["list", "a", "priority", "assignee"],
  ["list", "a", "manual", "section", { priority: "high" }], ["list", "a", "manual", "due", { label: "shop", due: ["overdue", "none"] }],
  ["today", null, "due", "late"], ["today", null, "title", "list", { completed: [true, false] }], ["upcoming", null, "due", "due"], ["assigned", null, "due", "list"],
  ["label", "shop", "due", "label"], ["filter", "f", "due", "label", { search: "title 3", completed: [true, false] }], ["filter", "f", "manual", "none", { completed: true }],
];

test("what is brought up to date is what a new computation gives, for random changes of tasks, of all else, and of the view", () => {
  for (let seed = 1; seed <= 28; seed += 1) {
    const luck = randomFrom(seed);
    const showing = new ShownView(() => followed);
    let state = { ...STATE, tasks: table() };
    let before;
    let [kind, id, sort, group, query = {}] = ARRANGEMENTS[seed % ARRANGEMENTS.length];
    for (let number = 0; number < 80; number += 1) {
      for (let more = luck.below(20) ? luck.below(3) : 70; more >= 0; more -= 1) state = { ...state, tasks: changed(state.tasks, luck, `${number}.${more}`) };
      if (!luck.below(25)) [kind, id, sort, group, query = {}] = ARRANGEMENTS[luck.below(ARRANGEMENTS.length)];
      if (!luck.below(25)) state = { ...state, sections: table(...[...state.sections.values()].map((each) => ({ ...each, position: luck.below(2) }))) };
      if (!luck.below(25)) useZone(["Asia/Tokyo", "America/New_York", "UTC"][luck.below(3)]);
      const pending = luck.below(3) ? state : { ...state, tasks: changed(state.tasks, luck, `pending${number}`) };
      const here = [...pending.tasks.values()].filter(({ list }) => list === "a");
      const kept = { open: here.filter(({ completed }) => completed).slice(0, luck.below(3)), done: luck.below(9) ? [] : here.filter(({ completed }) => !completed).slice(0, 1) };
      const view = { kind, id };
      const arrangement = { sort, group, query };
      const place = `${kind} by ${sort} and ${group}, ${JSON.stringify(query)}, seed ${seed}, change ${number}`;
      const shown = showing.of({ state: pending, view, arrangement, today: TODAY, kept });
      assert.deepEqual(shown, showView(pending, view, arrangement, TODAY, kept), place);
      if (shown.order === before?.order) assert.deepEqual(linesOf(shown), linesOf(before), place);
      before = shown;
      checkCounts(pending, place);
    }
  }
  useZone("");
});

const linesOf = ({ items, done }) => [...items, ...done].map(({ id }) => id);

/** What is counted while tasks change is what counting all of them gives. */
function checkCounts(state, place) {
  const { tasks, lists } = state;
  const all = new Map(tasks); // has no earlier one to follow, nor has the other instance of the module
  assert.deepEqual(new Map([...openCounts(tasks)].filter(([, count]) => count)), new Map(openCountsOf(tasks)), place);
  const progress = progressOf(tasks);
  assert.deepEqual(dueCounts(tasks, lists, 1, TODAY), again.dueCounts(all, lists, 1, TODAY), place);
  assert.deepEqual(progress, again.progressOf(all), place);
  for (const [parent, { all: count }] of progress) assert.equal(subtasksOf(state, parent).length, count, place);
}

function openCountsOf(tasks) {
  const counts = new Map();
  for (const { completed, list } of tasks.values()) if (!completed) counts.set(list, (counts.get(list) ?? 0) + 1);
  return counts;
}

test("a table is a map, its copies know what differs, and many changes give it another base", () => {
  const luck = randomFrom(7);
  let copy = new Table([["0", { n: 0 }]]);
  const plain = new Map(copy);
  let overlaid = new Table(copy).set("pending", { n: 0 }); // as the table that is shown while a change is on its way
  for (let number = 1; number < 2_000; number += 1) {
    const before = copy;
    const key = String(luck.below(300));
    copy = new Table(copy);
    if (luck.below(10) < 3) assert.equal(copy.delete(key), plain.delete(key));
    else [copy, plain].forEach((each) => each.set(key, { n: number }));
    assert.equal(copy.size, plain.size);
    assert.equal(copy.has(key), plain.has(key));
    const keys = changedKeys(before, copy);
    assert.equal(keys.length, Number(before.get(key) !== copy.get(key)));
    const shown = new Table(copy).set("pending", { n: number });
    const differing = changedKeys(overlaid, shown);
    assert.deepEqual(new Set(differing), new Set(["pending", ...keys]), `change ${number}`);
    overlaid = shown;
  }
  const sorted = (map) => [...map].sort(([a], [b]) => a - b);
  assert.deepEqual(sorted(copy), sorted(plain));
  assert.deepEqual([...copy.values()].length, plain.size);
  assert.equal(changedKeys(plain, copy), null);
});
