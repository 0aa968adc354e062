/**
 * Which earlier values of a task can be restored. Pure.
 *
 * @typedef {import("../../core/types.js").Fields} Fields
 */

/** Fields that make sense together only: a time has its day and its zone. @type {string[][]} */
const TOGETHER = [["due_date", "due_time", "due_zone"], ["recurrence", "recurrence_from"]];
const NEVER = new Set(["id", "position", "version", "completed", "completed_at", "completed_by", "recurrence_anchor", "recurrence_text"]); // reopening is what the check box is for

/**
 * The values that a field had before a change, with those of the fields that belong to it; `first` is the one of them that
 * the change names first, "" where nothing can be restored.
 * @param {Record<string, {from: any, to: any}>} changes
 * @param {string} name
 * @returns {{first: string, fields: Fields}}
 */
export function restorable(changes, name) {
  if (NEVER.has(name)) return { first: "", fields: {} };
  const group = TOGETHER.find((each) => each.includes(name)) ?? [name];
  const changed = group.filter((each) => each in changes);
  return { first: changed[0] ?? "", fields: Object.fromEntries(changed.map((each) => [each, changes[each]?.from ?? (each === "notes" || each === "title" ? "" : null)])) };
}

/** Values of fields are texts, numbers, or lists of them. @param {any} a @param {any} b */
export const isSameValue = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
