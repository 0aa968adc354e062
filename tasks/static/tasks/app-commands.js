/** The table of commands: what each does is in the parts; here they get names and keys. */
import { find } from "./core/dom.js";
import { Lazy } from "./core/lazy.js";
import { roleIn } from "./core/selectors.js";
import { counted } from "./core/text.js";
import { Layout } from "./features/board/layout.js";
import { whyFixed } from "./features/lists/read-only.js";
import { Selection } from "./features/selection/selection.js";
import { Targets } from "./features/selection/targets.js";
import { Commands, TASKS } from "./shell/commands.js";
import { Outlet } from "./shell/outlet.js";

/**
 * @typedef {import("./core/types.js").Task} Task
 *
 * @typedef {Object} Parts
 * @property {import("./core/api.js").Api} api
 * @property {import("./shell/toasts.js").Toasts} toasts
 * @property {import("./core/model.js").Model} model
 * @property {import("./shell/router.js").Router} router
 * @property {import("./features/items/actions.js").TaskActions} actions
 * @property {import("./features/items/task-list.js").TaskListView} tasks
 * @property {import("./features/quick_add/composer.js").Composer} composer
 * @property {import("./features/quick_add/reader.js").Reader} reader
 * @property {import("./features/quick_add/adding.js").QuickAdd} quickAdd
 * @property {{open: (list?: ?import("./core/types.js").TaskList, name?: string) => void}} listDialog
 * @property {{open: (list: string) => void}} members
 * @property {Lazy<import("./features/lists/menus.js").ListMenus>} listMenus
 * @property {{open: () => void}} settings
 * @property {() => void} render
 * @property {(property: any, anchor: HTMLElement, of: string[] | import("./features/items/pickers.js").Draft) => void} pick   opens what a property is chosen with
 * @property {() => boolean} isOnline
 * @property {Lazy<import("./features/reminders/notifications.js").Notifications>} notifications
 * @property {(text: string) => void} announce
 * @property {Lazy<import("./features/history/undoing.js").Undoing>} undoing
 * @property {() => boolean} closeTask
 * @property {import("./shell/navigation.js").Navigation} navigation
 * @property {import("./features/lists/places.js").Places} order   of the lists
 * @property {(task: Task) => void} showHistory
 * @property {(task: Task) => void} editTitle
 * @property {(task: Task) => Promise<void>} duplicate
 */

/** @type {[id: string, name: string, key: string, property: string, words: string][]} */
const PROPERTIES = [
  ["task.due", "Set the date", "D", "due", "due time repeat reminder schedule"],
  ["task.priority", "Set the priority", "P", "priority", "urgent high medium low"],
  ["task.assign", "Assign", "A", "assignee", "person"],
  ["task.labels", "Set labels", "L", "labels", "tag"],
  ["task.move", "Move to a list", "M", "list", "section"],
];
const LEVELS = [["urgent", "1"], ["high", "2"], ["medium", "3"], ["low", "4"]];

