"""The ways to write labels, sections, subtasks, assignees and places; see tests.tasks.world."""

from typing import Any

from django.db.models import F, Value

from tasks.models import Label, Section, Task
from tests.tasks.world import World, pick, request, write
from tests.tasks.writes_in_admin import act, delete, submit


def label(number: int) -> Label:
    found: Label = pick(Label.objects.order_by("created_at", "pk"), number)
    return found


def section(number: int) -> Section:
    found: Section = pick(Section.objects.order_by("created_at", "pk"), number)
    return found


def furnish(world: World, number: int) -> Task:
    """A task with a subtask, a label, a section and an assignee, in one of alice's lists."""
    task_list = world.own_list(number)
    name = world.text()
    task: Task = Task.objects.create(
        list=task_list,
        title=name,
        label_ids=[str(Label.objects.create(list=task_list, name=name).pk)],
        section=Section.objects.create(list=task_list, name=name),
        assignee=world.alice,
    )
    Task.objects.create(list=task_list, title=f"{name}, a part", parent=task, label_ids=task.label_ids)
    return task


# Over the REST API


@write
def rest_adds_a_subtask(world: World, a: int, b: int, c: int) -> None:
    parent = world.task(b)
    subtask = request(world.person(a), "post", "tasks", {"title": world.text(), "parent": str(parent.pk)})
    if c % 2:
        request(world.person(a), "patch", f"tasks/{parent.pk}", {"list": str(world.list(c).pk)})
    else:
        request(world.person(a), "patch", f"tasks/{subtask['id']}", {"parent": None})


@write
def rest_puts_a_task_under_another(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "patch", f"tasks/{world.task(b).pk}", {"parent": str(world.task(c).pk)})


@write
def rest_writes_references(world: World, a: int, b: int, c: int) -> None:
    task = furnish(world, b)
    others = Label.objects.filter(list=task.list_id)
    changes: list[dict[str, Any]] = [
        {"labels": [str(row.pk) for row in others], "assignee": None},
        {"labels": [], "section": None},
        {"assignee": world.person(c).pk},
        {"recurrence": "FREQ=DAILY", "recurrence_from": "completion"},
    ]
    request(world.person(a), "patch", f"tasks/{task.pk}", changes[c % 4])


@write
def rest_moves_a_task_to_a_place(world: World, a: int, b: int, c: int) -> None:
    other = world.task(c)
    where = {"list": str(other.list_id), ("before", "after")[a % 2]: str(other.pk)}
    request(world.person(a), "post", f"tasks/{world.task(b).pk}/move", where if b != c else {})


@write
def rest_moves_where_there_is_no_room(world: World, a: int, b: int, c: int) -> None:
    task = furnish(world, b)
    Task.objects.filter(list=task.list_id).update(position=c * 1e12 / 4)
    request(world.alice, "post", f"tasks/{task.pk}/move", {"before": str(task.subtasks.get().pk)})


@write
def rest_completes_and_reopens_a_task(world: World, a: int, b: int, c: int) -> None:
    task = furnish(world, b)
    request(world.person(a), "post", f"tasks/{task.pk}/complete")
    if c % 2:
        request(world.person(a), "post", f"tasks/{task.pk}/reopen")


@write
def rest_duplicates_a_task(world: World, a: int, b: int, c: int) -> None:
    task = furnish(world, b) if c % 2 else world.task(b)
    request(world.person(a), "post", f"tasks/{task.pk}/duplicate")


@write
def rest_writes_a_label(world: World, a: int, b: int, c: int) -> None:
    new = {"list": str(world.list(b).pk), "name": world.text(), "color": "#AABBCC"}
    made = request(world.person(a), "post", "labels", new)
    if c % 2:
        request(world.person(a), "patch", f"labels/{made['id']}", {"name": world.text()})


@write
def rest_deletes_a_label(world: World, a: int, b: int, c: int) -> None:
    furnish(world, b)
    request(world.person(a), "delete", f"labels/{label(c).pk}")


@write
def rest_writes_a_section(world: World, a: int, b: int, c: int) -> None:
    made = request(world.person(a), "post", "sections", {"list": str(world.list(b).pk), "name": world.text()})
    if c % 2:
        request(world.person(a), "patch", f"sections/{made['id']}", {"name": world.text()})
    elif (other := Section.objects.filter(list=made["list"]).first()) and str(other.pk) != made["id"]:
        request(world.person(a), "post", f"sections/{made['id']}/move", {"before": str(other.pk)})


@write
def rest_deletes_a_section(world: World, a: int, b: int, c: int) -> None:
    furnish(world, b)
    request(world.person(a), "delete", f"sections/{section(c).pk}")


@write
def rest_archives_a_list(world: World, a: int, b: int, c: int) -> None:
    path = f"lists/{world.own_list(b).pk}"
    request(world.person(a), "post", f"{path}/archive")
    if c % 2:
        request(world.person(a), "post", f"{path}/unarchive")


# By the models


