from django.contrib import admin

from tasks.labels.models import Label
from tasks.lists.part_admin import ListPartAdmin


@admin.register(Label)
class LabelAdmin(ListPartAdmin):
    list_display = ["name", "color", "list", "updated_at"]
    fields = ["list", "name", "name_key", "color", "id", "version", "created_at", "updated_at"]
    readonly_fields = ["name_key", "id", "version", "created_at", "updated_at"]
