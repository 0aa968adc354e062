import { LiveSocket } from "../realtime/socket.js";
import { Actions, quoted } from "./features/items/actions.js";
import { Api } from "./core/api.js";
import { isDirty } from "./core/drafts.js";
import { Model } from "./core/model.js";
import { settle } from "./core/pending.js";
import { Outbox } from "./core/outbox.js";
import { sortedLists } from "./core/selectors.js";
import { Toasts } from "./shell/toasts.js";
import { Badge } from "./shell/badge.js";
import { Detail } from "./features/items/panel.js";
import { Head } from "./features/lists/head.js";
import { ListDialog } from "./features/lists/list-dialog.js";
import { MembersDialog } from "./features/lists/members.js";
import { Sidebar } from "./shell/navigation.js";
import { SignInDialog } from "./features/accounts/sign-in.js";
import { TasksView } from "./features/items/task-list.js";
import { themeButton } from "./shell/theme-button.js";

const MOST_FLASHES = 50;

const find = (id) => document.getElementById(id);

/** The page: puts the parts together and passes on what one of them tells another. */
class App {
  #scheduled = false;

  constructor() {
    this.api = new Api({ cookie: document.body.dataset.csrfCookie });
    this.model = new Model({ schedule: (call) => setTimeout(call, 0), isOwn: (request) => this.api.requests.has(request) });
    this.outbox = this.model.outbox = new Outbox({
      send: (operation) => this.api.send(operation),
      onChange: () => this.#changed(),
      onSignedOut: () => this.signedOut(),
    });
    this.announcer = find("announcer");
    this.toasts = new Toasts(find("toasts"), (text) => this.announce(text));
    const navigate = (...where) => this.navigate(...where);
    const compose = (text) => this.tasks.compose(text);
    const focusEditor = (id) => this.tasks.row(id)?.edit();
    this.actions = new Actions({ model: this.model, outbox: this.outbox, toasts: this.toasts, navigate, compose, focusEditor });
    this.dialogs = { list: new ListDialog(this), members: new MembersDialog(this), signIn: new SignInDialog(this) };
    this.tasks = new TasksView(this, find);
    this.sidebar = new Sidebar(this, find);
    this.detail = new Detail(this, find);
    this.views = [this.sidebar, new Head(this, find), this.tasks, this.detail, new Badge(this, find), this.dialogs.members];
    this.model.onChange = () => this.render();
    this.socket = null;
  }

  start() {
    themeButton(find("theme"));
    find("new-list").addEventListener("click", () => this.dialogs.list.open());
    find("sign-out").addEventListener("submit", (event) => this.#signOut(event));
    addEventListener("hashchange", () => this.#route());
    addEventListener("beforeunload", (event) => this.#isUnsaved() && event.preventDefault());
    addEventListener("pagehide", () => this.#sendDeletions());
    addEventListener("online", () => this.outbox.resume());
    document.addEventListener("keydown", (event) => this.#key(event));
    setInterval(() => this.render(), 60_000); // due dates and ages move on
    this.#load();
  }

  /** Shows what the model says; at the next frame, or now. */
  render(now = false) {
    if (now) return this.#render();
    if (this.#scheduled) return;
    this.#scheduled = true;
    const call = () => this.#scheduled && this.#render();
    // A page out of sight gets no frames, but a narrow view of it (a preview, a screen reader) should still be right.
    if (document.hidden) setTimeout(call, 200);
    else requestAnimationFrame(call);
  }

  #render() {
    this.#scheduled = false;
    this.#chooseList();
    for (const view of this.views) view.show();
    this.#showChanges(this.model.takeChanges());
  }

  /** Goes to a list, and to a task in it, by way of the address, so that "back" works. */
  navigate(list, task) {
    const hash = `#/${[list, task].filter(Boolean).join("/")}`;
    if (location.hash === hash) this.#route();
    else location.hash = hash;
  }

  announce(text) {
    this.announcer.textContent = text;
  }

  focusRow(id) {
    (this.tasks.row(id)?.more ?? this.tasks.input).focus({ preventScroll: true });
  }

  /** Tries at once what would be tried later. */
  reconnect() {
    this.socket?.probe();
    this.outbox.resume();
  }

  signedOut() {
    if (this.model.signedOut) return;
    this.model.signedOut = true;
    this.dialogs.signIn.open();
    this.render();
  }

  /** Goes on where the session ended, if it is still the same person; else with a new page. */
  async signedIn() {
    const me = await this.api.request("GET", "/api/me");
    if (this.model.confirmed.me && me.id !== this.model.confirmed.me.id) return location.reload();
    this.model.signedOut = false;
    this.outbox.resume();
    if (this.socket) this.socket.start();
    else this.#load();
    this.render();
  }

  async #load(failures = 0) {
    try {
      const data = await this.api.sync(null);
      this.model.take({ type: "snapshot", streams: null, data });
      this.#connect(data);
    } catch (error) {
      if (error.signedOut) return this.signedOut();
      if (!failures) this.toasts.show({ text: "The server cannot be reached. It is tried again and again.", seconds: 8 });
      setTimeout(() => this.#load(failures + 1), Math.min(15_000, 1000 * 2 ** failures));
    }
  }

  #connect({ epoch, positions }) {
    const url = new URL("/ws/tasks", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.socket = new LiveSocket({
      url: url.href,
      epoch,
      positions,
      snapshot: (streams) => this.#snapshot(streams),
      onFrame: (frame) => this.model.take(frame),
      onStatus: (status) => this.#status(status),
      onFinal: () => this.signedOut(),
      onReport: (what) => console.warn("The connection healed itself", what),
    });
    this.socket.start();
  }

  async #snapshot(streams) {
    try {
      return await this.api.sync(streams);
    } catch (error) {
      error.final = error.signedOut;
      throw error;
    }
  }

  #status(status) {
    this.model.status = status;
    if (status === "live") this.outbox.resume();
    this.render();
  }

  #changed() {
    this.outbox.settled(settle(this.outbox.operations, this.model.confirmed, []));
    this.model.refresh();
    this.render();
  }

  #route() {
    const [list = null, task = null] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
    this.model.selected = { list, task };
    this.render(true);
    if (task && this.model.loaded) this.detail.focus();
  }

  /** There is always a list to look at: the one in the address, the last one, or the first. */
  #chooseList() {
    const { model } = this;
    if (!model.loaded) return;
    const [wanted, task = null] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
    if (model.shown.lists.has(wanted)) {
      if (remembered() !== wanted) remember(wanted);
      model.selected = { list: wanted, task };
      return;
    }
    this.#rescue(wanted);
    const last = model.shown.lists.has(remembered()) ? remembered() : sortedLists(model.shown)[0]?.id;
    model.selected = { list: last ?? null, task: null };
    history.replaceState(null, "", last ? `#/${last}` : "#/");
  }

