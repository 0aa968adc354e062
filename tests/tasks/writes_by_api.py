"""The ways to write over the REST API; see tests.tasks.world."""

from typing import Any

from tests.tasks.world import World, request, write


@write
def rest_adds_a_task(world: World, a: int, b: int, c: int) -> None:
    where = {} if c % 3 == 0 else {"list": str(world.list(b).pk)}
    more = ({}, {"completed": True}, {"due_date": "2026-03-01", "due_time": "10:00", "due_zone": "Asia/Tokyo"})[c % 3]
    request(world.person(a), "post", "tasks", {"title": world.text(), **where, **more})


@write
def rest_adds_a_task_twice(world: World, a: int, b: int, c: int) -> None:
    data = {"id": str(world.id()), "title": world.text(), "list": str(world.list(b).pk)}
    for _ in range(2):
        request(world.person(a), "post", "tasks", data)


@write
def rest_changes_a_task(world: World, a: int, b: int, c: int) -> None:
    changes: list[dict[str, Any]] = [
        {"title": world.text()},
        {"completed": not world.task(b).completed},
        {"priority": "urgent", "notes": world.text()},
        {"due_date": "2026-03-01", "due_time": "10:00:30.5", "due_zone": "Europe/Berlin"},
        {"due_date": None, "due_time": None, "due_zone": None},
        {"position": 0.1},
        {"title": world.task(b).title},
    ]
    request(world.person(a), "patch", f"tasks/{world.task(b).pk}", changes[c % len(changes)])


@write
def rest_moves_a_task(world: World, a: int, b: int, c: int) -> None:
    request(
        world.person(a), "patch", f"tasks/{world.task(b).pk}", {"list": str(world.list(c).pk), "title": world.text()}
    )


@write
def rest_deletes_a_task(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "delete", f"tasks/{world.task(b).pk}")


@write
def rest_makes_a_task_again(world: World, a: int, b: int, c: int) -> None:
    """Under the id that it had, in another list."""
    task = world.task(b)
    request(world.person(a), "delete", f"tasks/{task.pk}")
    data = {"id": str(task.pk), "title": world.text(), "list": str(world.list(c).pk)}
    request(world.person(a), "post", "tasks", data)


@write
def rest_adds_a_list(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "post", "lists", {"name": world.text(), "color": "#00FF00"})


@write
def rest_changes_a_list(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "patch", f"lists/{world.list(b).pk}", {"name": world.text()})


@write
def rest_gives_a_list_away(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "patch", f"lists/{world.list(b).pk}", {"owner": world.person(c).pk})


@write
def rest_deletes_a_list(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "delete", f"lists/{world.own_list(b).pk}")


@write
def rest_adds_a_member(world: World, a: int, b: int, c: int) -> None:
    data = {"user": world.person(c).username, "role": ("editor", "viewer")[c % 2]}
    request(world.person(a), "post", f"lists/{world.own_list(b).pk}/members", data)


@write
def rest_bulk(world: World, a: int, b: int, c: int) -> None:
    """Several operations, all or each by itself."""
    names = ["complete", "reopen", "delete", "update"]
    operations = [
        {"op": "create", "title": world.text(), "list": str(world.list(b).pk)},
        {"op": names[c % 4], "id": str(world.task(b).pk), **({"title": world.text()} if c % 4 == 3 else {})},
        {"op": "move", "id": str(world.task(c).pk), "list": str(world.list(a).pk)},
    ]
    request(world.person(a), "post", "tasks/bulk", {"operations": operations, "atomic": c % 2 == 0})


@write
def rest_restores_from_the_trash(world: World, a: int, b: int, c: int) -> None:
    """A task, or a list with what it had."""
    row = world.task(b) if c % 2 else world.own_list(b)
    request(world.person(a), "delete", f"{'tasks' if c % 2 else 'lists'}/{row.pk}")
    request(world.person(a), "post", f"trash/{row.pk}/restore")


@write
def rest_undoes(world: World, a: int, b: int, c: int) -> None:
    """What the person did last, and does it again."""
    person = world.person(a)
    request(person, "patch", f"tasks/{world.task(b).pk}", {"title": world.text(), "completed": c % 2 == 0})
    request(person, "post", "undo")
    if c % 3:
        request(person, "post", "redo")


@write
def rest_changes_a_member(world: World, a: int, b: int, c: int) -> None:
    member = world.member(b)
    path = f"lists/{member.list_id}/members/{member.pk}"
    request(world.person(a), "patch", path, {"role": ("editor", "viewer")[c % 2]})


@write
def rest_removes_a_member(world: World, a: int, b: int, c: int) -> None:
    member = world.member(b)
    request(member.user if c % 2 else world.person(a), "delete", f"lists/{member.list_id}/members/{member.pk}")


@write
def rest_changes_me(world: World, a: int, b: int, c: int) -> None:
    changes = [{"name": world.text()}, {"time_zone": "Asia/Tokyo"}, {"name": ""}]
    request(world.person(a), "patch", "me", changes[c % 3])


@write
def rest_saves_and_changes_a_filter(world: World, a: int, b: int, c: int) -> None:
    made = request(world.person(a), "post", "filters", {"name": world.text(), "query": {"due": "today"}})
    if c % 2:
        request(world.person(a), "patch", f"filters/{made['id']}", {"query": {"priority": ["high"]}, "sort": "title"})
    if c % 3 == 2:
        request(world.person(b), "delete", f"filters/{made['id']}")


@write
def rest_places_a_list(world: World, a: int, b: int, c: int) -> None:
    """As a favourite, and then elsewhere, or nowhere."""
    fields = {"list": str(world.list(b).pk), "favorite": c % 2 == 0, "position": c * 1.5}
    made = request(world.person(a), "post", "places", fields)
    request(world.person(a), "patch", f"places/{made['id']}", {"favorite": c % 2 == 1, "position": None})
    if c % 3 == 2:
        request(world.person(a), "delete", f"places/{made['id']}")
