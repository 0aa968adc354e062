import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Model } from "../../tasks/static/tasks/core/model.js";
import { reduce, EMPTY } from "../../tasks/static/tasks/core/store.js";
import { Router } from "../../tasks/static/tasks/shell/router.js";

const [LIST, ONE, TWO] = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);

/** A window whose steps back are made when the test says so. */
function openWindow() {
  const entries = [{ hash: `#/list/${LIST}`, state: null }];
  const listeners = {};
  let steps = 0;
  const put = (at, state, hash) => entries.splice(at, entries.length, { hash, state });
  globalThis.addEventListener = (name, call) => (listeners[name] = call);
  globalThis.location = { get hash() { return entries.at(-1).hash; } };
  globalThis.history = {
    get state() { return entries.at(-1).state; },
    pushState: (state, _, hash) => put(entries.length, state, hash),
    replaceState: (state, _, hash) => put(entries.length - 1, state, hash),
    back: () => (steps += 1),
  };
  const goBack = () => {
    for (; steps; steps -= 1) entries.pop();
    listeners.popstate();
    listeners.hashchange();
  };
  return { goBack, addresses: () => entries.map(({ hash }) => hash) };
}

function begin() {
  const page = openWindow();
  const model = new Model({ schedule: (call) => call(), isOwn: () => false, outbox: { operations: [], settled: () => {} } });
  const lists = [{ id: LIST, kind: "list", version: 1 }];
  model.shown = reduce(EMPTY, { type: "snapshot", streams: null, data: { lists } });
  model.loaded = true;
  const router = new Router({ model });
  const shown = [];
  router.onRoute = () => shown.at(-1) !== model.selected.task && shown.push(model.selected.task);
  router.start();
  return { page, router, shown };
}

test("a task that is opened before the browser has stepped back from another is where one ends up", () => {
  const { page, router, shown } = begin();
  router.go(LIST, ONE);
  router.closeTask();
  router.go(LIST, TWO);
  assert.deepEqual(shown, [null, ONE, null, TWO]);
  page.goBack();
  assert.deepEqual(shown, [null, ONE, null, TWO], "and it does not close in between");
  assert.deepEqual(page.addresses(), [`#/list/${LIST}`, `#/list/${LIST}/task/${TWO}`]);
  router.closeTask();
  page.goBack();
  assert.deepEqual(page.addresses(), [`#/list/${LIST}`]);
});

test("opened and closed again before the step back, a task leaves nothing behind", () => {
  const { page, router, shown } = begin();
  router.go(LIST, ONE);
  router.closeTask();
  router.go(LIST, TWO);
  router.closeTask();
  page.goBack();
  assert.deepEqual(shown, [null, ONE, null, TWO, null]);
  assert.deepEqual(page.addresses(), [`#/list/${LIST}`]);
});
