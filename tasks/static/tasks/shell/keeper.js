import { isDirty } from "../core/drafts.js";

/**
 * Stores unsaved work on the device, and restores the work of closed tabs.
 *
 * @typedef {import("../core/model.js").Model} Model
 * @typedef {import("../core/outbox.js").Outbox} Outbox
 * @typedef {import("../core/device.js").Device} Device
 */

const PAUSE = 300; // ms between writes while somebody types

export class Keeper {
  /** @type {any} */
  #timer = null;
  /** @type {?Promise<void>} */
  #adopted = null;
  #isNext = false;

  /** @param {{device: Device, model: Model, outbox: Outbox}} parts */
  constructor({ device, model, outbox }) {
    this.device = device;
    this.model = model;
    this.outbox = outbox;
    for (const name of ["pagehide", "blur"]) addEventListener(name, () => this.now());
    document.addEventListener("visibilitychange", () => this.now());
  }

  /** Restores the person's work and starts storing. @param {number} person */
  begin(person) {
    this.#adopted ??= this.#adopt(person);
    return this.#adopted;
  }

  /** Resolves when the work of closed tabs is in this page; at once before it is known whose page this is. */
  get ready() {
    return this.#adopted ?? Promise.resolve();
  }

  /** Stores soon; for each keystroke. */
  soon() {
    this.#timer ??= setTimeout(() => this.now(), PAUSE);
  }

  /** Stores at the end of what is being done, once for all its changes. */
  next() {
    if (this.#isNext) return;
    this.#isNext = true;
    queueMicrotask(() => {
      this.#isNext = false;
      this.now();
    });
  }

  /** Stores now. */
  now() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#adopted) this.device.keep(this.#contents());
  }

  /** Whether closing the page would lose something. */
  get wouldLose() {
    const { operations, drafts, composers } = this.#contents();
    return !this.device.works && operations.length + drafts.length + composers.length > 0;
  }

  /** @param {number} person */
  async #adopt(person) {
    const { operations, drafts, composers } = await this.device.adopt(person);
    this.model.adopt(drafts, composers);
    this.outbox.adopt(operations);
    this.now();
  }

  #contents() {
    return {
      operations: this.outbox.unsaved,
      drafts: [...this.model.drafts.values()].filter(isDirty),
      composers: [...this.model.composers],
    };
  }
}
