import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError, explain, secondsOf } from "../../tasks/static/tasks/core/api.js";
import { uuid } from "../../tasks/static/tasks/core/ids.js";
import { Clock, settled } from "./fakes.mjs";

const json = (data, init = {}) => new Response(data === null ? null : JSON.stringify(data), init);

/** An API whose answers the test gives: `answers` are taken in their order. */
function begin(answers, options = {}) {
  const calls = [];
  const fetch = async (url, init) => {
    calls.push({ url, ...init });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(init) : answer;
  };
  const jar = { cookie: "csrftoken=first" };
  const clock = new Clock();
  return { api: new Api({ fetch, cookies: () => jar.cookie, clock, ...options }), calls, jar, clock };
}

const failed = (promise) => promise.then(() => assert.fail("it succeeded"), (error) => error);

test("a UUID where the browser has no crypto.randomUUID, as on plain http", () => {
  const made = new Set(Array.from({ length: 100 }, () => uuid({ getRandomValues: (bytes) => crypto.getRandomValues(bytes) })));
  assert.equal(made.size, 100);
  for (const id of made) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("each failure is told as what it is", async () => {
  const problem = { status: 400, errors: { title: ["Too long."], due_date: ["No date."] } };
  const { api } = begin([json(problem, { status: 400 }), json({ detail: "boom" }, { status: 500 }), new TypeError("Failed to fetch"), json({}, { status: 503 })]);
  assert.equal((await failed(api.request("GET", "/api/tasks"))).message, "title: Too long. due date: No date.");
  assert.match((await failed(api.request("GET", "/api/tasks"))).message, /had an error \(500\)/);
  assert.match((await failed(api.request("GET", "/api/tasks"))).message, /cannot be reached/);
  assert.match((await failed(api.request("GET", "/api/tasks"))).message, /busy/);
  assert.match(explain(new TypeError("x is undefined")), /This page has a fault \(x is undefined\)/);
});

test("what the server says of a field is a sentence", async () => {
  const said = [
    ["title", "Ensure this field has no more than 500 characters.", "The title must have no more than 500 characters."],
    ["name", "This field may not be blank.", "The name may not be blank."],
    ["due_date", "Must be a day between 1900-01-01 and 9999-12-30.", "The due date must be a day between 1900-01-01 and 9999-12-30."],
    ["parent", "A subtask can't have subtasks.", "A subtask can't have subtasks."],
    ["email", "Enter a valid email address.", "Enter a valid email address."],
    ["section", "There is no such section in this list.", "There is no such section in this list."],
    ["colour", "There is no such field.", "colour: There is no such field."],
    ["non_field_errors", "Nothing to do.", "Nothing to do."],
  ];
  for (const [field, text, sentence] of said) {
    const { api } = begin([json({ status: 400, errors: { [field]: [text] } }, { status: 400 })]);
    assert.equal((await failed(api.request("POST", "/api/tasks", {}))).message, sentence);
  }
});

test("a form waits as long for its answer as any other request", async () => {
  const never = (init) => new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(new Error("aborted"))));
  const { api, clock } = begin([never]);
  const failing = failed(api.submit("/login", {}));
  await clock.pass(15_001);
  assert.equal((await failing).status, 0);
});

test("only where the server says so is something not there", async () => {
  const { api } = begin([json({}), json({}, { status: 404 }), new TypeError("Failed to fetch"), json({}, { status: 503 })]);
  const asked = [];
  for (let each = 0; each < 4; each += 1) asked.push(await api.isThere("/api/tasks/1"));
  assert.deepEqual(asked, [true, false, true, true]);
});

test("what answers instead of the server is not taken for its answer", async () => {
  const { api } = begin([new Response("<h1>Welcome to our hotel</h1>")]);
  const error = await failed(api.request("GET", "/api/me"));
  assert.ok(error instanceof ApiError && error.passing);
});

test("Retry-After is a number of seconds or a date, and never more than five minutes", () => {
  const now = Date.parse("2026-03-28T12:00:00Z");
  assert.deepEqual(["7", "0", null, "soon", "99999", "Sat, 28 Mar 2026 12:00:30 GMT", "Sat, 28 Mar 2026 11:00:00 GMT"].map((each) => secondsOf(each, now)), [7, 0, 0, 0, 300, 30, 0]);
});

/** A body whose pieces come when the test says so. */
function slowBody(init) {
  let controller;
  const body = new ReadableStream({ start: (given) => void (controller = given) });
  init.signal.addEventListener("abort", () => controller.error(new Error("aborted")));
  return { answer: new Response(body), push: (text) => controller.enqueue(new TextEncoder().encode(text)), end: () => controller.close() };
}

