import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, graphemes, initials, lengthOf, linesOf, plain, quoted, withoutMarks } from "../../tasks/static/tasks/core/text.js";
import { dueFields, dueHere, dueLabel, isKnownZone, ago, momentIn, otherZone, ownZone, partsIn } from "../../tasks/static/tasks/core/dates.js";
import { statusOf } from "../../tasks/static/tasks/shell/badge.js";
import { UndoStack } from "../../tasks/static/tasks/shell/undo.js";
import { copiedFields, initialFields } from "../../tasks/static/tasks/core/kinds.js";
import { EMPTY, reduce } from "../../tasks/static/tasks/core/store.js";
import { sortedLists } from "../../tasks/static/tasks/core/selectors.js";

const FAMILY = "👨‍👩‍👧‍👦";
const HALVES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

test("no character is cut in half", () => {
  for (const character of [FAMILY, "🇩🇪", "é", "👍🏽", "नि"]) {
    assert.equal(cut(character.repeat(100), 10), `${character.repeat(9)}…`);
    assert.equal(initials(`${character} Meier`), `${character}M`.toUpperCase());
    assert.equal(initials(character), character.toUpperCase());
  }
  assert.doesNotMatch(quoted(FAMILY.repeat(61)), HALVES);
  assert.doesNotMatch(graphemes("🙂🙃", null).join("|"), HALVES, "a browser without Intl.Segmenter");
  assert.equal(initials("Alice Meier"), "AM");
  assert.equal(initials("bob"), "BO");
  assert.equal(initials("  "), "?");
  assert.equal(lengthOf("🙂".repeat(5)), 5, "as the server counts");
});

test("a text of somebody's cannot turn the sentence round it", () => {
  assert.equal(quoted("abc\u202edef"), "“abcdef”");
  assert.equal(plain("a\u2067b\u2069"), "ab");
  assert.equal(quoted("שלום"), "\u2068“שלום”\u2069");
  assert.equal(quoted(undefined), "“”");
});

test("lines", () => {
  assert.deepEqual(linesOf("Milk\r\n\n  Bread \u2028Butter\n"), ["Milk", "Bread", "Butter"]);
});

test("a pasted list loses its marks, and keeps what is text", () => {
  const pasted = ["- Milk", "* [ ] Eggs", "• [x] Bread", "1. Butter", "2) Jam", "24. Dezember Gans", "-5 degrees", "*money", "[ ] Salt", "-"];
  const titles = ["Milk", "Eggs", "Bread", "Butter", "Jam", "24. Dezember Gans", "-5 degrees", "*money", "Salt", "-"];
  assert.deepEqual(withoutMarks(pasted), titles);
});

const BAD = [
  { due_date: "2026-03-28", due_time: "09:00:00", due_zone: "localtime" },
  { due_date: "2026-03-28", due_time: "09:00:00", due_zone: "Mars/Olympus" },
  { due_date: "2026-03-28", due_time: "25:99:00", due_zone: "Asia/Tokyo" },
  { due_date: "2026-13-77", due_time: null, due_zone: null },
  { due_date: "soon", due_time: "never", due_zone: "" },
  { due_date: "", due_time: null, due_zone: null },
  { due_date: "9999-12-31", due_time: "23:59:59", due_zone: "Etc/GMT+12" },
  { due_date: "0001-01-01", due_time: "00:00:00", due_zone: "Asia/Tokyo" },
  { due_date: 20260328, due_time: 900, due_zone: 7 },
];

test("whatever a row holds for its date, it can be shown", () => {
  for (const bad of BAD) {
    dueLabel(bad);
    dueHere(bad);
    otherZone(bad);
    ago(bad.due_date);
  }
  assert.equal(dueLabel(BAD[0], new Date(2026, 2, 28, 8)).text, "Today, 09:00", "as it stands");
  assert.equal(dueLabel(BAD[3]).text, "2026-13-77");
  assert.equal(isKnownZone("localtime"), false);
  assert.equal(ago("nonsense"), "");
});

