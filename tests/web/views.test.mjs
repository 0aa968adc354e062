import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { placedAt } from "../../tasks/static/tasks/core/placing.js";
import { matches } from "../../tasks/static/tasks/core/filtering.js";
import { belongs, dayAfter, showView } from "../../tasks/static/tasks/core/views.js";
import { EMPTY } from "../../tasks/static/tasks/core/store.js";

const TODAY = "2026-11-26";
const list = (id, more = {}) => ({ id, name: id, kind: "list", archived_at: null, version: 1, ...more });
const task = (id, more = {}) => ({ id, list: "a", title: id, notes: "", priority: "none", labels: [], assignee: null, completed: false, parent: null, section: null, due_date: null, due_time: null, position: Number(id.slice(1)), ...more });
const table = (...rows) => new Map(rows.map((row) => [row.id, row]));
const state = (more) => ({ ...EMPTY, me: { id: 1 }, lists: table(list("a"), list("b"), list("old", { archived_at: "2026-01-01" })), ...more });
const names = ({ items }) => items.map((item) => ("head" in item ? `[${item.head}]` : item.id));
const view = (kind, id = null) => ({ kind, id });

test("a list: sections in their order, subtasks below their parents, completed ones apart", () => {
  const tasks = table(task("t1", { section: "s" }), task("t2"), task("t3", { parent: "t2" }), task("t4", { completed: true }), task("t5", { completed: true, parent: "t2" }), task("t6", { list: "b" }));
  const sections = table({ id: "s", list: "a", name: "Later", position: 2 }, { id: "e", list: "a", name: "Empty", position: 1 }, { id: "o", list: "b", name: "Other", position: 1 });
  const shown = showView(state({ tasks, sections }), view("list", "a"), { sort: "manual", group: "section" }, TODAY);
  assert.deepEqual(names(shown), ["t2", "t3", "[Empty]", "[Later]", "t1"]);
  assert.deepEqual([shown.open, shown.done.map(({ id }) => id)], [3, ["t4"]]);
});

test("today: what is late and due, mine or nobody's, without archived lists", () => {
  const due = (id, due_date, more = {}) => task(id, { due_date, ...more });
  const tasks = table(due("t1", TODAY), due("t2", "2026-11-20"), due("t3", "2026-11-27"), due("t4", TODAY, { assignee: 2 }), due("t5", TODAY, { assignee: 1, list: "b" }), due("t6", TODAY, { list: "old" }), due("t7", TODAY, { completed: true }));
  const shown = showView(state({ tasks }), view("today"), { sort: "due", group: "late" }, TODAY);
  assert.deepEqual(names(shown).filter((name) => !name.startsWith("[Today")), ["[Late]", "t2", "t1", "t5"]);
});

test("upcoming: a head for each of the next days, also for those without a task", () => {
  const shown = showView(state({ tasks: table(task("t1", { due_date: "2026-11-28" }), task("t2", { due_date: "2026-11-01" })) }), view("upcoming"), { sort: "due", group: "due" }, TODAY);
  assert.equal(shown.items.filter((item) => item.day).length, 7);
  assert.deepEqual(names(shown).slice(0, 2), ["[Late]", "t2"]);
  assert.equal(shown.items[shown.items.findIndex(({ id }) => id === "t1") - 1].day, "2026-11-28");
});

test("upcoming: as many days as are wanted, and the first day after them", () => {
  const tasks = table(task("t1", { due_date: "2026-12-10" }), task("t2", { due_date: "2026-12-11", assignee: 2 }), task("t3", { due_date: "2027-03-02" }), task("t4", { due_date: "2027-02-01" }), task("t5", { due_date: "2026-12-20", list: "old" }), task("t6", { due_date: "2026-12-21", completed: true }));
  const shown = (ahead) => {
    const arrangement = { sort: "due", group: "none", ahead };
    return [names(showView(state({ tasks }), view("upcoming"), arrangement, TODAY)), dayAfter(state({ tasks }), view("upcoming"), arrangement, TODAY)];
  };
  assert.deepEqual(shown(14), [["t1"], "2027-02-01"]);
  assert.deepEqual(shown(70), [["t1", "t4"], "2027-03-02"]);
  assert.deepEqual(shown(Infinity), [["t1", "t4", "t3"], ""]);
});

test("what is kept stays in sight, also completed or moved away", () => {
  const tasks = table(task("t1"), task("t2", { completed: true }));
  const kept = { open: [tasks.get("t2"), task("t0", { list: "b" })], done: [] };
  assert.deepEqual(names(showView(state({ tasks }), view("list", "a"), { sort: "manual", group: "none" }, TODAY, kept)), ["t0", "t1", "t2"]);
});

test("labels of several lists with one name are one view; filters narrow by each key", () => {
  const labels = table({ id: "l1", list: "a", name: "Shop" }, { id: "l2", list: "b", name: "shop" });
  const all = state({ labels, tasks: table() });
  assert.ok(belongs(all, view("label", "shop"), TODAY)(task("t1", { labels: ["l2"] })));
  assert.ok(!belongs(all, view("label", "shop"), TODAY)(task("t1")));
  const filter = matches(all, { priority: ["high", "urgent"], due: "overdue", assignee: "me" }, TODAY);
  assert.ok(filter(task("t1", { priority: "high", due_date: "2026-11-01", assignee: 1 })));
  assert.ok(!filter(task("t1", { priority: "low", due_date: "2026-11-01", assignee: 1 })));
  assert.ok(!filter(task("t1", { priority: "high", assignee: 1 })));
});

test("a task that is put between two others gets their head's fields and a position between theirs", () => {
  const head = { id: "head:s", head: "Later", section: "s", fields: { section: "s" }, count: 2 };
  const [t1, t2, t3, t4] = [task("t1"), task("t2"), task("t3"), task("t4", { parent: "t3" })];
  const items = [t1, head, t2, t3, t4];
  const manual = { sort: "manual", group: "section" };
  assert.deepEqual(placedAt(t1, items, 3, manual), { section: "s", position: 2.5, beside: { after: "t2", before: "t3" } });
  assert.deepEqual(placedAt(t1, items, 2, manual), { section: "s", position: 2 - 1024 });
  assert.deepEqual(placedAt(t2, items, 0, manual), { section: null, position: 1 - 1024 });
  assert.deepEqual(placedAt(t1, items, 5, manual), { section: "s", position: 3 + 1024 });
  assert.deepEqual(placedAt(t1, items, 4, manual), { section: "s", parent: "t3", position: 4 - 1024 }, "below a parent: its subtask");
  assert.deepEqual(placedAt(t1, items, 3, { sort: "due", group: "section" }), { section: "s" });
});
