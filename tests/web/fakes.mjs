/** A clock that only a test moves, and a WebSocket whose other end is the test. */

export class Clock {
  time = 1_000_000;
  #timers = [];
  #last = 0;

  now = () => this.time;
  setTimeout = (call, ms) => {
    this.#timers.push({ id: (this.#last += 1), at: this.time + ms, call });
    return this.#last;
  };
  clearTimeout = (id) => {
    this.#timers = this.#timers.filter((each) => each.id !== id);
  };

  get pending() {
    return this.#timers.length;
  }

  /** Lets `ms` pass; calls what is due, in order, and lets promises settle in between. */
  async pass(ms) {
    const end = this.time + ms;
    await settled();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!next) break;
      this.clearTimeout(next.id);
      this.time = Math.max(this.time, next.at);
      next.call();
      await settled();
    }
    this.time = end;
  }

  /** Time goes by while no timer runs, as in a laptop that sleeps. */
  sleep(ms) {
    this.time += ms;
  }
}

export async function settled() {
  for (let turn = 0; turn < 10; turn += 1) await null;
}

export function fakeSockets() {
  const sockets = [];
  class FakeSocket {
    readyState = 0;
    sent = [];

    constructor(url) {
      this.url = url;
      sockets.push(this);
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close() {
      this.readyState = 3;
      this.closed = true;
    }

    open() {
      this.readyState = 1;
      this.onopen({});
    }

    frame(frame) {
      this.onmessage({ data: JSON.stringify(frame) });
    }

    fail(code = 1006) {
      this.readyState = 3;
      this.onclose({ code, reason: "" });
    }
  }
  return { FakeSocket, sockets };
}

/** Numbers that look random and are the same in each run (mulberry32). */
export function randomFrom(seed) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { random, below: (n) => Math.floor(random() * n), pick: (list) => list[Math.floor(random() * list.length)] };
}
