/** Composition root of the page: creates every part, passes it what it needs, and connects the parts. */
import { LiveSocket } from "../realtime/socket.js";
import { setUpCommands } from "./app-commands.js";
import { Api } from "./core/api.js";
import { deviceZone } from "./core/dates.js";
import { Device } from "./core/device.js";
import { find } from "./core/dom.js";
import { Lazy } from "./core/lazy.js";
import { Model } from "./core/model.js";
import { drawn } from "./core/motion.js";
import { Outbox } from "./core/outbox.js";
import { settle } from "./core/pending.js";
import { Zone } from "./features/accounts/zone.js";
import { TaskActions } from "./features/items/actions.js";
import { copier } from "./features/items/copying.js";
import { moveTasks } from "./features/items/moving.js";
import { Neighbours } from "./features/items/neighbours.js";
import { Panel } from "./features/items/panel.js";
import { TaskListView } from "./features/items/task-list.js";
import { Toolbar } from "./features/items/toolbar.js";
import { ListActions } from "./features/lists/actions.js";
import { Head } from "./features/lists/head.js";
import { filterCommands, isArranged, isFiltered } from "./features/filters/commands.js";
import { Places } from "./features/lists/places.js";
import { HistoryFold } from "./features/history/fold.js";
import { labelCommands } from "./features/labels/commands.js";
import { QuickAdd } from "./features/quick_add/adding.js";
import { Composer } from "./features/quick_add/composer.js";
import { Reader } from "./features/quick_add/reader.js";
import { Objects } from "./features/objects.js";
import { announcer } from "./shell/announcer.js";
import { Badge } from "./shell/badge.js";
import { Connection } from "./shell/connection.js";
import { Cover } from "./shell/cover.js";
import { Keeper } from "./shell/keeper.js";
import { laterStyles } from "./shell/later-styles.js";
import { Navigation } from "./shell/navigation.js";
import { News } from "./shell/news.js";
import { Renderer } from "./shell/renderer.js";
import { Router } from "./shell/router.js";
import { themeButton } from "./shell/theme-button.js";
import { Toasts } from "./shell/toasts.js";
import { UndoStack } from "./shell/undo.js";

/** @typedef {import("./core/types.js").Task} Task */

const { csrfCookie = "csrftoken", login = "/login", username = "", admin = "", root = "/", styles = "", worker = "" } = document.body.dataset;
const { say: announce, saySoon } = announcer(find("announcer"));

// State, and its transport to the server

const api = new Api({ root, cookie: csrfCookie, onSlow: () => connection.doubt() });
const outbox = new Outbox({ send: (operation) => api.send(operation), sendAll: (operations) => api.sendAll(operations), isOffline: () => !navigator.onLine, drawn, onChange: changed, onSignedOut: (error) => signedOut(error.foreign) });
const model = new Model({ schedule: (call) => renderer.ahead(call), isOwn: (request) => api.requests.has(request), outbox });
const device = new Device();
const keeper = new Keeper({ device, model, outbox });
const copy = new Lazy(async () => new (await import("./core/device-copy.js")).DeviceCopy({ model, api, worker, position: () => connection.position, release: `${import.meta.url} ${find("kinds").textContent}` }));
const connection = new Connection({
  api,
  model,
  copy: async () => (navigator.serviceWorker?.controller ? (await copy.get()).read() : null),
  patience: username ? 3_000 : 0, // a page without a name is the device's: the server has not answered for it
  url: new URL(`${root}ws/tasks`, location.href.replace(/^http/, "ws")).href,
  createSocket: (options) => new LiveSocket(options),
  onPerson: (me) => keeper.begin(me.id),
  onSignedOut: () => signedOut(false),
  onForeign: () => signedOut(true),
  onLive: () => {
    outbox.resume();
    setTimeout(loadRest, 200);
  },
  onChange: () => renderer.later(),
});

// Views and actions

