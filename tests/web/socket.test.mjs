import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveSocket } from "../../realtime/static/realtime/socket.js";
import { Clock, fakeSockets, settled } from "./fakes.mjs";

const event = (seq, stream = "all") => ({ type: "task.updated", stream, seq, data: {} });

/** A client with its clock, its sockets, and all that it has said to its owner. */
function begin(options = {}) {
  const clock = new Clock();
  const { FakeSocket, sockets } = fakeSockets();
  const page = { window: new EventTarget(), document: Object.assign(new EventTarget(), { hidden: false }) };
  const told = { frames: [], statuses: [], finals: [], reports: [] };
  const client = new LiveSocket({
    url: "ws://test/ws/tasks",
    epoch: "e",
    positions: { all: 5 },
    onFrame: (frame) => told.frames.push(frame),
    onStatus: (status) => told.statuses.push(status),
    onFinal: (final) => told.finals.push(final),
    onReport: (what) => told.reports.push(what.kind),
    environment: { ...clock, WebSocket: FakeSocket, random: () => 1, page },
    ...options,
  });
  client.start();
  return { client, clock, page, sockets, told };
}

/** The newest socket, signed in and caught up. */
async function live(sockets, { positions = { all: 5 }, heartbeat = 25, epoch = "e" } = {}) {
  await settled();
  const socket = sockets.at(-1);
  socket.open();
  socket.frame({ type: "ready", protocol: 1, epoch, positions, heartbeat });
  socket.frame({ type: "caught_up", positions });
  return socket;
}

test("says where it stands, and is live only when it has caught up", async () => {
  const { client, sockets, told } = begin({ credentials: async () => ({ ticket: "t" }) });
  await settled();
  sockets[0].open();
  assert.deepEqual(sockets[0].sent, [{ type: "hello", ticket: "t", epoch: "e", positions: { all: 5 } }]);
  assert.equal(client.status, "offline");
  sockets[0].frame({ type: "ready", epoch: "e", positions: { all: 7 }, heartbeat: 25 });
  assert.equal(client.status, "catching up");
  sockets[0].frame(event(6));
  sockets[0].frame(event(7));
  sockets[0].frame({ type: "caught_up", positions: { all: 7 } });
  assert.deepEqual(told.statuses, ["catching up", "live"]);
  assert.deepEqual(told.frames.map(({ seq }) => seq), [6, 7]);
});

test("nothing is sent before hello, although the browser may be open and not have said so", async () => {
  const { client, page, sockets } = begin();
  await settled();
  sockets[0].readyState = 1;
  client.probe();
  page.window.dispatchEvent(new Event("online"));
  await client.renew();
  assert.deepEqual(sockets[0].sent, []);
  sockets[0].open();
  assert.deepEqual(sockets[0].sent.map(({ type }) => type), ["hello"]);
});

for (const code of [4400, 4401, 4403]) {
  test(`close code ${code} is final, and reported`, async () => {
    const { client, clock, sockets, told } = begin();
    (await live(sockets)).fail(code);
    await clock.pass(600_000);
    assert.deepEqual([sockets.length, told.finals[0].code, client.status, clock.pending], [1, code, "offline", 0]);
  });
}

for (const code of [1000, 1006, 1011, 4008, 4408, 4429, 4503]) {
  test(`after close code ${code} it comes back and resumes`, async () => {
    const { clock, sockets, told } = begin();
    const first = await live(sockets);
    first.frame(event(6));
    first.fail(code);
    await clock.pass(5_000);
    const second = sockets.at(-1);
    assert.notEqual(second, first);
    second.open();
    assert.deepEqual(second.sent[0], { type: "hello", epoch: "e", positions: { all: 6 } });
    assert.deepEqual(told.statuses.slice(0, 3), ["catching up", "live", "offline"]);
  });
}

test("the pauses between attempts double up to half a minute, and are short again after a good while", async () => {
  const { clock, sockets } = begin();
  const pauses = [];
  for (let attempt = 0; attempt < 9; attempt += 1) {
    await settled();
    const from = clock.now();
    const count = sockets.length;
    sockets.at(-1).fail();
    while (sockets.length === count) await clock.pass(100);
    pauses.push(clock.now() - from);
  }
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  const socket = await live(sockets);
  await clock.pass(11_000);
  const count = sockets.length;
  socket.fail();
  await clock.pass(500);
  assert.equal(sockets.length, count + 1);
});

