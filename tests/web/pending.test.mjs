import "./described.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../tasks/static/tasks/core/outbox.js";
import { conflictOf, overlay, settle } from "../../tasks/static/tasks/core/pending.js";
import { EMPTY, reduce, reduceAll } from "../../tasks/static/tasks/core/store.js";
import { Clock, randomFrom, settled } from "./fakes.mjs";

const task = (version, fields = {}) => ({ id: "a", list: "x", title: "Milk", completed: false, version, ...fields });
const event = (verb, data) => ({ type: `task.${verb}`, stream: "list.x", data });
const state = (...tasks) => reduce(EMPTY, { type: "snapshot", streams: null, data: { tasks, lists: [{ id: "x", version: 1 }] } });
const operation = (verb, fields, more = {}) => ({ key: verb, kind: "task", id: "a", verb, fields, base: {}, state: "queued", ...more });
const title = (shown) => shown.tasks.get("a")?.title;

test("what one does is shown over what is confirmed, in its order", () => {
  const operations = [operation("update", { title: "Oat milk" }), operation("update", { title: "Soy milk" })];
  assert.equal(title(overlay(state(task(1)), operations)), "Soy milk");
  assert.equal(title(overlay(state(), [operation("create", { title: "New", list: "x" }), ...operations])), "Soy milk");
  assert.equal(title(overlay(state(task(1)), [operation("delete")])), undefined);
  assert.equal(title(overlay(state(), operations)), undefined, "a change brings nothing back");
  const confirmed = state(task(1));
  assert.equal(overlay(confirmed, []), confirmed);
});

test("between the answer and its event nothing flickers, whichever comes first", () => {
  const sent = operation("update", { title: "Oat milk" }, { state: "sending" });
  const acknowledged = { ...sent, state: "acknowledged", acknowledged: 2 };
  const before = state(task(1));
  const news = event("updated", task(2, { title: "Oat milk" }));
  const after = reduce(before, news);
  assert.deepEqual(settle([acknowledged], before, []), [acknowledged], "the answer first: it stays until the event");
  assert.deepEqual(settle([acknowledged], after, [news]), []);
  assert.deepEqual(settle([sent], after, [news]), [sent], "the event first: it stays until the answer");
});

test("a task that one moves is shown between its two lists, whatever comes first", () => {
  const move = operation("update", { list: "y" }, { state: "sending", seen_as: task(1) });
  const acknowledged = { ...move, state: "acknowledged", acknowledged: 2 };
  const gone = event("deleted", { id: "a", version: 2 });
  const there = { type: "task.created", stream: "list.y", data: task(2, { list: "y" }) };
  const between = reduce(state(task(1)), gone);
  for (const each of [move, acknowledged]) {
    const [left] = settle([each], between, [gone]);
    assert.equal(overlay(between, [left]).tasks.get("a")?.list, "y");
  }
  assert.deepEqual(settle([acknowledged], reduce(between, there), [there]), []);
  const [seen] = settle([move], reduce(between, there), [there]);
  const later = reduce(reduce(between, there), { ...gone, stream: "list.y" });
  assert.equal(overlay(later, [seen]).tasks.get("a"), undefined, "deleted there, it does not come back");
  assert.deepEqual(settle([{ ...seen, state: "acknowledged", acknowledged: 2 }], later, []), []);
  assert.deepEqual(settle([acknowledged], between, [{ type: "left", stream: "list.y" }]), []);
});

test("an answer that comes after a deletion brings nothing back", () => {
  const created = operation("create", { title: "Milk", list: "x" }, { state: "sending" });
  const news = [event("created", task(1)), event("deleted", { id: "a", version: 1 })];
  const confirmed = reduceAll(state(), news);
  const [marked] = settle([created], confirmed, news);
  assert.equal(title(overlay(confirmed, [marked])), undefined);
  assert.deepEqual(settle([{ ...marked, state: "acknowledged", acknowledged: 1 }], confirmed, []), []);
});

test("a snapshot knows better than an operation that was acknowledged before it", () => {
  const created = operation("create", { title: "Milk", list: "x" }, { state: "acknowledged", acknowledged: 1 });
  const message = { type: "snapshot", streams: null, data: {} };
  assert.deepEqual(settle([created], state(), [message]), []);
  const waiting = { ...created, state: "queued" };
  assert.deepEqual(settle([waiting], state(), [message]), [waiting]);
  const of = (...streams) => settle([created], state(), [{ ...message, streams }]);
  assert.deepEqual([of("list.y"), of("list.x", "list.y")], [[created], []], "of its own stream only");
  assert.deepEqual(settle([created], state(), [{ type: "left", stream: "list.y" }]), [created]);
});