const router = new Router({ model });
const toasts = new Toasts({ container: find("toasts"), announce: saySoon });
Lazy.shared = laterStyles(styles);
Lazy.onFailure = () => void toasts.show({ text: "This part of the page is not loaded yet, and the server can’t be reached. Try it again when you are connected." });
const undo = new UndoStack();
const renderer = new Renderer({ isLoaded: () => model.loaded, before: () => router.resolve(), after: () => (news.show(), selection.keep(), copy.now?.changed()) });
const actions = new TaskActions({ model, outbox, toasts, undo, undoEntry: (entry) => undoing.use((each) => each.undoEntry(entry)), restore, copy: copier({ api, outbox, toasts, isOnline: () => isOnline() }), onRemoved: ({ id }) => model.selected.task === id && router.closeTask() });
const listActions = new ListActions({ model, outbox, toasts, router, restore, compose: (name, list = null) => listDialog.open(list, name) });
const dialogs = {
  list: new Lazy(async () => new (await import("./features/lists/list-dialog.js")).ListDialog({ model, actions: () => listActions, onMade })),
  members: new Lazy(async () => new (await import("./features/lists/members.js")).MembersDialog({ model, api, outbox, router, admin, onSignedOut: () => signedOut(false) })),
  signIn: new Lazy(async () => new (await import("./features/accounts/sign-in.js")).SignInDialog({ api, path: login, username: ownName(), onSignedIn: signedIn })),
  settings: new Lazy(async () => (await import("./app-settings.js")).setUpSettings({ model, api, username: ownName(), onSignedOut: signedOut, notifications: await notifications.get(), showKeys: () => showKeys() })),
  signOut: new Lazy(async () => (await import("./features/accounts/sign-out.js")).signOut),
};
const listDialog = { open: (/** @type {?import("./core/types.js").TaskList} */ list = null, name = "") => dialogs.list.open((each) => each.open(list, name)) };
const members = { open: (/** @type {string} */ list) => dialogs.members.open((each) => each.open(list)), show: () => dialogs.members.now?.show() };
const signIn = { open: (foreign = false) => dialogs.signIn.use((each) => each.open(foreign)) };
const settings = { open: () => dialogs.settings.open((each) => each.open()) };
const ownName = () => username || (model.confirmed.me?.username ?? "");
const open = (/** @type {Task} */ task) => router.open(task);
const objects = new Objects({ model, outbox });
const places = new Places({ model, objects, announce });
const pickers = new Lazy(makePickers);
const listMenus = new Lazy(async () => new (await import("./features/lists/menus.js")).ListMenus({ model, objects, api, outbox, toasts, places, undo: undoChange, edit: (list) => listDialog.open(list), share: (list) => members.open(list), layout: () => layout, onArranged: () => renderer.later(), filter: (anchor) => filters.open((each) => each.pick(anchor)) }));
const filters = new Lazy(async () => new (await import("./features/filters/filters.js")).Filters({ model, objects, router, toasts, undo: undoChange, isList: () => layout.kind === "list", onChange: () => renderer.now() }));
const labels = new Lazy(async () => new (await import("./features/labels/label-menu.js")).LabelMenu({ model, objects, router, toasts, undo: undoChange }));
const filterBar = { show: () => (filters.now?.isShown || isFiltered(model) || isArranged(model)) && filters.use((each) => each.show()) };
/** @param {import("./features/items/toolbar.js").Tool | "reschedule"} property @param {HTMLElement} anchor @param {string[] | import("./features/items/pickers.js").Draft} of */
const pick = (property, anchor, of) => pickers.open((each) => each.open(property, anchor, of));
const toolbar = new Toolbar((tool, anchor, row) => pick(tool, anchor, [row.task.id]));
const tasks = new TaskListView({
  ...{ model, outbox, actions, toasts, toolbar, open, move, addTo: ({ fields }) => add(fields), onSorted: () => filters.use((each) => each.saySorted()) },
  openHead: ({ tone, section = "" }, anchor) => (tone === "late" ? pick("reschedule", anchor, tasks.late.map(({ id }) => id)) : listMenus.open((each) => each.section(section, anchor))),
  render: () => renderer.later(),
  renderSoon: () => renderer.soon(),
  newList: () => listDialog.open(),
});
const go = (/** @type {string} */ list, /** @type {string} */ task) => router.go(list, task);
const comparing = new Lazy(async () => (await import("./features/history/conflict.js")).compare);
const duplicate = async (/** @type {Task} */ task) => tasks.kept.made(await actions.duplicate(task));
const isOnline = () => navigator.onLine && model.status !== "offline";
const undoing = new Lazy(async () => new (await import("./features/history/undoing.js")).Undoing({ api, outbox, stack: undo, toasts, isOnline, onUndone: (key) => actions.forgetMessage(key), adopted: () => keeper.ready }));
const undoChange = (/** @type {string} */ only) => undoing.use((each) => each.undo(only));
const notifications = new Lazy(async () => new (await import("./features/reminders/notifications.js")).Notifications({ model, toasts, actions, objects, go: (list, task) => router.go(list, task) }));
const reader = new Reader({ api, outbox, isOnline });
const quickAdd = new QuickAdd({ model, outbox, actions, reader, toasts, go, goTo: (view, task) => router.goTo(view, task) });
const composer = new Composer({ model, reader, quickAdd, pick, reveal: revealNew, open: go });
const historyFold = new HistoryFold({ api, model, actions, move });
const panel = new Panel({
  model,
  actions,
  quickAdd,
  toasts,
  close: () => router.closeTask(),
  open,
  pick,
  parseNotes: async (text) => (await api.request("POST", "/api/notes", { text })).tree,
  beside: (id, step) => tasks.beside(id, step),
  parts: [() => historyFold.part()],
  isReadable: (id) => api.isThere(`/api/tasks/${id}`),
  onOpen: shade,
  onClose: (id, hadFocus) => {
    shade();
    if (hadFocus) neighbours.focus(id);
  },
});
const navigation = new Navigation({ model, onToggle: shade, openMenu: openList });
const listDrag = new Lazy(async () => new (await import("./features/lists/list-drag.js")).ListDrag({ container: find("lists"), places }));
const failures = new Lazy(async () => (await import("./features/failures.js")).failuresOf({ model, toasts, actions, api, objects, listActions, compose, show: showField, go, compare: (conflict) => comparing.open((compare) => compare(conflict)) }));
const news = new News({ model, announce, toasts, flash: { task: (id) => (layout.cards ?? tasks).flash(id), list: (id) => navigation.flash(id) } });
const badge = new Badge({
  badge: find("badge"),
  text: find("badge-text"),
  said: find("badge-said"),
  unsaved: find("unsaved"),
  known: () => ({
    signedOut: model.signedOut,
    refused: connection.refused,
    loaded: model.loaded,
    connection: model.status,
    onLine: navigator.onLine,
    waiting: outbox.unsaved.length,
  }),
  work: () => ({ unsaved: outbox.unsaved.length, stuck: outbox.isStuck, problems: toasts.problems }),
  onClick: () => (model.signedOut ? signIn.open() : retry()),
});
const cover = new Cover({ isLoaded: () => model.loaded, trouble: () => connection.trouble, retry });
const head = new Head({
  model,
  rename: (list, name) => listActions.edit(list, { name }),
  share: (list) => members.open(list),
  openView: (anchor) => listMenus.open((each) => each.view(anchor)),
  openList,
  openFilter: (anchor) => filters.open((each) => each.menu(anchor)),
  openLabel: (anchor) => labels.open((each) => each.menu(anchor)),
});
const neighbours = new Neighbours({ model, rows: () => layout.rows });
renderer.views = [neighbours, new Zone({ model, api }), cover, head, filterBar, tasks, panel, badge, members, { show: () => pickers.now?.show() }, { show: () => dialogs.settings.now?.show() }];
renderer.others = [navigation, composer];

