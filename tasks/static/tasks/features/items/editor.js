import { isDirty, isReady, keepMine, takeTheirs, type } from "../../core/drafts.js";
import { quoted } from "./actions.js";
import { h, setText } from "../../core/dom.js";

/**
 * A text field of a task that can be edited in place. What others do meanwhile is said beneath it, and never touches
 * the text, the caret or the focus.
 *
 * Enter saves (for several lines: with Ctrl or Cmd), so does leaving the field; Escape takes the change back.
 */
export class Editor {
  #draft = null;
  #task = null;

  constructor(app, { field, place, label, lines = false }) {
    Object.assign(this, { app, field, place, lines });
    this.input = h("textarea", { class: `editor ${field}`, rows: 1, "aria-label": label, spellcheck: true });
    this.input.maxLength = lines ? 20_000 : 500;
    this.hint = h("p", { class: "notice-text" });
    this.choices = h("div", { class: "choices" });
    this.notice = h("div", { class: "notice", role: "status", hidden: true }, this.hint, this.choices);
    this.node = h("div", { class: "edit" }, this.input, this.notice);
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("focus", () => this.place === "panel" && this.begin());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("focusout", (event) => {
      if (!this.node.contains(event.relatedTarget) && this.node.isConnected) this.#leave();
    });
  }

  begin() {
    if (this.#task && !this.input.disabled) this.app.model.edit(this.#task, this.field, this.place);
  }

  /** Shows the task's field, or the draft of it. */
  update(task, writable = true) {
    this.#task = task;
    const draft = this.app.model.draft(task.id, this.field);
    this.#draft = draft?.place === this.place ? draft : null;
    const text = this.#draft ? this.#draft.text : task[this.field];
    if (this.input.value !== text) this.#setValue(text);
    this.input.disabled = !writable && !this.#draft;
    this.#showNotice();
  }

  focus(end = true) {
    this.input.focus({ preventScroll: true });
    if (end) this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  #setValue(text) {
    const { selectionStart, selectionEnd } = this.input;
    this.input.value = text;
    if (document.activeElement === this.input) this.input.setSelectionRange(selectionStart, selectionEnd);
    this.#fit();
  }

  /** Where the style sheet cannot say it yet, the field grows with its text by hand. */
  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  #typed() {
    this.begin();
    const text = this.lines ? this.input.value : this.input.value.replace(/[\r\n]+/g, " ");
    this.#change(type(this.#current(), text));
    this.#fit();
  }

  /** The draft as the model has it now: it may have changed since the last rendering. */
  #current() {
    return this.app.model.draft(this.#task.id, this.field);
  }

  #change(next) {
    this.app.model.setDraft(this.#current(), next);
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && (!this.lines || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#save();
    } else if (event.key === "Escape" && (this.place === "row" || isDirty(this.#current() ?? { text: "", base: "" }))) {
      event.preventDefault();
      event.stopPropagation();
      this.cancel();
    }
  }

  #save() {
    const draft = this.#current();
    if (draft?.theirs || draft?.gone) this.choices.querySelector("button")?.focus();
    else this.#finish(draft);
  }

  #leave() {
    const draft = this.#current();
    if (!draft || draft.place !== this.place) return;
    if (isReady(draft) && !draft.gone) this.#finish(draft);
    else if (!isDirty(draft) && !draft.gone) this.app.model.setDraft(draft, null);
  }

  #finish(draft) {
    if (!draft) return;
    const text = this.lines ? draft.text : draft.text.trim();
    this.app.model.setDraft(draft, null);
    if (text !== draft.base && (text || this.lines)) {
      this.app.actions.editTask({ ...this.#task, [this.field]: draft.base }, { [this.field]: text });
    }
  }

  cancel() {
    const draft = this.#current();
    if (draft) this.app.model.setDraft(draft, null);
  }

  #showNotice() {
    const { gone, theirs } = this.#draft ?? {};
    this.notice.hidden = !gone && !theirs;
    if (gone) {
      setText(this.hint, `${gone.name} deleted this task. Your text is still here.`);
      this.#choose(["Keep as a new task", () => this.#keep()], ["Discard", () => this.cancel()]);
    } else if (theirs) {
      setText(this.hint, `${theirs.name} changed this to ${theirs.value ? quoted(theirs.value) : "nothing"}.`);
      this.#choose(["Keep mine", () => this.#resolve(keepMine)], ["Use theirs", () => this.#resolve(takeTheirs)]);
    }
  }

  #keep() {
    const draft = this.#current();
    this.app.model.setDraft(draft, null);
    this.app.actions.keep({ ...draft.task, [this.field]: draft.text.trim() || draft.base });
  }

  #resolve(choice) {
    this.#change(choice(this.#current()));
    this.#save();
  }

  #choose(...choices) {
    const wanted = choices.map(([label]) => label).join();
    if (this.choices.dataset.shown === wanted) return;
    this.choices.dataset.shown = wanted;
    this.choices.replaceChildren(
      ...choices.map(([label, onclick]) => h("button", { type: "button", class: "button small", onclick }, label)),
    );
  }
}
