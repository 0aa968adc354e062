from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from tasks.items.models import Task
from tasks.search.index import write_entries


class Command(BaseCommand):
    help = "Makes the index of the search again, from all tasks. It runs while the application does."

    def handle(self, *args: Any, **options: Any) -> None:
        count = write_entries(Task.objects.order_by("created_at", "pk").iterator(500), using=connection.alias)
        if options["verbosity"]:
            self.stdout.write(f"{count} tasks indexed.")
