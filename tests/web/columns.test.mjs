import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, dropped } from "../../tasks/static/tasks/features/board/columns.js";

const task = (id, fields = {}) => ({ id, list: "l", title: id, priority: "none", completed: false, parent: null, position: 1024, labels: [], due_date: null, ...fields });
const table = (...rows) => new Map(rows.map((row) => [row.id, row]));
const state = (tasks, more = {}) => ({ me: { id: 1, username: "alice", name: "" }, users: table(), members: table(), lists: table({ id: "l", kind: "list" }), tasks: table(...tasks), ...more });
const shown = (columns) => columns.filter(({ tasks }) => tasks.length).map(({ name, tasks }) => [name, tasks.map(({ id }) => id)]);

test("open tasks of the list stand in their columns in their order, subtasks do not", () => {
  const tasks = [task("b", { position: 2 }), task("a", { position: 1 }), task("c", { section: "s" }), task("d", { completed: true }), task("e", { list: "x" }), task("f", { parent: "a" })];
  const columns = columnsOf(state(tasks, { sections: table({ id: "s", list: "l", name: "Doing", position: 1 }) }), "l", "section", "2026-11-26");
  assert.deepEqual(shown(columns), [["No section", ["a", "b"]], ["Doing", ["c"]]]);
  assert.deepEqual(dropped(tasks[0], columns[1], 0).section, "s");
});

test("by date: what is late takes nothing, the next seven days have a column each", () => {
  const tasks = [task("late", { due_date: "2026-11-01" }), task("today", { due_date: "2026-11-26" }), task("soon", { due_date: "2026-12-02" }), task("later", { due_date: "2026-12-03" }), task("none")];
  const columns = columnsOf(state(tasks), "l", "due", "2026-11-26");
  assert.deepEqual(shown(columns), [["Late", ["late"]], ["Today", ["today"]], ["Wednesday", ["soon"]], ["Later", ["later"]], ["No date", ["none"]]]);
  assert.deepEqual(columns.map(({ closed }) => closed), [true, ...new Array(9).fill(false)]);
  assert.deepEqual(dropped(tasks[1], columns[2], 0), { due_date: "2026-11-27", position: 1024 });
});

test("by label: another column replaces the label that the task stands for, and keeps the others", () => {
  const labels = table({ id: "1", list: "l", name: "b", color: "#111111" }, { id: "2", list: "l", name: "a", color: "#222222" }, { id: "3", list: "l", name: "c", color: "#333333" });
  const tasks = [task("x", { labels: ["1", "3"] }), task("y")];
  const columns = columnsOf(state(tasks, { labels }), "l", "label", "2026-11-26");
  assert.deepEqual(shown(columns), [["b", ["x"]], ["No label", ["y"]]]);
  assert.deepEqual(dropped(tasks[0], columns[0], 0).labels, ["2", "3"]);
  assert.deepEqual(dropped(tasks[0], columns[3], 0).labels, []);
});

test("a dropped task gets a position between its neighbours, itself not counted", () => {
  const tasks = [task("a", { position: 10 }), task("b", { position: 20 }), task("c", { position: 30 })];
  const [column] = columnsOf(state(tasks), "l", "section", "2026-11-26");
  assert.equal(dropped(tasks[0], column, 2).position, 25);
  assert.equal(dropped(tasks[2], column, 0).position, 10 - 1024);
  assert.equal(dropped(tasks[0], column, 3).position, 30 + 1024);
  assert.equal(dropped(tasks[1], column, 2).position, 20);
});
