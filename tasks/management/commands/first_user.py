import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import IntegrityError, transaction

from tasks.models import User


class Command(BaseCommand):
    help = "Makes a first user, who may do everything, and prints the password once. Does nothing if there is a user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        if User.objects.exists():
            return
        password = secrets.token_urlsafe(12)
        try:
            with transaction.atomic():
                User.objects.create_superuser(username, password=password)
        except IntegrityError:  # another replica was faster
            return
        self.stdout.write(
            f"The first user is {username} with the password {password}\n"
            "It is shown this once. Change it at /admin/password_change/."
        )
