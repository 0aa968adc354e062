/**
 * Pending changes: applied over the confirmed state until the server's log shows them, and rolled back by dropping them.
 *
 * An operation is {key, kind, id, verb, fields, display, base, version, state}: `display` holds
 * fields that the server is expected to set, `base` the fields' values before, `version` the object's version in which they
 * were seen. Its `state` is "queued", then "sending" (and "queued" again when the network fails), then
 * "acknowledged", until the log shows the same. So an answer that arrives before its event causes no
 * flicker and does not restore what was deleted since.
 *
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Frame} Frame
 * @typedef {import("./types.js").Operation} Operation
 */
import { isSame, KINDS } from "./kinds.js";
import { streamOf, tableOf } from "./store.js";
import { Table } from "./table.js";

/** The confirmed state with the operations applied in their order. @param {State} state @param {Operation[]} operations */
export function overlay(state, operations) {
  /** @type {Record<string, Map<any, any>>} */
  const tables = {};
  /** @param {string} kind */
  const table = (kind) => (tables[KINDS[kind]?.table ?? ""] ??= new Table(tableOf(state, kind)));
  for (const operation of operations) {
    const { kind, id, verb } = operation;
    const fields = { ...operation.fields, ...operation.display };
    const shown = (tables[KINDS[kind]?.table ?? ""] ?? tableOf(state, kind))?.get(id);
    if (verb === "delete" && shown) table(kind).delete(id);
    else if (verb === "update" && shown) table(kind).set(id, { ...shown, ...fields });
    else if (verb === "update" && !operation.seen && goesTo(operation)) table(kind).set(id, { ...operation.seen_as, ...fields });
    else if (verb === "create" && !shown && !operation.seen) table(kind).set(id, { id, version: 0, ...fields });
  }
  return Object.keys(tables).length ? { ...state, ...tables } : state;
}

/**
 * The stream to which the operation moves its object; "" if it leaves it where it is. Its deletion from the old stream can
 * come before it is in the new one: meanwhile it is shown as it was, with the change.
 * @param {Operation} operation
 */
function goesTo({ kind, verb, fields, seen_as: before }) {
  if (verb !== "update" || !before) return "";
  const after = streamOf(kind, { ...before, ...fields });
  return after === streamOf(kind, before) ? "" : after;
}

/** The operations that are still needed after `messages` have led to `state`. @param {Operation[]} operations @param {State} state @param {Frame[]} messages */
export function settle(operations, state, messages) {
  if (!operations.length) return operations;
  const marked = operations.map((each) => (isSeen(each, state, messages) ? { ...each, seen: true } : each));
  const left = marked.filter((each, index) => !isShown(each, state, marked.slice(0, index)));
  return left.some((each, index) => each !== operations[index]) || left.length < operations.length ? left : operations;
}

/** @param {Operation} operation @param {State} shown @param {Frame[]} messages */
const isSeen = (operation, shown, messages) =>
  !operation.seen &&
  messages.some(({ type, stream, streams, data }) => {
    const { kind, id, verb, state } = operation;
    if (type === "snapshot" || type === "left") {
      const known = type === "left" ? [stream] : streams;
      return state === "acknowledged" && (!known || known.includes(placeOf(operation, shown)));
    }
    if (data?.id !== id || !type.startsWith(`${kind}.`)) return false;
    return verb === "create" || (verb === "update" && stream === goesTo(operation)) || (verb === "delete" && type.endsWith(".deleted"));
  });

/** The stream that the object is in after the operation. @param {Operation} operation @param {State} state */
const placeOf = ({ kind, id, fields, seen_as: before }, state) => streamOf(kind, { ...before, ...fields, id }, state);

/** @param {Operation} operation @param {State} state @param {Operation[]} earlier */
function isShown(operation, state, earlier) {
  if (operation.state !== "acknowledged") return false;
  if (operation.seen) return true;
  const confirmed = tableOf(state, operation.kind)?.get(operation.id);
  switch (operation.verb) {
    case "create":
      return !!confirmed;
    case "delete":
      return !confirmed || isLater(confirmed, operation);
    default:
      if (confirmed) return confirmed.version >= (operation.acknowledged ?? 0);
      return !goesTo(operation) && !earlier.some((each) => each.id === operation.id && each.verb === "create");
  }
}

/** Whether the object was restored since: a deletion that was sent again is answered as the first time. @param {any} confirmed @param {Operation} deletion */
function isLater(confirmed, { seen_as: before, version = before?.version ?? 0, acknowledged = 0 }) {
  const last = Math.max(version, acknowledged); // the one that was deleted
  return last > 0 && confirmed.version > last;
}

/**
 * Compares an update with a newer version of its object: null if only other fields changed, so that the update can be sent
 * again; else the conflicting fields, {field: their value}.
 * @param {Pick<Operation, "fields" | "base">} operation
 * @param {any} current
 * @returns {?import("./types.js").Fields}
 */
export function conflictOf({ fields = {}, base = {} }, current) {
  /** @type {import("./types.js").Fields} */
  const theirs = {};
  for (const field of Object.keys(fields)) {
    if (field === "position" || isSame(current[field], base[field]) || isSame(current[field], fields[field])) continue;
    theirs[field] = current[field];
  }
  return Object.keys(theirs).length ? theirs : null;
}
