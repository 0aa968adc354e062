import "./described.mjs";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { savedFields } from "../../tasks/static/tasks/core/arrangements.js";
import { addDays } from "../../tasks/static/tasks/core/dates.js";
import { hasValue, matches, queryOfView, sortOf, toggled, valuesOf } from "../../tasks/static/tasks/core/filtering.js";
import { EMPTY } from "../../tasks/static/tasks/core/store.js";
import { belongs, showView } from "../../tasks/static/tasks/core/views.js";
import { choicesOf, isGone, valuesInForce } from "../../tasks/static/tasks/features/filters/values.js";

const TODAY = "2026-11-26";
const task = (id, more = {}) => ({ id, list: "a", title: id, notes: "", priority: "none", labels: [], assignee: null, completed: false, parent: null, section: null, due_date: null, due_time: null, position: 1, ...more });
const table = (...rows) => new Map(rows.map((row) => [row.id, row]));
const labels = table({ id: "l1", list: "a", name: "Shop", color: "#123456" });
const state = (more = {}) => ({ ...EMPTY, me: { id: 1 }, lists: table({ id: "a", name: "Home", kind: "list", archived_at: null }), labels, ...more });

test("each parameter of the API narrows, and several values of one are alternatives", () => {
  const one = task("One", { notes: "Crème brûlée at the café", priority: "high", assignee: 7, due_date: "2026-12-02", labels: ["l1"], section: "s", created_by: 2 });
  const yes = [{ list: "a,b" }, { priority: "low,high" }, { priority: ["low", "high"] }, { assignee: ["me", 7] }, { assignee: "7" }, { label: "shop" }, { label: "l1" }, { due: "week" }, { due: "any" }, { due_before: "2026-12-03", due_after: "2026-12-01" }, { section: "s" }, { parent: "none" }, { completed: false }, { completed: "false" }, { created_by: 2 }, { search: "brulee creme caf" }, { search: "shop" }, { someday: "unknown" }, {}];
  const no = [{ list: "b" }, { priority: "low" }, { assignee: "me" }, { assignee: "none" }, { label: "l2" }, { due: "overdue,today,tomorrow,none" }, { due_before: "2026-12-02" }, { section: "none" }, { parent: "p" }, { completed: true }, { search: "brul creme" }, { priority: "high", list: "b" }];
  for (const query of yes) assert.ok(matches(state(), query, TODAY)(one), JSON.stringify(query));
  for (const query of no) assert.ok(!matches(state(), query, TODAY)(one), JSON.stringify(query));
  assert.ok(!matches(state(), { due: "week" }, TODAY)(task("x", { due_date: "2026-12-03" }))); // seven days, as the API counts
});

test("values are added and taken away one by one", () => {
  const some = toggled(toggled({}, "priority", "high"), "priority", "low");
  assert.deepEqual(some, { priority: ["high", "low"] });
  assert.ok(hasValue(some, "priority", "low") && !hasValue({ assignee: "7,8" }, "assignee", 9) && hasValue({ assignee: "7,8" }, "assignee", 8));
  assert.deepEqual(toggled(some, "priority", "high"), { priority: "low" });
  assert.deepEqual(toggled({ priority: "low" }, "priority", "low"), {});
  assert.deepEqual(valuesOf("search", "a, b"), ["a, b"]);
});

test("the page's order and groups are those of a saved filter, there and back", () => {
  for (const sort of ["manual", "due", "priority", "title", "created"]) assert.equal(sortOf(savedFields({ sort }).sort), sort);
  assert.deepEqual([sortOf(null), sortOf("completed_at"), sortOf("-due_date")], [undefined, undefined, "due"]);
  assert.deepEqual([savedFields({ group: "none" }), savedFields({ group: "late" })], [{ group: null }, { group: "due" }]);
});

