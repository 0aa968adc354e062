/**
 * The confirmed state, as a pure function of snapshots and events.
 *
 * A state is `me`, an object or null, and for each kind of kinds.js a Map from id to the object as the API shows it.
 * Messages come from the socket: events, `{type: "snapshot", streams, data}` (streams null for everything) and
 * `{type: "left", stream}`. No state is ever changed in place.
 *
 * Each stream is ordered; there is no order between streams. Any interleaving gives the same state, because
 * - of two copies of an object the one with the higher version stays,
 * - a stream may delete only what belongs to it: a moved object belongs to another stream,
 * - losing a stream deletes everything that belongs to it,
 * - what belongs to an object goes with it, and comes again after it in the stream that the object has moved to.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Frame} Frame
 */
import { childrenOf, KINDS } from "./kinds.js";
import { Table } from "./table.js";

/** @type {State} */
export const EMPTY = Object.freeze(
  /** @type {any} */ ({ me: null, ...Object.fromEntries(Object.values(KINDS).map(({ table }) => [table, new Table()])) }),
);

/** The table of a kind in a state. @param {State} state @param {string} kind @returns {Map<any, any> | undefined} */
export const tableOf = (state, kind) => /** @type {any} */ (state)[KINDS[kind]?.table ?? ""];

/**
 * The one stream that an object belongs to: its own, or that of its parent, which the state holds; "" for an unknown one.
 * @param {string} kind
 * @param {any} object
 * @param {State} [state]
 * @returns {string}
 */
export function streamOf(kind, object, state) {
  if (kind === "me") return `user.${object.id}`;
  const { stream, parent } = KINDS[kind] ?? {};
  if (stream) return stream(object);
  if (!parent) return state?.me ? `user.${state.me.id}` : "";
  const id = object[parent.field];
  if (KINDS[parent.kind]?.stream) return streamOf(parent.kind, { id });
  const above = state && tableOf(state, parent.kind)?.get(id);
  return above ? streamOf(parent.kind, above, state) : "";
}

/** @param {State} state @param {Frame} message */
export const reduce = (state, message) => reduceAll(state, [message]);

/**
 * The state after all the messages; copies each table once at most, however many there are.
 * @param {State} state
 * @param {Frame[]} messages
 */
export function reduceAll(state, messages) {
  const draft = new Draft(state);
  for (const message of messages) {
    if (message.type === "snapshot") draft.snapshot(message);
    else if (message.type === "left") draft.forget(message.stream ?? "");
    else draft.event(message);
  }
  return draft.state;
}

/** Whether the row is an object with an id. @param {any} object */
const isRow = (object) => typeof object === "object" && object !== null && object.id !== undefined && object.id !== null;

class Draft {
  #before;

  /** @param {State} state */
  constructor(state) {
    this.#before = state;
    this.state = state;
  }

  /** @param {Frame} frame */
  event({ type, stream, data }) {
    const [kind = "", verb] = String(type).split(".");
    if (!isRow(data)) return;
    if (verb === "deleted") this.delete(kind, data.id, stream);
    else if ((verb === "created" || verb === "updated") && this.#isIn(kind, data, [stream ?? ""])) this.put(kind, data);
  }

  /** @param {Frame} frame */
  snapshot({ streams, data }) {
    if (streams === null) this.state = EMPTY;
    else streams?.forEach((stream) => this.forget(stream));
    this.put("me", data.me);
    for (const [kind, { table }] of Object.entries(KINDS)) {
      /** @type {any[]} */
      const objects = (data[table] ?? []).filter((/** @type {any} */ object) => isRow(object) && this.#isIn(kind, object, streams ?? null));
      if (!this.#fill(kind, objects)) for (const object of objects) this.put(kind, object);
    }
  }

  /** Puts objects into an empty table together, as there is nothing that they could be older than. Returns whether that could be. @param {string} kind @param {any[]} objects */
  #fill(kind, objects) {
    if (!objects.length || tableOf(this.state, kind)?.size) return !objects.length;
    const table = new Table(objects.map((object) => [object.id, object]));
    if (table.size === objects.length) this.state = { ...this.state, [KINDS[kind]?.table ?? ""]: table };
    return table.size === objects.length; // one that is there twice: the newer one stays
  }

  /**
   * Whether an object that is in its parent's stream came in one of these. If not, the parent has moved on: the object comes
   * again after it, in the other stream. null: all streams, so the parent alone must be there.
   * @param {string} kind
   * @param {any} object
   * @param {?string[]} streams
   */
  #isIn(kind, object, streams) {
    const { parent, stream } = KINDS[kind] ?? {};
    if (stream || !parent || KINDS[parent.kind]?.stream || !isRow(object)) return true;
    const found = streamOf(kind, object, this.state);
    return streams ? streams.includes(found) : found !== "";
  }

  /** @param {string} kind @param {any} object */
  put(kind, object) {
    if (!isRow(object)) return;
    if (kind === "me") {
      if (!((this.state.me?.version ?? -1) >= object.version)) this.state = { ...this.state, me: object };
    } else if (KINDS[kind]) {
      const stored = tableOf(this.state, kind)?.get(object.id);
      if (stored?.version >= object.version) return;
      if (stored && streamOf(kind, stored, this.state) !== streamOf(kind, object, this.state)) this.#dropChildren(kind, object.id);
      this.#table(kind).set(object.id, object);
    }
  }

  /** @param {string} kind @param {any} id @param {string | undefined} stream */
  delete(kind, id, stream) {
    const stored = tableOf(this.state, kind)?.get(id);
    if (KINDS[kind]?.endsStream && stream === streamOf(kind, { id })) this.forget(stream);
    else if (stored && streamOf(kind, stored, this.state) === stream) this.#drop(kind, id);
  }

  /** @param {string} stream */
  forget(stream) {
    for (const kind of Object.keys(KINDS).reverse()) { // children first: their parents say their stream
      for (const [id, object] of tableOf(this.state, kind) ?? []) {
        if (streamOf(kind, object, this.state) === stream) this.#table(kind).delete(id);
      }
    }
    const { me } = this.state;
    if (me && streamOf("me", me) === stream) this.state = { ...this.state, me: null };
  }

  /** @param {string} kind @param {any} id */
  #drop(kind, id) {
    this.#dropChildren(kind, id);
    this.#table(kind).delete(id);
  }

  /** @param {string} kind @param {any} id */
  #dropChildren(kind, id) {
    for (const [child, field] of childrenOf(kind)) {
      for (const [key, object] of tableOf(this.state, child) ?? []) if (object[field] === id) this.#drop(child, key);
    }
  }

  /** The kind's table, copied before its first change. @param {string} kind @returns {Map<any, any>} */
  #table(kind) {
    const table = tableOf(this.state, kind);
    if (table !== tableOf(this.#before, kind) && table !== tableOf(EMPTY, kind)) return /** @type {Map<any, any>} */ (table);
    const copy = new Table(table);
    this.state = { ...this.state, [KINDS[kind]?.table ?? ""]: copy };
    return copy;
  }
}
