import assert from "node:assert/strict";
import { test } from "node:test";
import { Device } from "../../tasks/static/tasks/core/device.js";

/** One store in memory, which answers as IndexedDB does: later, in the order of the requests. */
function memory() {
  const rows = new Map();
  const later = (call) => void setImmediate(call);
  const store = {
    put: (row) => void rows.set(row.tab, row),
    delete: ([, tab]) => void rows.delete(tab),
    openCursor() {
      const request = {};
      const all = [...rows.values()];
      const step = () => {
        const value = all.shift();
        const cursor = value && { value, delete: () => rows.delete(value.tab), continue: () => later(step) };
        request.onsuccess({ target: { result: cursor ?? null } });
        if (!cursor) request.onend?.();
      };
      later(step);
      return request;
    },
  };
  const faults = [];
  const transaction = () => {
    if (faults.length) throw faults.pop();
    const made = { objectStore: () => ({ ...store, openCursor: () => Object.assign(store.openCursor(), { onend: () => later(made.oncomplete) }) }), commit: () => later(made.oncomplete) };
    return made;
  };
  const open = () => {
    const request = { result: { transaction } };
    later(() => request.onsuccess());
    return request;
  };
  return { rows, faults, indexedDB: { open } };
}

test("what a page adopts is its own at once, beside what it has kept itself meanwhile", async () => {
  globalThis.IDBKeyRange = { bound: () => null };
  const { rows, indexedDB } = memory();
  const begin = (wait) => new Device({ indexedDB, channel: { postMessage: () => {} }, wait });
  const contents = (key) => ({ operations: [{ key }], drafts: [], composers: [] });
  const kept = () => [...rows.values()].map(({ operations }) => operations.map(({ key }) => key));
  const closed = begin(async () => {});
  await closed.adopt(1);
  await closed.keep(contents("left"));
  const page = begin(() => page.keep(contents("own"))); // while it waits for other tabs
  assert.deepEqual((await page.adopt(1)).operations.map(({ key }) => key), ["left"]);
  assert.deepEqual(kept().flat().sort(), ["left", "own"], "it may be closed now");
  await page.keep({ operations: [], drafts: [], composers: [] });
  assert.deepEqual(kept(), []);
});

test("a write that failed is made again, though nothing has changed since", async (context) => {
  context.mock.method(console, "warn", () => {});
  const { rows, faults, indexedDB } = memory();
  const device = new Device({ indexedDB, channel: null });
  await device.adopt(1);
  const contents = { operations: [{ key: "a" }], drafts: [], composers: [] };
  faults.push(new Error("the disk is full"));
  await device.keep(contents);
  assert.deepEqual([device.works, rows.size], [false, 0]);
  await device.keep(contents);
  assert.deepEqual([device.works, rows.size], [true, 1]);
});
