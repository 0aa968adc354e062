import assert from "node:assert/strict";
import { test } from "node:test";
import "./described.mjs";
import { DeviceCopy } from "../../tasks/static/tasks/core/device-copy.js";
import { EMPTY, reduce } from "../../tasks/static/tasks/core/store.js";

/** Cache storage in memory, with a single entry in each cache. */
function memory() {
  const entries = new Map();
  const put = (name) => async (_, answer) => void entries.set(name, await answer.text());
  const match = async (_, { cacheName }) => (entries.has(cacheName) ? new Response(entries.get(cacheName)) : undefined);
  return { entries, open: async (name) => ({ put: put(name) }), match, delete: async (name) => entries.delete(name) };
}

const me = { id: 1, username: "alice", version: 1 };
const list = { id: "l", version: 1 };
const tasks = (count) => Array.from({ length: count }, (_, at) => ({ id: `t${at}`, list: "l", title: `“${at}”`, version: 1 }));
const stateOf = (count) => reduce(EMPTY, { type: "snapshot", streams: null, data: { me, lists: [list], tasks: tasks(count) } });

function setUp(count, more = {}) {
  const caches = memory();
  const model = { confirmed: stateOf(count), isBehind: false, status: "live" };
  const at = { epoch: "e", positions: { "list.l": 7 } };
  const api = { token: "t", isOwnSession: true, csrfToken: () => api.token };
  const options = { model, api, caches, position: () => at, release: "r", worker: "/worker.js", isOpenable: () => true, idle: async () => {}, now: () => 0, ...more };
  const make = (others = {}) => new DeviceCopy({ ...options, ...others });
  return { caches, model, at, api, make, copy: make() };
}

test("what is read is what was written, as a snapshot with its position", async () => {
  for (const count of [0, 1, 199, 200, 201, 999]) {
    const { copy, make, model } = setUp(count);
    await copy.write();
    const data = await make().read();
    assert.deepEqual([data.epoch, data.positions], ["e", { "list.l": 7 }]);
    const { tasks: read, lists, me: person } = reduce(EMPTY, { type: "snapshot", streams: null, data });
    assert.deepEqual([[...read], [...lists], person], [[...model.confirmed.tasks], [...model.confirmed.lists], me]);
  }
});

test("nothing is read with another sign-in, by another release, or when it is old; the first and the last are deleted", async () => {
  for (const [others, change, isLeft] of [
    [{}, (api) => (api.token = "other"), false],
    [{}, (api) => (api.token = ""), false],
    [{ release: "next" }, () => {}, true],
    [{ now: () => 15 * 86_400_000 }, () => {}, false],
  ]) {
    const { copy, caches, api, make } = setUp(1);
    await copy.write();
    change(api);
    assert.equal(await make(others).read(), null);
    assert.equal(caches.entries.size, isLeft ? 1 : 0);
  }
});

test("nothing is written while the state is behind its position, in a foreign session, or where no worker opens the page", async () => {
  for (const change of [({ model }) => (model.isBehind = true), ({ api }) => (api.isOwnSession = false), ({ model }) => (model.confirmed = EMPTY)]) {
    const all = setUp(1);
    change(all);
    await all.copy.write();
    assert.equal(all.caches.entries.size, 0);
  }
  for (const others of [{ position: () => null }, { isOpenable: () => false }, { worker: "" }]) {
    const { copy, caches } = setUp(1, others);
    await copy.write();
    assert.equal(caches.entries.size, 0);
  }
});

test("what grows too large is deleted, and written no more", async () => {
  const { copy, caches, model, at } = setUp(1);
  await copy.write();
  assert.equal(caches.entries.size, 1);
  model.confirmed = stateOf(20_001);
  at.positions["list.l"] += 1;
  await copy.write();
  assert.equal(caches.entries.size, 0);
});

test("the same position is not written twice", async () => {
  const { copy, make, caches } = setUp(1);
  await copy.write();
  const reader = make();
  await reader.read();
  caches.entries.clear();
  await copy.write();
  await reader.write();
  assert.equal(caches.entries.size, 0);
});

test("what ends while it is being written leaves nothing", async () => {
  let go = () => {};
  const { copy, caches, at } = setUp(1, { idle: () => new Promise((resolve) => (go = resolve)) });
  const written = copy.write();
  await new Promise(setImmediate);
  const ended = copy.end();
  for (let step = 0; step < 9; step += 1) await new Promise((resolve) => setImmediate(() => resolve(go())));
  await Promise.all([written, ended]);
  assert.equal(caches.entries.size, 0);
  at.positions["list.l"] += 1;
  await copy.write();
  assert.equal(caches.entries.size, 0);
});

test("it begins once, and what is switched off is deleted, in pages that are open too", async (context) => {
  const before = ["document", "navigator"].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  context.after(() => before.forEach(([name, value]) => (value ? Object.defineProperty(globalThis, name, value) : delete globalThis[name])));
  const listeners = [];
  const listen = (name, call) => void listeners.push([name, call]);
  const serviceWorker = { addEventListener: listen, register: async () => {} };
  for (const [name, value] of [["document", { addEventListener: listen }], ["navigator", { serviceWorker }]]) Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  const { copy, make, caches, at } = setUp(1);
  for (let reconnect = 0; reconnect < 3; reconnect += 1) await copy.begin();
  await copy.write();
  assert.deepEqual([listeners.map(([name]) => name).sort(), caches.entries.size], [["controllerchange", "message", "visibilitychange"], 1]);
  await make({ worker: "" }).begin();
  assert.equal(caches.entries.size, 0);
  at.positions["list.l"] += 1;
  await copy.write();
  assert.equal(caches.entries.size, 1, "a page that is open does not know of it yet");
  listeners.find(([name]) => name === "message")[1]();
  at.positions["list.l"] += 1;
  copy.goOn();
  await copy.write();
  assert.equal(caches.entries.size, 0);
});

test("a full disk stops nothing, and the next attempt may succeed", async (context) => {
  context.mock.method(console, "warn", () => {});
  const { copy, caches } = setUp(1);
  const { open } = caches;
  caches.open = async () => Promise.reject(new Error("full"));
  await copy.write();
  caches.open = open;
  await copy.write();
  assert.equal(caches.entries.size, 1);
});

test("a browser without storage does not stop a sign-out", async (context) => {
  context.mock.method(console, "warn", () => {});
  for (const caches of [undefined, { delete: async () => Promise.reject(new Error("blocked")) }]) await setUp(1, { caches }).copy.end();
});
