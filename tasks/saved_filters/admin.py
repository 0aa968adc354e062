from django.contrib import admin

from tasks.core.admin import LiveAdmin
from tasks.saved_filters.models import SavedFilter


@admin.register(SavedFilter)
class SavedFilterAdmin(LiveAdmin):
    list_display = ["name", "user", "updated_at"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    autocomplete_fields = ["user"]
    fields = ["user", "name", "query", "sort", "group", "position", "id", "version", "created_at", "updated_at"]
    readonly_fields = ["id", "version", "created_at", "updated_at"]
