/**
 * Delays what the page waits for by random times, before any of its own scripts run; see jitter.py, which puts the numbers in.
 * Frames, timers, answers, messages of the socket and steps back in the history come late, each in its own order.
 */
((most, seed) => {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const { setTimeout: wait, clearTimeout: stop, requestAnimationFrame: frame, fetch, WebSocket: Socket } = globalThis;
  const delay = () => random() * most;
  const pause = () => new Promise((resolve) => void wait(resolve, delay()));

  globalThis.setTimeout = (call, ms = 0, ...more) => wait(call, ms + delay(), ...more);
  globalThis.requestAnimationFrame = (call) => wait(() => frame(call), delay());
  globalThis.cancelAnimationFrame = stop;

  const { back } = globalThis.History.prototype;
  globalThis.History.prototype.back = function () {
    wait(() => back.call(this), delay());
  };

  globalThis.fetch = async (url, options = {}) => {
    if (options.keepalive) return fetch(url, options); // the page is being left
    await pause();
    const answer = await fetch(url, options);
    await pause();
    options.signal?.throwIfAborted();
    return answer;
  };

  globalThis.WebSocket = class extends Socket {
    #last = Promise.resolve();

    #late(call) {
      return (event) => {
        const due = globalThis.performance.now() + delay();
        const late = () => new Promise((resolve) => void wait(resolve, due - globalThis.performance.now()));
        this.#last = this.#last.then(late).then(() => call?.call(this, event));
      };
    }

    set onopen(call) {
      super.onopen = this.#late(call);
    }

    set onmessage(call) {
      super.onmessage = this.#late(call);
    }

    set onclose(call) {
      super.onclose = this.#late(call);
    }
  };
})