@write
def orm_moves_a_furnished_task(world: World, a: int, b: int, c: int) -> None:
    """By the one or the other way, and its subtask alone."""
    task = furnish(world, b)
    target = world.list(c)
    if a % 3 == 0:
        task.list = target
        task.save()
    elif a % 3 == 1:
        Task.objects.filter(list=task.list_id).update(list=target)
    else:
        Task.objects.filter(parent=task).update(list=target)


@write
def orm_completes_a_furnished_task(world: World, a: int, b: int, c: int) -> None:
    task = furnish(world, b)
    if c % 2:
        task.mark(completed=True, by=world.person(a))
        task.save()
    else:
        Task.objects.filter(list=task.list_id).mark(completed=True, by=world.person(a))


@write
def orm_deletes_a_furnished_task(world: World, a: int, b: int, c: int) -> None:
    task = furnish(world, b)
    task.delete() if c % 2 else Task.objects.filter(list=task.list_id).delete()


@write
def orm_puts_tasks_under_one(world: World, a: int, b: int, c: int) -> None:
    """From another list; and takes them out again."""
    top = furnish(world, b)
    Task.objects.filter(pk=world.task(c).pk, subtasks=None).exclude(pk=top.pk).update(parent=top)
    if a % 2:
        Task.objects.filter(parent=top).update(parent=None)


@write
def orm_deletes_labels_and_sections(world: World, a: int, b: int, c: int) -> None:
    """One by one, or all."""
    task = furnish(world, b)
    if c % 2:
        label(a).delete()
        section(a).delete()
    else:
        Label.objects.filter(list=task.list_id).delete()
        Section.objects.filter(list=task.list_id).delete()


@write
def orm_deletes_a_furnished_list(world: World, a: int, b: int, c: int) -> None:
    furnish(world, b).list.delete()


@write
def orm_removes_an_assignee(world: World, a: int, b: int, c: int) -> None:
    """From the list, or from work altogether."""
    member = world.member(b)
    Task.objects.create(list=member.list, title=world.text(), assignee=member.user)
    if c % 2:
        member.user.is_active = False
        member.user.save(update_fields=["is_active"])
    else:
        member.delete()


@write
def bulk_writes_references(world: World, a: int, b: int, c: int) -> None:
    """To one list, from wherever they are."""
    task = furnish(world, b)
    rows = list(Task.objects.filter(parent=None))
    for row in rows:
        row.list, row.label_ids, row.section, row.assignee = task.list, task.label_ids, task.section, world.alice
    Task.objects.bulk_update(rows, ["list", "label_ids", "section", "assignee"])
    more = [Task(list=world.list(c), title=world.text(), parent=task) for _ in range(2)]
    Task.objects.bulk_create([*more, Task(list=task.list, title=world.text(), label_ids=task.label_ids)])


@write
def queryset_updates_labels_and_sections(world: World, a: int, b: int, c: int) -> None:
    furnish(world, b)
    Label.objects.filter(pk=label(c).pk).update(name=world.text(), color="#123456")
    Section.objects.update(position=F("position") / 2, name=Value(world.text()))


# In the admin


@write
def admin_writes_references(world: World, a: int, b: int, c: int) -> None:
    task = furnish(world, b)
    other = Task.objects.create(list=task.list, title=world.text())
    changes = {
        "assignee": world.person(a).pk,
        "section": task.section_id,
        "label_ids": task.label_ids,
    }
    submit(world, f"task/{other.pk}/change", lambda data: data.update(changes if c % 2 else {"parent": task.pk}))


@write
def admin_writes_a_label(world: World, a: int, b: int, c: int) -> None:
    submit(world, "label/add", lambda data: data.update(list=world.list(b).pk, name=world.text()))
    submit(world, f"label/{label(c).pk}/change", lambda data: data.update(name=world.text()))


@write
def admin_writes_a_section(world: World, a: int, b: int, c: int) -> None:
    submit(world, "section/add", lambda data: data.update(list=world.list(b).pk, name=world.text()))
    submit(world, f"section/{section(c).pk}/change", lambda data: data.update(name=world.text()))


@write
def admin_deletes_labels_and_sections(world: World, a: int, b: int, c: int) -> None:
    task = furnish(world, b)
    if c % 2:
        act(world, "label", "delete_selected", Label.objects.filter(list=task.list_id))
        act(world, "section", "delete_selected", Section.objects.filter(list=task.list_id))
    else:
        delete(world, f"label/{task.label_ids[0]}")
        delete(world, f"section/{task.section_id}")


@write
def admin_deletes_a_furnished_task(world: World, a: int, b: int, c: int) -> None:
    delete(world, f"task/{furnish(world, b).pk}")


@write
def admin_archives_a_list(world: World, a: int, b: int, c: int) -> None:
    when = {"archived_at_0": "2026-03-01", "archived_at_1": "12:00:00"}
    submit(world, f"tasklist/{world.own_list(b).pk}/change", lambda data: data.update(when))
