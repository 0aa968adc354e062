"""`manage.py task`."""

from tasks.cli.tasks import Command

__all__ = ["Command"]
