import { h, iconButton, isTextField } from "../core/dom.js";
import { afterFrame } from "../core/motion.js";
import { preference } from "../core/preferences.js";

/** How long a message stays, in seconds; 0: until it is closed. */
export const messageSeconds = () => Number(preference("message-seconds") ?? 8);

/**
 * Short messages, of which the last one stays alone; problems, and what has no time, stay until they are closed. Their timers stop while the pointer or the focus is on them.
 *
 * @typedef {import("../core/types.js").Choice} Choice
 *
 * @typedef {Object} Toast
 * @property {HTMLElement} node
 * @property {string} tone
 * @property {boolean} passes     whether the next one takes its place
 * @property {() => void} finish   ends it as its timer would
 * @property {() => void} drop     removes it without calling `onEnd`
 */
export class Toasts {
  /** @type {Toast[]} */
  #shown = [];
  /** @type {() => void} */
  onChange = () => {};

  /** @param {{container: HTMLElement, announce: (text: string) => void}} parts */
  constructor({ container, announce }) {
    this.container = container;
    this.announce = announce;
    for (const name of ["toggle", "close"]) document.addEventListener(name, ({ target }) => target instanceof HTMLDialogElement && this.#rise(), { capture: true });
    for (const name of ["focusin", "focusout", "input", "resize"]) addEventListener(name, () => this.#shown.length && requestAnimationFrame(() => this.#stepAside()));
  }

  /** Above everything else. What is outside an open modal dialog can't be reached, so the messages are in the topmost one. */
  #rise() {
    const dialogs = [...document.querySelectorAll("dialog:modal")];
    const place = dialogs.at(-1) ?? document.body;
    if (this.container.parentNode !== place) place.append(this.container); // and so it is hidden, until it is shown again there
    if (!this.#shown.length) return;
    if (!this.container.matches(":popover-open")) this.container.showPopover();
    this.#stepAside();
  }

  /** Never over the field in which one writes: the messages are at the top where they would cover it at the foot. */
  #stepAside() {
    const { classList } = this.container;
    const field = document.activeElement;
    if (this.container.contains(field)) return; // a button of theirs has the focus, and stays where it is
    const covered = () => overlap(this.container.getBoundingClientRect(), /** @type {Element} */ (field).getBoundingClientRect());
    classList.remove("above");
    const atFoot = isTextField(field) && !field?.closest(".composer") ? covered() : 0; // the composer has them above itself
    if (!atFoot) return;
    classList.add("above");
    if (covered() >= atFoot) classList.remove("above");
  }

  /** The number of open problem messages. */
  get problems() {
    return this.#shown.filter(({ tone }) => tone === "problem").length;
  }

  /**
   * @param {Object} message
   * @param {string} message.text
   * @param {"calm" | "problem"} [message.tone]
   * @param {Choice[]} [message.choices]   buttons
   * @param {boolean} [message.stays]      until it is closed, whatever comes
   * @param {number} [message.seconds]     how long; 0: until it is closed
   * @param {() => void} [message.onEnd]   called when it ends or is closed, not after a choice
   * @returns {Toast}
   */
  show({ text, tone = "calm", choices = [], stays = false, seconds = stays ? 0 : messageSeconds(), onEnd = () => {} }) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const close = (/** @type {() => void} */ end) => {
      if (!this.#shown.includes(toast)) return;
      clearTimeout(timer);
      this.#shown = this.#shown.filter((each) => each !== toast);
      toast.node.remove();
      if (!this.#shown.length && this.container.matches(":popover-open")) this.container.hidePopover();
      end();
      this.onChange();
    };
    const node = h(
      "div",
      { class: `toast ${tone}`, role: tone === "problem" ? "alert" : null },
      h("span", { class: "toast-text", dir: "auto" }, text),
      ...choices.map(([label, call]) => h("button", { type: "button", class: "toast-action", onclick: () => close(call) }, label)),
      iconButton("close", "Close this message", () => close(onEnd), "small"),
    );
    /** @type {Toast} */
    const toast = { node, tone, passes: tone !== "problem" && !stays, finish: () => close(onEnd), drop: () => close(() => {}) };
    const hold = () => clearTimeout(timer);
    const wait = () => {
      hold();
      if (seconds && !node.matches(":hover, :focus-within")) timer = setTimeout(toast.finish, seconds * 1000);
    };
    node.addEventListener("mousedown", (event) => event.preventDefault()); // a field that loses the focus may shrink, and the message would move away under the pointer
    for (const name of ["pointerenter", "focusin"]) node.addEventListener(name, hold);
    for (const name of ["pointerleave", "focusout"]) node.addEventListener(name, () => setTimeout(wait));
    this.#shown.push(toast);
    this.container.append(node);
    afterFrame(() => {
      this.#rise();
      this.onChange();
    }); // what the person did is drawn first
    if (tone !== "problem") this.announce([text, ...choices.map(([label]) => `${label} is possible.`)].join(" "));
    if (toast.passes) this.#shown.filter((each) => each.passes && each !== toast).forEach((each) => each.finish());
    wait();
    return toast;
  }

  /** Shows a problem until it is closed. @param {string} text @param {...Choice} choices */
  problem(text, ...choices) {
    return this.show({ text, choices, tone: "problem", seconds: 0 });
  }
}

/** How much of each other two boxes cover, in square px. @param {DOMRect} a @param {DOMRect} b */
function overlap(a, b) {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}
