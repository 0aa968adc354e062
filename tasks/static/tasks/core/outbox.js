import { conflictOf } from "./pending.js";

/**
 * @typedef {import("./types.js").Operation} Operation
 * @typedef {import("./api.js").ApiError} ApiError
 * @typedef {{answer?: any, error?: any}} Result
 * @typedef {{error: any, theirs?: import("./types.js").Fields}} Failure
 * @typedef {{setTimeout: (call: () => void, ms: number) => any, clearTimeout: (timer: any) => void}} Clock
 */

const BACKOFF = { first: 1_000, most: 30_000 };
const MERGES = 5; // attempts to merge an update into a copy that others keep changing
const REPEATS = 3; // of a request that collides with another one of the same moment
const MOST_TOGETHER = 500; // operations in a request
const ATTEMPTS = 5; // attempts while the server answers 500

/**
 * Sends changes one after the other, in their order, and keeps those that failed temporarily. Repeating a request is
 * harmless, also from another page: the server knows new objects by their ids, and other changes by their keys.
 */
export class Outbox {
  /** @type {any} */
  #timer = null;
  #sending = false;
  #failures = 0;
  /** @type {{isDone: () => boolean, resolve: () => void}[]} */
  #waiting = [];
  /** The keys of the operations that were added last. @type {string[]} */
  lastKeys = [];
  /** Whether another change of the same person may have reached the server after those that were added last. */
  overtaken = false;
  /** @type {Operation[]} */
  operations = [];
  /** Nothing is sent until `resume()`. */
  held = false;

  /**
   * @param {Object} options
   * @param {(operation: Operation) => Promise<any>} options.send   → the object as the server has it now; rejects with an ApiError
   * @param {(operations: Operation[]) => Promise<Result[]>} [options.sendAll]   sends those of one batch together, and returns what became of each
   * @param {(operations: Operation[]) => void} options.onChange    after every change of `operations`
   * @param {(operation: Operation, failure: Failure) => void} [options.onFailure]   the operation was given up; `theirs`: conflicting values
   * @param {() => boolean} [options.isOffline]   whether the device has no network: a request that began then and failed has not arrived
   * @param {(error: ApiError) => void} options.onSignedOut         nobody, or another person, is signed in
   * @param {() => Promise<void>} [options.drawn]   resolves when what was just done is on the screen; it is sent after that
   * @param {Clock} [options.clock]
   */
  constructor({ send, sendAll, onChange, onFailure = () => {}, onSignedOut, drawn, isOffline = () => false, clock = globalThis }) {
    this.send = send;
    this.sendAll = sendAll;
    this.onChange = onChange;
    this.onFailure = onFailure;
    this.onSignedOut = onSignedOut;
    this.drawn = drawn;
    this.isOffline = isOffline;
    this.clock = clock;
  }

  /** Changes that the server has not acknowledged. */
  get unsaved() {
    return this.operations.filter((each) => each.state !== "acknowledged");
  }

  /** Whether the last attempt failed. */
  get isStuck() {
    return this.held || this.#failures > 0;
  }

  /** @param {...Operation} operations */
  add(...operations) {
    this.lastKeys = operations.map(({ key }) => key);
    this.overtaken = false;
    this.#set([...this.operations, ...operations.map((each) => ({ ...each, merges: 0 }))]);
    this.#next(this.drawn?.());
  }

  /** Adds the changes of closed tabs, before those of this page. @param {Operation[]} operations */
  adopt(operations) {
    const known = new Set(this.operations.map(({ key }) => key));
    const fresh = operations.filter(({ key, state }) => !known.has(key) && state !== "acknowledged");
    const newest = fresh.at(-1);
    if (!newest) return;
    if (!this.lastKeys.length) this.lastKeys = fresh.filter((each) => each === newest || (each.batch && each.batch === newest.batch)).map(({ key }) => key);
    else if (!this.operations.some((each) => this.lastKeys.includes(each.key) && ["queued", "delayed"].includes(each.state))) this.overtaken = true;
    this.#set([...fresh.map((each) => ({ ...each, state: /** @type {const} */ ("queued") })), ...this.operations]);
    this.#next();
  }

  /** Drops operations that no request was made for yet, all or none. Returns false if it is too late. @param {...string} keys */
  cancel(...keys) {
    const found = this.operations.filter((each) => keys.includes(each.key));
    if (!keys.length || found.length < keys.length) return false;
    if (found.some(({ state, tried }) => tried || (state !== "delayed" && state !== "queued"))) return false;
    this.#set(this.operations.filter((each) => !found.includes(each)));
    return true;
  }

