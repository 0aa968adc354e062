from tasks.core.api.filters import AskedFilterSet, IdFilter, OrderingFilter
from tasks.items.filters import visible_tasks
from tasks.reminders.models import Reminder


class ReminderFilter(AskedFilterSet):
    task = IdFilter(queryset=visible_tasks)
    ordering = OrderingFilter(fields=[("created_at", "created_at")])

    class Meta:
        model = Reminder
        fields: list[str] = []
