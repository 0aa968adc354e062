import { addDays, dayOf, dayText } from "../../core/dates.js";
import { find, h, setAttribute, setText } from "../../core/dom.js";

/** The next seven days above the upcoming tasks: how many there are, and the way to them. A task can be dropped on a day. */
export class WeekStrip {
  /** @type {{node: HTMLButtonElement, name: HTMLElement, number: HTMLElement, count: HTMLElement, said: HTMLElement}[]} */
  #days = [];

  /** @param {(day: string) => void} reveal */
  constructor(reveal) {
    this.node = find("week");
    this.#days = Array.from({ length: 7 }, () => {
      const [name, number, count] = [h("span", { class: "week-name" }), h("span", { class: "week-number" }), h("span", { class: "week-count" })];
      const said = h("span", { class: "visually-hidden" });
      const node = h("button", { type: "button", onclick: () => reveal(node.dataset.day ?? "") }, name, " ", number, " ", count, said);
      return { node, name, number, count, said };
    });
    this.node.append(...this.#days.map(({ node }) => node));
  }

  /** @param {boolean} shown @param {Map<string, number>} counts  of tasks, by day */
  update(shown, counts) {
    this.node.hidden = !shown;
    if (!shown) return;
    const today = dayOf(new Date());
    this.#days.forEach(({ node, name, number, count, said }, at) => {
      const day = addDays(today, at);
      const open = counts.get(day) ?? 0;
      setText(name, dayText(day, { weekday: "short" }));
      setText(number, String(Number(day.slice(8))));
      setText(count, open || "");
      setAttribute(node, "data-day", day);
      setAttribute(node, "data-drop", "day");
      setText(said, open ? (open === 1 ? " task" : " tasks") : "no tasks");
      setAttribute(node, "aria-current", at === 0 ? "date" : null);
    });
  }
}
