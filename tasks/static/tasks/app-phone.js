/** What a narrow page and a finger have beside the rest: the bar of tabs, rows that are swiped, and the task as a sheet. */
import { find } from "./core/dom.js";
import { RowSwipe } from "./features/items/row-swipe.js";
import { dragToClose } from "./shell/sheet.js";

/** A page as narrow as a phone, as in the style sheets. */
export const PHONE = "(max-width: 47.5em)";

/**
 * @param {Object} parts
 * @param {import("./features/items/task-list.js").TaskListView} parts.tasks
 * @param {import("./features/items/actions.js").TaskActions} parts.actions
 * @param {(property: "due", anchor: HTMLElement, ids: string[]) => void} parts.pick
 * @param {() => void} parts.closeTask
 * @param {() => boolean} parts.isSelecting   a finger selects tasks
 */
export function setUpPhone({ tasks, actions, pick, closeTask, isSelecting }) {
  new RowSwipe({
    container: find("main"),
    rowOf: (id) => tasks.row(id),
    isOff: isSelecting,
    complete: ({ task }) => actions.complete(task, !task.completed),
    schedule: ({ task, title }) => pick("due", title, [task.id]),
  });
  dragToClose({ sheet: find("detail"), handle: ".detail-bar", isOn: () => matchMedia(PHONE).matches, close: closeTask });
}