test("a saved view finds what the view shows", () => {
  const tasks = table(task("Mine", { assignee: 1, due_date: TODAY }), task("Theirs", { assignee: 2, due_date: TODAY }), task("Later", { due_date: addDays(TODAY, 28) }), task("Next year", { due_date: addDays(TODAY, 29) }), task("Late", { due_date: "2026-01-01" }), task("Done", { completed: true, due_date: TODAY }));
  for (const [view, query] of [[{ kind: "today", id: null }, {}], [{ kind: "upcoming", id: null }, {}], [{ kind: "today", id: null }, { assignee: 2 }], [{ kind: "upcoming", id: null }, { assignee: [2, "none"] }], [{ kind: "list", id: "a" }, { priority: "none", due: "today" }], [{ kind: "assigned", id: null }, {}]]) {
    const found = [...tasks.values()].filter(matches(state({ tasks }), queryOfView(state({ tasks }), view, query), TODAY));
    const shown = showView(state({ tasks }), view, { sort: "title", group: "none", query }, TODAY).items.map(({ id }) => id);
    assert.deepEqual(found.map(({ id }) => id).sort(), shown, view.kind);
    assert.equal(shown.includes("Theirs"), "assignee" in query || view.kind === "list", "those of others are shown where one asks for them");
  }
});

test("a filter that is gone shows nothing, and one for completed tasks shows them", () => {
  const tasks = table(task("One"), task("Two", { completed: true }));
  const view = { kind: "filter", id: "f" };
  assert.ok(!belongs(state({ tasks }), view, TODAY)(tasks.get("One")));
  const filters = table({ id: "f", name: "Done", query: { completed: true } });
  const shown = showView(state({ tasks, filters }), view, { sort: "due", group: "none", query: { completed: true } }, TODAY);
  assert.deepEqual([shown.items.length, shown.done.map(({ id }) => id)], [0, ["Two"]]);
});

test("what is in force is said in words, also what is gone", () => {
  const said = valuesInForce(state(), { completed: false, priority: "high,none", label: "shop", list: "gone", assignee: "me", due_after: TODAY }).map(({ kind, label }) => `${kind}: ${label}`);
  assert.deepEqual(said, ["Priority: High", "Priority: No priority", "Label: Shop", "List: A list that is gone", "Person: Assigned to me", `Due after: ${TODAY}`]);
  assert.ok(!choicesOf(state(), { kind: "list", id: "a" }).some(({ name }) => name === "list"));
  assert.ok(choicesOf(state(), { kind: "today", id: null }).some(({ name, label }) => name === "list" && label === "Home"));
});

test("the filter finds what the server's search finds, in titles, notes and labels", () => {
  const cases = JSON.parse(readFileSync(new URL("../search_cases.json", import.meta.url), "utf8"));
  const tests = [...Object.values(cases.found).flat().map((one) => [...one, true]), ...cases["not found"].map((one) => [...one, false])];
  const wrong = tests.filter(([text, search, found]) => {
    const own = state({ labels: table({ id: "l1", list: "a", name: text }) });
    const places = [task(text), task("x", { notes: text }), task("x", { labels: ["l1"] })];
    return places.some((each) => matches(own, { search }, TODAY)(each) !== found);
  });
  assert.deepEqual(wrong, []);
  assert.ok(matches(state(), { search: " " }, TODAY)(task("x")), "no text filters nothing");
  const shop = task("x", { labels: ["l1"] });
  const found = [EMPTY, state(), state({ labels: new Map() })].map((each) => matches(each, { search: "sho" }, TODAY)(shop));
  assert.deepEqual([found, matches(EMPTY, { search: "x" }, TODAY)(shop)], [[false, true, false], true], "by the label's present name");
});

test("a label is found by its name in each spelling that the server takes for the same", () => {
  for (const [name, label] of [["Straße", "STRASSE"], ["Cafe\u0301", "CAFÉ"], ["ΟΔΟΣ", "οδος"], ["ﬁne", "FINE"]]) {
    const own = state({ labels: table({ id: "l1", list: "a", name }) });
    assert.ok(matches(own, { label }, TODAY)(task("x", { labels: ["l1"] })), name);
    assert.ok(belongs(own, { kind: "label", id: label }, TODAY)(task("x", { labels: ["l1"] })), name);
  }
  const own = state({ labels: table({ id: "l1", list: "a", name: "Kılıç" }) });
  assert.ok(!matches(own, { label: "kiliç" }, TODAY)(task("x", { labels: ["l1"] })));
});

test("a list, a label, a section or a person that is gone is told apart from what is there", () => {
  const gone = (query) => valuesInForce(state(), query).filter((value) => isGone(state(), value)).map(({ value }) => value);
  assert.deepEqual(gone({ list: "a,x", label: ["shop", "l1", "telex"], section: "none,s", assignee: ["me", "none", 1, 9], priority: "high" }), ["x", "telex", "s", 9]);
});
