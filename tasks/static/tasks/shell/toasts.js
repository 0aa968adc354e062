import { h, iconButton } from "../core/dom.js";

const MOST = 3;

/** Short messages at the edge of the page. Their time stands still while the pointer or the focus is on them. */
export class Toasts {
  #shown = [];

  constructor(container, announce) {
    this.container = container;
    this.announce = announce;
  }

  /**
   * Shows `text`. action: [label, call]; seconds: how long (0: until closed); countdown: shows the time that is left.
   * `onEnd` is called when it goes by itself or is closed, not when its action was taken.
   */
  show({ text, tone = "calm", action, seconds = 5, countdown = false, onEnd = () => {} }) {
    let timer;
    const close = (end) => {
      if (!this.#shown.includes(toast)) return;
      clearTimeout(timer);
      this.#shown = this.#shown.filter((each) => each !== toast);
      toast.node.remove();
      end?.();
    };
    const [label, call] = action ?? [];
    const node = h(
      "div",
      { class: `toast ${tone}`, role: tone === "problem" ? "alert" : null },
      h("span", { class: "toast-text" }, text),
      label && h("button", { type: "button", class: "toast-action", onclick: () => close(call) }, label),
      iconButton("close", "Close this message", () => close(onEnd), "small"),
      countdown && h("span", { class: "countdown" }),
    );
    const toast = { node, tone, finish: () => close(onEnd), undo: label === "Undo" && (() => close(call)) };
    const wait = () => seconds && (timer = setTimeout(toast.finish, seconds * 1000));
    const hold = () => clearTimeout(timer);
    node.onpointerenter = hold;
    node.onpointerleave = wait;
    node.addEventListener("focusin", hold);
    node.addEventListener("focusout", wait);
    this.#shown.push(toast);
    this.container.append(node);
    if (tone !== "problem") this.announce(label ? `${text}. ${label} is possible.` : text);
    const passing = this.#shown.filter((each) => each.tone !== "problem");
    passing.slice(0, Math.max(0, passing.length - MOST)).forEach((each) => each.finish());
    wait();
    return toast;
  }

  /** Takes the newest undo that is offered. Returns whether there was one. */
  undo() {
    const toast = this.#shown.findLast((each) => each.undo);
    toast?.undo();
    return !!toast;
  }

  /** Says what went wrong, until somebody has read it. */
  problem(text, action) {
    return this.show({ text, action, tone: "problem", seconds: 0 });
  }
}
