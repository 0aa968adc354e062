import { explain } from "../../core/api.js";
import { button, h, setText } from "../../core/dom.js";
import { Dialog, errorLine, field } from "../../shell/dialog.js";

const ENDED = "Your session has ended. Nothing that you typed is lost; it is saved once you are back.";

/** Asks for the password when the session has ended or belongs to another person; the page keeps its state. */
export class SignInDialog {
  /**
   * @param {Object} parts
   * @param {import("../../core/api.js").Api} parts.api
   * @param {string} parts.path       of the sign-in form
   * @param {string} parts.username   whose page this is
   * @param {() => Promise<void>} parts.onSignedIn
   */
  constructor({ api, path, username, onSignedIn }) {
    this.api = api;
    this.path = path;
    this.person = username;
    this.onSignedIn = onSignedIn;
    this.dialog = new Dialog("Please sign in again");
    this.why = h("p", { class: "quiet" }, ENDED);
    this.username = h("input", { autocomplete: "username", autocapitalize: "none", spellcheck: false, required: true, value: username });
    this.password = h("input", { type: "password", autocomplete: "current-password", required: true });
    this.error = errorLine();
    this.button = h("button", { class: "button primary" }, "Sign in");
    this.other = button("Go on as the other person", () => location.reload());
    const buttons = h("div", { class: "buttons end" }, this.other, this.button);
    this.form = h("form", { class: "stack" }, this.why, field("Username", this.username), field("Password", this.password), this.error, buttons);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.dialog.content.append(this.form);
  }

  /** @param {boolean} foreign  whether another person is signed in now, in another tab */
  open(foreign = false) {
    const other = `Somebody else has signed in with this browser. This page is ${this.person}’s, and so is what waits here to be saved: it is kept until ${this.person} signs in again.`;
    setText(this.why, foreign ? other : ENDED);
    this.other.hidden = !foreign;
    if (this.dialog.isOpen) return;
    this.error.textContent = "";
    this.dialog.show();
    this.password.focus();
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    this.button.disabled = true;
    try {
      const right = await this.api.submit(this.path, { username: this.username.value, password: this.password.value });
      this.error.textContent = right ? "" : "That name and password do not go together.";
      this.password.value = "";
      if (right) {
        this.dialog.close();
        await this.onSignedIn();
      }
    } catch (error) {
      this.error.textContent = explain(error);
    }
    this.button.disabled = false;
    if (this.dialog.isOpen) this.password.focus();
  }
}
