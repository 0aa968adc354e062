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
  const all = Object.entries(columns).map(([name, column]) => ({ name, column, values: valuesOf(column) }));
  const begin = Object.fromEntries(all.map(({ name, column, values }) => [name, values ? values[0] : /** @type {any} */ (column).same]));
  const first = JSON.parse(JSON.stringify(begin)); // copies of what JSON.parse returns are made much faster than objects field by field
  /** @type {Record<string, any>[]} */
  const objects = Array.from({ length: rows }, () => ({ ...first }));
  for (const { name, values } of all) if (values) objects.forEach((object, at) => void (object[name] = values[at]));
  return objects;
}

/** The column's values; null if they are all the same. @param {Column} column @returns {?any[]} */
function valuesOf(column) {
  if (Array.isArray(column)) return column;
  if ("same" in column) return null;
  if ("ids" in column) return idsOf(column.ids);
  let sum = 0;
  return column.steps.map((step) => (sum += step));
}

/** @param {string} digits  of all ids */
function idsOf(digits) {
  const dashed = digits.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/g, "$1-$2-$3-$4-$5");
  return Array.from({ length: digits.length / 32 }, (_, at) => dashed.slice(36 * at, 36 * at + 36));
}
