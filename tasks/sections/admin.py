from django.contrib import admin

from tasks.lists.part_admin import ListPartAdmin
from tasks.sections.models import Section


@admin.register(Section)
class SectionAdmin(ListPartAdmin):
    list_display = ["name", "list", "position", "updated_at"]
    fields = ["list", "name", "position", "id", "version", "created_at", "updated_at"]
    readonly_fields = ["id", "version", "created_at", "updated_at"]
