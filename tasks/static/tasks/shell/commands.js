import { isTextField } from "../core/dom.js";
import { preference, setPreference } from "../core/preferences.js";
import { isSingle, keyOf, singleKeys } from "./keyboard.js";

/**
 * Everything that can be done, in one table: it binds the keys, fills the command palette and the list of shortcuts.
 *
 * @typedef {Object} Command
 * @property {string} id
 * @property {string | (() => string)} name    what it does, as a request: "Add a task"
 * @property {string} group                    its heading in the list of shortcuts
 * @property {string[]} [keys]                 see keyboard.js; the first is shown in the palette
 * @property {() => boolean} [exists]          whether the person has what it is about; if not, it is nowhere listed
 * @property {() => boolean} [when]            whether it can be run now; always if missing
 * @property {() => string} [why]              why it cannot be run now, where a person would ask: said when its key is pressed
 * @property {(key?: string) => unknown} run   by this key, or from the palette; false: nothing was done, and the key keeps its usual effect
 * @property {boolean} [inFields]              whether its keys count in text fields, too
 * @property {boolean} [hidden]                not in the palette: it makes no sense there
 * @property {boolean} [asked]                 in the palette only if its name is typed
 * @property {string} [words]                  further words under which the palette finds it
 */

/** The group of the commands that are about tasks; see targets.js. */
export const TASKS = "Tasks";

const SEQUENCE_MS = 1_000; // between the two keys of a sequence
const MOST_RECENT = 20;

export class Commands {
  /** @type {Map<string, Command>} */
  #commands = new Map();
  /** @type {Map<string, Command[]>} */
  #byKey = new Map();
  #first = ""; // of a sequence
  #pressed = 0;
  /** @type {(why: string) => void} */
  onRefused = () => {};

  /** @param {...Command} commands  later ones come after earlier ones wherever they are listed */
  register(...commands) {
    for (const command of commands) {
      if (this.#commands.has(command.id)) throw new Error(`two commands are called ${command.id}`);
      this.#commands.set(command.id, command);
      for (const key of command.keys ?? []) this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), command]);
    }
  }

  /** @returns {Command[]} */
  get all() {
    return [...this.#commands.values()];
  }

  /** The commands about what the person has, whether or not they can be run now. */
  get existing() {
    return this.all.filter(({ exists }) => !exists || exists());
  }

  /** The commands that can be run now. */
  get available() {
    return this.all.filter(isAvailable);
  }

  /** The ids of commands that were chosen in the palette, the last one first. @returns {string[]} */
  get recent() {
    return (preference("recent-commands") ?? "").split(" ").filter((id) => this.#commands.has(id));
  }

  /** Runs a command that was chosen by its name. @param {string} id */
  choose(id) {
    setPreference("recent-commands", [id, ...this.recent.filter((each) => each !== id)].slice(0, MOST_RECENT).join(" "));
    return this.run(id);
  }

  /** Runs a command if it can be run now. Returns whether it was. @param {string} id @param {string} [key] */
  run(id, key) {
    const command = this.#commands.get(id);
    if (!command || !isAvailable(command) || command.run(key) === false) return false;
    document.dispatchEvent(new CustomEvent("command", { detail: id }));
    return true;
  }

  /** Runs a command by its button; where it can't be run, it is said why. @param {string} id */
  press(id) {
    const command = this.#commands.get(id);
    return this.run(id) || (!!command && this.#refuse([command]));
  }

  /** Says why none of them can be run, if there is something to say. @param {Command[]} commands */
  #refuse(commands) {
    const why = commands.map((command) => command.why?.()).find((text) => text);
    if (why) this.onRefused(why);
    return !!why;
  }

  /** Binds the keys. Fields, menus and dialogs handle their own. */
  listen() {
    document.addEventListener("keydown", (event) => this.#pressedKey(event));
  }

  /** @param {KeyboardEvent} event */
  #pressedKey(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
    const key = keyOf(event);
    const sequence = event.timeStamp - this.#pressed < SEQUENCE_MS && this.#first ? `${this.#first} ${key}` : "";
    this.#first = isTextField(event.target) ? "" : key;
    this.#pressed = event.timeStamp;
    if ((sequence && this.#runKey(sequence, event)) || this.#runKey(key, event)) {
      this.#first = "";
      event.preventDefault();
    }
  }

  /** @param {string} key @param {KeyboardEvent} event */
  #runKey(key, { target }) {
    if (isSingle(key) && !singleKeys()) return false;
    const typing = isTextField(target);
    const bound = (this.#byKey.get(key) ?? []).filter((command) => !typing || command.inFields);
    return bound.some(({ id }) => this.run(id, key)) || this.#refuse(bound);
  }
}

/** @param {Command} command */
export const nameOfCommand = ({ name }) => (typeof name === "function" ? name() : name);

/** @param {Command} command */
const isAvailable = ({ exists, when }) => (!exists || exists()) && (!when || when());
