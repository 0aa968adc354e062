"""What was changed and what was deleted: to read, and to restore."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from tasks.core.api.problems import Conflict
from tasks.core.changes import Change
from tasks.history import trash
from tasks.history.models import Trashed


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "object_id", "action", "actor", "source", "way"]
    list_filter = ["kind", "action", "source"]
    list_select_related = ["actor"]
    search_fields = ["=object_id", "=request_id", "actor__username"]
    ordering = ["-id"]


@admin.register(Trashed)
class TrashedAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "deleted_by", "deleted_at"]
    list_filter = ["kind"]
    list_select_related = ["deleted_by"]
    search_fields = ["title", "=object_id"]
    actions = ["restore"]
    exclude = ["data"]

    @admin.action(description="Restore the selected objects", permissions=["restore"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Trashed]) -> None:
        count = 0
        for entry in queryset:
            try:
                with transaction.atomic():
                    count += len(trash.restore([entry.pk], request.user).rows)  # type: ignore[arg-type]
            except Conflict as error:
                self.message_user(request, f"{entry}: {error.detail}", messages.ERROR)
        self.message_user(request, f"{count} objects restored.")

    def has_restore_permission(self, request: HttpRequest) -> bool:
        """Those who may delete tasks may take that back."""
        return request.user.has_perm("tasks.delete_task")
