"""`manage.py watch`."""

from tasks.cli.watch import Command

__all__ = ["Command"]
