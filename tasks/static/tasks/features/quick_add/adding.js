import { dayOf, dueWords } from "../../core/dates.js";
import { quoted } from "../../core/text.js";
import { belongs } from "../../core/views.js";
import { without } from "./chosen.js";
import { bodyOf, MOST_CHARACTERS } from "./reader.js";

const PATIENCE = 1_000; // ms to wait for what a line means; after that the server reads it when it gets it

/**
 * Adds a task out of a line. It is shown at once; if the line has not been read yet, as it is written, until the server has
 * said what it means. Without a connection the server reads it when it gets it.
 *
 * @typedef {import("./reader.js").Line} Line
 * @typedef {import("./reader.js").Reading} Reading
 * @typedef {import("../../core/types.js").Fields} Fields
 * @typedef {import("../../core/views.js").View} View
 */
export class QuickAdd {
  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../../core/outbox.js").Outbox} parts.outbox
   * @param {import("../items/actions.js").TaskActions} parts.actions
   * @param {import("./reader.js").Reader} parts.reader
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {(list: string, task: string) => void} parts.go
   * @param {(view: View, task: string) => void} parts.goTo
   */
  constructor({ model, outbox, actions, reader, toasts, go, goTo }) {
    this.model = model;
    this.outbox = outbox;
    this.actions = actions;
    this.reader = reader;
    this.toasts = toasts;
    this.go = go;
    this.goTo = goTo;
  }

  /**
   * Returns the new task's id.
   * @param {Line & {list: string}} line
   * @param {Fields} [given]   what it has if the line says nothing else
   * @param {View} [here]      where it was written: it is told if the task is elsewhere
   */
  add(line, given = {}, here = { kind: "list", id: line.list }) {
    const known = this.reader.known(line);
    const id = known ? this.#addRead(line, known, given) : this.#addUnread(line, given, here);
    if (known) this.#tell(id, here);
    return id;
  }

  /** @param {Line & {list: string}} line @param {Fields} given @param {View} here */
  #addUnread(line, given, here) {
    const unread = this.#asUnread(line, given);
    const tellLater = (/** @type {string} */ id, /** @type {string} */ key) => void this.outbox.gone([key]).then(() => this.#tell(id, here));
    if (!this.reader.isOnline()) {
      const { id, key } = this.actions.add(line.list, line.text.trim(), given, unread);
      tellLater(id, key);
      return id;
    }
    const { id, key } = this.actions.add(line.list, line.text.trim(), given, { ...unread, state: "delayed" });
    const patience = new Promise((resolve) => void setTimeout(resolve, PATIENCE, null));
    Promise.race([this.reader.read(line), patience]).then((/** @type {?Reading} */ reading) => {
      const change = reading && (this.#isSomething(reading) ? this.#asOperation(line, reading, given) : {});
      if (change) this.outbox.amend(key, { quick: undefined, given: undefined, ...change });
      if (change) this.#tell(id, here);
      else tellLater(id, key);
      this.outbox.release(key);
    });
    return id;
  }

  /** @param {Line & {list: string}} line @param {Reading} reading @param {Fields} given */
  #addRead(line, reading, given) {
    if (!this.#isSomething(reading)) return this.actions.add(line.list, line.text.trim(), given).id;
    const { fields, ...options } = this.#asOperation(line, reading, given);
    const { list, title, ...more } = fields;
    return this.actions.add(list, title, more, options).id;
  }

  /** Whether the line means more than its text, and leaves a title. @param {Reading} reading */
  #isSomething({ title, spans }) {
    return spans.length > 0 && !!title;
  }

  /** Adds a task out of each line, all in one request where that can be; returns their ids. @param {string} list @param {string[]} texts @param {Fields} given */
  async addAll(list, texts, given) {
    const lines = texts.map((text) => ({ text, list, refused: [] }));
    const readings = await Promise.all(lines.map((line) => this.reader.known(line) ?? this.reader.read(line)));
    return this.actions.addAll(
      lines.map((line, at) => {
        const reading = readings[at];
        const asWritten = { ...given, list, title: line.text.trim() };
        if (!reading) return { fields: asWritten, options: this.#asUnread(line, given) };
        const { fields, ...options } = this.#isSomething(reading) ? this.#asOperation(line, reading, given) : { fields: asWritten };
        return { fields, options };
      }),
    );
  }

  /** A line that the server reads when it gets it, as it would have been read when it was written. @param {Line} line @param {Fields} given */
  #asUnread(line, given) {
    if (line.text.length > MOST_CHARACTERS) return {};
    return { quick: { ...bodyOf(line), typed_at: new Date().toISOString() }, ...(Object.keys(given).length ? { given } : {}) };
  }

  /** What is sent. Labels and reminders that are to be made with the task need the line itself. @param {Line & {list: string}} line @param {Reading} reading @param {Fields} given */
  #asOperation(line, { title, fields: read }, given) {
    const { reminders, new_labels: made, ...more } = read;
    const isElsewhere = !!read.list && read.list !== line.list;
    const own = isElsewhere ? without(given, "labels", "section", "assignee", "parent") : given; // they are those of a list
    const said = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null && (!Array.isArray(value) || value.length)));
    const labels = own.labels?.length && said.labels?.length ? { labels: [...new Set([...own.labels, ...said.labels])].sort() } : {};
    const fields = /** @type {Fields & {list: string, title: string}} */ ({ ...own, ...said, ...labels, list: read.list ?? line.list, title });
    if (!reminders?.length && !made?.length) return { fields };
    const unsaid = Object.fromEntries(Object.entries(own).filter(([name]) => name === "labels" || !(name in said)));
    return { fields, quick: bodyOf(line), ...(Object.keys(unsaid).length ? { given: unsaid } : {}) };
  }

  /** The task may be elsewhere than where it was written. @param {string} id @param {View} here */
  #tell(id, here) {
    const { shown } = this.model;
    const task = shown.tasks.get(id);
    const today = dayOf(new Date());
    if (!task || belongs(shown, here, today)(task)) return;
    const upcoming = { kind: "upcoming", id: null };
    const isAhead = here.kind === "today" && belongs(shown, upcoming, today)(task);
    const when = dueWords(task);
    const where = isAhead ? `Upcoming, ${when}` : quoted(shown.lists.get(task.list)?.name);
    this.toasts.show({ text: `Added ${quoted(task.title)} to ${where}.`, choices: [["Open", () => (isAhead ? this.goTo(upcoming, id) : this.go(task.list, id))]] });
  }
}