const { commands, showKeys, ahead, selection, layout, outlet, add } = setUpCommands({ announce, pick, isOnline, notifications, render: () => renderer.now(), api, toasts, reader, quickAdd, model, router, actions, tasks, composer, listDialog, listMenus, members, settings, undoing, duplicate, closeTask, editTitle, showHistory: (task) => (historyFold.reveal(), open(task)), navigation, order: places });
renderer.views.push(layout, outlet);
renderer.apart = new Set([cover, filterBar, badge, members, outlet, composer]);
commands.register(...filterCommands({ model, filters, anchor: () => head.arrange }), ...labelCommands({ model, labels, anchor: () => head.more }));

const phone = new Lazy(async () => (await import("./app-phone.js")).setUpPhone({ tasks, actions, pick, closeTask, isSelecting: () => selection.ids.size > 0 }));

// Connections between the parts

model.onChange = (onlyTasks) => renderer.later(onlyTasks);
model.onUnsaved = () => keeper.soon();
model.onElsewhere = () => void (outbox.overtaken = true);
model.onNotice = ({ data }) => notifications.use((each) => each.show(data));
toasts.onChange = () => badge.show();
outbox.onFailure = report;
router.onUnknownList = () => toasts.show({ text: "This list does not exist, or you have no access to it." });
router.onRoute = () => {
  renderer.now();
  if (model.selected.task) panel.focus();
};