/** @param {Parts} parts */
export function setUpCommands(parts) {
  const { model, router, tasks, announce } = parts;
  const commands = new Commands();
  const refusals = new Lazy(async () => new (await import("./features/lists/refusals.js")).Refusals(parts));
  commands.onRefused = (why) => refusals.use((each) => each.say(why));
  const go = (/** @type {string} */ list, /** @type {string | undefined} */ task) => router.go(list, task);
  const quickDialog = new Lazy(async () => new (await import("./features/quick_add/dialog.js")).QuickAddDialog({ ...parts, go }));
  const add = (/** @type {import("./core/types.js").Fields | undefined} */ given) => quickDialog.open((each) => each.open(given));
  const others = otherLayouts(parts, add);
  const layout = new Layout({ model, others, list: tasks, bar: find("layout"), onChange: () => parts.render() });
  const selection = new Selection({ container: find("main"), order: () => layout.rows.order, onChange: (count) => selected(count) });
  const targets = new Targets({ model, selection });
  const bar = new Lazy(async () => {
    const { SelectionBar } = await import("./features/selection/bar.js");
    return new SelectionBar({ place: find("composer"), run: (id, anchor) => targets.from(anchor, () => commands.press(id)), clear: () => selection.clear() });
  });
  const palette = new Lazy(async () => new (await import("./features/palette/palette.js")).Palette());
  const shortcuts = new Lazy(async () => new (await import("./features/palette/shortcuts.js")).Shortcuts({ commands }));
  const source = new Lazy(() => offer(parts, commands, targets, () => palette.now?.refresh()));
  const trash = new Lazy(async () => new (await import("./features/history/trash.js")).Trash({ ...parts, go }));
  const results = new Lazy(async () => new (await import("./features/search/search-page.js")).SearchPage(parts));
  const outlet = new Outlet({ model, container: find("outlet"), pages: { trash, search: results } });
  const openPalette = () => source.open((all) => palette.open((each) => each.open({ label: "Commands", placeholder: "Search actions, lists and tasks", source: all })));
  const showKeys = () => shortcuts.open((each) => each.open());

  /** @param {number} count */
  function selected(count) {
    document.body.classList.toggle("selecting", count > 0);
    bar.use((each) => each.show(selection.ids.size));
    announce(count ? `${counted(count, "task")} selected` : "Nothing selected");
  }

  const search = new Lazy(async () => (await import("./features/search/search.js")).searching({ ...parts, go }));
  const openSearch = () => search.open((found) => palette.open((each) => each.open({ label: "Search", placeholder: "Search titles, notes and labels", source: found })));
  const moveTo = () => palette.open((each) => each.open({ label: "Move to a column or day", placeholder: "Move to …", source: (query) => [{ name: "Places", items: layout.cards?.destinations(targets.tasks, query) ?? [] }] }));

  commands.register(...onTasks(parts, targets), ...selecting(layout, selection, targets), ...arranging(parts, layout, targets), ...onBoard(layout, targets, moveTo), ...everywhere({ ...parts, openPalette, openSearch, showKeys, add: () => add(undefined) }), ...throughTasks(layout), ...places(parts), ...onLists(parts));
  commands.listen();
  return { commands, targets, selection, layout, outlet, palette, showKeys, add, ahead: [palette, source, shortcuts, bar, quickDialog, search, ...Object.values(others), trash, results, refusals] };
}

/** What a list is shown as, beside rows. @param {Parts} parts @param {(given: import("./core/types.js").Fields) => void} add */
function otherLayouts(parts, add) {
  const all = { ...parts, add, open: (/** @type {Task} */ { list, id }) => parts.router.go(list, id) };
  return {
    board: new Lazy(async () => new (await import("./features/board/board.js")).Board(all)),
    calendar: new Lazy(async () => new (await import("./features/calendar/calendar.js")).Calendar(all)),
  };
}

/** What the palette offers. @param {Parts} parts @param {Commands} commands @param {Targets} targets @param {() => void} refresh */
async function offer({ api, isOnline, model, router, listMenus }, commands, targets, refresh) {
  const [{ everything }, { listCommands }] = await Promise.all([import("./features/palette/everything.js"), import("./features/lists/commands.js")]);
  commands.register(...listCommands({ model, listMenus }));
  return everything({ api, isOnline, refresh, commands, model, targets, go: (list, task) => router.go(list, task), goTo: (view) => router.goTo(view) });
}

