from django.db import models

from tasks.items.models import Task
from tasks.lists.models import TaskList
from tasks.search.fields import TermsField


class SearchEntry(models.Model):
    """What of a task is searched, and what its place among the results depends on. Written by `tasks.search.index`."""

    # A trigger deletes the entry with its task, so that no deletion has to know of it.
    task = models.OneToOneField(Task, on_delete=models.DO_NOTHING, related_name="search_entry")
    list = models.ForeignKey(TaskList, on_delete=models.DO_NOTHING, related_name="+", db_index=False)
    is_open = models.BooleanField()
    title = TermsField()
    words = TermsField()
    """Of the title, the labels and the notes."""

    version = models.BigIntegerField()
    """The task's when this was written, so that an older state never replaces a newer one."""

    class Meta:
        indexes = [models.Index(fields=["list", "-id"], name="search_entries_of_a_list")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.title}"