function changed() {
  outbox.settled(settle(outbox.operations, model.confirmed, []));
  model.refresh();
  keeper.next();
  renderer.soon();
}

/** @param {boolean} foreign */
function signedOut(foreign) {
  outbox.hold();
  model.signedOut = true;
  copy.use((each) => each.end());
  signIn.open(foreign);
  renderer.later();
}

/** Continues after a new sign-in of the same person; reloads the page for another one. */
async function signedIn() {
  if (!(await connection.signedIn())) return location.reload();
  model.signedOut = false;
  copy.use((each) => each.goOn());
  outbox.resume();
  renderer.later();
}

/** Retries now instead of waiting for the next attempt. */
function retry() {
  connection.retry();
  outbox.retry();
}

/** Makes inert what the panel or the sidebar covers on narrow screens. */
function shade() {
  const over = panel.isOpen && matchMedia("(max-width: 79.99em)").matches;
  find("main").inert = over || navigation.isOpen;
  find("sidebar").inert = over;
  find("tabs").inert = over || navigation.isOpen;
}

/** Shows a task that was just made; it stays in sight even if the view would not show it. @param {string} id */
function revealNew(id) {
  tasks.kept.made(id);
  renderer.now();
  layout.rows.reveal(id);
}

/** @param {string} id @param {HTMLElement} anchor */
function openList(id, anchor) {
  const list = model.shown.lists.get(id);
  if (list) listMenus.open((each) => each.list(list, anchor));
}

/** A list was made: its first task can be written. */
function onMade() {
  if (navigation.isOpen) navigation.toggle(false);
  renderer.now();
  composer.focus();
}

/** @param {string} list @param {string} text */
function compose(list, text) {
  if (list && model.selected.list !== list) router.go(list);
  if (navigation.isOpen) navigation.toggle(false);
  renderer.now();
  composer.focus(text);
}

/** Reports a change that was given up, once the part for it is loaded. @param {import("./core/types.js").Operation} operation @param {import("./core/outbox.js").Failure} failure */
function report(operation, failure) {
  failures.get().then((tell) => tell(operation, failure), () => setTimeout(report, 5_000, operation, failure));
}

