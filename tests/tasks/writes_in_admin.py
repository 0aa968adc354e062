"""The ways to write in the admin; see tests.tasks.world."""

from collections.abc import Callable
from typing import Any
from unittest import mock

from django.contrib.auth.models import Group
from django.template.response import TemplateResponse

from tasks.models import (
    Task,
)
from tasks.places.models import Place
from tests.tasks.world import Refused, World, pick, write


def form_of(context: Any) -> dict[str, Any]:
    """What a page's form holds, inlines included, as a browser would send it."""
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif value is not None and value is not False:
                data[field.html_name] = value() if callable(value) else value
    return data


def submit(world: World, path: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Opens a form of the admin, changes it and sends it."""
    with mock.patch.object(TemplateResponse, "rendered_content", ""):  # what it shows is for test_admin.py
        page = world.browser.get(f"/admin/tasks/{path}/")
    if page.status_code != 200:
        raise Refused(page.status_code)
    data = form_of(page.context_data)
    change(data)
    done(world.browser.post(f"/admin/tasks/{path}/", data))


def done(answer: Any) -> None:
    if answer.status_code == 200:
        raise Refused(answer.context_data.get("errors") or answer.context_data.get("protected"))
    if answer.status_code != 302:
        raise Refused(answer.status_code)


def act(world: World, model: str, action: str, rows: Any) -> None:
    """An action on some rows of a list of the admin, confirmed where it asks."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], "post": "yes"}
    if not data["_selected_action"]:
        raise Refused
    done(world.browser.post(f"/admin/tasks/{model}/", data))


def delete(world: World, path: str) -> None:
    done(world.browser.post(f"/admin/tasks/{path}/delete/", {"post": "yes"}))


@write
def admin_adds_a_task(world: World, a: int, b: int, c: int) -> None:
    new = {"list": world.list(b).pk, "title": world.text(), "priority": c % 5, **({"completed": "on"} if c % 2 else {})}
    submit(world, "task/add", lambda data: data.update(new))


@write
def admin_changes_a_task(world: World, a: int, b: int, c: int) -> None:
    changes = [{"title": world.text()}, {"completed": "on"}, {"due_date": "2026-03-01"}, {"position": "7.5"}, {}]
    submit(world, f"task/{world.task(b).pk}/change", lambda data: data.update(changes[c % 5]))


@write
def admin_moves_a_task(world: World, a: int, b: int, c: int) -> None:
    submit(world, f"task/{world.task(b).pk}/change", lambda data: data.update(list=world.list(c).pk))


@write
def admin_deletes_a_task(world: World, a: int, b: int, c: int) -> None:
    delete(world, f"task/{world.task(b).pk}")


@write
def admin_marks_tasks(world: World, a: int, b: int, c: int) -> None:
    act(world, "task", ("mark_done", "mark_open")[c % 2], Task.objects.filter(list=world.list(b)))


@write
def admin_deletes_tasks(world: World, a: int, b: int, c: int) -> None:
    act(world, "task", "delete_selected", Task.objects.filter(list=world.list(b)))


@write
def admin_adds_a_list(world: World, a: int, b: int, c: int) -> None:
    """With a member."""
    new = {
        "name": world.text(),
        "owner": world.person(a).pk,
        "memberships-TOTAL_FORMS": 1,
        "memberships-0-user": world.person(c).pk,
        "memberships-0-role": "viewer",
    }
    submit(world, "tasklist/add", lambda data: data.update(new))


@write
def admin_changes_a_list(world: World, a: int, b: int, c: int) -> None:
    """Its name, and all of its members: the first goes, and a new one comes."""

    def change(data: dict[str, Any]) -> None:
        data["name"] = world.text()
        if "memberships-0-id" in data and c % 2:
            data["memberships-0-DELETE"] = "on"
        elif "memberships-TOTAL_FORMS" in data:
            number = int(data["memberships-TOTAL_FORMS"])
            data["memberships-TOTAL_FORMS"] = number + 1
            data |= {f"memberships-{number}-user": world.person(c).pk, f"memberships-{number}-role": "editor"}

    submit(world, f"tasklist/{world.list(b).pk}/change", change)


@write
def admin_gives_a_list_away(world: World, a: int, b: int, c: int) -> None:
    submit(world, f"tasklist/{world.own_list(b).pk}/change", lambda data: data.update(owner=world.person(c).pk))


@write
def admin_deletes_a_list(world: World, a: int, b: int, c: int) -> None:
    if c % 2:
        act(world, "tasklist", "delete_selected", [world.list(b)])
    else:
        delete(world, f"tasklist/{world.list(b).pk}")


@write
def admin_adds_a_member(world: World, a: int, b: int, c: int) -> None:
    new = {"list": world.own_list(b).pk, "user": world.person(c).pk, "role": ("editor", "viewer")[a % 2]}
    submit(world, "membership/add", lambda data: data.update(new))


@write
def admin_changes_a_member(world: World, a: int, b: int, c: int) -> None:
    path = f"membership/{world.member(b).pk}/change"
    submit(world, path, lambda data: data.update(role=("editor", "viewer")[c % 2]))


@write
def admin_places_a_list(world: World, a: int, b: int, c: int) -> None:
    new = {"user": world.person(a).pk, "list": world.list(b).pk, "position": c, **({"favorite": "on"} if c % 2 else {})}
    submit(world, "place/add", lambda data: data.update(new))
    delete(world, f"place/{pick(Place.objects.order_by('pk'), c).pk}")


@write
def admin_removes_members(world: World, a: int, b: int, c: int) -> None:
    if c % 2:
        act(world, "membership", "delete_selected", [world.member(b)])
    else:
        delete(world, f"membership/{world.member(b).pk}")


@write
def admin_changes_a_person(world: World, a: int, b: int, c: int) -> None:
    def change(data: dict[str, Any]) -> None:
        match c % 4:
            case 0:
                data["name"] = world.text()
            case 1:
                data["username"] = world.text().replace(" ", "-")
            case 2 if "is_active" in data:
                del data["is_active"]
            case 2:
                data["is_active"] = "on"
            case 3:
                data["groups"] = [Group.objects.get_or_create(name="helpers")[0].pk]

    submit(world, f"user/{world.person(a).pk}/change", change)


@write
def admin_adds_a_person(world: World, a: int, b: int, c: int) -> None:
    password = "a password of some length"
    new = {"username": world.text().replace(" ", "-"), "password1": password, "password2": password}
    submit(world, "user/add", lambda data: data.update(new))


@write
def admin_deletes_people(world: World, a: int, b: int, c: int) -> None:
    guest = world.guest()
    if guest is None:
        raise Refused
    if c % 2:
        act(world, "user", "delete_selected", [guest])
    else:
        delete(world, f"user/{guest.pk}")
