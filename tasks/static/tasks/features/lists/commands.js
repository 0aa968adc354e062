import { GROUPS, SORTS } from "../../core/arranging.js";
import { isWritable, roleIn } from "../../core/selectors.js";
import { isOfTasks } from "../../core/views.js";
import { knows } from "../objects.js";

/**
 * What the menus of a list and of a view offer, for the palette.
 *
 * @param {Object} parts
 * @param {import("../../core/model.js").Model} parts.model
 * @param {import("../../core/lazy.js").Lazy<import("./menus.js").ListMenus>} parts.listMenus
 * @returns {import("../../shell/commands.js").Command[]}
 */
export function listCommands({ model, listMenus }) {
  const list = () => model.shown.lists.get(model.selected.list ?? "");
  const isOwn = () => list()?.kind === "list" && roleIn(model.shown, list()) === "owner";
  const mayWrite = () => isWritable(model.shown, list());
  const onList = (/** @type {(menus: import("./menus.js").ListMenus, list: import("../../core/types.js").TaskList) => unknown} */ call) => () => {
    const now = list();
    if (now) listMenus.open((menus) => void call(menus, now));
  };
  const isTasks = () => isOfTasks(model.selected.view);
  const isGroup = (/** @type {string} */ group) => group !== "list" || model.selected.view.kind !== "list";
  const arranged = (/** @type {"sort" | "group"} */ what, /** @type {string} */ value) => () => listMenus.open((menus) => menus.arrange(what, value));
  return [
    { id: "list.section", name: "Add a section", group: "Lists", words: "new heading", when: () => mayWrite() && knows("section"), run: onList((menus, now) => menus.addSection(now)) },
    { id: "list.archive", name: () => (list()?.archived_at ? "Bring this list back from the archive" : "Archive this list"), group: "Lists", words: "hide unarchive", when: () => isOwn() && knows("list", "archived_at"), run: onList((menus, now) => menus.archive(now, !now.archived_at)) },
    ...SORTS.map(([value, label]) => ({ id: `sort.${value}`, name: `Sort by ${label.toLowerCase()}`, group: "View", words: "order", asked: true, when: isTasks, run: arranged("sort", value) })),
    ...GROUPS.map(([value, label]) => ({ id: `group.${value}`, name: `Group by ${label.toLowerCase()}`, group: "View", words: "headings", asked: true, when: () => isTasks() && isGroup(value), run: arranged("group", value) })),
  ];
}