test("a deletion that is answered again after its task was restored hides it no more", () => {
  const restored = state(task(3));
  const repeated = operation("delete", undefined, { state: "acknowledged", version: 2, acknowledged: 0 });
  assert.deepEqual(settle([repeated], restored, []), []);
  assert.deepEqual(settle([{ ...repeated, version: undefined, acknowledged: 2 }], restored, []), [], "of a batch");
  assert.deepEqual(settle([{ ...repeated, version: undefined, seen_as: task(2) }], restored, []), [], "whatever was changed before");
  assert.deepEqual(settle([repeated], state(task(2)), []), [repeated], "its event is still to come");
});

test("fields that others changed are no conflict; the same field with another value is", () => {
  const update = operation("update", { title: "Oat milk" }, { base: { title: "Milk" } });
  assert.equal(conflictOf(update, task(2, { completed: true })), null);
  assert.equal(conflictOf(update, task(2, { title: "Oat milk" })), null);
  assert.deepEqual(conflictOf(update, task(2, { title: "Bread" })), { title: "Bread" });
  const labels = operation("update", { labels: ["1", "2"] }, { base: { labels: ["1"] } });
  for (const same of [["1"], ["1", "2"]]) assert.equal(conflictOf(labels, task(2, { labels: same })), null);
  assert.deepEqual(conflictOf(labels, task(2, { labels: [] })), { labels: [] });
});

/** An outbox whose answers the test gives. */
function begin() {
  const clock = new Clock();
  const calls = [];
  const told = { failures: [], signedOut: 0 };
  const network = { isOffline: false };
  const outbox = new Outbox({
    send: (each) => new Promise((resolve, reject) => calls.push({ operation: each, resolve, reject })),
    onChange: () => {},
    onFailure: (each, why) => told.failures.push([each.key, why]),
    onSignedOut: () => (told.signedOut += 1),
    isOffline: () => network.isOffline,
    clock,
  });
  return { outbox, clock, calls, told, network, states: () => outbox.operations.map((each) => each.state) };
}

const failure = (status, more = {}) => Object.assign(new Error("no"), { status, problem: {}, passing: [0, 503].includes(status), signedOut: status === 401, ...more });

test("changes go out one after the other, each over the version that the one before left", async () => {
  const { outbox, calls } = begin();
  outbox.add(operation("update", { title: "1" }, { key: "1", version: 1 }));
  outbox.add(operation("update", { title: "2" }, { key: "2", version: 1 }));
  assert.equal(calls.length, 1);
  calls[0].resolve({ version: 5 });
  await settled();
  assert.deepEqual([calls.length, calls[1].operation.version], [2, 5]);
});

test("a request about an object waits for the object's changes, and not while nothing can be sent", async () => {
  const { outbox, calls } = begin();
  const told = [];
  const ask = (id) => void outbox.arrived(id).then(() => told.push(id));
  outbox.add(operation("create", { title: "Milk" }, { key: "1" }), operation("create", {}, { key: "2", id: "b" }));
  for (const id of ["a", "b", "c"]) ask(id);
  await settled();
  assert.deepEqual(told, ["c"]);
  calls[0].resolve({ version: 1 });
  await settled();
  assert.deepEqual(told, ["c", "a"]);
  calls[1].reject(failure(0));
  await settled();
  assert.deepEqual(told, ["c", "a", "b"]);
  ask("b");
  await settled();
  assert.equal(told.length, 4);
  calls.length = 0;
  outbox.retry();
  calls[0].resolve({ version: 1 });
  await settled();
  outbox.add(operation("update", { title: "1" }, { key: "3" }));
  ask("a");
  outbox.hold();
  await settled();
  assert.equal(told.length, 5);
});

test("what the network swallowed is sent again, the same, with growing pauses, and at once when it is back", async () => {
  const { outbox, clock, calls } = begin();
  outbox.add(operation("create", { title: "Milk" }));
  calls[0].reject(failure(0));
  await settled();
  assert.deepEqual([outbox.isStuck, outbox.unsaved.length], [true, 1]);
  await clock.pass(1_001);
  calls[1].reject(failure(503));
  await settled();
  outbox.resume();
  assert.equal(calls.length, 3);
  assert.equal(calls[2].operation.id, calls[0].operation.id);
  calls[2].resolve({ version: 1 });
  await settled();
  assert.deepEqual([outbox.isStuck, outbox.unsaved.length, clock.pending], [false, 0, 0]);
});

