import assert from "node:assert/strict";
import { test } from "node:test";
import { Streams } from "../../realtime/static/realtime/streams.js";
import { randomFrom } from "./fakes.mjs";

const event = (stream, seq) => ({ type: "task.updated", stream, seq, data: {} });
const ready = (epoch, positions) => ({ type: "ready", epoch, positions, heartbeat: 25 });
const seqs = (frames) => frames.filter(({ seq }) => seq).map(({ stream, seq }) => `${stream}:${seq}`);

test("without positions it is live from where the server stands", () => {
  const streams = new Streams();
  assert.deepEqual(streams.hello(), {});
  streams.take(ready("e", { all: 7 }));
  assert.deepEqual(streams.take(event("all", 8)), [event("all", 8)]);
  assert.deepEqual(streams.hello(), { epoch: "e", positions: { all: 8 } });
});

test("each event is delivered once, whatever is repeated", () => {
  const streams = new Streams("e", { all: 2 });
  streams.take(ready("e", { all: 4 }));
  const frames = [2, 3, 3, 4, 2, 5].flatMap((seq) => streams.take(event("all", seq)));
  assert.deepEqual(seqs(frames), ["all:3", "all:4", "all:5"]);
});

test("a gap is reported, and a snapshot repairs the stream", () => {
  const reports = [];
  const streams = new Streams("e", { all: 1, other: 1 }, { report: (what) => reports.push(what) });
  assert.deepEqual(streams.take(event("all", 3)), []);
  assert.deepEqual(reports, [{ kind: "gap", stream: "all", expected: 2, seq: 3 }]);
  assert.deepEqual(streams.wanted, ["all"]);
  assert.deepEqual(streams.positions(), { other: 1 });
  assert.deepEqual(seqs(streams.take(event("other", 2))), ["other:2"], "other streams go on");
  const frames = streams.takeSnapshot(["all"], { epoch: "e", positions: { all: 2 } });
  assert.equal(frames[0].type, "snapshot");
  assert.deepEqual(seqs(frames), ["all:3"]);
  assert.equal(streams.wanted, undefined);
});

test("an end that the server knows and this client never heard of is a hole too", () => {
  const reports = [];
  const streams = new Streams("e", { all: 5 }, { report: (what) => reports.push(what.kind) });
  streams.take({ type: "caught_up", positions: { all: 6 } });
  assert.deepEqual([reports, streams.wanted], [["gap"], ["all"]]);
});

for (const type of ["reset", "joined"]) {
  test(`after ${type}: attach, snapshot, then the rest`, () => {
    const streams = new Streams("e", { all: 5 });
    streams.take({ type, stream: "list.x", seq: 10, reason: "pruned" });
    for (const seq of [11, 12, 13]) assert.deepEqual(streams.take(event("list.x", seq)), []);
    const frames = streams.takeSnapshot(["list.x"], { epoch: "e", positions: { "list.x": 12 } });
    assert.deepEqual(seqs(frames), ["list.x:13"], "11 and 12 are in the snapshot");
    assert.deepEqual(streams.positions(), { all: 5, "list.x": 13 });
  });
}

test("a stream that is left is forgotten, even while its snapshot is on its way", () => {
  const streams = new Streams("e", { all: 5 });
  streams.take({ type: "joined", stream: "list.x", seq: 10 });
  assert.deepEqual(streams.take({ type: "left", stream: "list.x" }), [{ type: "left", stream: "list.x" }]);
  const frames = streams.takeSnapshot(["list.x"], { epoch: "e", positions: { "list.x": 12 } });
  assert.deepEqual(frames.map(({ type }) => type), ["snapshot", "left"], "it goes again with what the snapshot holds");
  assert.deepEqual(streams.positions(), { all: 5 });
});

test("another epoch asks for a snapshot of everything, once", () => {
  const streams = new Streams("old", { all: 5, "list.x": 3 });
  streams.take(ready("new", { all: 2, "list.y": 1 }));
  streams.take({ type: "reset", stream: "all", seq: 2, reason: "epoch" });
  streams.take(event("all", 3));
  assert.equal(streams.wanted, null);
  assert.throws(() => streams.takeSnapshot(null, { epoch: "old", positions: {} }), RangeError);
  const frames = streams.takeSnapshot(null, { epoch: "new", positions: { all: 2, "list.y": 1 } });
  assert.deepEqual([frames[0].streams, seqs(frames)], [null, ["all:3"]]);
  assert.deepEqual(streams.hello(), { epoch: "new", positions: { all: 3, "list.y": 1 } });
});

