/** What the views show, read from a state of the store. Pure, and memoized where a list may be long. */

const RANK = { everyone: 0, inbox: 1, list: 2 };

export function sortedLists(state) {
  return [...state.lists.values()].sort(
    (a, b) => RANK[a.kind] - RANK[b.kind] || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1),
  );
}

export const byPosition = (a, b) => a.position - b.position || (a.id < b.id ? -1 : 1);
const byCompletion = (a, b) => (a.completed_at < b.completed_at ? 1 : a.completed_at > b.completed_at ? -1 : byPosition(a, b));

/** {open, done}: the list's tasks in the order in which they are shown. */
export const sections = (state, list) => sectionsOf(state.tasks, list);

const sectionsOf = memoized((tasks, list) => {
  const open = [];
  const done = [];
  for (const task of tasks.values()) {
    if (task.list === list) (task.completed ? done : open).push(task);
  }
  return { open: open.sort(byPosition), done: done.sort(byCompletion) };
});

/** How many tasks are open, by list. */
export const openCounts = memoized((tasks) => {
  const counts = new Map();
  for (const task of tasks.values()) {
    if (!task.completed) counts.set(task.list, (counts.get(task.list) ?? 0) + 1);
  }
  return counts;
});

export const membersOf = (state, list) =>
  [...state.members.values()]
    .filter((each) => each.list === list)
    .sort((a, b) => (b.role === "owner") - (a.role === "owner") || a.user.username.localeCompare(b.user.username));

/** "owner", "editor" or "viewer"; everybody edits the list Everyone. */
export function roleIn(state, list) {
  if (!list || list.kind === "everyone") return "editor";
  if (list.owner === state.me?.id) return "owner";
  const mine = [...state.members.values()].find((each) => each.list === list.id && each.user.id === state.me?.id);
  return mine?.role ?? "viewer";
}

export const shownName = (person) => person.name || person.username;

/** A person's name by number; `otherwise` for one who is not known here (any more). */
export function nameOf(state, id, otherwise = "Somebody") {
  if (id === state.me?.id) return "You";
  const user = state.users.get(id) ?? [...state.members.values()].find((each) => each.user.id === id)?.user;
  return user ? shownName(user) : otherwise;
}

/** Remembers the last answer: tables are never changed in place, so the same ones give the same. */
function memoized(compute) {
  let last = [];
  let result;
  return (...all) => {
    if (!last.length || all.some((each, at) => each !== last[at])) [last, result] = [all, compute(...all)];
    return result;
  };
}
