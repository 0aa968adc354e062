/** @type {[value: string, label: string][]} */
export const PRIORITIES = [
  ["none", "None"],
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
  ["urgent", "Urgent"],
];

/** @type {Record<string, number>} */
export const PRIORITY_RANK = Object.fromEntries(PRIORITIES.map(([value], at) => [value, at]));