test("the pauses are spread by full jitter", async () => {
  const clock = new Clock();
  const { FakeSocket, sockets } = fakeSockets();
  const random = () => 0.1;
  const client = new LiveSocket({ url: "ws://test", environment: { ...clock, WebSocket: FakeSocket, random, page: null } });
  client.start();
  await settled();
  sockets[0].fail();
  await clock.pass(51);
  assert.equal(sockets.length, 2);
});

test("two missed heartbeats end a connection, one does not", async () => {
  const { client, clock, sockets } = begin();
  const socket = await live(sockets);
  await clock.pass(40_000);
  socket.frame({ type: "heartbeat" });
  await clock.pass(49_000);
  assert.deepEqual([client.status, sockets.length], ["live", 1]);
  await clock.pass(3_000);
  assert.ok(socket.closed && sockets.length === 2);
  assert.equal(client.status, "offline");
});

test("a connection that never gets ready is given up", async () => {
  const { clock, sockets } = begin();
  await settled();
  sockets[0].open();
  await clock.pass(11_000);
  assert.ok(sockets[0].closed && sockets.length === 2);
});

test("after sleep it asks before it calls itself live again", async () => {
  const { client, clock, page, sockets } = begin();
  const socket = await live(sockets);
  clock.sleep(3_600_000);
  page.window.dispatchEvent(new Event("pageshow"));
  assert.equal(client.status, "catching up");
  assert.deepEqual(socket.sent.at(-1), { type: "ping" });
  socket.frame({ type: "pong" });
  assert.equal(client.status, "live");
});

test("after sleep a dead connection is replaced within seconds", async () => {
  const { client, clock, page, sockets } = begin();
  const socket = await live(sockets);
  clock.sleep(40_000);
  page.document.dispatchEvent(new Event("visibilitychange"));
  await clock.pass(3_600);
  assert.ok(socket.closed && sockets.length === 2);
  await live(sockets);
  assert.equal(client.status, "live");
});

test("a page that was looked away from for a moment is left alone", async () => {
  const { client, clock, page, sockets } = begin();
  const socket = await live(sockets);
  await clock.pass(5_000);
  page.document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual([client.status, socket.sent.length], ["live", 1]);
});

test("when the network is back it does not wait for its next attempt", async () => {
  const { clock, page, sockets } = begin();
  await settled();
  for (let attempt = 0; attempt < 6; attempt += 1) {
    sockets.at(-1).fail();
    await clock.pass(30_000);
  }
  sockets.at(-1).fail();
  const count = sockets.length;
  page.window.dispatchEvent(new Event("online"));
  await settled();
  assert.equal(sockets.length, count + 1);
});

test("without a network it says so at once, and asks whether that is true", async () => {
  const { client, page, sockets } = begin();
  const socket = await live(sockets);
  page.window.navigator = { onLine: false };
  page.window.dispatchEvent(new Event("offline"));
  assert.deepEqual([client.status, socket.sent.at(-1)], ["offline", { type: "ping" }]);
  socket.frame({ type: "pong" });
  assert.equal(client.status, "live", "the server is on this machine");
});

test("a joined stream is fetched while its events wait, and only then is it live", async () => {
  let answer;
  const asked = [];
  const snapshot = (streams) => {
    asked.push(streams);
    return new Promise((resolve) => (answer = resolve));
  };
  const { client, sockets, told } = begin({ snapshot });
  const socket = await live(sockets);
  socket.frame({ type: "joined", stream: "list.x", seq: 3 });
  assert.deepEqual([asked, client.status], [[["list.x"]], "catching up"]);
  socket.frame(event(4, "list.x"));
  socket.frame(event(5, "list.x"));
  socket.frame(event(6, "all"));
  answer({ epoch: "e", positions: { "list.x": 4 }, tasks: [] });
  await settled();
  assert.deepEqual(told.frames.map(({ type, stream, seq }) => [type, stream, seq]), [
    ["task.updated", "all", 6],
    ["snapshot", undefined, undefined],
    ["task.updated", "list.x", 5],
  ]);
  assert.equal(client.status, "live");
});

