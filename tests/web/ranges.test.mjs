import assert from "node:assert/strict";
import { test } from "node:test";
import { pieces, shifted } from "../../tasks/static/tasks/features/quick_add/ranges.js";
import { best, folded, wordsOf } from "../../tasks/static/tasks/features/palette/match.js";

const at = (text, word) => ({ start: text.indexOf(word), end: text.indexOf(word) + word.length });
const move = (before, after, word) => shifted(before, after, [at(before, word)]).map(({ start, end }) => after.slice(start, end));

test("a range stays at its words while the text around them is edited", () => {
  assert.deepEqual(move("Rent tomorrow", "Pay rent tomorrow", "tomorrow"), ["tomorrow"]);
  assert.deepEqual(move("Rent tomorrow", "Rent tomorrow 5pm", "tomorrow"), ["tomorrow"]);
  assert.deepEqual(move("Rent today or today", "Rent today", "today"), ["today"]);
  assert.deepEqual(move("Rent tomorrow", "Rent tomorow", "tomorrow"), []);
  assert.deepEqual(move("Rent tomorrow", "Rent tomorrows", "tomorrow"), []);
  assert.deepEqual(move("Rent tomorrow", "Rent xtomorrow", "tomorrow"), []);
  assert.deepEqual(move("Rent tomorrow", "", "tomorrow"), []);
});

test("a text falls into what is in the ranges and what is between", () => {
  const text = "Rent tomorrow #home";
  const found = pieces(text, [at(text, "tomorrow"), at(text, "#home")]);
  assert.deepEqual(found.map(({ text: part, marked }) => [part, marked]), [["Rent ", false], ["tomorrow", true], [" ", false], ["#home", true]]);
});

test("each word typed has to be found; beginnings of words come first", () => {
  const names = ["Relist", "New list", "List of guests", "Ärger"];
  const find = (query) => best(names, folded, wordsOf(query), 3);
  assert.deepEqual(find("list"), ["List of guests", "New list", "Relist"]);
  assert.deepEqual(find("li gu"), ["List of guests"]);
  assert.deepEqual(find("arg"), ["Ärger"]);
  assert.deepEqual(find("nothing"), []);
});