test("an answer that keeps coming is waited for, however long it takes; one that stops is not", async () => {
  let body;
  const { api, clock } = begin([(init) => (body = slowBody(init)).answer, (init) => (body = slowBody(init)).answer]);
  const long = api.sync(null);
  await settled();
  for (const piece of ['{"a":', "[1,", "2,", "3,", '4],"ü":"', "…", '"}']) {
    await clock.pass(10_000);
    body.push(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  body.end();
  assert.deepEqual(await long, { a: [1, 2, 3, 4], ü: "…" });
  const dead = failed(api.sync(null));
  await settled();
  body.push("{");
  await new Promise((resolve) => setImmediate(resolve));
  await clock.pass(15_001);
  assert.equal((await dead).status, 0);
});

test("an answer that is outstanding for two seconds is a reason to doubt", async () => {
  let doubts = 0;
  let answer;
  const { api, clock } = begin([() => new Promise((resolve) => (answer = resolve)), json({})], { onSlow: () => (doubts += 1) });
  const asked = api.request("GET", "/api/me");
  await clock.pass(1_900);
  assert.equal(doubts, 0);
  await clock.pass(200);
  assert.equal(doubts, 1);
  answer(json({}));
  await asked;
  await api.request("GET", "/api/me");
  await clock.pass(10_000);
  assert.equal(doubts, 1);
});

test("a write is its person's, or it is not made", async () => {
  const { api, calls, jar } = begin([json({}, { status: 403 }), json({ id: 2 })]);
  api.bind(1, "first");
  jar.cookie = "csrftoken=second"; // another person has signed in, in another tab
  const error = await failed(api.request("PATCH", "/api/tasks/x", { title: "Mine" }));
  assert.deepEqual([error.foreign, error.signedOut], [true, false]);
  assert.deepEqual(calls.map(({ method, headers }) => [method, headers["X-CSRFToken"]]), [["PATCH", "first"], ["GET", undefined]]);
});

test("the same person's new sign-in, in another tab, is no obstacle", async () => {
  const { api, calls, jar } = begin([json({}, { status: 403 }), json({ id: 1 }), json({ version: 5 })]);
  api.bind(1, "first");
  jar.cookie = "csrftoken=second";
  assert.deepEqual(await api.request("PATCH", "/api/tasks/x", { title: "Mine" }), { version: 5 });
  assert.equal(calls.at(-1).headers["X-CSRFToken"], "second");
});

test("a 403 without a session is the end of the session; with one it is a refusal", async () => {
  const { api } = begin([json({}, { status: 403 }), json({}, { status: 403 }), json({ detail: "Only the owner may." }, { status: 403 }), json({ id: 1 })]);
  api.bind(1, "first");
  assert.equal((await failed(api.request("DELETE", "/api/lists/x"))).signedOut, true);
  const refusal = await failed(api.request("DELETE", "/api/lists/x"));
  assert.deepEqual([refusal.signedOut, refusal.foreign, refusal.message], [false, false, "Only the owner may."]);
});

test("an application below a path is asked there", async () => {
  const { api, calls } = begin([json({}), json({})], { root: "/todo/" });
  await api.sync(["all"]);
  assert.equal(calls[0].url, "/todo/api/sync?stream=all");
});

test("a change that is sent again has the same key; what is left of a batch is another request", async () => {
  const { api, calls } = begin(Array.from({ length: 9 }, () => json({ results: [] })));
  const one = { key: "k", kind: "task", id: "a", version: 1 };
  for (const version of [1, 2]) await api.send({ ...one, verb: "update", fields: { title: "x" }, version });
  await api.send({ ...one, verb: "delete" });
  await api.send({ ...one, verb: "update", fields: {}, beside: { after: "b" } });
  const all = ["1", "2"].map((key) => ({ ...one, key, id: key, verb: "delete" }));
  for (const some of [all, all, all.slice(0, 1)]) await api.sendAll(some);
  const keys = calls.map(({ headers }) => headers["Idempotency-Key"]);
  assert.deepEqual(keys.slice(0, 4), ['"k"', '"k"', '"k"', '"k"']);
  assert.equal(keys[4], keys[5]);
  assert.notEqual(keys[4], keys[6]);
  await api.send({ ...one, verb: "create", fields: {} });
  assert.equal(calls.at(-1).headers["Idempotency-Key"], undefined, "the id says which it is");
});

test("the same request under way is waited for; another conflict is none of time", () => {
  assert.deepEqual([new ApiError(409, {}, 1).passing, new ApiError(409).passing], [true, false]);
});

test("a snapshot is asked for by columns, and is the same whichever form comes", async () => {
  const id = (digit) => `${digit.repeat(8)}-1111-4111-8111-${digit.repeat(12)}`;
  const rows = [
    { id: id("a"), title: "One", labels: [], position: 0.5, version: 1795689166738108, assignee: null },
    { id: id("b"), title: "Two", labels: [], position: 0.25, version: 1795689166738110, assignee: 3 },
  ];
  const columns = {
    id: { ids: `${id("a")}${id("b")}`.replaceAll("-", "") },
    title: ["One", "Two"],
    labels: { same: [] },
    position: { steps: [0.5, -0.25] },
    version: { steps: [1795689166738108, 2] },
    assignee: [null, 3],
  };
  const me = { id: 1, username: "alice" };
  const compact = { epoch: "e", me, users: [], tasks: [{ rows: 2, columns }, { rows: 1, columns: { id: ["c"] } }], lists: [{ rows: 1, columns: { id: { same: "l" } } }] };
  const plain = { epoch: "e", me, users: [], tasks: [...rows, { id: "c" }], lists: [{ id: "l" }] };
  const { api, calls } = begin([json(compact), json(plain)]);
  assert.deepEqual(await api.sync(null), plain);
  assert.deepEqual(await api.sync(null), plain);
  assert.equal(calls[0].headers.Prefer, "columns");
});
