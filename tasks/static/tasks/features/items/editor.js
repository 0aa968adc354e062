import { isDirty, isReady, keepMine, takeTheirs } from "../../core/drafts.js";
import { button, h, hasFocus, setText } from "../../core/dom.js";
import { lengthOf, MOST, oneLine, quoted } from "../../core/text.js";

/**
 * An editable text field of a task. Changes by others are shown in a notice below it and never touch the text, the caret
 * or the focus. A text over the limit is kept and not saved.
 *
 * Enter saves (in notes with Ctrl or Cmd), and so does leaving the field. Escape reverts a title; in notes it only leaves
 * the field.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Draft} Draft
 * @typedef {import("../../core/types.js").Choice} Choice
 *
 * @typedef {Object} EditorParts
 * @property {import("../../core/model.js").Model} model
 * @property {import("./actions.js").TaskActions} actions
 * @property {import("../../shell/toasts.js").Toasts} toasts
 */
export class Editor {
  /** @type {?Draft} */
  #draft = null;
  /** @type {?Task} */
  #task = null;
  #offered = "";

  /** @param {EditorParts} parts @param {{field: Draft["field"], place: Draft["place"], label: string}} options */
  constructor({ model, actions, toasts }, { field, place, label }) {
    this.model = model;
    this.actions = actions;
    this.toasts = toasts;
    this.field = field;
    this.place = place;
    this.lines = field === "notes";
    this.most = MOST[field];
    this.input = h("textarea", { class: `editor ${field}`, rows: 1, "aria-label": label, spellcheck: true, dir: "auto" });
    this.hint = h("p", { class: "notice-text", dir: "auto" });
    this.choices = h("div", { class: "choices" });
    this.notice = h("div", { class: "notice", role: "status", hidden: true }, this.hint, this.choices);
    this.node = h("div", { class: "edit" }, this.input, this.notice);
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("focus", () => this.place === "panel" && this.begin());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.node.contains(/** @type {?Node} */ (relatedTarget)) && this.node.isConnected) this.#leave();
    });
  }

  begin() {
    if (this.#task && !this.input.disabled) this.model.edit(this.#task, this.field, this.place);
  }

  /** Shows the task's field, or the draft of it. @param {Task} task */
  update(task, writable = true) {
    this.#task = task;
    const draft = this.model.draft(task.id, this.field);
    this.#draft = draft?.place === this.place ? draft : null;
    const text = this.#draft ? this.#draft.text : task[this.field];
    if (this.input.value !== text) this.#setValue(text);
    this.input.disabled = !writable && !this.#draft;
    this.input.dataset.touched = String(!!this.#draft && isDirty(this.#draft));
    this.#showNotice();
  }

  focus() {
    this.input.focus({ preventScroll: true });
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  /** @param {string} text */
  #setValue(text) {
    const { selectionStart, selectionEnd } = this.input;
    this.input.value = text;
    if (hasFocus(this.input)) this.input.setSelectionRange(selectionStart, selectionEnd);
    this.#fit();
  }

  /** Grows the field with its text in browsers without `field-sizing`. */
  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  #typed() {
    if (!this.#current()) this.begin();
    const draft = this.#current();
    if (!draft) return;
    const text = this.lines ? this.input.value : oneLine(this.input.value);
    this.model.typed(draft, text);
    this.#draft = this.#current() ?? null;
    if (text !== this.input.value) this.#setValue(text);
    this.input.dataset.touched = "true";
    this.#showNotice();
    this.#fit();
  }

  /** The model's current draft; it may have changed since the last rendering. */
  #current() {
    return this.#task ? this.model.draft(this.#task.id, this.field) : undefined;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const draft = this.#current();
    if (event.key === "Enter" && (!this.lines || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#save();
    } else if (event.key === "Escape" && (this.place === "row" || (draft && isDirty(draft)))) {
      event.preventDefault();
      event.stopPropagation();
      if (this.lines) this.input.blur();
      else this.cancel(true);
    }
  }

  #save() {
    const draft = this.#current();
    if (!draft) return;
    if (draft.theirs || draft.gone) this.choices.querySelector("button")?.focus();
    else if (!this.#isTooLong(draft)) this.#finish(draft);
  }

  #leave() {
    const draft = this.#current();
    if (!draft || draft.place !== this.place || draft.gone || this.#isTooLong(draft)) return;
    if (isReady(draft)) this.#finish(draft);
    else if (!isDirty(draft)) this.model.setDraft(draft, null);
  }

  /** @param {Draft} draft */
  #finish(draft) {
    const text = this.lines ? draft.text : draft.text.trim();
    this.model.setDraft(draft, null);
    if (text === draft.base || (!text && !this.lines) || !this.#task) return;
    this.actions.edit({ ...this.#task, [this.field]: draft.base }, { [this.field]: text });
  }

  /** Reverts the change; with `offer`, a message offers to restore it. */
  cancel(offer = false) {
    const draft = this.#current();
    if (!draft) return;
    this.model.setDraft(draft, null);
    if (!offer || !isDirty(draft) || draft.gone) return;
    const again = () => void this.model.setDraft(this.model.edit(draft.task, draft.field, draft.place), { text: draft.text });
    this.toasts.show({ text: `Not changed to ${quoted(draft.text)}.`, choices: [["Edit again", again]] });
  }

  /** @param {Draft} draft */
  #isTooLong({ text }) {
    return lengthOf(text) > this.most;
  }

  #showNotice() {
    const draft = this.#draft;
    const [text, ...choices] = draft ? this.#noticeOf(draft) : [""];
    this.notice.hidden = !text;
    setText(this.hint, text);
    this.input.setAttribute("aria-invalid", String(!!draft && this.#isTooLong(draft)));
    this.#offer(choices);
  }

  /** @param {Draft} draft @returns {[string, ...Choice[]]} */
  #noticeOf(draft) {
    const { gone, theirs } = draft;
    if (gone) {
      const why = this.model.shown.lists.has(draft.task.list) ? `${gone.name} deleted this task.` : "You can no longer see this task.";
      return [`${why} Your text is still here.`, ["Keep as a new task", () => void this.#keep()], ["Discard", () => this.cancel()]];
    }
    if (theirs) {
      const changed = `${theirs.name} changed this to ${theirs.value ? quoted(theirs.value) : "nothing"}.`;
      return [changed, ["Keep mine", () => this.#resolve(keepMine)], ["Use theirs", () => this.#resolve(takeTheirs)]];
    }
    const over = lengthOf(draft.text) - this.most;
    return [over > 0 ? `Too long to save: ${over} more than the ${this.most} characters that fit.` : ""];
  }

  async #keep() {
    const draft = this.#current();
    if (!draft) return;
    const kept = await this.actions.keep({ ...draft.task, [this.field]: draft.text.trim() || draft.base });
    if (kept) this.model.setDraft(draft, null);
  }

  /** @param {(draft: import("../../core/types.js").DraftText) => import("../../core/types.js").DraftText} choice */
  #resolve(choice) {
    const draft = this.#current();
    if (draft) this.model.setDraft(draft, choice(draft));
    this.#save();
  }

  /** @param {Choice[]} choices */
  #offer(choices) {
    const wanted = choices.map(([label]) => label).join();
    if (this.#offered === wanted) return;
    this.#offered = wanted;
    this.choices.replaceChildren(...choices.map(([label, onclick]) => button(label, onclick, "small")));
  }
}
