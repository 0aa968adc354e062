import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { daysOf, fieldsOn, firstWeekday, monthAfter, placeInWeek, sameDay } from "../../tasks/static/tasks/core/calendar.js";
import { Table } from "../../tasks/static/tasks/core/table.js";
import { ByDay } from "../../tasks/static/tasks/features/calendar/by-day.js";

const [MONDAY, SUNDAY] = [0, 6];

test("a week begins as the reader's region has it", () => {
  assert.deepEqual(["en-US", "en-GB", "de", "pt-BR", "en"].map((language) => firstWeekday(language)), [SUNDAY, MONDAY, MONDAY, SUNDAY, SUNDAY]);
  assert.deepEqual([placeInWeek("2026-11-26", MONDAY), placeInWeek("2026-11-26", SUNDAY), placeInWeek("2026-11-29", SUNDAY)], [3, 4, 0]);
});

test("a month has the whole weeks of its days", () => {
  const ends = (month, begins) => [daysOf(month, begins).length, daysOf(month, begins)[0], daysOf(month, begins).at(-1)];
  assert.deepEqual(ends("2026-11", MONDAY), [42, "2026-10-26", "2026-12-06"]);
  assert.deepEqual(ends("2026-11", SUNDAY), [35, "2026-11-01", "2026-12-05"]);
  assert.deepEqual(ends("2027-02", MONDAY), [28, "2027-02-01", "2027-02-28"]);
  assert.deepEqual([monthAfter("2026-12", 1), monthAfter("2026-01", -1), monthAfter("2026-01", 14)], ["2027-01", "2025-12", "2027-03"]);
  assert.deepEqual([sameDay("2027-01-31", 1), sameDay("2026-12-15", 1), sameDay("2026-03-31", -1)], ["2027-02-28", "2027-01-15", "2026-02-28"]);
});

const task = (id, due_date, more = {}) => ({ id, list: "l", due_date, due_time: null, due_zone: null, priority: "none", completed: false, parent: null, position: 1, labels: [], ...more });

test("a task that is put on a day keeps its time, in its own zone", () => {
  assert.deepEqual(fieldsOn(task("a", "2026-11-26"), "2026-12-01"), { due_date: "2026-12-01" });
  assert.deepEqual(fieldsOn(task("a", "2026-11-26", { due_time: "09:30:00" }), "2026-12-01").due_time, "09:30:00");
  assert.deepEqual(fieldsOn(task("a", "2026-11-26"), ""), { due_date: null, due_time: null, due_zone: null });
});

test("the days follow the tasks as if all were computed", () => {
  const all = [task("late", "2026-11-26", { position: 2 }), task("early", "2026-11-26", { due_time: "09:00:00", position: 3 }), task("free", null), task("other", "2026-11-26", { list: "x" }), task("below", null, { parent: "free" })];
  const question = (tasks) => ({ state: { me: { id: 1 }, labels: new Map(), tasks }, list: "l", query: {}, today: "2026-11-26" });
  const said = (days) => Object.fromEntries([...days].map(([day, tasks]) => [day, tasks.map(({ id }) => id).join(" ")]));
  const tasks = new Table();
  for (const each of all) tasks.set(each.id, each);
  const byDay = new ByDay();
  assert.deepEqual(said(byDay.of(question(tasks))), { "2026-11-26": "early late", "": "free" });
  const moved = new Table(tasks);
  moved.set("early", { ...all[1], due_date: "2026-11-27" });
  moved.set("free", { ...all[2], completed: true });
  moved.set("new", task("new", "2026-11-26", { priority: "high" }));
  assert.deepEqual(said(byDay.of(question(moved))), { "2026-11-26": "new late", "2026-11-27": "early" });
  assert.deepEqual(said(new ByDay().of(question(moved))), said(byDay.of(question(moved))));
  assert.equal(byDay.dayOf("early"), "2026-11-27");
});