test("a change that is refused is taken back and told; later ones go on", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("update", { title: "" }, { key: "bad" }));
  outbox.add(operation("update", { title: "good" }, { key: "good", id: "b" }));
  calls[0].reject(failure(400));
  await settled();
  assert.deepEqual([told.failures[0][0], outbox.operations.map(({ key }) => key), calls.length], ["bad", ["good"], 2]);
});

test("what depends on a creation goes with it", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("create", { title: "x" }));
  outbox.add(operation("update", { title: "y" }));
  calls[0].reject(failure(400));
  await settled();
  assert.deepEqual([outbox.operations, calls.length, told.failures.length], [[], 1, 1]);
});

test("a creation that was made before and deleted since is finished; what was based on it is told", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("create", { title: "x" }));
  outbox.add(operation("update", { title: "y" }));
  calls[0].reject(failure(410));
  await settled();
  assert.deepEqual([told.failures, outbox.operations.map(({ verb }) => verb)], [[], ["update"]]);
  calls[1].reject(failure(404));
  await settled();
  assert.deepEqual([told.failures.map(([key]) => key), outbox.operations], [["update"], []]);
});

test("a creation under the id of something else is told", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("create", { title: "x" }));
  calls[0].reject(failure(422));
  await settled();
  assert.deepEqual([told.failures.map(([key]) => key), outbox.operations, outbox.isStuck], [["create"], [], false]);
});

test("signed out, everything waits, and nothing is lost", async () => {
  const { outbox, calls, told, states } = begin();
  outbox.add(operation("update", { title: "1" }, { key: "1" }));
  outbox.add(operation("update", { title: "2" }, { key: "2" }));
  calls[0].reject(failure(401));
  await settled();
  assert.deepEqual([told.signedOut, calls.length, states()], [1, 1, ["queued", "queued"]]);
  outbox.resume();
  assert.equal(calls.length, 2);
});

test("when somebody was first with another field, both changes stand", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("update", { title: "Oat milk" }, { version: 1, base: { title: "Milk" } }));
  calls[0].reject(failure(412, { problem: { current: task(2, { completed: true }) } }));
  await settled();
  assert.deepEqual([calls.length, calls[1].operation.version, told.failures], [2, 2, []]);
});

test("changes of one batch go out in one request; what was refused alone fails alone", async () => {
  const { outbox, calls, told } = begin();
  const batches = [];
  outbox.sendAll = (operations) => {
    batches.push(operations.map(({ id }) => id));
    return Promise.resolve(operations.map(({ id }) => (id === "b" ? { error: failure(404) } : { answer: task(2) })));
  };
  outbox.add(...["a", "b", "c"].map((id) => operation("update", { title: "x" }, { key: id, id, batch: "1" })));
  await settled();
  assert.deepEqual([batches, calls.length], [[["a", "b", "c"]], 0]);
  assert.deepEqual(told.failures.map(([key]) => key), ["b"]);
  assert.deepEqual(outbox.unsaved, []);
});

test("a batch that is refused as a whole is sent one by one", async () => {
  const { outbox, calls } = begin();
  outbox.sendAll = () => Promise.reject(failure(404));
  outbox.add(...["a", "b"].map((id) => operation("update", { title: "x" }, { key: id, id, batch: "1" })));
  await settled();
  assert.deepEqual(calls.map(({ operation: { id } }) => id), ["a"]);
  calls[0].resolve(task(2));
  await settled();
  assert.deepEqual(calls.map(({ operation: { id } }) => id), ["a", "b"]);
});

test("what was not sent yet can be dropped, all of it or nothing", async () => {
  const { outbox, calls } = begin();
  outbox.add(operation("update", { title: "x" }, { key: "1" }));
  outbox.add(operation("update", { title: "y" }, { key: "2", id: "b" }));
  outbox.add(operation("update", { title: "z" }, { key: "3", id: "c" }));
  assert.equal(outbox.cancel("1", "2"), false);
  assert.equal(outbox.cancel("2", "3"), true);
  const sent = outbox.sent(["1"]);
  calls[0].resolve(task(2));
  await sent;
  assert.equal(calls.length, 1);
});

