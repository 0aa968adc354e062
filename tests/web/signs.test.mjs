import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting, isComplete, openSign } from "../../tasks/static/tasks/features/quick_add/signs.js";

test("a sign counts at the beginning of a word, as far as the caret", () => {
  assert.deepEqual(openSign("Ask @bo", 7), { sign: "@", start: 4, query: "bo" });
  assert.deepEqual(openSign("#Big Pro and more", 8), { sign: "#", start: 0, query: "Big Pro" });
  assert.deepEqual(openSign('*"new st', 8), { sign: "*", start: 0, query: '"new st' });
  assert.deepEqual(openSign("a !", 3), { sign: "!", start: 2, query: "" });
  for (const text of ["anna@example.com", "C#", "Stop! ", "2 * 3", "", "@" + "a".repeat(61)]) assert.equal(openSign(text, text.length), null, text);
  assert.deepEqual(openSign("@bob #ho", 8)?.sign, "#");
});

test("names by the beginnings of their words, without regard to case and accents", () => {
  const all = [["Garden"], ["Große Übung"], ["Summer garden"], ["Bob Okafor", "bob"]].map((names) => ({ names }));
  const found = (query) => fitting(all, query).map(({ names }) => names[0]);
  assert.deepEqual(found("GAR"), ["Garden", "Summer garden"]);
  assert.deepEqual(found("ubu"), ["Große Übung"]);
  assert.deepEqual(found("GROSSE"), ["Große Übung"]);
  assert.deepEqual(found("oka"), ["Bob Okafor"]);
  assert.deepEqual(found("den"), []);
  assert.equal(found("").length, 4);
  assert.deepEqual(["gard", "garden", "Garden and", "gardens", "bob "].map((query) => isComplete(all, query)), [false, true, true, false, true]);
});
