"""The documented move from SQLite to PostgreSQL keeps what refers to rows that get other numbers there."""

import pytest

from tests.deploy.documents import Walk, blocks
from tests.servers import ROOT, PostgresServer

RENUMBER = """
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
Permission.objects.all().delete()
ContentType.objects.all().delete()
for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
    create_permissions(config, verbosity=0)
Group.objects.create(name="editors").permissions.add(Permission.objects.get(codename="change_task"))
"""
"""As after some years of upgrades: numbers that a new database does not give again. And a group with a permission."""

ADD = """
from tasks.models import EVERYONE_ID, Task
Task.objects.create(list_id=EVERYONE_ID, title="Straße nach 東京")
"""

SEARCH = """
from tasks.models import Task
print(*Task.objects.filter(search_entry__words__matches="strasse 京").values_list("title", flat=True))
"""

ASK = """
from django.contrib.auth.models import Group
print(*Group.objects.get(name="editors").permissions.values_list("content_type__app_label", "codename"))
"""


@pytest.mark.timeout(180)
def test_a_group_keeps_its_permissions_and_tasks_are_found(tmp_path, postgres: PostgresServer) -> None:
    """Permissions by name, whatever numbers they have; the index of the search is filled by what is loaded."""
    (block,) = [block for block in blocks(ROOT / "docs/redis.md") if "dumpdata" in block.text]
    with Walk(tmp_path, {"NEW_DATABASE_URL": postgres.url(postgres.create_database())}) as walk:
        walk.type("echo SECRET_KEY=only-for-tests-and-long-enough-to-sign-with >> .env")
        walk.type("python manage.py migrate --verbosity 0")
        shell = "python manage.py shell --verbosity 0 --command"
        walk.type(f"{shell} '{RENUMBER}'")
        walk.type(f"{shell} '{ADD}'")
        walk.run(block)
        assert walk.type(f"{shell} '{ASK}'").strip() == "('tasks', 'change_task')"
        assert walk.type(f"{shell} '{SEARCH}'").strip() == "Straße nach 東京"