/** @param {Parts & {openPalette: () => void, openSearch: () => void, showKeys: () => void, add: () => void}} parts @returns {import("./shell/commands.js").Command[]} */
const everywhere = ({ composer, settings, undoing, closeTask, model, navigation, notifications, openPalette, openSearch, showKeys, add }) => [
  { id: "palette", name: "Search and run a command", group: "Everywhere", keys: ["Mod+K"], inFields: true, hidden: true, run: openPalette },
  { id: "search", name: "Search tasks", group: "Everywhere", keys: ["/"], words: "find", run: openSearch },
  { id: "compose", name: () => (model.selected.list ? "Add a task to this list" : "Add a task to this view"), group: "Everywhere", keys: ["N"], when: () => composer.isThere, why: () => whyFixed(model.shown, model.shown.lists.get(model.selected.list ?? "")), run: () => composer.focus() },
  { id: "quick-add", name: "Add a task anywhere", group: "Everywhere", keys: ["Q"], words: "quick new create", run: add },
  { id: "fold", name: "Fold or unfold the navigation", group: "Everywhere", keys: ["Mod+\\"], inFields: true, words: "sidebar hide narrow", run: () => navigation.fold() },
  { id: "undo", name: "Undo", group: "Everywhere", keys: ["Mod+Z"], inFields: true, when: () => !hasOwnUndo(document.activeElement), run: () => undoing.use((each) => each.undo()) },
  { id: "redo", name: "Redo", group: "Everywhere", keys: ["Mod+Shift+Z"], inFields: true, when: () => !hasOwnUndo(document.activeElement), run: () => undoing.use((each) => each.redo()) },
  { id: "close", name: "Close the details", group: "Everywhere", keys: ["Escape"], when: () => !!model.selected.task, run: closeTask },
  { id: "shortcuts", name: "Show the keyboard shortcuts", group: "Everywhere", keys: ["?"], words: "help keys", run: showKeys },
  { id: "settings", name: "Settings", group: "Account", words: "preferences password messages", run: () => settings.open() },
  { id: "notifications", name: "Let the system show reminders", group: "Account", words: "notifications allow", when: () => !!notifications.now?.mayAsk, run: () => notifications.use((each) => void each.ask()) },
  { id: "theme", name: "Change the colours", group: "Account", words: "theme dark light system", run: () => find("theme").click() },
  { id: "sign-out", name: "Sign out", group: "Account", words: "log out", run: () => /** @type {HTMLFormElement} */ (find("sign-out")).requestSubmit() },
];

/** @param {Parts} parts @param {Targets} targets @returns {import("./shell/commands.js").Command[]} */
function onTasks({ actions, router, pick, showHistory, editTitle }, targets) {
  const group = TASKS;
  const why = () => targets.whyFixed;
  const writable = () => targets.tasks.length > 0 && !why();
  const areDone = () => targets.tasks.every(({ completed }) => completed);
  return [
    { id: "task.complete", name: () => (writable() && areDone() ? "Reopen" : "Complete"), group, keys: ["Mod+Enter"], words: "done check", when: writable, why, run: () => actions.completeAll(targets.tasks, !areDone()) },
    { id: "task.open", name: "Open the details", group, keys: ["O"], when: () => targets.tasks.length === 1, run: () => targets.tasks.forEach(({ list, id }) => router.go(list, id)) },
    { id: "task.edit", name: "Edit the title", group, keys: ["E", "F2"], words: "rename", when: () => targets.tasks.length === 1 && writable(), why, run: () => targets.tasks.forEach(editTitle) },
    ...PROPERTIES.map(([id, name, key, property, words]) => ({ id, name, group, keys: [key], words, when: writable, why, run: () => pick(property, targets.anchor(property), targets.tasks.map((task) => task.id)) })),
    ...LEVELS.map(([priority = "", key = ""]) => ({ id: `task.priority.${priority}`, name: `Set the priority to ${priority}`, group, keys: [key], when: writable, why, run: () => void actions.editAll(targets.tasks, { priority }, "the change of the priority of", targets.tasks[1] && `Set the priority of % to ${priority}`) })),
    { id: "task.history", name: "Show the history", group, keys: ["H"], words: "changes who log", when: () => targets.tasks.length === 1, run: () => targets.tasks.forEach(showHistory) },
    { id: "task.delete", name: "Delete", group, keys: ["Delete"], words: "remove trash", when: writable, why, run: () => actions.removeAll(targets.tasks) },
  ];
}

/** @param {Layout} layout @param {Selection} selection @param {Targets} targets @returns {import("./shell/commands.js").Command[]} */
function selecting(layout, selection, targets) {
  const group = "Selection";
  const focused = () => targets.focused;
  const extend = (/** @type {1 | -1} */ by) => () => {
    const from = focused();
    if (!from) return false;
    if (!selection.ids.has(from)) selection.toggle(from);
    if (!layout.rows.step(by)) return true;
    return selection.extend(focused() ?? from);
  };
  return [
    { id: "select", name: "Select or unselect the task", group, keys: ["X"], when: () => !!focused(), run: () => selection.toggle(focused() ?? "") },
    { id: "select.down", name: "Select the next task, too", group, keys: ["Shift+ArrowDown"], hidden: true, run: extend(1) },
    { id: "select.up", name: "Select the task above, too", group, keys: ["Shift+ArrowUp"], hidden: true, run: extend(-1) },
    { id: "select.all", name: "Select all tasks", group, keys: ["Mod+A"], when: () => layout.rows.order.length > 0, run: () => selection.all() },
    { id: "select.none", name: "Clear the selection", group, keys: ["Escape"], when: () => selection.ids.size > 0, run: () => selection.clear() },
  ];
}

