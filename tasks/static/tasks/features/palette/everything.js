import { nameKey } from "../../core/arranging.js";
import { sortedLists } from "../../core/selectors.js";
import { cut, plain, quoted } from "../../core/text.js";
import { nameOfCommand, TASKS } from "../../shell/commands.js";
import { Beyond } from "./beyond.js";
import { best, folded, wordsOf } from "./match.js";

/**
 * What the command palette offers: actions, places and tasks, each by its name.
 *
 * @typedef {import("./palette.js").Item} Item
 * @typedef {import("./palette.js").Group} Group
 * @typedef {import("../../shell/commands.js").Command} Command
 */

const MOST = { recent: 5, actions: 60, tasks: 8, places: 8 };

/** @type {WeakMap<object, string>} */
const texts = new WeakMap(); // object → its folded title or name

/** @param {{title?: string, name?: string}} object */
function textOf(object) {
  let text = texts.get(object);
  if (text === undefined) texts.set(object, (text = folded(object.title ?? object.name ?? "")));
  return text;
}

/**
 * @param {Object} parts
 * @param {import("../../shell/commands.js").Commands} parts.commands
 * @param {import("../../core/model.js").Model} parts.model
 * @param {import("../selection/targets.js").Targets} parts.targets
 * @param {(list: string, task?: string) => void} parts.go
 * @param {(view: import("../../core/views.js").View) => void} parts.goTo
 * @param {import("../../core/api.js").Api} parts.api
 * @param {() => boolean} parts.isOnline
 * @param {() => void} parts.refresh   shows what is offered again
 * @returns {import("./palette.js").Source}
 */
export function everything({ commands, model, targets, go, goTo, api, isOnline, refresh }) {
  const beyond = new Beyond({ api, isOnline, refresh });
  const none = (/** @type {string} */ query) => (beyond.isAwaited(query) ? "Searching …" : "No matches.");
  const offers = (/** @type {string} */ query) => {
    const words = wordsOf(query);
    const further = beyond.of(words.length ? query : "", words);
    const actions = commands.available.filter(({ hidden }) => !hidden).map((command) => asItem(command, commands, targets));
    const places = placesOf(model.shown, go, goTo);
    if (!words.length) return unasked({ actions, places, recent: commands.recent, subject: subjectOf(targets.tasks) });
    const found = {
      tasks: withMore(best(model.shown.tasks.values(), textOf, words, MOST.tasks), further).map((task) => taskItem(model.shown.tasks.get(task.id) ?? task, model, go)),
      places: best(places, ({ name }) => folded(name), words, MOST.places),
      actions: best(actions, ({ name, words: more }) => folded(`${name}\n${more ?? ""}`), words, MOST.actions),
    };
    return [
      { name: "Actions", items: found.actions },
      { name: "Go to", items: found.places },
      { name: "Tasks", items: found.tasks },
      { name: "Search", items: [{ id: "search", name: `Search everything for ${quoted(query)}`, icon: "search", beyond: true, run: () => goTo({ kind: "search", id: query }) }] },
    ];
  };
  return Object.assign(offers, { none });
}

/** Tasks with titles that fit come first, then what the server has found. @param {import("../../core/types.js").Task[]} tasks @param {import("../../core/types.js").Task[]} further */
function withMore(tasks, further) {
  const ids = new Set(tasks.map(({ id }) => id));
  return [...tasks, ...further.filter(({ id }) => !ids.has(id))];
}

/**
 * Before anything is typed: what was used last comes first, then what can be done with the tasks at hand.
 * @param {{actions: (Item & {hint: string, asked?: boolean | undefined})[], places: Item[], recent: string[], subject: string}} offers
 * @returns {Group[]}
 */
function unasked({ actions, places, recent, subject }) {
  const latest = recent.map((id) => actions.find((each) => each.id === id)).filter((item) => item !== undefined).slice(0, MOST.recent);
  const rest = actions.filter((item) => !item.asked && !latest.includes(item));
  const groups = [...Map.groupBy(rest, ({ hint }) => hint)].sort(([a], [b]) => Number(b === TASKS) - Number(a === TASKS));
  const named = groups.map(([name, items]) => ({ name: name === TASKS ? subject : name, items: items.map((item) => ({ ...item, hint: "" })) }));
  return [{ name: "Recent", items: latest }, ...named, { name: "Go to", items: places }];
}

/** What the commands on tasks are about. @param {import("../../core/types.js").Task[]} tasks */
const subjectOf = (tasks) => (tasks[0] && tasks.length === 1 ? cut(plain(tasks[0].title), 60) : `${tasks.length} tasks`);

/** @param {Command} command @param {import("../../shell/commands.js").Commands} commands @param {import("../selection/targets.js").Targets} targets @returns {Item & {hint: string, words?: string, asked?: boolean | undefined}} */
function asItem(command, commands, targets) {
  const { id, group, words, keys, asked } = command;
  return { id, asked, name: nameOfCommand(command), hint: group, run: () => targets.afterDialog(() => void commands.choose(id)), ...(keys?.[0] ? { keys: keys[0] } : {}), ...(words ? { words } : {}) };
}

/** The lists, saved filters and labels. @param {import("../../core/types.js").State} state @param {(list: string) => void} go @param {(view: import("../../core/views.js").View) => void} goTo @returns {Item[]} */
function placesOf(state, go, goTo) {
  const labels = new Map([...(state.labels?.values() ?? [])].map((label) => [nameKey(label.name), label]));
  return [
    ...sortedLists(state).map(({ id, name, color }) => ({ id: `list:${id}`, name, color, run: () => go(id) })),
    ...[...(state.filters?.values() ?? [])].map(({ id, name }) => ({ id: `filter:${id}`, name, icon: "filter", hint: "Saved filter", run: () => goTo({ kind: "filter", id }) })),
    ...[...labels].map(([id, { name, color }]) => ({ id: `label:${id}`, name, color, hint: "Label", run: () => goTo({ kind: "label", id }) })),
  ];
}

/** @param {import("../../core/types.js").Task} task @param {import("../../core/model.js").Model} model @param {(list: string, task: string) => void} go @returns {Item} */
function taskItem({ id, list, title, completed }, model, go) {
  const { name = "", color = "" } = model.shown.lists.get(list) ?? {};
  return { id: `task:${id}`, name: title, hint: completed ? `${name}, completed` : name, color, run: () => go(list, id) };
}
