"""Tasks in the Django admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from tasks.core.admin import LiveAdmin
from tasks.items.models import Task
from tasks.labels.models import Label


class LabelsField(forms.ModelMultipleChoiceField):
    """Labels of the task's list, as the ids that its row holds."""

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]  # the column holds no rows
        return sorted(str(label.pk) for label in super().clean(value))


class TaskForm(forms.ModelForm):
    label_ids = LabelsField(Label.objects.none(), label="labels", required=False, show_hidden_initial=True)
    completed = forms.BooleanField(required=False, show_hidden_initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["completed"].initial = self.instance.completed
        self.fields["label_ids"].queryset = Label.objects.filter(list=self.instance.list_id)  # type: ignore[attr-defined]


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
    autocomplete_fields = ["list", "parent", "section", "assignee"]
    actions = ["mark_done", "mark_open"]
    fields = [
        "list", ("parent", "section"), "title", "notes", "priority", "label_ids", "assignee", "completed",
        ("due_date", "due_time", "due_zone"), ("recurrence", "recurrence_from", "recurrence_anchor"), "position",
        "completed_at", "completed_by", "created_at", "created_by", "updated_at", "updated_by", "id", "version",
    ]  # fmt: skip
    readonly_fields = [
        "recurrence_anchor", "completed_at", "completed_by", "created_at", "created_by", "updated_at", "updated_by",
        "id", "version",
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
