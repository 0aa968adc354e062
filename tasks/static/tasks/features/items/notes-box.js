import { button, h, setText } from "../../core/dom.js";

/** The notes in the panel: so high at most that the rest of the task stays in sight, until all of them are asked for. */
export class NotesBox {
  /** @param {import("./editor.js").Editor} editor */
  constructor(editor) {
    this.input = editor.input;
    this.all = button("Show all", () => this.#toggle(), "small quiet-button");
    this.all.hidden = true;
    this.node = h("div", { class: "notes-box" }, editor.node, this.all);
    this.input.addEventListener("input", () => this.show());
    new ResizeObserver(() => this.show()).observe(this.input);
  }

  /** The button is there while there is more than fits. */
  show() {
    this.all.hidden = !this.#isWhole && this.input.scrollHeight <= this.input.clientHeight + 1;
  }

  get #isWhole() {
    return this.node.classList.contains("whole");
  }

  #toggle() {
    this.node.classList.toggle("whole");
    setText(this.all, this.#isWhole ? "Show less" : "Show all");
    this.all.setAttribute("aria-expanded", String(this.#isWhole));
    this.all.scrollIntoView({ block: "nearest" });
  }
}
