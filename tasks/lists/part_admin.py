from django.http import HttpRequest

from tasks.core.admin import LiveAdmin
from tasks.lists.part import ListPart


class ListPartAdmin(LiveAdmin):
    """A label or a section: its list is chosen once."""

    list_select_related = ["list"]
    search_fields = ["name", "list__name"]
    autocomplete_fields = ["list"]
    ordering = ["-updated_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: ListPart | None = None) -> list[str]:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed] if obj is None else ["list", *fixed]
