/**
 * The kinds of objects, as data. The server describes them (`live.describe()`, which the page holds as JSON): name, fields and
 * parent. Tables, snapshots, events, pending changes and their requests follow from that, so a new kind needs no line here.
 * `KNOWN` holds only what the server doesn't say: streams that aren't the parent's, the words, and a new object's values.
 *
 * @typedef {{kind: string, fields?: string[], parent?: ?Parent}} Description   of the server
 * @typedef {{field: string, kind: string}} Parent                the field that names the parent, and the parent's kind
 *
 * @typedef {Object} Kind
 * @property {string} table                       its table in the state, and its key in a snapshot
 * @property {string} path                        its collection in the API
 * @property {?Parent} parent                     it is in its parent's stream; without one, in the person's own
 * @property {(object: any) => string} [stream]   its stream, where that is another one
 * @property {boolean} [endsStream]               whether its deletion ends its stream
 * @property {string} [noun]                      how a change by somebody else is announced; "" for no noun, undefined: not
 * @property {Record<string, Field>} fields
 *
 * @typedef {Object} Field
 * @property {any} [initial]      its value in a new object; null where nothing is said
 * @property {boolean} [copied]   whether a copy of the object takes it over
 * @property {string} [label]     its name in a sentence, where it differs
 */
export const EVERYONE_LIST = "00000000-0000-4000-8000-000000000001";
const EVERYONE_STREAM = "all";

/** @param {string} id */
const streamOfList = (id) => (id === EVERYONE_LIST ? EVERYONE_STREAM : `list.${id}`);

/** @type {Record<string, Partial<Kind>>} */
const KNOWN = {
  user: { stream: () => EVERYONE_STREAM },
  list: { stream: ({ id }) => streamOfList(id), endsStream: true, noun: "the list " },
  member: { stream: ({ list }) => streamOfList(list) },
  task: {
    noun: "",
    fields: {
      parent: { copied: true },
      section: { copied: true },
      title: { initial: "", copied: true },
      notes: { initial: "", copied: true },
      priority: { initial: "none", copied: true },
      labels: { initial: [], copied: true },
      assignee: { copied: true },
      completed: { initial: false, label: "state" },
      due_date: { copied: true, label: "due date" },
      due_time: { copied: true, label: "due time" },
      due_zone: { copied: true, label: "time zone" },
      recurrence: { copied: true },
      recurrence_from: { initial: "due", copied: true, label: "start of the recurrence" },
      position: { initial: 0 },
      version: { initial: 0 },
    },
  },
};

/** @type {Record<string, Kind>} */
export const KINDS = {};

/** Adds the kinds that the server describes. @param {Description[]} descriptions */
export function learn(descriptions) {
  for (const { kind, fields = [], parent = null } of descriptions) {
    const known = KNOWN[kind] ?? (parent ? { noun: `the ${kind} ` } : {});
    const named = Object.fromEntries(fields.map((name) => [name, { initial: null, ...known.fields?.[name] }]));
    KINDS[kind] = { table: `${kind}s`, path: `/api/${kind}s`, parent, ...known, fields: named };
  }
}

/** The kinds whose parents are of this kind, and the field that names the parent. @param {string} kind @returns {[string, string][]} */
export const childrenOf = (kind) =>
  Object.entries(KINDS).flatMap(([name, { parent }]) => (parent?.kind === kind ? [/** @type {[string, string]} */ ([name, parent.field])] : []));

/** @param {string} kind @returns {Fields} a new object's fields, with the values that they begin with */
export const initialFields = (kind) => fieldsOf(kind, () => true, (field) => field.initial);

/** The fields of `object` that a copy of it takes over. @param {string} kind @param {Fields} object @returns {Fields} */
export const copiedFields = (kind, object) => fieldsOf(kind, (field) => !!field.copied, (_, name) => object[name]);

/** A field's name in a sentence. @param {string} kind @param {string} field */
export const fieldLabel = (kind, field) => KINDS[kind]?.fields[field]?.label ?? field.replaceAll("_", " ");

/** Whether two values of a field are the same: texts, numbers, or lists of them. @param {any} a @param {any} b */
export const isSame = (a, b) => a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));

/**
 * @typedef {import("./types.js").Fields} Fields
 * @param {string} kind
 * @param {(field: Field) => boolean} wanted
 * @param {(field: Field, name: string) => any} value
 */
function fieldsOf(kind, wanted, value) {
  const named = Object.entries(KINDS[kind]?.fields ?? {}).filter(([name, field]) => name !== "id" && wanted(field));
  return Object.fromEntries(named.map(([name, field]) => [name, value(field, name)]));
}

// People and members are no live models of their own: the server does not describe them.
learn([{ kind: "user" }, { kind: "member" }]);
learn(JSON.parse(globalThis.document?.getElementById("kinds")?.textContent ?? "[]"));
