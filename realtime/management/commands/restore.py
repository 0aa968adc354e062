from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.backends.sqlite_backup import BackupError, restore
from realtime.delivery import presence
from realtime.management.sqlite_database import database_file
from realtime.models import new_epoch


class Command(BaseCommand):
    help = (
        "Replaces a SQLite database by a back-up, which is checked first, and gives its event log a new identity (see "
        "new_epoch). The servers must be stopped. The database of before is kept beside it, as NAME.before-restore."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that manage.py backup has written")

    def handle(self, *, file: Path, **options: Any) -> None:
        database = database_file(otherwise="pg_restore")
        epoch = new_epoch()
        try:
            kept = restore(file, database, epoch=epoch, alive_seconds=presence.ALIVE_SECONDS)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} is restored to {database}. The log's epoch is now {epoch}.")
        self.stdout.write("Each client fetches a snapshot when it connects again.")
        if kept:
            self.stdout.write(f"What was there before is now {kept}.")
        self.stdout.write("Run manage.py migrate before you start the servers: the back-up may have an older schema.")