test("a time of another zone is shown on this clock, names its zone, and keeps it when it is changed", () => {
  const zone = ownZone() === "Asia/Tokyo" ? "Europe/Berlin" : "Asia/Tokyo";
  const due = { due_date: "2026-03-28", due_time: "09:00:00", due_zone: zone };
  const here = dueHere(due);
  assert.equal(here.moment.getTime(), momentIn("2026-03-28", "09:00:00", zone).getTime());
  assert.match(otherZone(due), new RegExp(`^09:00 in \\w+ \\(${zone}\\)$`));
  assert.deepEqual(dueFields(here.day, here.time, zone), due, "unchanged, it is the same");
  const later = dueFields(here.day, here.time.replace(/:00$/, ":30"), zone);
  assert.deepEqual(later, { due_date: "2026-03-28", due_time: "09:30:00", due_zone: zone });
  assert.equal(otherZone({ ...due, due_zone: ownZone() }), "");
  assert.deepEqual(dueFields("2026-03-28", null, zone), { due_date: "2026-03-28", due_time: null });
  assert.deepEqual(dueFields("2026-03-28", "09:30", "Mars/Olympus"), { due_date: "2026-03-28", due_time: "09:30:00", due_zone: "Mars/Olympus" });
  assert.deepEqual(partsIn(new Date("2026-03-28T00:00:00Z"), "Asia/Tokyo"), { day: "2026-03-28", time: "09:00" });
});

test("green only while nothing is unsaved, red only for what needs a person", () => {
  const well = { signedOut: false, refused: "", loaded: true, connection: "live", onLine: true, waiting: 0 };
  assert.equal(statusOf(well), "live");
  assert.equal(statusOf({ ...well, waiting: 1 }), "saving");
  assert.equal(statusOf({ ...well, connection: "offline", waiting: 1 }), "offline");
  assert.equal(statusOf({ ...well, loaded: false, connection: "offline" }), "connecting");
  assert.equal(statusOf({ ...well, signedOut: true }), "signed out");
  assert.equal(statusOf({ ...well, refused: "no" }), "refused");
});

test("the newest change is known until it is taken back or given up", () => {
  const stack = new UndoStack();
  const undo = () => true;
  const first = stack.push({ text: "first", keys: ["1"], undo });
  const second = stack.push({ text: "second", keys: ["2", "3"], undo });
  assert.equal(stack.newest, second);
  stack.forget("3");
  assert.equal(stack.newest, first);
  assert.deepEqual([stack.remove(first), stack.remove(first)], [true, false]);
  assert.equal(stack.newest, undefined);
});

test("no field of a task is dropped by a copy of it", () => {
  const task = { ...initialFields("task"), id: "a", list: "x", title: "T", notes: "N", priority: "high", labels: ["l"], section: "s", due_date: "2026-03-28", due_time: "09:00:00", due_zone: "Asia/Tokyo", version: 9, completed: true };
  assert.deepEqual(copiedFields("task", task), { title: "T", notes: "N", priority: "high", labels: ["l"], section: "s", due_date: "2026-03-28", due_time: "09:00:00", due_zone: "Asia/Tokyo" });
});

test("rows that are none are passed over", () => {
  const tasks = [null, 7, "x", {}, { id: null }, { id: "a", list: "x", version: 1 }];
  const state = reduce(EMPTY, { type: "snapshot", streams: null, data: { tasks, lists: [{ id: "l", version: 1 }, undefined] } });
  assert.deepEqual([...state.tasks.keys(), ...state.lists.keys()], ["a", "l"]);
  assert.equal(reduce(state, { type: "task.updated", stream: "list.x", data: null }), state);
  assert.equal(sortedLists(state).length, 1, "a list without a name");
});

test("what all people can read is never the first list that is offered", () => {
  const lists = [{ id: "e", kind: "everyone", name: "A", version: 1 }, { id: "p", kind: "list", name: "B", version: 1 }, { id: "i", kind: "inbox", name: "C", version: 1 }];
  const state = reduce(EMPTY, { type: "snapshot", streams: null, data: { lists } });
  assert.deepEqual(sortedLists(state).map(({ id }) => id), ["i", "p", "e"]);
});