  /** Resolves when the server has acknowledged the operations, or they were given up. @param {string[]} keys @returns {Promise<void>} */
  sent(keys) {
    return this.#when(() => !this.operations.some((each) => keys.includes(each.key) && each.state !== "acknowledged"));
  }

  /** Resolves when the operations are not needed any more: the log has shown them, or they were given up. @param {string[]} keys @returns {Promise<void>} */
  gone(keys) {
    return this.#when(() => !this.operations.some((each) => keys.includes(each.key)));
  }

  /** Resolves when no request with one of the operations is on its way. @param {string[]} keys @returns {Promise<void>} */
  landed(keys) {
    return this.#when(() => !this.operations.some((each) => keys.includes(each.key) && each.state === "sending"));
  }

  /**
   * Resolves when the server has all changes of the object, so that a request may name it; at once while nothing can be sent,
   * as the request will say why.
   * @param {string} id
   * @returns {Promise<void>}
   */
  arrived(id) {
    return this.#when(() => this.isStuck || !this.unsaved.some((each) => each.id === id));
  }

  /** @param {() => boolean} isDone @returns {Promise<void>} */
  #when(isDone) {
    return isDone() ? Promise.resolve() : new Promise((resolve) => void this.#waiting.push({ isDone, resolve }));
  }

  /** Gives a delayed creation further fields. @param {string} key @param {Partial<Operation>} more */
  amend(key, { fields, ...more }) {
    this.#change(key, (each) => (each.state === "delayed" ? { ...each, ...more, fields: { ...each.fields, ...fields }, display: { ...each.display, ...fields } } : each));
  }

  /** Queues a delayed operation. @param {string} key */
  release(key) {
    this.#change(key, (each) => (each.state === "delayed" ? { ...each, state: "queued" } : each));
    this.#next();
  }

  /** Replaces the operations by the result of `settle`. @param {Operation[]} operations */
  settled(operations) {
    if (operations !== this.operations) this.#set(operations);
  }

  /** Sends what was held: somebody has signed in. */
  resume() {
    this.held = false;
    this.retry();
  }

  /** Sends now what waits to be sent again: the network is back. */
  retry() {
    this.clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#next();
  }

  /** Sends nothing until `resume()`. */
  hold() {
    this.held = true;
    this.#tellWaiting();
  }

  /** @param {Promise<void>} [ready]  what is waited for first */
  async #next(ready) {
    const together = this.#nextTogether();
    const [operation] = together;
    if (!operation || this.#sending || this.held || this.#timer !== null) return;
    this.#sending = true;
    const keys = new Set(together.map(({ key }) => key));
    const mayArrive = !this.isOffline();
    this.#set(this.operations.map((each) => (keys.has(each.key) ? { ...each, state: "sending", tried: each.tried || mayArrive } : each)));
    try {
      if (ready) await ready;
      if (this.sendAll && together.length > 1) await this.#sendBatch(together, this.sendAll);
      else await this.#sendOne(operation);
    } finally {
      this.#sending = false;
      this.#next();
    }
  }

