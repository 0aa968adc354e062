"""A representation is a plain function; the serializer of the same kind, and the admin, name the same fields."""

from typing import Any

import pytest
from django.contrib import admin

from tasks.accounts.serializers import MeSerializer, UserSerializer
from tasks.core.api.serializers import LiveSerializer
from tasks.items.copying import COPIED
from tasks.items.serializers import TaskSerializer
from tasks.labels.serializers import LabelSerializer
from tasks.lists.serializers import MembershipSerializer, TaskListSerializer
from tasks.models import Label, Membership, Reminder, Section, Task, TaskList, User
from tasks.places.models import Place
from tasks.places.serializers import PlaceSerializer
from tasks.reminders.serializers import ReminderSerializer
from tasks.saved_filters.models import SavedFilter
from tasks.saved_filters.serializers import SavedFilterSerializer
from tasks.sections.serializers import SectionSerializer

SERIALIZERS: list[type[LiveSerializer]] = [
    UserSerializer,
    MeSerializer,
    TaskListSerializer,
    MembershipSerializer,
    LabelSerializer,
    SectionSerializer,
    TaskSerializer,
    SavedFilterSerializer,
    ReminderSerializer,
    PlaceSerializer,
]


@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_representation_has_the_fields_of_the_serializer(
    serializer: Any, alice: User, shared: TaskList, milk: Task
) -> None:
    """In the same order, so that the documented fields are those that are sent."""
    rows: dict[Any, Any] = {
        User: alice,
        TaskList: shared,
        Membership: Membership.objects.select_related("user").first(),
        Label: Label.objects.create(list=shared, name="Shop"),
        Section: Section.objects.create(list=shared, name="Later"),
        Task: milk,
        SavedFilter: SavedFilter.objects.create(user=alice, name="Urgent"),
        Reminder: Reminder.objects.create(user=alice, task=milk, minutes_before=30),
        Place: Place.objects.create(user=alice, list=shared, favorite=True),
    }
    row = rows[serializer.Meta.model]
    assert list(serializer.represent(row)) == serializer.Meta.fields
    assert serializer(row).data == serializer.represent(row)


def test_a_copy_of_a_task_takes_over_every_column() -> None:
    """A new one is not forgotten, except these, which a copy has of its own."""
    own = {"id", "version", "position", "completed_at", "completed_by_id"}
    own |= {f"{done}_{what}" for done in ("created", "updated") for what in ("at", "by_id")}
    assert {field.attname for field in Task._meta.concrete_fields} - own == set(COPIED)


@pytest.mark.parametrize("model", [TaskList, Membership, Label, Section, Task, SavedFilter, Reminder, Place])
def test_admin_shows_every_column(model: Any) -> None:
    """A new column is not forgotten there."""
    shown: set[str] = set()
    for name in admin.site.get_model_admin(model).fields or ():
        shown |= {name} if isinstance(name, str) else set(name)
    assert {field.name for field in model._meta.concrete_fields} - model.silent_fields <= shown
