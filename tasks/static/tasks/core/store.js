/**
 * What the server has confirmed, as a pure function of snapshots and events.
 *
 * A state is {me, users, lists, members, tasks}: `me` an object or null, the others Maps from id to the object as the
 * API shows it. Messages are what the socket delivers: events, `{type: "snapshot", streams, data}` (streams null for
 * everything) and `{type: "left", stream}`. No state is ever changed in place.
 *
 * Streams are ordered each in itself, but not among each other. Any interleaving gives the same state, because
 * - of two copies of an object the one with the higher version stays,
 * - a stream may delete only what belongs to it: an object that has moved on is another stream's,
 * - whoever loses a stream forgets all that belongs to it.
 */
export const EVERYONE_LIST = "00000000-0000-4000-8000-000000000001";
export const EVERYONE_STREAM = "all";

const TABLES = { user: "users", list: "lists", member: "members", task: "tasks" };

export const EMPTY = Object.freeze({
  me: null,
  users: new Map(),
  lists: new Map(),
  members: new Map(),
  tasks: new Map(),
});

export const streamOfList = (id) => (id === EVERYONE_LIST ? EVERYONE_STREAM : `list.${id}`);

/** The one stream that an object belongs to. */
export function streamOf(kind, object) {
  if (kind === "me") return `user.${object.id}`;
  if (kind === "user") return EVERYONE_STREAM;
  return streamOfList(kind === "list" ? object.id : object.list);
}

export const reduce = (state, message) => reduceAll(state, [message]);

/** The state after all the messages; copies each table once at most, however many there are. */
export function reduceAll(state, messages) {
  const draft = new Draft(state);
  for (const message of messages) {
    if (message.type === "snapshot") draft.snapshot(message);
    else if (message.type === "left") draft.forget(message.stream);
    else draft.event(message);
  }
  return draft.state;
}

class Draft {
  #before;

  constructor(state) {
    this.#before = state;
    this.state = state;
  }

  event({ type, stream, data }) {
    const [kind, verb] = type.split(".");
    if (verb === "deleted") this.delete(kind, data.id, stream);
    else if (verb === "created" || verb === "updated") this.put(kind, data);
  }

  snapshot({ streams, data }) {
    if (streams === null) this.state = EMPTY;
    else streams.forEach((stream) => this.forget(stream));
    if (data.me) this.put("me", data.me);
    for (const [kind, table] of Object.entries(TABLES)) {
      for (const object of data[table] ?? []) this.put(kind, object);
    }
  }

  put(kind, object) {
    if (kind === "me") {
      if (!(this.state.me?.version >= object.version)) this.state = { ...this.state, me: object };
    } else if (TABLES[kind]) {
      const stored = this.state[TABLES[kind]].get(object.id);
      if (!(stored?.version >= object.version)) this.#table(TABLES[kind]).set(object.id, object);
    }
  }

  delete(kind, id, stream) {
    const stored = this.state[TABLES[kind]]?.get(id);
    if (kind === "list" && stream === streamOfList(id)) this.forget(stream);
    else if (stored && streamOf(kind, stored) === stream) this.#table(TABLES[kind]).delete(id);
  }

  forget(stream) {
    if (this.state.me && streamOf("me", this.state.me) === stream) this.state = { ...this.state, me: null };
    for (const [kind, table] of Object.entries(TABLES)) {
      for (const [id, object] of this.state[table]) {
        if (streamOf(kind, object) === stream) this.#table(table).delete(id);
      }
    }
  }

  #table(name) {
    if (this.state[name] === this.#before[name] || this.state[name] === EMPTY[name]) {
      this.state = { ...this.state, [name]: new Map(this.state[name]) };
    }
    return this.state[name];
  }
}
