/**
 * A snapshot by columns (docs/protocol.md), as the server sends it where the request prefers that. A section that is a list
 * of objects, as an older server sends it, stays as it is.
 *
 * @typedef {any[] | {same: any} | {steps: number[]} | {ids: string}} Column
 * @typedef {{rows: number, columns: Record<string, Column>}} Part
 */

/** The same snapshot with a list of objects in each section. @param {any} data */
export function expanded(data) {
  if (data === null || typeof data !== "object") return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Array.isArray(value) ? value.flatMap(objectsOf) : value]));
}

/** @param {any} part @returns {any} */
function objectsOf(part) {
  if (!part?.columns) return [part];
  const { rows, columns } = /** @type {Part} */ (part);
  const fields = Object.entries(columns).map(([name, column]) => /** @type {const} */ ([name, valuesOf(column)]));
  return Array.from({ length: rows }, (_, at) => {
    /** @type {Record<string, any>} */
    const object = {};
    for (const [name, valueAt] of fields) object[name] = valueAt(at);
    return object;
  });
}

/** A function that gives the column's values one after the other. @param {Column} column @returns {(at: number) => any} */
function valuesOf(column) {
  if (Array.isArray(column)) return (at) => column[at];
  if ("same" in column) return () => column.same;
  if ("ids" in column) return (at) => dashed(column.ids.slice(32 * at, 32 * at + 32));
  let sum = 0;
  return (at) => (sum += /** @type {number} */ (column.steps[at]));
}

/** @param {string} digits */
const dashed = (digits) => `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
