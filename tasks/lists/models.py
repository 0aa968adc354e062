from collections.abc import Collection, Iterable
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from realtime.events.live import LiveModel
from realtime.events.rows import row_by_key
from tasks.accounts.models import User
from tasks.core.colors import DEFAULT_COLOR, validate_color
from tasks.core.models import StampedModel, StampedQuerySet
from tasks.core.text import validate_line

EVERYONE_ID = UUID("00000000-0000-4000-8000-000000000001")


class Kind(models.TextChoices):
    EVERYONE = "everyone"
    """The built-in list that all active people read and write. It has no owner and no members' rows."""
    INBOX = "inbox"
    """A person's private list, where tasks go that they add without naming a list."""
    LIST = "list"


class Role(models.TextChoices):
    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class TaskListQuerySet(StampedQuerySet):
    def update(self, **kwargs: Any) -> int:
        if not kwargs.keys().isdisjoint({"owner", "owner_id"}):
            raise TypeError("Give a list to somebody else with save(): its memberships follow there")
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def write(self, rows: Iterable[tuple[Any, Collection[str]]]) -> None:
        wanted = list(rows)
        with transaction.atomic(self.db, savepoint=False):
            super().write(wanted)
            for row, names in wanted:
                if "owner" in names:
                    row.keep_owner_in_step()

    write.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        with transaction.atomic(self.db, savepoint=False):
            rows = super().bulk_create(objs, *args, **kwargs)
            for row in rows:
                row.keep_owner_in_step()
        return rows


class TaskListManager(models.Manager.from_queryset(TaskListQuerySet)):  # type: ignore[misc]
    def default_for(self, user: User) -> "TaskList":
        """The list of a task that a program creates without naming one: Everyone, so that every client gets it, or the
        Inbox of its person when Everyone is off. What people add by hand goes to `inbox_of()`.
        """
        return row_by_key(TaskList, EVERYONE_ID, self.db) if settings.EVERYONE_LIST else self.inbox_of(user)

    def inbox_of(self, user: User) -> "TaskList":
        """Made when it is first asked for."""
        return self.present_inbox_of(user) or self.make_inbox_of(user)[0]

    def present_inbox_of(self, user: User) -> "TaskList | None":
        found: TaskList | None = self.filter(owner=user, kind=Kind.INBOX).first()
        return found

    def make_inbox_of(self, user: User) -> "tuple[TaskList, bool]":
        """The Inbox, and whether this call made it. The owner's row is the lock that lets two first tasks share one."""
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=user.pk)
            found = self.present_inbox_of(user)
            return found or self.create(owner=user, kind=Kind.INBOX, name="Inbox"), found is None


class TaskList(StampedModel):
    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.CharField(max_length=200, validators=[validate_line])
    color = models.CharField(max_length=7, default=DEFAULT_COLOR, validators=[validate_color])
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.LIST, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_lists", null=True, blank=True
    )
    archived_at = models.DateTimeField(null=True, blank=True, help_text="An archived list can only be read.")

    objects: ClassVar[TaskListManager] = TaskListManager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(kind=Kind.INBOX), name="one_inbox_per_person"),
            models.CheckConstraint(
                condition=Q(kind=Kind.EVERYONE, pk=EVERYONE_ID, owner=None)
                | (Q(owner__isnull=False) & ~Q(kind=Kind.EVERYONE) & ~Q(pk=EVERYONE_ID)),
                name="only_everyone_has_no_owner",
                violation_error_message="A list needs an owner.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.owner_id is None and self.kind != Kind.EVERYONE:
            raise ValidationError({"owner": "A list needs an owner."})

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """As any live row; the owner's membership follows: a former owner becomes an editor."""
        fields = None if update_fields is None else set(update_fields)
        with transaction.atomic(kwargs.get("using"), savepoint=False):
            super().save(update_fields=fields, **kwargs)
            if fields is None or not fields.isdisjoint({"owner", "owner_id"}):
                self.keep_owner_in_step()

    def keep_owner_in_step(self) -> None:
        """Makes the member row with the role `owner` be that of `self.owner`."""
        if self.owner_id is None:
            return
        before = self.memberships.filter(role=Role.OWNER).first()
        if before is not None and before.user_id == self.owner_id:
            return
        if before is not None:
            before.role = Role.EDITOR
            before.save(update_fields=["role"])
        after = self.memberships.filter(user=self.owner_id).first()
        if after is None:
            Membership.objects.create(list=self, user_id=self.owner_id, role=Role.OWNER)
        else:
            after.role = Role.OWNER
            after.save(update_fields=["role"])


class Membership(LiveModel):
    """What a person may do in a list: viewers read, editors write its tasks, owners also the list and its members."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    list = models.ForeignKey(TaskList, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role.choices, default=Role.EDITOR)
    first_seq = models.BigIntegerField(default=0, editable=False)
    """The number of the first event of the list's stream that the person may read: the one that let them in. Written at
    the end of that transaction, so no committed row has 0; there was no release without it."""

    silent_fields: ClassVar[frozenset[str]] = frozenset({"first_seq"})

    class Meta:
        ordering = ["list", "id"]
        constraints = [
            models.UniqueConstraint(fields=["list", "user"], name="one_membership_per_person"),
            models.UniqueConstraint(fields=["list"], condition=Q(role=Role.OWNER), name="one_owner_per_list"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.list} ({self.role})"

    def clean(self) -> None:
        try:
            owns = self.list.owner_id == self.user_id
        except TaskList.DoesNotExist:  # a form has said so
            return
        if self._state.adding and owns:
            raise ValidationError({"user": "The owner is a member already."})
        if self.role == Role.OWNER and not owns:
            raise ValidationError({"role": "A list is given to a new owner in the list itself."})
