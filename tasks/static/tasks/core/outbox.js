import { conflictOf } from "./pending.js";

const BACKOFF = { first: 1_000, most: 30_000 };
const MERGES = 5; // how often an update is laid over a copy that others keep changing

/**
 * Sends one's own changes one after the other, so that they arrive in the order in which they were made, and keeps
 * those that did not get through. A repeat is harmless: new objects carry an id of their own.
 */
export class Outbox {
  #timer = null;
  #sending = false;
  #failures = 0;

  /**
   * @param {Object} options
   *   send(operation) → the object as the server has it now; rejects with an ApiError
   *   onChange(operations)              at every change of the list
   *   onFailure(operation, {error, theirs})   it was given up and has left the list; `theirs`: what others wrote meanwhile
   *   onSignedOut()                     nothing is sent until `resume()`
   */
  constructor({ send, onChange, onFailure, onSignedOut, clock = globalThis }) {
    Object.assign(this, { send, onChange, onFailure, onSignedOut, clock });
    this.operations = [];
    this.held = false;
  }

  /** Whether something is not at the server yet. */
  get unsaved() {
    return this.operations.filter((each) => each.state !== "acknowledged");
  }

  /** Whether sending was tried in vain. */
  get isStuck() {
    return this.held || this.#failures > 0;
  }

  add(operation) {
    this.#set([...this.operations, { state: "queued", merges: 0, ...operation }]);
    this.#next();
  }

  /** Takes back an operation that has not been sent. Returns whether that was in time. */
  cancel(key) {
    const found = this.operations.find((each) => each.key === key);
    if (found?.state !== "delayed") return false;
    this.#set(this.operations.filter((each) => each !== found));
    return true;
  }

  /** Lets go an operation that was added with the state "delayed". */
  release(key) {
    this.#change(key, (each) => (each.state === "delayed" ? { ...each, state: "queued" } : each));
    this.#next();
  }

  /** Takes over what `settle` left. */
  settled(operations) {
    if (operations !== this.operations) this.#set(operations);
  }

  /** Tries now: the network is back, or somebody has signed in. */
  resume() {
    this.held = false;
    this.clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#next();
  }

  async #next() {
    const operation = this.operations.find((each) => each.state === "queued");
    if (!operation || this.#sending || this.held || this.#timer !== null) return;
    this.#sending = true;
    this.#change(operation.key, (each) => ({ ...each, state: "sending" }));
    try {
      const answer = await this.send(operation);
      this.#failures = 0;
      this.#acknowledge(operation, answer);
    } catch (error) {
      this.#failed(operation, error);
    }
    this.#sending = false;
    this.#next();
  }

  /** Later changes of the same object were made over what has now been written: they expect its version. */
  #acknowledge(operation, answer) {
    const version = answer?.version ?? 0;
    const changed = this.operations.map((each) => {
      if (each.key === operation.key) return { ...each, state: "acknowledged", acknowledged: version };
      return each.id === operation.id && each.state !== "acknowledged" ? { ...each, version } : each;
    });
    this.#set(changed);
  }

  #failed(operation, error) {
    if (error.signedOut) {
      this.held = true;
      this.#change(operation.key, (each) => ({ ...each, state: "queued" }));
      this.onSignedOut();
    } else if (error.passing || error.status === undefined) {
      this.#failures += 1;
      this.#change(operation.key, (each) => ({ ...each, state: "queued" }));
      const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** (this.#failures - 1));
      const wait = Math.max(error.retryAfter ? error.retryAfter * 1000 : 0, most * (0.5 + Math.random() / 2));
      this.#timer = this.clock.setTimeout(() => this.resume(), wait);
    } else if (error.status === 412 && error.problem.current) {
      this.#merge(operation, error);
    } else if (operation.verb === "delete" && error.status === 404) {
      this.#acknowledge(operation, null);
    } else {
      this.#giveUp(operation, { error });
    }
  }

  /** Somebody else was first. If they changed other fields, both changes stand. */
  #merge(operation, error) {
    const { current } = error.problem;
    const theirs = operation.verb === "update" ? conflictOf(operation, current) : {};
    if (theirs === null && operation.merges < MERGES) {
      const again = { state: "queued", version: current.version, merges: operation.merges + 1 };
      this.#change(operation.key, (each) => ({ ...each, ...again }));
    } else {
      this.#giveUp(operation, { error, theirs: theirs ?? {} });
    }
  }

  /** What was to follow upon a thing that could not be made cannot be done either. */
  #giveUp(operation, why) {
    const lost = (each) => each.key === operation.key || (operation.verb === "create" && each.id === operation.id);
    this.#set(this.operations.filter((each) => !lost(each)));
    this.onFailure(operation, why);
  }

  #change(key, change) {
    this.#set(this.operations.map((each) => (each.key === key ? change(each) : each)));
  }

  #set(operations) {
    this.operations = operations;
    this.onChange(operations);
  }
}
