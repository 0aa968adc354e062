from django.contrib import admin

from tasks.core.admin import LiveAdmin
from tasks.reminders.models import Reminder


@admin.register(Reminder)
class ReminderAdmin(LiveAdmin):
    list_display = ["task", "user", "fires_at", "sent_at"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    list_select_related = ["task", "user"]
    search_fields = ["task__title", "user__username"]
    show_full_result_count = False
    autocomplete_fields = ["user", "task"]
    fields = [
        "user", "task", "at", "minutes_before", "fires_at", "sent_at", "mail_at", "mail_attempts",
        "created_at", "id", "version",
    ]  # fmt: skip
    readonly_fields = ["fires_at", "sent_at", "mail_at", "mail_attempts", "created_at", "id", "version"]
