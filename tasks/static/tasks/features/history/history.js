import { explain } from "../../core/api.js";
import { ago } from "../../core/dates.js";
import { button, h } from "../../core/dom.js";
import { fieldLabel } from "../../core/kinds.js";
import { nameOf } from "../../core/selectors.js";
import { Dialog } from "../../shell/dialog.js";
import { valueText } from "./values.js";

/**
 * Who changed what in a task: from which value to which, when, and from where.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {{id: number, action: string, way: ?string, at: string, actor: ?import("../../core/types.js").Person, source: string, changes: Record<string, {from: any, to: any}>}} Change
 */

/** @type {Record<string, string>} */
const DONE = { created: "added this task", updated: "changed", deleted: "deleted this task" };
/** @type {Record<string, string>} */
const WAYS = { undo: "undid", redo: "did again" };
/** @type {Record<string, string>} */
const SOURCES = { api: "by the API", admin: "in the admin", command: "by a command" };
const HIDDEN = new Set(["position", "completed_at", "completed_by", "due_zone", "id"]);

export class History {
  /** @param {{api: import("../../core/api.js").Api, model: import("../../core/model.js").Model}} parts */
  constructor({ api, model }) {
    this.api = api;
    this.model = model;
  }

  /** @param {Task} task */
  open(task) {
    const dialog = new Dialog("History");
    dialog.node.classList.add("wide");
    dialog.node.addEventListener("close", () => dialog.node.remove());
    const list = h("ol", { class: "timeline" });
    const more = h("div", { class: "buttons" });
    dialog.content.append(h("p", { class: "quiet hint", dir: "auto" }, task.title), list, more);
    dialog.show();
    this.#load(`/api/tasks/${task.id}/history`, "", list, more);
  }

  /** @param {string} path @param {string} cursor @param {HTMLElement} list @param {HTMLElement} more */
  async #load(path, cursor, list, more) {
    more.replaceChildren(h("span", { class: "quiet", role: "status" }, "Loading …"));
    try {
      const { results, next_cursor: next } = await this.api.request("GET", `${path}${cursor && `?cursor=${cursor}`}`);
      list.append(...results.map((/** @type {Change} */ change) => this.#entry(change)));
      more.replaceChildren(...(next ? [button("Show older", () => this.#load(path, next, list, more), "small")] : []));
      if (!list.children.length) more.append(h("span", { class: "quiet" }, "Nothing is known of earlier changes."));
    } catch (error) {
      more.replaceChildren(h("span", { class: "form-error", role: "alert" }, explain(error)), button("Try again", () => this.#load(path, cursor, list, more), "small"));
    }
  }

  /** @param {Change} change */
  #entry({ action, way, at, actor, source, changes }) {
    const { shown } = this.model;
    const who = actor ? nameOf(shown, actor.id, actor.name || actor.username) : "Somebody";
    const fields = action === "updated" ? Object.entries(changes).filter(([name]) => !HIDDEN.has(name)) : [];
    const single = fields.length === 1 ? fields[0] : undefined;
    const what = single?.[0] === "completed" ? (single[1].to ? "completed this task" : "reopened this task") : (DONE[action] ?? action);
    const words = action === "updated" && !single ? "changed" : what;
    const moved = action === "updated" && !fields.length ? "moved this task" : words;
    const sentence = way ? `${WAYS[way]} a change` : moved === "changed" && single ? `changed the ${fieldLabel("task", single[0])}` : moved;
    const values = single?.[0] === "completed" && !way ? [] : fields.map(([name, { from, to }]) => this.#value(name, from, to, !single || !!way));
    const when = h("time", { dateTime: at, title: new Date(at).toLocaleString("en") }, ago(at));
    const where = SOURCES[source] ? ` ${SOURCES[source]}` : "";
    return h("li", {}, h("p", { dir: "auto" }, h("strong", {}, who), ` ${sentence}${where} · `, when), ...values);
  }

  /** @param {string} name @param {any} from @param {any} to @param {boolean} named */
  #value(name, from, to, named) {
    const { shown } = this.model;
    const text = (/** @type {any} */ value) => valueText(shown, name, value);
    const label = named ? h("span", { class: "quiet" }, `${fieldLabel("task", name)}: `) : null;
    return h("p", { class: "timeline-change", dir: "auto" }, label, h("del", {}, text(from)), h("span", { "aria-hidden": "true" }, " → "), h("span", { class: "visually-hidden" }, "to "), h("ins", {}, text(to)));
  }
}
