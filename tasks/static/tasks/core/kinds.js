/**
 * The kinds of objects, as data. The store's tables, snapshots, events, pending changes and their requests are derived from
 * this table: a new kind is one more entry.
 *
 * @typedef {Object} Kind
 * @property {string} table                       its table in the state, and its key in a snapshot
 * @property {(object: any) => string} stream     the one stream that an object belongs to
 * @property {string} [path]                      its collection in the API, for kinds that the outbox writes
 * @property {boolean} [endsStream]               whether its deletion ends its stream
 * @property {string} [noun]                      how a change by somebody else is announced ("" for no noun)
 * @property {Record<string, Field>} [fields]     all fields of the kind; `tests/web/test_kinds.py` compares the server's
 *
 * @typedef {Object} Field
 * @property {any} [initial]      its value in a new object
 * @property {boolean} [copied]   whether a copy of the object takes it over
 * @property {string} [label]     its name in a sentence, where it differs
 */
export const EVERYONE_LIST = "00000000-0000-4000-8000-000000000001";
export const EVERYONE_STREAM = "all";

/** @param {string} id */
export const streamOfList = (id) => (id === EVERYONE_LIST ? EVERYONE_STREAM : `list.${id}`);

/** @type {Record<string, Kind>} */
export const KINDS = {
  user: { table: "users", stream: () => EVERYONE_STREAM },
  list: { table: "lists", stream: ({ id }) => streamOfList(id), path: "/api/lists", endsStream: true, noun: "the list " },
  member: { table: "members", stream: ({ list }) => streamOfList(list) },
  task: {
    table: "tasks",
    stream: ({ list }) => streamOfList(list),
    path: "/api/tasks",
    noun: "",
    fields: {
      id: {},
      list: {},
      title: { initial: "", copied: true },
      notes: { initial: "", copied: true },
      priority: { initial: "none", copied: true },
      completed: { initial: false, label: "state" },
      completed_at: { initial: null },
      completed_by: { initial: null },
      due_date: { initial: null, copied: true, label: "due date" },
      due_time: { initial: null, copied: true, label: "due time" },
      due_zone: { initial: null, copied: true, label: "time zone" },
      position: { initial: 0 },
      version: { initial: 0 },
      created_by: { initial: null },
      updated_by: { initial: null },
      created_at: { initial: null },
      updated_at: { initial: null },
    },
  },
};

/** @param {string} kind @returns {Fields} a new object's fields, with the values that they begin with */
export const initialFields = (kind) => fieldsOf(kind, () => true, (field) => field.initial);

/** The fields of `object` that a copy of it takes over. @param {string} kind @param {Fields} object @returns {Fields} */
export const copiedFields = (kind, object) => fieldsOf(kind, (field) => !!field.copied, (_, name) => object[name]);

/** A field's name in a sentence. @param {string} kind @param {string} field */
export const fieldLabel = (kind, field) => KINDS[kind]?.fields?.[field]?.label ?? field.replaceAll("_", " ");

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
