/** The table of commands: what each does is in the parts; here they get names and keys. */
import { find } from "./core/dom.js";
import { Lazy } from "./core/lazy.js";
import { roleIn } from "./core/selectors.js";
import { counted } from "./core/text.js";
import { Selection } from "./features/selection/selection.js";
import { Targets } from "./features/selection/targets.js";
import { Commands, TASKS } from "./shell/commands.js";

/**
 * @typedef {Object} Parts
 * @property {import("./core/model.js").Model} model
 * @property {import("./shell/router.js").Router} router
 * @property {import("./features/items/actions.js").TaskActions} actions
 * @property {import("./features/items/task-list.js").TaskListView} tasks
 * @property {import("./features/items/composer.js").Composer} composer
 * @property {import("./features/lists/list-dialog.js").ListDialog} listDialog
 * @property {import("./features/lists/members.js").MembersDialog} members
 * @property {{open: () => void}} settings
 * @property {(text: string) => void} announce
 * @property {() => void} undo
 * @property {() => boolean} closeTask
 */

/** @param {Parts} parts */
export function setUpCommands(parts) {
  const { model, router, tasks, announce } = parts;
  const commands = new Commands();
  const selection = new Selection({ container: find("main"), order: () => tasks.order, onChange: (count) => selected(count) });
  const targets = new Targets({ model, selection });
  const bar = new Lazy(async () => {
    const { SelectionBar } = await import("./features/selection/bar.js");
    return new SelectionBar({ place: find("composer"), run: (id, anchor) => targets.from(anchor, () => commands.run(id)), clear: () => selection.clear() });
  });
  const palette = new Lazy(async () => new (await import("./features/palette/palette.js")).Palette());
  const shortcuts = new Lazy(async () => new (await import("./features/palette/shortcuts.js")).Shortcuts({ commands }));
  const source = new Lazy(async () => {
    const { everything } = await import("./features/palette/everything.js");
    return everything({ commands, model, targets, go: (list, task) => router.go(list, task) });
  });
  const openPalette = () => source.use((all) => palette.use((each) => each.open({ label: "Commands", placeholder: "Search actions, lists and tasks", source: all })));
  const showKeys = () => shortcuts.use((each) => each.open());

  /** @param {number} count */
  function selected(count) {
    document.body.classList.toggle("selecting", count > 0);
    bar.use((each) => each.show(selection.ids.size));
    announce(count ? `${counted(count, "task")} selected` : "Nothing selected");
  }

  commands.register(...onTasks(parts, targets), ...selecting(parts, selection, targets), ...everywhere({ ...parts, openPalette, showKeys }), ...throughTasks(parts), ...onLists(parts));
  commands.listen();
  return { commands, targets, selection, palette, showKeys, loadAhead: () => [palette, source, shortcuts, bar].forEach((part) => part.use(() => {})) };
}

/** @param {Parts & {openPalette: () => void, showKeys: () => void}} parts @returns {import("./shell/commands.js").Command[]} */
const everywhere = ({ composer, settings, undo, closeTask, model, openPalette, showKeys }) => [
  { id: "palette", name: "Search and run a command", group: "Everywhere", keys: ["Mod+K"], inFields: true, hidden: true, run: openPalette },
  { id: "compose", name: "Add a task to this list", group: "Everywhere", keys: ["N"], when: () => !!model.selected.list, run: () => composer.focus() },
  { id: "undo", name: "Undo", group: "Everywhere", keys: ["Mod+Z"], inFields: true, when: () => !hasOwnUndo(document.activeElement), run: undo },
  { id: "close", name: "Close the details", group: "Everywhere", keys: ["Escape"], when: () => !!model.selected.task, run: closeTask },
  { id: "shortcuts", name: "Show the keyboard shortcuts", group: "Everywhere", keys: ["?"], words: "help keys", run: showKeys },
  { id: "settings", name: "Settings", group: "Account", words: "preferences password messages", run: () => settings.open() },
  { id: "theme", name: "Change the colours", group: "Account", words: "theme dark light system", run: () => find("theme").click() },
  { id: "sign-out", name: "Sign out", group: "Account", words: "log out", run: () => /** @type {HTMLFormElement} */ (find("sign-out")).requestSubmit() },
];