  /** Texts that were being edited in a list that is gone can be taken along. */
  #rescue(list) {
    for (const draft of this.model.drafts.values()) {
      if (!draft.gone || draft.task.list !== list) continue;
      this.model.drafts.delete(`${draft.id}/${draft.field}`);
      if (!isDirty(draft)) continue;
      const keep = () => this.actions.keep({ ...draft.task, [draft.field]: draft.text });
      const text = `The list of ${quoted(draft.task.title)} is gone. You were writing ${quoted(draft.text)}.`;
      this.toasts.problem(text, ["Keep as a new task", keep]);
    }
  }

  #showChanges(changes) {
    for (const { id, kind } of changes.slice(0, MOST_FLASHES)) (kind === "task" ? this.tasks : this.sidebar).flash(id);
    const here = changes.filter(({ kind, object }) => kind === "list" || object?.list === this.model.selected.list);
    if (!here.length) return;
    const { name, kind, verb, object } = here.at(-1);
    const more = here.length > 1 ? `, and ${here.length - 1} more changes` : "";
    const done = { created: "added", updated: "changed", deleted: "deleted" }[verb] ?? verb;
    this.announce(`${name} ${done} ${kind === "list" ? "the list " : ""}${object ? object.title ?? object.name : "something"}${more}`);
  }

  #key(event) {
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "z" && this.toasts.undo()) event.preventDefault();
    } else if (event.key === "n") {
      event.preventDefault();
      this.tasks.compose();
    } else if (event.key === "Escape" && this.model.selected.task && !event.defaultPrevented) {
      this.detail.close();
    }
  }

  #isUnsaved() {
    const { drafts } = this.model;
    return this.outbox.unsaved.some(({ state }) => state !== "delayed") || [...drafts.values()].some(isDirty);
  }

  /** A deletion whose time for an undo is not over when the page goes was still meant. */
  #sendDeletions() {
    const delayed = this.outbox.operations.filter(({ state }) => state === "delayed");
    return Promise.allSettled(delayed.map((operation) => this.api.send(operation, { keepalive: true })));
  }

  async #signOut(event) {
    event.preventDefault();
    const unsaved = this.outbox.unsaved.filter(({ state }) => state !== "delayed").length;
    if (unsaved && !confirm(`${unsaved} of your changes are not saved yet and would be lost. Sign out all the same?`)) return;
    await this.#sendDeletions();
    this.outbox.operations = [];
    const form = event.target;
    form.elements.csrfmiddlewaretoken.value = this.api.csrfToken(); // another sign-in may have replaced the page's own
    form.submit();
  }
}

function remember(list) {
  try {
    localStorage.setItem("list", list);
  } catch {
    // storage is forbidden here: the first list is shown next time
  }
}

function remembered() {
  try {
    return localStorage.getItem("list");
  } catch {
    return null;
  }
}

new App().start();
