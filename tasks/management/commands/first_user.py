import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction

from tasks.models import User

THERE_ARE_USERS = "There are users already; manage.py changepassword NAME sets a new password."


class Command(BaseCommand):
    help = "Makes a first user, who may do everything, and prints the password once. Makes nobody if there is a user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write(THERE_ARE_USERS)
            return
        try:
            User._meta.get_field("username").run_validators(username)
        except ValidationError as error:
            raise CommandError(f"--username {username!r} can't be used: {' '.join(error.messages)}") from None
        password = secrets.token_urlsafe(12)
        try:
            with transaction.atomic():
                User.objects.create_superuser(username, password=password)
        except IntegrityError:  # another replica was faster
            self.stdout.write(THERE_ARE_USERS)
            return
        self.stdout.write(
            f"The first user is {username} with the password {password}\n"
            "It is shown this once. Change it at /admin/password_change/."
        )