test("a snapshot that fails is tried again; one that is refused for good ends it", async () => {
  const errors = [new Error("down"), new Error("down"), Object.assign(new Error("signed out"), { final: true })];
  let calls = 0;
  const { clock, sockets, told } = begin({ snapshot: async () => { throw errors[calls++]; } });
  const socket = await live(sockets);
  socket.frame({ type: "reset", stream: "all", seq: 9, reason: "pruned" });
  await clock.pass(10_000);
  assert.deepEqual([calls, told.reports, told.finals.length, clock.pending], [3, ["snapshot", "snapshot"], 1, 0]);
});

test("a snapshot that comes when its connection is gone is not used", async () => {
  let answer;
  const { clock, sockets, told } = begin({ snapshot: () => new Promise((resolve) => (answer = resolve)) });
  const socket = await live(sockets);
  socket.frame({ type: "reset", stream: "all", seq: 9, reason: "pruned" });
  await clock.pass(2_000);
  const late = answer;
  socket.fail();
  await clock.pass(1_000);
  late({ epoch: "e", positions: { all: 9 } });
  await settled();
  assert.deepEqual(told.frames, []);
  sockets.at(-1).open();
  assert.deepEqual(sockets.at(-1).sent[0].positions, {}, "the server will say joined");
});

test("a log that was restored is fetched whole", async () => {
  const asked = [];
  const snapshot = async (streams) => {
    asked.push(streams);
    return { epoch: "new", positions: { all: 2 } };
  };
  const { client, clock, sockets, told } = begin({ snapshot });
  await settled();
  sockets[0].open();
  sockets[0].frame({ type: "ready", epoch: "new", positions: { all: 2 }, heartbeat: 25 });
  sockets[0].frame({ type: "reset", stream: "all", seq: 2, reason: "epoch" });
  sockets[0].frame({ type: "caught_up", positions: { all: 2 } });
  await clock.pass(2_000);
  assert.deepEqual([asked, told.frames.length, client.status], [[null], 1, "live"]);
});

test("an owner that throws does not stop the frames behind", async () => {
  let first = true;
  const seen = [];
  const { sockets, told } = begin({
    onFrame: ({ seq }) => {
      seen.push(seq);
      if (first) throw new Error(`no ${(first = false)}`);
    },
  });
  const socket = await live(sockets);
  socket.frame(event(6));
  socket.frame(event(7));
  assert.deepEqual([seen, told.reports], [[6, 7], ["callback"]]);
});

test("stopped, it leaves nothing behind, and starts again from where it was", async () => {
  const { client, clock, page, sockets } = begin();
  const socket = await live(sockets);
  socket.frame(event(6));
  client.stop();
  page.window.dispatchEvent(new Event("online"));
  await clock.pass(100_000);
  assert.deepEqual([sockets.length, clock.pending, client.status, socket.closed], [1, 0, "offline", true]);
  client.start();
  await settled();
  sockets[1].open();
  assert.deepEqual(sockets[1].sent[0].positions, { all: 6 });
});

test("what an old connection says late is not heard", async () => {
  const { clock, sockets, told } = begin();
  const old = await live(sockets);
  old.fail();
  await clock.pass(600);
  old.frame(event(6));
  old.fail(4401);
  assert.deepEqual([told.frames, told.finals], [[], []]);
});

test("a fresh token goes over the connection that is there", async () => {
  const { client, sockets } = begin({ credentials: async () => ({ token: "fresh" }) });
  const socket = await live(sockets);
  await client.renew();
  assert.deepEqual(socket.sent.at(-1), { type: "auth", token: "fresh" });
});

