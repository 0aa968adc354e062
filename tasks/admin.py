"""Everything by hand, for the people who run the place. What is changed here reaches the clients like any change."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from tasks.forms import AdminSignInForm
from tasks.models import EVERYONE_ID, Kind, Membership, Role, SignIn, Task, TaskList, User
from tasks.models.sign_in import SignInQuerySet

admin.site.login_form = AdminSignInForm


class LiveAdmin(admin.ModelAdmin):
    """A form writes only the fields that were changed in it, so that what others wrote meanwhile stays."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """With its first value hidden beside it, without which a change would be what differs from the row by now."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.show_hidden_initial = True
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.save(force_insert=True)
        else:
            obj.save(update_fields=self.apply(request, obj, form))

    def apply(self, request: HttpRequest, obj: Any, form: Any) -> set[str]:
        """The names of the columns to write; the form has set them."""
        columns = {field.name for field in obj._meta.concrete_fields}
        return columns & set(form.changed_data)

    def is_kept(self, obj: Any) -> bool:
        """Whether `obj` can't be deleted here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not self.is_kept(obj))


@admin.register(User)
class UserAdmin(LiveAdmin, DjangoUserAdmin):
    list_display = ["username", "name", "email", "is_active", "is_staff", "last_login"]
    search_fields = ["username", "name", "email"]
    readonly_fields = ["version", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["name", "email", "time_zone"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined", "version"]}),
    ]


class NoOwnerForm(forms.ModelForm):
    """An owner is chosen in the list, not among its members."""

    role = forms.ChoiceField(choices=[(role.value, role.label) for role in (Role.EDITOR, Role.VIEWER)])


class MembershipInline(admin.TabularInline):
    """All members but the owner, who is chosen above."""

    model = Membership
    form = NoOwnerForm
    extra = 0
    fields = ["user", "role"]
    autocomplete_fields = ["user"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).exclude(role=Role.OWNER)


@admin.register(TaskList)
class TaskListAdmin(LiveAdmin):
    list_display = ["name", "kind", "owner", "number_of_tasks", "updated_at"]
    list_filter = ["kind"]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__username"]
    autocomplete_fields = ["owner"]
    fields = ["name", "color", "owner", "kind", "id", "version", "created_at", "updated_at"]

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


class TaskForm(forms.ModelForm):
    completed = forms.BooleanField(required=False, show_hidden_initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["completed"].initial = self.instance.completed


@admin.register(Task)
class TaskAdmin(LiveAdmin):
    form = TaskForm
    list_display = ["title", "list", "priority", "is_completed", "due_date", "updated_by", "updated_at"]
    list_filter = [("completed_at", admin.EmptyFieldListFilter), "priority", "due_date", "list__kind"]
    list_select_related = ["list", "updated_by"]
    search_fields = ["title", "notes"]
    date_hierarchy = "created_at"
    ordering = ["-updated_at"]
    show_full_result_count = False
    autocomplete_fields = ["list"]
    actions = ["mark_done", "mark_open"]
    fields = [
        "list", "title", "notes", "priority", "completed", ("due_date", "due_time", "due_zone"), "position",
        "completed_at", "completed_by", "created_at", "created_by", "updated_at", "updated_by", "id", "version",
    ]  # fmt: skip
    readonly_fields = [
        "completed_at", "completed_by", "created_at", "created_by", "updated_at", "updated_by", "id", "version",
    ]  # fmt: skip

    @admin.display(description="done", boolean=True, ordering="completed_at")
    def is_completed(self, obj: Task) -> bool:
        return obj.completed

    def save_model(self, request: HttpRequest, obj: Task, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = obj.updated_by = request.user  # type: ignore[assignment]
            if form.cleaned_data["completed"]:
                obj.mark(completed=True, by=request.user)  # type: ignore[arg-type]
        super().save_model(request, obj, form, change)

    def apply(self, request: HttpRequest, obj: Task, form: Any) -> set[str]:
        fields = super().apply(request, obj, form)
        if "list" in fields and "position" not in fields:
            fields |= obj.move_to(obj.list)
        if "completed" in form.changed_data:
            fields |= obj.mark(completed=form.cleaned_data["completed"], by=request.user)  # type: ignore[arg-type]
        if fields:
            obj.updated_by = request.user  # type: ignore[assignment]
            fields.add("updated_by")
        return fields

    @admin.action(description="Mark the selected tasks as done")
    def mark_done(self, request: HttpRequest, queryset: Any) -> None:
        self._mark(request, queryset, completed=True)

    @admin.action(description="Mark the selected tasks as open")
    def mark_open(self, request: HttpRequest, queryset: Any) -> None:
        self._mark(request, queryset, completed=False)

    def _mark(self, request: HttpRequest, queryset: Any, *, completed: bool) -> None:
        count = queryset.mark(completed=completed, by=request.user)
        self.message_user(request, f"{count} marked as {'done' if completed else 'open'}.")


@admin.register(SignIn)
class SignInAdmin(admin.ModelAdmin):
    """Who is signed in with tokens. Sessions of browsers are not among them."""

    list_display = ["user", "created_at", "expires_at", "ended_at"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    actions = ["sign_out"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SignIn | None = None) -> bool:
        return False

    @admin.action(description="Sign out", permissions=["delete"])
    def sign_out(self, request: HttpRequest, queryset: SignInQuerySet) -> None:
        count = queryset.end()
        self.message_user(request, f"{count} signed out.")