/** @param {Parts} parts @param {Targets} targets @returns {import("./shell/commands.js").Command[]} */
function onTasks({ model, actions, tasks, router }, targets) {
  const group = TASKS;
  const mayWrite = (/** @type {import("./core/types.js").Task} */ { list }) => roleIn(model.shown, model.shown.lists.get(list)) !== "viewer";
  const writable = () => targets.tasks.length > 0 && targets.tasks.every(mayWrite);
  const row = () => tasks.row(targets.row?.dataset.id ?? "");
  const areDone = () => targets.tasks.every(({ completed }) => completed);
  return [
    { id: "task.complete", name: () => (writable() && areDone() ? "Reopen" : "Complete"), group, keys: ["Mod+Enter"], words: "done check", when: writable, run: () => actions.completeAll(targets.tasks, !areDone()) },
    { id: "task.open", name: "Open the details", group, keys: ["O"], when: () => targets.tasks.length === 1, run: () => targets.tasks.forEach(({ list, id }) => router.go(list, id)) },
    { id: "task.edit", name: "Edit the title", group, keys: ["E", "F2"], words: "rename", when: () => !!row() && writable(), run: () => row()?.edit() },
    { id: "task.delete", name: "Delete", group, keys: ["Delete"], words: "remove trash", when: writable, run: () => actions.removeAll(targets.tasks) },
  ];
}

/** @param {Parts} parts @param {Selection} selection @param {Targets} targets @returns {import("./shell/commands.js").Command[]} */
function selecting({ tasks }, selection, targets) {
  const group = "Selection";
  const focused = () => targets.row?.dataset.id;
  const extend = (/** @type {1 | -1} */ by) => () => {
    const from = focused();
    if (!from) return false;
    if (!selection.ids.has(from)) selection.toggle(from);
    if (!tasks.step(by)) return true;
    return selection.extend(focused() ?? from);
  };
  return [
    { id: "select", name: "Select the task, or not any more", group, keys: ["X"], when: () => !!focused(), run: () => selection.toggle(focused() ?? "") },
    { id: "select.down", name: "Select the next task, too", group, keys: ["Shift+ArrowDown"], hidden: true, run: extend(1) },
    { id: "select.up", name: "Select the task above, too", group, keys: ["Shift+ArrowUp"], hidden: true, run: extend(-1) },
    { id: "select.all", name: "Select all tasks", group, keys: ["Mod+A"], when: () => tasks.order.length > 0, run: () => selection.all() },
    { id: "select.none", name: "Clear the selection", group, keys: ["Escape"], when: () => selection.ids.size > 0, run: () => selection.clear() },
  ];
}

/** @param {Parts} parts @returns {import("./shell/commands.js").Command[]} */
function throughTasks({ tasks }) {
  const group = "From task to task";
  const inRow = () => !!document.activeElement?.closest(".task");
  const step = (/** @type {Parameters<typeof tasks.step>[0]} */ where) => (/** @type {string | undefined} */ key) => (key?.length === 1 || inRow()) && tasks.step(where);
  return [
    { id: "next", name: "Next task", group, keys: ["ArrowDown", "J"], hidden: true, run: step(1) },
    { id: "previous", name: "Previous task", group, keys: ["ArrowUp", "K"], hidden: true, run: step(-1) },
    { id: "first", name: "First task", group, keys: ["Home"], hidden: true, run: step("first") },
    { id: "last", name: "Last task", group, keys: ["End"], hidden: true, run: step("last") },
  ];
}

/** @param {Parts} parts @returns {import("./shell/commands.js").Command[]} */
function onLists({ model, listDialog, members }) {
  const group = "Lists";
  const list = () => model.shown.lists.get(model.selected.list ?? "");
  const owned = () => roleIn(model.shown, list()) === "owner";
  return [
    { id: "list.new", name: "New list", group, words: "create make", run: () => listDialog.open() },
    { id: "list.edit", name: "Rename, recolour or delete this list", group, when: owned, run: () => listDialog.open(list()) },
    { id: "list.share", name: "Share this list", group, words: "members people invite", when: () => list()?.kind === "list", run: () => members.open(list()?.id ?? "") },
  ];
}

/** Whether the field has typed text, so that Ctrl+Z belongs to the browser's own undo. @param {?Element} target */
const hasOwnUndo = (target) => (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) && target.dataset.touched === "true";
