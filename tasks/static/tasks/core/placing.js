/**
 * Where a task goes that is put between two lines of a view, or two cards of a board. Pure.
 *
 * @typedef {import("./types.js").Task} Task
 * @typedef {import("./views.js").Head} Head
 * @typedef {import("./types.js").Fields} Fields
 */
export const GAP = 1024; // distance between positions, the same as on the server

/**
 * The position between two neighbours. Where there are two, they are named as well (`beside`): the server puts the task there,
 * and makes room where no number is left between them.
 * @param {Task | undefined} above
 * @param {Task | undefined} below
 * @returns {?{position: number, beside?: {after: string, before: string}}}  null without a neighbour
 */
export function placeBetween(above, below) {
  if (!above) return below ? { position: below.position - GAP } : null;
  if (!below) return { position: above.position + GAP };
  return { position: (above.position + below.position) / 2, ...(above.list === below.list ? { beside: { after: above.id, before: below.id } } : {}) };
}

/** The position one step up or down in an order. @param {{position: number}[]} order @param {number} at @param {number} step */
export function stepped(order, at, step) {
  const beside = order[at + step]?.position ?? 0;
  const beyond = order[at + 2 * step]?.position ?? beside + 2 * step * GAP;
  return (beside + beyond) / 2;
}

/** @param {Task | Head | undefined} item @returns {item is Task} */
const isTask = (item) => !!item && !("head" in item);

/**
 * The fields that put `task` before the line at index `at`: those of the head above, its parent, and in an order of one's own
 * a position between its neighbours, with their names in `beside`.
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
  return { ...given, ...moved, ...(placeBetween(above, below) ?? { position: 0 }) };
}

/** @param {Task} task @param {(Task | Head)[]} items */
const isNested = ({ parent }, items) => !!parent && items.some(({ id }) => id === parent);
