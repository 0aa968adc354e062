/** What the server says of its kinds, in small; to be imported before the store. `comment` is a kind that no module names. */
import { learn } from "../../tasks/static/tasks/core/kinds.js";

const inList = { field: "list", kind: "list" };

learn([
  { kind: "list", fields: ["id", "name", "color", "kind", "owner", "version"] },
  {
    kind: "task",
    fields: ["id", "list", "title", "notes", "priority", "labels", "section", "completed", "due_date", "due_time", "due_zone", "position", "version"],
    parent: inList,
  },
  { kind: "label", fields: ["id", "list", "name", "version"], parent: inList },
  { kind: "comment", fields: ["id", "task", "text", "version"], parent: { field: "task", kind: "task" } },
  { kind: "filter", fields: ["id", "name", "version"] },
]);