test("a request that was made before the network went may have arrived: it can't be dropped any more", async () => {
  for (const before of [true, false]) {
    const { outbox, calls, network } = begin();
    network.isOffline = before;
    outbox.add(operation("delete", undefined, { key: "1" }));
    network.isOffline = true;
    calls[0].reject(failure(0));
    await settled();
    assert.equal(outbox.cancel("1"), before);
  }
});

test("when somebody was first with the same field, one is asked", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("update", { title: "Oat milk" }, { version: 1, base: { title: "Milk" } }));
  calls[0].reject(failure(412, { problem: { current: task(2, { title: "Bread" }) } }));
  await settled();
  assert.deepEqual([told.failures[0][1].theirs, outbox.operations], [{ title: "Bread" }, []]);
});

test("a deletion waits for its time to be undone, and what is gone already is no failure", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("delete", undefined, { key: "1", state: "delayed" }));
  outbox.add(operation("delete", undefined, { key: "2", state: "delayed", id: "b" }));
  assert.equal(outbox.cancel("1"), true);
  outbox.release("1");
  outbox.release("2");
  assert.equal(outbox.cancel("2"), false);
  assert.deepEqual(calls.map(({ operation: { id } }) => id), ["b"]);
  calls[0].reject(failure(404));
  await settled();
  assert.deepEqual([told.failures, outbox.unsaved], [[], []]);
});

test("whatever the order of answers and events, in the end what is shown is what the server has", async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const luck = randomFrom(seed);
    const { outbox, calls } = begin();
    let server = task(1);
    let confirmed = state(server);
    let version = 1;
    const log = [];
    const commit = (fields) => {
      server = task((version += 1), { ...server, ...fields, version });
      log.push(event("updated", server));
    };
    const act = [
      () => outbox.add(operation("update", { title: `${luck.below(9)}` }, { key: `${luck.random()}`, base: { title: title(overlay(confirmed, outbox.operations)) } })),
      () => commit({ completed: luck.random() < 0.5 }),
      () => {
        const call = calls.find(({ done }) => !done);
        if (!call) return;
        call.done = true;
        if (luck.random() < 0.2) return call.reject(failure(0));
        commit(call.operation.fields);
        if (luck.random() < 0.2) call.reject(failure(0)); // written, but the answer was lost
        else call.resolve(server);
      },
      () => {
        const message = log.shift();
        if (message) confirmed = reduce(confirmed, message);
        outbox.settled(settle(outbox.operations, confirmed, message ? [message] : []));
      },
    ];
    for (let step = 0; step < 40; step += 1) {
      luck.pick(act)();
      await settled();
      outbox.resume();
    }
    while (outbox.unsaved.length || log.length) {
      act[2]();
      act[3]();
      await settled();
      outbox.resume();
    }
    outbox.settled(settle(outbox.operations, confirmed, []));
    assert.deepEqual(overlay(confirmed, outbox.operations).tasks.get("a"), server, `seed ${seed}`);
    assert.deepEqual(outbox.operations, [], `seed ${seed}`);
  }
});

test("a fault of this page is told, not taken for a lost network", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("update", { title: "1" }));
  calls[0].reject(new TypeError("x is undefined"));
  await settled();
  assert.deepEqual([outbox.operations, outbox.isStuck, told.failures[0][1].error.message], [[], false, "x is undefined"]);
});

test("a database that is away is waited for as long as the server says", async () => {
  const { outbox, clock, calls, told } = begin();
  outbox.add(operation("update", { title: "1" }));
  calls[0].reject(failure(503, { retryAfter: 10 }));
  await clock.pass(9_900);
  assert.deepEqual([calls.length, outbox.unsaved.length], [1, 1]);
  await clock.pass(200);
  assert.deepEqual([calls.length, told.failures], [2, []]);
});

test("a server that answers 500 is asked a few times more, then it is told", async () => {
  const { outbox, clock, calls, told } = begin();
  outbox.add(operation("update", { title: "1" }));
  for (let attempt = 0; attempt < 5; attempt += 1) {
    calls.at(-1).reject(failure(500));
    await clock.pass(31_000);
  }
  assert.deepEqual([calls.length, told.failures.length, outbox.operations], [5, 1, []]);
});

test("while another person is signed in nothing is sent, and nothing is lost", async () => {
  const { outbox, calls, told } = begin();
  outbox.add(operation("update", { title: "1" }));
  calls[0].reject(failure(403, { foreign: true }));
  await settled();
  assert.deepEqual([told.signedOut, told.failures, outbox.held, outbox.unsaved.length], [1, [], true, 1]);
});

