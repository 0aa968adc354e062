#!/usr/bin/env python
"""Runs Django's management commands with this project's settings."""

import gc
import os
import sys

gc.disable()  # until all is imported (todo_project.apps): to look over what stays anyway takes a quarter of a start

from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.management import execute_from_command_line  # noqa: E402


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