  /** The next operation; with a batch, those of it that can be sent in the same request. */
  #nextTogether() {
    const queued = this.operations.filter((each) => each.state === "queued");
    const [first] = queued;
    if (!first?.batch || !this.sendAll) return queued.slice(0, 1);
    const end = queued.findIndex((each) => each.batch !== first.batch);
    return queued.slice(0, Math.min(MOST_TOGETHER, end < 0 ? queued.length : end));
  }

  /** @param {Operation} operation */
  async #sendOne(operation) {
    const { answer, error } = await resultOf(() => this.send(operation));
    if (error) return this.#failed(operation, error);
    this.#failures = 0;
    return this.#acknowledge(operation, answer);
  }

  /** If the request as a whole is refused, each operation is sent alone. @param {Operation[]} operations @param {(operations: Operation[]) => Promise<Result[]>} sendAll */
  async #sendBatch(operations, sendAll) {
    const { answer: results, error } = await resultOf(() => sendAll(operations));
    if (error) return this.#batchFailed(operations, error);
    this.#failures = 0;
    return operations.forEach((operation, at) => {
      const { answer, error: refused } = results[at] ?? {};
      if (refused) this.#failed(operation, refused);
      else this.#acknowledge(operation, answer);
    });
  }

  /** @param {Operation[]} operations @param {any} error */
  #batchFailed(operations, error) {
    const [first] = operations;
    const alone = !error.passing && !error.signedOut && !error.foreign;
    const keys = new Set(operations.map(({ key }) => key));
    this.#set(this.operations.map((each) => (keys.has(each.key) ? { ...each, state: "queued", ...(alone ? { batch: "" } : {}) } : each)));
    if (first && !alone) this.#failed(first, error);
  }

  /** Later changes of the same object are based on this one: they expect its version. @param {Operation} operation @param {any} answer */
  #acknowledge(operation, answer) {
    const version = answer?.version ?? 0;
    /** @type {Operation[]} */
    const changed = this.operations.map((each) => {
      if (each.key === operation.key) return { ...each, state: "acknowledged", acknowledged: version };
      return each.id === operation.id && each.state !== "acknowledged" ? { ...each, version } : each;
    });
    this.#set(changed);
  }

  /** @param {Operation} operation @param {any} error */
  #failed(operation, error) {
    const attempts = (operation.attempts ?? 0) + (error.status >= 500 && !error.passing ? 1 : 0);
    if (error.signedOut || error.foreign) {
      this.hold();
      this.#change(operation.key, (each) => ({ ...each, state: "queued" }));
      tell(() => this.onSignedOut(error));
    } else if (error.passing || (attempts !== (operation.attempts ?? 0) && attempts < ATTEMPTS)) {
      this.#retryLater(error.retryAfter ?? 0);
      this.#change(operation.key, (each) => ({ ...each, state: "queued", attempts }));
    } else if ((error.status === 412 || error.problem?.conflicts) && error.problem.current) {
      this.#merge(operation, error);
    } else if (error.status === 409 && !error.problem?.conflicts && (operation.merges ?? 0) < REPEATS) {
      this.#change(operation.key, (each) => ({ ...each, state: "queued", merges: (operation.merges ?? 0) + 1 })); // with If-Match, the answer has the present state
    } else if (operation.verb === "delete" && error.status === 404) {
      this.#acknowledge(operation, null);
    } else if (operation.verb === "create" && error.status === 410) {
      this.#set(this.operations.filter(({ key }) => key !== operation.key)); // an earlier attempt made it; it is deleted since
    } else {
      if (error.status === undefined) console.error("A change could not be sent, by a fault of this page", error);
      this.#giveUp(operation, { error });
    }
  }

  /** @param {number} retryAfter  seconds, as the server asked for; 0 where it did not */
  #retryLater(retryAfter) {
    this.#failures += 1;
    const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** (this.#failures - 1));
    const wait = Math.max(retryAfter * 1000, most * (0.5 + Math.random() / 2));
    this.clock.clearTimeout(this.#timer);
    this.#timer = this.clock.setTimeout(() => this.retry(), wait);
  }

  /** The object has changed meanwhile. If other fields changed, both changes are kept. @param {Operation} operation @param {ApiError} error */
  #merge(operation, error) {
    const { current } = error.problem;
    const theirs = operation.verb === "update" ? conflictOf(operation, current) : {};
    const merges = operation.merges ?? 0;
    if (theirs === null && merges < MERGES) {
      this.#change(operation.key, (each) => ({ ...each, state: "queued", version: current.version, merges: merges + 1 }));
    } else {
      this.#giveUp(operation, { error, theirs: theirs ?? {} });
    }
  }

  /** If a creation fails, later changes of the same object are dropped too: they are reported as a part of it. @param {Operation} operation @param {Failure} why */
  #giveUp(operation, why) {
    this.#failures = 0;
    const lost = this.operations.filter((each) => each.key === operation.key || (operation.verb === "create" && each.id === operation.id));
    this.#set(this.operations.filter((each) => !lost.includes(each)));
    const fields = Object.assign({}, ...lost.map((each) => each.fields));
    tell(() => this.onFailure(lost.length > 1 ? { ...operation, fields } : operation, why));
  }

  /** @param {string} key @param {(operation: Operation) => Operation} change */
  #change(key, change) {
    this.#set(this.operations.map((each) => (each.key === key ? change(each) : each)));
  }

  /** @param {Operation[]} operations */
  #set(operations) {
    this.operations = operations;
    this.#tellWaiting();
    tell(() => this.onChange(operations));
  }

  #tellWaiting() {
    const done = this.#waiting.filter(({ isDone }) => isDone());
    this.#waiting = this.#waiting.filter((each) => !done.includes(each));
    for (const { resolve } of done) resolve();
  }
}

/** @param {() => Promise<any>} request @returns {Promise<Result>} */
async function resultOf(request) {
  try {
    return { answer: await request() };
  } catch (error) {
    return { error };
  }
}

/** Calls a listener. What fails in it keeps nothing from being sent. @param {() => void} listener */
function tell(listener) {
  try {
    listener();
  } catch (error) {
    console.error("What became of a change could not be shown, by a fault of this page", error);
  }
}