test("what an earlier page has left is sent first, once", async () => {
  const { outbox, calls } = begin();
  const left = [operation("update", { title: "1" }, { key: "1", state: "sending" }), operation("update", { title: "2" }, { key: "2", state: "acknowledged" })];
  outbox.hold();
  outbox.add(operation("update", { title: "3" }, { key: "3" }));
  outbox.adopt(left);
  outbox.adopt(left);
  assert.deepEqual(outbox.operations.map(({ key, state: at }) => [key, at]), [["1", "queued"], ["3", "queued"]]);
  outbox.resume();
  assert.equal(calls[0].operation.key, "1");
});

test("what fails in the page when it is told something does not stop what waits, nor take an accepted change for a lost one", async (context) => {
  const faults = context.mock.method(console, "error", () => {}).mock;
  const { outbox, calls, told } = begin();
  outbox.onChange = outbox.onFailure = () => {
    throw new Error("could not be drawn");
  };
  for (const key of ["refused", "accepted", "last"]) outbox.add(operation("update", { title: key }, { key, id: key }));
  calls[0].reject(failure(400));
  await settled();
  calls[1].resolve({ version: 2 });
  await settled();
  assert.deepEqual(calls.map(({ operation: { key } }) => key), ["refused", "accepted", "last"]);
  assert.deepEqual(outbox.operations.map(({ key, state: at }) => [key, at]), [["accepted", "acknowledged"], ["last", "sending"]]);
  outbox.onSignedOut = outbox.onFailure;
  calls[2].reject(failure(401));
  await settled();
  outbox.resume();
  assert.deepEqual([calls.length, told.failures, faults.callCount() > 0], [4, [], true]);
});

test("held changes are sent neither when the time of another attempt has come nor when the network is back", async () => {
  const { outbox, clock, calls } = begin();
  outbox.add(operation("update", { title: "1" }));
  calls[0].reject(failure(503));
  await settled();
  outbox.hold();
  await clock.pass(60_000);
  outbox.retry();
  assert.deepEqual([outbox.held, calls.length, clock.pending], [true, 1, 0]);
  outbox.resume();
  assert.deepEqual([outbox.held, calls.length], [false, 2]);
});

test("what collides with somebody else's change is repeated, over the state that the server then has, and at last told", async () => {
  const moment = (more = {}) => failure(409, { problem: { detail: "Changed at the same moment." }, ...more });
  for (const verb of ["create", "update", "delete"]) {
    const { outbox, calls, told } = begin();
    outbox.add(operation(verb, { position: 3 }, { version: 1 }));
    calls[0].reject(moment());
    await settled();
    calls[1].reject(failure(412, { problem: { current: task(2, { list: "y" }) } }));
    await settled();
    if (verb === "update") assert.deepEqual([calls.length, calls[2].operation.version, told.failures], [3, 2, []], verb);
    else assert.equal(calls.length, 2, verb);
  }
  const { outbox, calls, told } = begin();
  outbox.add(operation("update", { title: "1" }, { key: "1" }), operation("update", { title: "2" }, { key: "2", id: "b" }));
  for (let attempt = 0; attempt < 4; attempt += 1) {
    assert.deepEqual([calls.length, told.failures.length], [attempt + 1, 0]);
    calls[attempt].reject(moment());
    await settled();
  }
  assert.deepEqual([told.failures.map(([key, { error }]) => [key, error.status]), calls[4].operation.key], [[["1", 409]], "2"]);
  calls[4].reject(failure(409, { problem: { conflicts: { title: {} } } }));
  await settled();
  assert.deepEqual([told.failures.length, calls.length], [2, 5], "a conflict that the server names is none of a moment");
});

test("of a batch, what collided is repeated, and what was accepted is not", async () => {
  const { outbox, calls, told } = begin();
  const batches = [];
  outbox.sendAll = (operations) => {
    batches.push(operations.map(({ id }) => id));
    return Promise.resolve(operations.map(({ id }) => (id !== "a" && batches.length === 1 ? { error: failure(409) } : { answer: task(2) })));
  };
  outbox.add(...["a", "b", "c"].map((id) => operation("update", { title: "x" }, { key: id, id, batch: "1" })));
  await settled();
  assert.deepEqual([batches, calls.length, told.failures, outbox.unsaved], [[["a", "b", "c"], ["b", "c"]], 0, [], []]);
});