async function makePickers() {
  const [{ Pickers }, { taskMenu }] = await Promise.all([import("./features/items/pickers.js"), import("./features/items/menu.js")]);
  return new Pickers({ model, objects, api, outbox, reader, apply, move, menu: taskMenu({ model, actions, tasks, pick, open, editTitle, duplicate }) });
}

/** Loads, while nothing else is to do, what was left out so that the page begins sooner. */
async function loadRest() {
  const parts = [...ahead, phone, failures, listDrag, pickers, listMenus, filters, labels, notifications, undoing, historyFold.timelines, tasks.following, ...Object.values(dialogs)];
  const loaded = await Promise.allSettled(parts.map((part) => part.get()));
  copy.use((each) => each.begin());
  if (loaded.every(({ status }) => status === "fulfilled")) document.body.dataset.parts = "loaded";
}

/** Changes tasks together, with one undo. @param {Task[]} some @param {any} fields  or what gives them for a task @param {string} what @param {string} [told] */
function apply(some, fields, what, told) {
  actions.editAll(some, fields, what, told);
}

/** Moves tasks; the one in the panel stays open. @param {Task[]} moved @param {string} list @param {?string} [section] */
async function move(moved, list, section) {
  const done = await moveTasks({ model, actions }, moved, list, section);
  const { task } = model.selected;
  if (done && task && moved.some(({ id }) => id === task)) router.go(list, task);
}

/** @param {Task} task @param {"title" | "notes"} field */
function showField(task, field) {
  router.go(task.list, field === "notes" ? task.id : null);
  renderer.now();
  if (field === "notes") panel.focusField(task, field);
  else tasks.reveal(task.id)?.edit();
}

/** In its row, unless the details have the focus, or there is no row, as on a board. @param {Task} task */
function editTitle(task) {
  const row = model.selected.task === task.id && find("detail").contains(document.activeElement) ? undefined : tasks.row(task.id);
  if (row) return row.edit();
  open(task);
  renderer.now();
  panel.focusField(task, "title");
}

/** @param {string[]} ids */
async function restore(ids) {
  for (const id of ids) await api.request("POST", `/api/trash/${id}/restore`, {});
  return true;
}

/** What still waits for an answer before it is sent is sent as it is when the page is closed. */
const sendDelayed = () => Promise.allSettled(outbox.operations.filter(({ state }) => state === "delayed").map((operation) => api.send(operation, { keepalive: true })));

function closeTask() {
  const { task } = model.selected;
  router.closeTask();
  return !!task;
}

themeButton(find("theme"));
find("new-list").addEventListener("click", () => listDialog.open());
find("search").addEventListener("click", () => commands.run("palette"));
for (const id of ["add", "tab-add"]) find(id).addEventListener("click", () => commands.run("quick-add"));
find("settings").addEventListener("click", () => settings.open());
find("keys").addEventListener("click", () => showKeys());
find("sign-out").addEventListener("submit", (event) => {
  event.preventDefault();
  dialogs.signOut.open((signOut) => signOut({ path: find("sign-out").getAttribute("action"), api, outbox, forget: async () => Promise.all([device.clear(), (await copy.get()).end()]), toasts, sendDelayed, login, adopted: () => keeper.ready }));
});
find("veil").addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays, and goes where closing sends it
find("veil").addEventListener("click", () => panel.isOpen && closeTask());
addEventListener("beforeunload", (event) => keeper.wouldLose && event.preventDefault());
addEventListener("pagehide", () => void sendDelayed());
addEventListener("online", retry);
addEventListener("offline", () => renderer.later());
addEventListener("resize", shade);
document.addEventListener("visibilitychange", () => renderer.now()); // a hidden page gets no frame that it waits for
new ResizeObserver(() => document.body.style.setProperty("--composer", `${find("composer").offsetHeight}px`)).observe(find("composer"));
setInterval(() => renderer.later(), 60_000); // relative dates change with time
router.start();
connection.load();
deviceZone(); // takes long for the first time: while the page waits for its data