test("a client that cannot fetch snapshots is told of a reset and goes on from there", () => {
  const streams = new Streams("e", { all: 5 }, { snapshots: false });
  const reset = { type: "reset", stream: "all", seq: 90, reason: "pruned" };
  assert.deepEqual(streams.take(reset), [reset]);
  assert.deepEqual(seqs(streams.take(event("all", 91))), ["all:91"]);
});

test("through any repetition, loss and resumption, each event is delivered or in a snapshot, in order", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const { below, random } = randomFrom(seed);
    const streams = new Streams("e", { all: 0 });
    const length = 40;
    let known = 0; // the newest event that the owner has, by itself or in a snapshot
    const deliver = (frames) =>
      frames.forEach((frame) => {
        if (frame.type === "snapshot") {
          assert.ok(frame.data.positions.all >= known, "a snapshot never goes back");
          known = frame.data.positions.all;
        } else {
          assert.equal(frame.seq, known + 1);
          known = frame.seq;
        }
      });
    let at = 0;
    while (known < length) {
      const luck = random();
      if (streams.wanted && luck < 0.3) {
        deliver(streams.takeSnapshot(["all"], { epoch: "e", positions: { all: Math.max(at, known) } }));
      } else if (luck < 0.4) {
        at = Math.max(0, at - below(4)); // the server repeats itself
      } else if (luck < 0.45) {
        at = Math.min(length, at + 1); // it loses one
      } else {
        at = Math.min(length, at + 1);
        if (at > 0) deliver(streams.take(event("all", at)));
        if (at === length) deliver(streams.take({ type: "caught_up", positions: { all: length } }));
      }
    }
    assert.equal(known, length, `seed ${seed}`);
  }
});

test("a stream that the server does not name any more goes, be it waiting for a snapshot or not", () => {
  const streams = new Streams("e", { all: 5, "list.a": 3 });
  streams.take(ready("e", { all: 5, "list.a": 3 }));
  streams.take({ type: "joined", stream: "list.b", seq: 2 });
  assert.deepEqual(streams.wanted, ["list.b"]);
  const frames = streams.take(ready("e", { all: 5 }));
  assert.deepEqual(frames.map(({ type, stream }) => [type, stream]), [["left", "list.a"], ["left", "list.b"]]);
  assert.deepEqual([streams.wanted, streams.positions()], [undefined, { all: 5 }]);
});

test("streams that a snapshot names as unreadable are left, with the events that waited for it", () => {
  const streams = new Streams("e", { all: 5 });
  for (const stream of ["list.x", "list.y"]) streams.take({ type: "joined", stream, seq: 10 });
  streams.take(event("list.y", 11));
  const data = { epoch: "e", positions: { "list.x": 10 }, unreadable: ["list.y"] };
  const frames = streams.takeSnapshot(["list.x", "list.y"], data);
  assert.deepEqual(frames.map(({ type, stream }) => [type, stream]), [["snapshot", undefined], ["left", "list.y"]]);
  assert.deepEqual([streams.wanted, streams.positions()], [undefined, { all: 5, "list.x": 10 }]);
});

test("events that wait for a snapshot are bounded, and none is lost: a snapshot that lacks a dropped one is fetched again", () => {
  const reports = [];
  const streams = new Streams("e", { all: 0 }, { report: (what) => reports.push(what) });
  streams.take({ type: "reset", stream: "all", seq: 0 });
  for (let seq = 1; seq <= 5_000; seq += 1) streams.take(event("all", seq));
  const waiting = streams.followed.get("all").buffer.length;
  assert.ok(waiting <= 1_000, `${waiting} are held`);
  assert.deepEqual(seqs(streams.takeSnapshot(["all"], { epoch: "e", positions: { all: 10 } })), []);
  assert.deepEqual([streams.wanted, streams.hello()], [["all"], { epoch: "e", positions: {} }]);
  const frames = streams.takeSnapshot(["all"], { epoch: "e", positions: { all: 4_998 } });
  assert.deepEqual([seqs(frames), streams.wanted, reports], [["all:4999", "all:5000"], undefined, []]);
  streams.take(ready("other", { all: 7 })); // the same with a snapshot of everything
  for (let seq = 8; seq <= 2_000; seq += 1) streams.take(event("all", seq));
  streams.takeSnapshot(null, { epoch: "other", positions: { all: 8 } });
  assert.deepEqual(streams.wanted, ["all"]);
  assert.deepEqual(seqs(streams.takeSnapshot(["all"], { epoch: "other", positions: { all: 1_999 } })), ["all:2000"]);
});
