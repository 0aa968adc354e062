"""Django flushes the database after each test that commits. Here that takes a few milliseconds.

Nine tenths of it would be the permissions and content types of all models, which it makes again one by one. Nobody here
is given a permission, and the content types return as they were. PostgreSQL would truncate by new files for each table
and each index, while hardly any table holds more than a few rows.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate


def make_no_permissions() -> None:
    """Called before the database is created."""
    assert post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


def make_flushes_cheap() -> None:
    """Called when the database has been created."""
    found = list(ContentType.objects.all())

    def restore(**kwargs: Any) -> None:
        ContentType.objects.bulk_create(found, ignore_conflicts=True)  # a migrate keeps those that are there

    assert post_migrate.disconnect(create_contenttypes)
    post_migrate.connect(restore, sender=apps.get_app_config("contenttypes"), weak=False)
    DatabaseOperations.sql_flush = _deletions  # type: ignore[method-assign,assignment]


def _deletions(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    """In any order: foreign keys are checked when the transaction ends."""
    return [f"DELETE FROM {self.quote_name(table)}" for table in tables]
