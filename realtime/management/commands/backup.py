from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.backends.sqlite_backup import BackupError, back_up
from realtime.management.sqlite_database import database_file


class Command(BaseCommand):
    help = "Copies a SQLite database to a new file. The servers may run meanwhile; the copy is checked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write; it must not exist yet")

    def handle(self, *, file: Path, **options: Any) -> None:
        database = database_file(otherwise="pg_dump")
        try:
            back_up(database, file)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{database} is backed up to {file} ({file.stat().st_size / 1024:,.0f} KiB).")
