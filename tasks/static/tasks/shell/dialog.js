import { button, h, iconButton } from "../core/dom.js";

let count = 0;

/** A modal dialog with a heading. Escape and a click on the backdrop close it; the focus returns. */
export class Dialog {
  /** @param {string} title */
  constructor(title) {
    const id = `dialog-${(count += 1)}`;
    this.heading = h("h2", { id, dir: "auto", tabIndex: -1 }, title);
    this.content = h("div", { class: "dialog-content" });
    const bar = h("header", { class: "dialog-bar" }, this.heading, iconButton("close", "Close", () => this.close()));
    this.node = h("dialog", { class: "dialog", "aria-labelledby": id }, h("div", { class: "dialog-box" }, bar, this.content));
    this.node.addEventListener("pointerdown", ({ target }) => target === this.node && this.close());
  }

  get isOpen() {
    return this.node.open;
  }

  show() {
    if (!this.node.isConnected) document.body.append(this.node);
    if (!this.isOpen) this.node.showModal();
  }

  close() {
    this.node.close();
  }
}

/** @param {string} label @param {HTMLElement} input */
export const field = (label, input) => h("label", { class: "field" }, h("span", {}, label), input);

/** The error line of a form. */
export const errorLine = () => h("p", { class: "form-error", role: "alert" });

/**
 * Asks for a confirmation. Cancel has the focus.
 * @param {{title: string, text: string, yes: string}} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, yes }) {
  const dialog = new Dialog(title);
  return new Promise((resolve) => {
    const answer = (/** @type {boolean} */ value) => () => {
      resolve(value);
      dialog.close();
    };
    const no = button("Cancel", answer(false));
    dialog.content.append(h("p", { dir: "auto" }, text), h("div", { class: "buttons end" }, no, button(yes, answer(true), "primary")));
    dialog.node.addEventListener("close", () => {
      resolve(false);
      dialog.node.remove();
    });
    dialog.show();
    no.focus();
  });
}

/**
 * Asks for a line of text; null if there is none.
 * @param {{title: string, label: string, value?: string, yes: string, most?: number}} question
 * @returns {Promise<?string>}
 */
export function askText({ title, label, value = "", yes, most = 200 }) {
  const dialog = new Dialog(title);
  return new Promise((resolve) => {
    const input = h("input", { value, required: true, maxLength: most, autocomplete: "off", dir: "auto" });
    const form = h("form", { class: "stack" }, field(label, input), h("div", { class: "buttons end" }, h("button", { class: "button primary" }, yes)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      resolve(input.value.trim() || null);
      dialog.close();
    });
    dialog.content.append(form);
    dialog.node.addEventListener("close", () => {
      resolve(null);
      dialog.node.remove();
    });
    dialog.show();
    input.select();
  });
}
