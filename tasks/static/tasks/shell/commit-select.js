import { h } from "../core/dom.js";

/**
 * A select that commits with the pointer or with Enter, not with each arrow key (browsers fire `change` for each one while
 * the select is closed). Escape reverts the choice.
 *
 * @typedef {[value: string, label: string]} Option
 */
export class CommitSelect {
  #committed = "";
  #shown = "";
  #byKey = false; // the next `change` comes from a key

  /**
   * @param {Object} options
   * @param {string} options.label
   * @param {Option[]} [options.options]
   * @param {(value: string) => void} options.commit
   * @param {boolean} [options.commitsOnLeave]   whether leaving the field commits or reverts
   */
  constructor({ label, options = [], commit, commitsOnLeave = false }) {
    this.commit = commit;
    this.select = h("select", { "aria-label": label });
    this.hint = h("span", { class: "hint", role: "status", hidden: true }, "Press Enter to apply");
    this.node = h("span", { class: "commit-select" }, this.select, this.hint);
    this.setOptions(options);
    this.select.addEventListener("keydown", (event) => this.#key(event));
    this.select.addEventListener("pointerdown", () => (this.#byKey = false));
    this.select.addEventListener("change", () => (this.#byKey ? this.#showHint() : this.#commit()));
    this.select.addEventListener("blur", () => (commitsOnLeave ? this.#commit() : this.#restore()));
  }

  get isPending() {
    return this.select.value !== this.#committed;
  }

  /** @param {Option[]} options */
  setOptions(options) {
    const key = JSON.stringify(options);
    if (key === this.#shown) return;
    const { value } = this.select;
    this.#shown = key;
    this.select.replaceChildren(...options.map(([option, label]) => h("option", { value: option }, label)));
    this.select.value = value;
  }

  /** Sets the committed value. A pending choice is kept. @param {string} value @param {boolean} [enabled] */
  update(value, enabled = true) {
    const pending = this.isPending && document.activeElement === this.select;
    this.#committed = value;
    this.select.disabled = !enabled;
    if (!pending) this.#restore();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter" && this.isPending) {
      event.preventDefault();
      this.#commit();
    } else if (event.key === "Escape" && this.isPending) {
      event.preventDefault();
      event.stopPropagation();
      this.#restore();
    } else {
      const opens = [" ", "Enter", "F4"].includes(event.key) || (event.altKey && event.key.startsWith("Arrow"));
      this.#byKey = !opens;
    }
  }

  #commit() {
    this.#byKey = false;
    const { value } = this.select;
    this.#showHint();
    if (value === this.#committed) return;
    this.hint.hidden = true;
    this.commit(value);
  }

  #restore() {
    if (this.select.value !== this.#committed) this.select.value = this.#committed;
    this.#showHint();
  }

  #showHint() {
    this.hint.hidden = !this.isPending;
  }
}
