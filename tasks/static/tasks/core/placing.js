/**
 * Where a task goes that is put between two lines of a view. Pure.
 *
 * @typedef {import("./types.js").Task} Task
 * @typedef {import("./views.js").Head} Head
 * @typedef {import("./types.js").Fields} Fields
 */
const GAP = 1024; // distance between positions, the same as on the server

/** @param {Task | Head | undefined} item @returns {item is Task} */
const isTask = (item) => !!item && !("head" in item);

/**
 * The fields that put `task` before the line at index `at`: those of the head above, its parent, and in an order of one's own
 * a position between its neighbours.
 * @param {Task} task
 * @param {(Task | Head)[]} items
 * @param {number} at
 * @param {{sort: string, group: string}} arrangement
 * @returns {Fields}
 */
export function placedAt(task, items, at, { sort, group }) {
  const start = items.slice(0, at).findLastIndex((item) => !isTask(item));
  const head = /** @type {Head | undefined} */ (items[start]);
  const given = head ? (head.fields ?? {}) : group === "section" ? { section: null } : {};
  if (sort !== "manual") return given;
  const next = items[at];
  const hasOwn = items.some((item) => isTask(item) && item.parent === task.id);
  const parent = isTask(next) && isNested(next, items) && !hasOwn ? next.parent : null;
  const isPeer = (/** @type {Task | Head} */ item) => isTask(item) && item.id !== task.id && (isNested(item, items) ? item.parent : null) === parent;
  const end = items.findIndex((item, index) => index >= at && !isTask(item));
  const above = /** @type {Task | undefined} */ (items.slice(start + 1, at).findLast(isPeer));
  const below = /** @type {Task | undefined} */ (items.slice(at, end < 0 ? undefined : end).find(isPeer));
  const moved = (task.parent ?? null) === parent ? {} : { parent };
  return { ...given, ...moved, position: between(above?.position, below?.position) };
}

/** @param {Task} task @param {(Task | Head)[]} items */
const isNested = ({ parent }, items) => !!parent && items.some(({ id }) => id === parent);

/** @param {number | undefined} above @param {number | undefined} below */
function between(above, below) {
  if (above === undefined) return below === undefined ? 0 : below - GAP;
  return below === undefined ? above + GAP : (above + below) / 2;
}