test("a list that is not readable counts as left, and the one beside it is fetched", async () => {
  const asked = [];
  const snapshot = async (streams) => {
    asked.push(streams);
    if (streams.includes("list.b")) throw Object.assign(new Error("gone"), { status: 404 });
    return { epoch: "e", positions: { "list.c": 2 } };
  };
  const { client, clock, sockets, told } = begin({ snapshot });
  const socket = await live(sockets);
  socket.frame({ type: "joined", stream: "list.b", seq: 3 });
  socket.frame({ type: "joined", stream: "list.c", seq: 2 });
  await clock.pass(10_000);
  assert.equal(client.status, "live");
  assert.deepEqual(asked, [["list.b"], ["list.c"]]);
  assert.deepEqual(told.frames.map(({ type, stream }) => [type, stream]), [["left", "list.b"], ["snapshot", undefined]]);
});

test("several that were asked for at once are asked for one by one when one is not readable", async () => {
  const asked = [];
  let down = true;
  const snapshot = async (streams) => {
    asked.push(streams.join());
    if (down) throw Object.assign(new Error("busy"), { status: 503, retryAfter: 1 });
    if (streams.includes("list.b")) throw Object.assign(new Error("gone"), { status: 404 });
    return { epoch: "e", positions: Object.fromEntries(streams.map((stream) => [stream, 2])) };
  };
  const { client, clock, sockets } = begin({ snapshot });
  const socket = await live(sockets);
  for (const name of ["a", "b", "c"]) socket.frame({ type: "joined", stream: `list.${name}`, seq: 2 });
  await settled();
  down = false;
  await clock.pass(5_000);
  assert.equal(client.status, "live");
  assert.deepEqual(asked, ["list.a", "list.a,list.b,list.c", "list.a", "list.b", "list.c"]);
});

test("a snapshot that is busy is asked for when the server says", async () => {
  let calls = 0;
  const snapshot = async () => {
    calls += 1;
    throw Object.assign(new Error("busy"), { status: 503, retryAfter: 20 });
  };
  const { clock, sockets } = begin({ snapshot });
  const socket = await live(sockets);
  socket.frame({ type: "joined", stream: "list.b", seq: 3 });
  await clock.pass(20_000);
  assert.equal(calls, 1);
  await clock.pass(1_000);
  assert.equal(calls, 2);
});

test("after a reset clients do not ask all at once", async () => {
  const asked = [];
  const { clock, sockets } = begin({ snapshot: async (streams) => { asked.push(streams); return { epoch: "e", positions: { all: 9 } }; } });
  const socket = await live(sockets);
  socket.frame({ type: "reset", stream: "all", seq: 9, reason: "pruned" });
  await clock.pass(1_900);
  assert.equal(asked.length, 0);
  await clock.pass(200);
  assert.equal(asked.length, 1);
});

test("the owner sees who the server takes it for, and can stop before anything is shown", async () => {
  const users = [];
  const { client, sockets, told } = begin({ onReady: ({ user }) => { users.push(user); client.stop(); } });
  await settled();
  sockets[0].open();
  sockets[0].frame({ type: "ready", epoch: "e", positions: { all: 9 }, user: 7, heartbeat: 25 });
  assert.deepEqual([users, told.frames, client.status, sockets[0].closed], [[7], [], "offline", true]);
});

test("a frame that is no JSON ends the connection, not the client", async () => {
  const { clock, sockets, told } = begin();
  const socket = await live(sockets);
  socket.onmessage({ data: "{" });
  await clock.pass(1_000);
  assert.deepEqual([told.reports, sockets.length], [["frame"], 2]);
});

test("somebody who uses a page whose server has stopped answering learns it within seconds", async () => {
  const { client, clock, sockets } = begin();
  const socket = await live(sockets);
  await clock.pass(3_000);
  client.suspect();
  assert.equal(socket.sent.length, 1, "it was heard of a moment ago");
  await clock.pass(3_000);
  client.suspect();
  assert.deepEqual([client.status, socket.sent.at(-1)], ["live", { type: "ping" }]);
  await clock.pass(1_600);
  assert.equal(client.status, "catching up");
  await clock.pass(3_100);
  assert.equal(client.status, "offline");
});

test("a server that answers is called live all the time", async () => {
  const { client, clock, sockets, told } = begin();
  const socket = await live(sockets);
  await clock.pass(6_000);
  client.suspect();
  socket.frame({ type: "pong" });
  await clock.pass(10_000);
  assert.deepEqual([client.status, told.statuses], ["live", ["catching up", "live"]]);
});
