#!/usr/bin/env python
"""Runs Django's management commands with this project's settings."""

import gc
import logging
import os
import sys

gc.disable()  # until all is imported (todo_project.apps): to look over what stays anyway takes a quarter of a start

from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.management import execute_from_command_line  # noqa: E402
from django.db import Error  # noqa: E402


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    if "serve" not in sys.argv[1:2]:
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # the end says it, in one line
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")
    except Error as error:
        if "--traceback" in sys.argv:
            raise
        from todo_project.command_errors import reason_of  # noqa: PLC0415 -- needs the settings

        sys.exit(f"manage.py {' '.join(sys.argv[1:2])}: {reason_of(error)}")


if __name__ == "__main__":
    main()
