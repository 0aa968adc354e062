/**
 * One's own changes that the server's log has not shown yet, laid over the confirmed state, so that what one does is
 * seen at once and undone by leaving it out.
 *
 * An operation is {key, kind, id, verb: "create" | "update" | "delete", fields, display, base, version, state}: `display`
 * holds what the server will make of it besides the fields that are sent, `base` the fields' values before, `version` the
 * object's version in which they were seen. Its `state` goes from
 * "queued" through "sending" (back to "queued" when the network fails) to "acknowledged", and then it stays only until
 * the log shows the same: an answer that overtakes its event must not flicker, nor bring back what was deleted since.
 */
const TABLES = { list: "lists", task: "tasks" };

export const confirmedCopy = (state, { kind, id }) => state[TABLES[kind]].get(id);

/** What to show: the confirmed state with the operations applied in their order. */
export function overlay(state, operations) {
  const tables = {};
  const table = (kind) => (tables[TABLES[kind]] ??= new Map(state[TABLES[kind]]));
  for (const operation of operations) {
    const { kind, id, verb } = operation;
    const fields = { ...operation.fields, ...operation.display };
    const shown = (tables[TABLES[kind]] ?? state[TABLES[kind]]).get(id);
    if (verb === "delete" && shown) table(kind).delete(id);
    else if (verb === "update" && shown) table(kind).set(id, { ...shown, ...fields });
    else if (verb === "create" && !shown && !operation.seen) table(kind).set(id, { id, version: 0, ...fields });
  }
  return Object.keys(tables).length ? { ...state, ...tables } : state;
}

/** The operations that are still needed after `messages` have led to `state`. */
export function settle(operations, state, messages) {
  if (!operations.length) return operations;
  const marked = operations.map((each) => (isSeen(each, messages) ? { ...each, seen: true } : each));
  const left = marked.filter((each, index) => !isShown(each, state, marked.slice(0, index)));
  return left.some((each, index) => each !== operations[index]) || left.length < operations.length ? left : operations;
}

const isSeen = ({ kind, id, verb, seen, state }, messages) =>
  !seen &&
  messages.some(({ type, data }) => {
    if (type === "snapshot" || type === "left") return state === "acknowledged";
    if (data?.id !== id || !type.startsWith(`${kind}.`)) return false;
    return verb === "create" || (verb === "delete" && type.endsWith(".deleted"));
  });

function isShown(operation, state, earlier) {
  if (operation.state !== "acknowledged") return false;
  if (operation.seen) return true;
  const confirmed = confirmedCopy(state, operation);
  switch (operation.verb) {
    case "create":
      return !!confirmed;
    case "delete":
      return !confirmed;
    default:
      if (confirmed) return confirmed.version >= operation.acknowledged;
      return !earlier.some((each) => each.id === operation.id && each.verb === "create");
  }
}

/**
 * What to do about a copy that has changed since an update was made: null if only other fields changed, so that the
 * update may be sent again over the newer version; else the fields in which both differ, {field: their value}.
 */
export function conflictOf({ fields, base }, current) {
  const theirs = {};
  for (const field of Object.keys(fields)) {
    if (field === "position" || current[field] === base[field] || current[field] === fields[field]) continue;
    theirs[field] = current[field];
  }
  return Object.keys(theirs).length ? theirs : null;
}
