"""The last step of `make run`: `up.py PORT` migrates the database, fills a new one, and serves.

The same as these commands of manage.py, in one process because each start of Django takes a second.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")

import django
from django.core.management import CommandError, call_command
from django.db import Error, connections


def main(port: str) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("first_user")
    call_command("seed_demo", "--tasks", "5", "--if-empty")
    connections.close_all()
    call_command("serve", "--bind", "127.0.0.1", "--port", port)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except CommandError as error:
        sys.exit(str(error))
    except Error as error:
        from todo_project.command_errors import reason_of

        sys.exit(reason_of(error))
    except KeyboardInterrupt:
        sys.exit(130)
