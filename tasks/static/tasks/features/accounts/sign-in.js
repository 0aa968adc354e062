import { h } from "../../core/dom.js";
import { Dialog, errorLine, field } from "../../shell/dialog.js";

/** Asks for the password when the session has ended, over a page that stays as it is. */
export class SignInDialog {
  constructor(app) {
    this.app = app;
    const { login, username } = document.body.dataset;
    this.path = login;
    this.dialog = new Dialog("Please sign in again");
    this.username = h("input", { autocomplete: "username", autocapitalize: "none", spellcheck: false, required: true, value: username });
    this.password = h("input", { type: "password", autocomplete: "current-password", required: true });
    this.error = errorLine();
    this.button = h("button", { class: "button primary" }, "Sign in");
    this.form = h(
      "form",
      { class: "stack" },
      h("p", { class: "quiet" }, "Your session has ended. Nothing that you typed is lost; it is saved once you are back."),
      field("Username", this.username),
      field("Password", this.password),
      this.error,
      this.button,
    );
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.dialog.content.append(this.form);
  }

  open() {
    if (this.dialog.isOpen) return;
    this.error.textContent = "";
    this.dialog.show();
    this.password.focus();
  }

  async #submit(event) {
    event.preventDefault();
    this.button.disabled = true;
    try {
      const right = await this.app.api.signIn(this.path, this.username.value, this.password.value);
      this.error.textContent = right ? "" : "That name and password do not go together.";
      this.password.value = "";
      if (right) {
        this.dialog.close();
        await this.app.signedIn();
      }
    } catch (error) {
      this.error.textContent = error.message;
    }
    this.button.disabled = false;
    if (this.dialog.isOpen) this.password.focus();
  }
}