/** @param {Layout} layout @param {Targets} targets @param {() => void} moveTo @returns {import("./shell/commands.js").Command[]} */
function onBoard(layout, targets, moveTo) {
  const group = "Board and calendar";
  const isOn = () => !!layout.cards;
  const isBoard = () => layout.kind === "board";
  const inCard = () => isOn() && !!document.activeElement?.closest(".card");
  const why = () => (inCard() ? targets.whyFixed : "");
  const mayMove = () => inCard() && !why();
  return [
    { id: "layout", name: () => (isBoard() ? "Show as a list" : "Show as a board"), group, keys: ["V"], words: "kanban columns view", when: () => layout.mayChange, run: () => layout.set(isBoard() ? "list" : "board") },
    { id: "layout.calendar", name: () => (layout.kind === "calendar" ? "Show as a list" : "Show as a calendar"), group, keys: ["Shift+V"], words: "month days view", when: () => layout.mayChange, run: () => layout.set(layout.kind === "calendar" ? "list" : "calendar") },
    { id: "board.left", name: "Column or day to the left", group, keys: ["ArrowLeft"], hidden: true, when: inCard, run: () => layout.cards?.stepAside(-1) },
    { id: "board.right", name: "Column or day to the right", group, keys: ["ArrowRight"], hidden: true, when: inCard, run: () => layout.cards?.stepAside(1) },
    { id: "board.move.left", name: "Move the card to the left", group, keys: ["Alt+ArrowLeft"], hidden: true, when: mayMove, why, run: () => layout.cards?.moveAside(-1) },
    { id: "board.move.right", name: "Move the card to the right", group, keys: ["Alt+ArrowRight"], hidden: true, when: mayMove, why, run: () => layout.cards?.moveAside(1) },
    { id: "board.move.up", name: "Move the card up", group, keys: ["Alt+ArrowUp"], hidden: true, when: mayMove, why, run: () => layout.cards?.moveBy(-1) },
    { id: "board.move.down", name: "Move the card down", group, keys: ["Alt+ArrowDown"], hidden: true, when: mayMove, why, run: () => layout.cards?.moveBy(1) },
    { id: "board.move", name: "Move to a column or day …", group, keys: ["Shift+M"], when: () => isOn() && targets.tasks.length > 0 && !targets.whyFixed, why, run: moveTo },
  ];
}

/** In the list: the order, subtasks and copies. @param {Parts} parts @param {Layout} layout @param {Targets} targets @returns {import("./shell/commands.js").Command[]} */
function arranging({ tasks, actions, duplicate, pick }, layout, targets) {
  const group = TASKS;
  const why = () => (targets.row ? targets.whyFixed : "");
  const one = () => (!layout.cards && targets.row && targets.tasks.length === 1 && tasks.row(targets.focused ?? "")?.isWritable ? targets.tasks[0] : undefined);
  const shift = (/** @type {1 | -1} */ by) => () => {
    const task = one();
    return !!task && tasks.shift(task, by);
  };
  const nesting = (/** @type {"indent" | "outdent"} */ way) => {
    const task = one();
    return task ? actions.nesting(task, tasks.tasks)[way] : null;
  };
  return [
    { id: "task.up", name: "Move the task up", group, keys: ["Alt+ArrowUp"], when: () => !!one(), why, run: shift(-1) },
    { id: "task.down", name: "Move the task down", group, keys: ["Alt+ArrowDown"], when: () => !!one(), why, run: shift(1) },
    { id: "task.indent", name: "Make it a subtask of the task above", group, keys: ["Alt+ArrowRight"], when: () => !!nesting("indent"), why, run: () => nesting("indent")?.() },
    { id: "task.outdent", name: "Make it a task of its own", group, keys: ["Alt+ArrowLeft"], when: () => !!nesting("outdent"), why, run: () => nesting("outdent")?.() },
    { id: "reschedule", name: "Reschedule all late tasks", group: "View", words: "overdue postpone date", when: () => !layout.cards && tasks.late.length > 0, run: () => pick("reschedule", tasks.reveal(tasks.late[0]?.id ?? "")?.title ?? find("main"), tasks.late.map(({ id }) => id)) },
    { id: "task.duplicate", name: "Duplicate", group, words: "copy", when: () => !!one(), run: () => void targets.tasks.slice(0, 1).map(duplicate) },
  ];
}

