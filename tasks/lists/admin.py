from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from tasks.core.admin import BoundedInline, LiveAdmin
from tasks.lists.forms import MembersFormSet
from tasks.lists.models import EVERYONE_ID, Kind, Membership, Role, TaskList


class NoOwnerForm(forms.ModelForm):
    """An owner is chosen in the list, not among its members."""

    role = forms.ChoiceField(choices=[(role.value, role.label) for role in (Role.EDITOR, Role.VIEWER)])


class MembershipInline(BoundedInline):
    """All members but the owner, who is chosen above."""

    model = Membership
    form = NoOwnerForm
    formset = MembersFormSet
    extra = 0
    fields = ["user", "role"]
    autocomplete_fields = ["user"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).exclude(role=Role.OWNER)


@admin.register(TaskList)
class TaskListAdmin(LiveAdmin):
    list_display = ["name", "kind", "owner", "number_of_tasks", "updated_at"]
    list_filter = ["kind", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__username"]
    autocomplete_fields = ["owner"]
    fields = ["name", "color", "owner", "archived_at", "kind", "id", "version", "created_at", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(task_count=Count("tasks"))

    @admin.display(description="tasks", ordering="task_count")
    def number_of_tasks(self, obj: Any) -> int:
        count: int = obj.task_count
        return count

    def get_readonly_fields(self, request: HttpRequest, obj: TaskList | None = None) -> list[str]:
        fixed = [] if obj is None or obj.kind == Kind.LIST else ["owner"]
        return [*fixed, "kind", "id", "version", "created_at", "updated_at"]

    def get_inlines(self, request: HttpRequest, obj: TaskList | None) -> list[Any]:
        return [MembershipInline] if obj is None or obj.kind == Kind.LIST else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "color":
            kwargs["widget"] = forms.TextInput(attrs={"type": "color"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def is_kept(self, obj: TaskList) -> bool:
        return obj.pk == EVERYONE_ID

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A list's members go with it, the owner too, who can't be taken out of it otherwise."""
        deleted, counts, permissions, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, permissions - {Membership._meta.verbose_name}, protected


@admin.register(Membership)
class MembershipAdmin(LiveAdmin):
    """An owner's row is shown and left alone: it follows the list's owner."""

    form = NoOwnerForm
    list_display = ["user", "list", "role"]
    list_filter = ["role"]
    list_select_related = ["user", "list"]
    search_fields = ["user__username", "user__name", "list__name"]
    autocomplete_fields = ["user", "list"]
    fields = ["list", "user", "role", "id", "version"]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        return ["id", "version"] if obj is None else ["list", "user", "id", "version"]

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not self.is_kept(obj))

    def is_kept(self, obj: Membership) -> bool:
        return obj.role == Role.OWNER
