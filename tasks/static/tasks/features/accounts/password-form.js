import { ApiError, explain } from "../../core/api.js";
import { h, setAttribute, setText } from "../../core/dom.js";
import { errorLine, field } from "../../shell/dialog.js";

const CONSEQUENCE = "A new password signs you out everywhere else. Here you stay signed in.";

/** A form for the person's own password. Its errors stand below the fields that they are about. */
export class PasswordForm {
  /** @param {{api: import("../../core/api.js").Api, username: string, onSignedOut: (foreign: boolean) => void}} parts */
  constructor({ api, username, onSignedOut }) {
    this.api = api;
    this.onSignedOut = onSignedOut;
    this.fields = { current_password: new PasswordField("Current password", "current-password"), new_password: new PasswordField("New password", "new-password") };
    this.error = errorLine();
    this.done = h("p", { class: "hint", role: "status" });
    this.save = h("button", { class: "button" }, "Change password");
    const name = h("input", { autocomplete: "username", value: username, hidden: true }); // for password managers
    const nodes = Object.values(this.fields).map(({ node }) => node);
    const hint = h("p", { class: "hint" }, CONSEQUENCE);
    this.node = h("form", { class: "stack" }, name, ...nodes, hint, this.error, this.done, h("div", { class: "buttons" }, this.save));
    this.node.addEventListener("submit", (event) => this.#submit(event));
  }

  /** Forgets what was typed, and what was said about it. */
  clear() {
    for (const each of Object.values(this.fields)) each.clear();
    setText(this.done, "");
    setText(this.error, "");
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    const body = Object.fromEntries(Object.entries(this.fields).map(([name, { input }]) => [name, input.value]));
    this.#tell({});
    this.save.disabled = true;
    try {
      await this.api.request("POST", "/api/me/password", body);
      this.clear();
      setText(this.done, "Your password is changed. Other browsers and programs have to sign in again.");
    } catch (error) {
      this.#failed(error);
    }
    this.save.disabled = false;
  }

  /** @param {any} error */
  #failed(error) {
    if (!(error instanceof ApiError)) return setText(this.error, explain(error));
    if (error.signedOut || error.foreign) this.onSignedOut(error.foreign);
    const { errors = {}, detail } = error.problem;
    this.#tell(errors);
    const named = Object.keys(errors).some((name) => name in this.fields);
    if (!named) setText(this.error, error.status === 429 && detail ? detail : explain(error));
  }

  /** Shows each field's error, and moves the focus to the first. @param {Record<string, string | string[]>} errors */
  #tell(errors) {
    setText(this.error, "");
    setText(this.done, "");
    for (const [name, each] of Object.entries(this.fields)) each.tell([errors[name] ?? []].flat().join(" "));
    Object.values(this.fields).find(({ isWrong }) => isWrong)?.input.focus();
  }
}

/** One password, with the error below it. */
class PasswordField {
  /** @param {string} label @param {"current-password" | "new-password"} autocomplete */
  constructor(label, autocomplete) {
    const id = `${autocomplete}-error`;
    this.input = h("input", { type: "password", autocomplete, required: true, "aria-describedby": id });
    this.error = h("p", { class: "form-error", id, role: "alert" });
    this.node = h("div", {}, field(label, this.input), this.error);
  }

  get isWrong() {
    return !!this.error.textContent;
  }

  /** @param {string} text */
  tell(text) {
    setText(this.error, text);
    setAttribute(this.input, "aria-invalid", text ? "true" : null);
  }

  clear() {
    this.input.value = "";
    this.tell("");
  }
}
