from django.contrib import admin

from tasks.core.admin import LiveAdmin
from tasks.places.models import Place


@admin.register(Place)
class PlaceAdmin(LiveAdmin):
    list_display = ["list", "user", "favorite", "position"]
    list_filter = ["favorite"]
    list_select_related = ["list", "user"]
    search_fields = ["list__name", "user__username"]
    autocomplete_fields = ["user", "list"]
    fields = ["user", "list", "favorite", "position", "id", "version"]
    readonly_fields = ["id", "version"]