/** @param {Parts} parts @returns {import("./shell/commands.js").Command[]} */
function places({ router, model }) {
  const group = "Go to";
  const go = (/** @type {string} */ kind) => () => router.goTo({ kind, id: null });
  return [
    { id: "go.inbox", name: "Inbox", group, keys: ["G I"], exists: () => [...model.shown.lists.values()].some(({ kind }) => kind === "inbox"), run: go("inbox") },
    { id: "go.today", name: "Today", group, keys: ["G T"], run: go("today") },
    { id: "go.upcoming", name: "Upcoming", group, keys: ["G U"], words: "calendar week", run: go("upcoming") },
    { id: "trash", name: "Trash", group, keys: ["G B"], words: "deleted restore bin", run: go("trash") },
    { id: "go.search", name: "Search page", group, keys: ["G S"], words: "find", run: go("search") },
    { id: "go.assigned", name: "Assigned to me", group, keys: ["G A"], words: "mine", run: go("assigned") },
  ];
}

/** @param {Layout} layout @returns {import("./shell/commands.js").Command[]} */
function throughTasks(layout) {
  const group = "From task to task";
  const inRow = () => !!document.activeElement?.closest(".task, .card");
  const step = (/** @type {1 | -1 | "first" | "last"} */ where) => (/** @type {string | undefined} */ key) => (key?.length === 1 || inRow()) && layout.rows.step(where);
  return [
    { id: "next", name: "Next task", group, keys: ["ArrowDown", "J"], hidden: true, run: step(1) },
    { id: "previous", name: "Previous task", group, keys: ["ArrowUp", "K"], hidden: true, run: step(-1) },
    { id: "first", name: "First task", group, keys: ["Home"], hidden: true, run: step("first") },
    { id: "last", name: "Last task", group, keys: ["End"], hidden: true, run: step("last") },
  ];
}

/** @param {Parts} parts @returns {import("./shell/commands.js").Command[]} */
function onLists({ model, listDialog, members, navigation, order }) {
  const group = "Lists";
  const list = () => model.shown.lists.get(model.selected.list ?? "");
  const owned = () => roleIn(model.shown, list()) === "owner";
  // By key it is about the list with the focus in the navigation; from the palette about the one on the screen.
  const placed = (/** @type {string | undefined} */ key) => navigation.focusedList ?? (key ? "" : (list()?.id ?? ""));
  const isFavorite = () => order.isFavorite(list()?.id ?? "");
  const step = (/** @type {1 | -1} */ by) => ({ when: () => order.canStep(placed(undefined), by), run: (/** @type {string | undefined} */ key) => order.step(placed(key), by) });
  return [
    { id: "list.new", name: "New list", group, words: "create make", run: () => listDialog.open() },
    { id: "list.edit", name: "Rename, recolour or delete this list", group, when: owned, run: () => listDialog.open(list()) },
    { id: "list.share", name: "Share this list", group, words: "members people invite", when: () => list()?.kind === "list", run: () => members.open(list()?.id ?? "") },
    { id: "list.favorite", name: () => (isFavorite() ? "Remove this list from the favourites" : "Add this list to the favourites"), group, words: "favorite star pin", when: () => !!list() && list()?.kind !== "inbox", run: () => order.setFavorite(list()?.id ?? "", !isFavorite()) },
    { id: "list.up", name: "Move the list up", group, keys: ["Alt+ArrowUp"], words: "order", ...step(-1) },
    { id: "list.down", name: "Move the list down", group, keys: ["Alt+ArrowDown"], words: "order", ...step(1) },
  ];
}

/** Whether the field has typed text, so that Ctrl+Z belongs to the browser's own undo. @param {?Element} target */
const hasOwnUndo = (target) => (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) && target.dataset.touched === "true";
