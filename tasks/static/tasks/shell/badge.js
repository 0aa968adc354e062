import { setText } from "../core/dom.js";

const WORDS = {
  live: ["Live", "What others change appears here as it happens."],
  "catching up": ["Catching up", "Connected. What happened meanwhile is being fetched."],
  offline: ["Offline", "Not connected; this page may be out of date. It keeps trying. Click to try at once."],
  "signed out": ["Signed out", "Sign in to go on. Nothing that you typed is lost."],
};

/** How far the page may be trusted: never more than is known. */
export class Badge {
  constructor(app, find) {
    Object.assign(this, { app, badge: find("badge"), text: find("badge-text"), help: find("badge-help"), unsaved: find("unsaved") });
    this.badge.addEventListener("click", () => (app.model.signedOut ? app.dialogs.signIn.open() : app.reconnect()));
  }

  show() {
    const { model, outbox } = this.app;
    const status = model.signedOut ? "signed out" : model.loaded ? model.status : navigator.onLine ? "catching up" : "offline";
    const [word, help] = WORDS[status];
    this.badge.dataset.status = status;
    this.badge.title = help;
    setText(this.text, word);
    setText(this.help, help);
    const count = outbox.isStuck || model.signedOut ? outbox.unsaved.length : 0;
    setText(this.unsaved, count ? `${count} ${count === 1 ? "change" : "changes"} not saved yet` : "");
  }
}
