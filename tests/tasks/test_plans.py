"""On PostgreSQL with many tasks, the pages that are asked for most read tasks by an index, never all of them."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasks.models import TaskList, User
from tests.tasks.answers import Api

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.databases,
    pytest.mark.skipif(settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="plans of PostgreSQL"),
]

TASKS, LISTS = 30_000, 200

FILL = f"""
INSERT INTO tasks_task
    (id, list_id, title, notes, priority, label_ids, position, due_date, completed_at, recurrence_from,
     version, created_at, updated_at, assignee_id)
SELECT gen_random_uuid(), (%s::uuid[])[1 + n %% {LISTS}], 'word' || n %% 5000 || ' the task', 'note' || n %% 3000,
    n %% 5, '[]', n, CASE WHEN n %% 2 = 0 THEN current_date + (n %% 320 - 20)::int END,
    CASE WHEN n %% 3 = 0 THEN now() END, 'due', 1, now(), now(), CASE WHEN n %% 400 = 0 THEN %s END
FROM generate_series(1, {TASKS}) n
"""

INDEX = """
INSERT INTO tasks_searchentry (task_id, list_id, is_open, title, words, version)
SELECT id, list_id, completed_at IS NULL, array_to_tsvector(string_to_array(title, ' ')),
    array_to_tsvector(string_to_array(title || ' ' || notes, ' ')), version FROM tasks_task
"""


def fill(person: User) -> list[UUID]:
    """As frugally as it can be done; the statistics are what a database has after a while."""
    lists = [TaskList.objects.create(name=f"List {number}", owner=person).pk for number in range(LISTS)]
    with connection.cursor() as cursor:
        cursor.execute(FILL, [lists, person.pk])
        cursor.execute(INDEX)
        cursor.execute("ANALYZE tasks_task, tasks_searchentry, tasks_tasklist, tasks_membership")
    return lists


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes(child))]


def test_no_sequential_scan_of_tasks(api: Api, alice: User) -> None:
    """For each statement that a request sends and that reads tasks."""
    lists = fill(alice)
    client = api(alice)
    page = client.get("/api/tasks?limit=50").json()
    paths = [
        "/api/tasks?limit=50",
        f"/api/tasks?limit=50&cursor={page['next_cursor']}",
        f"/api/tasks?limit=50&list={lists[7]}",
        f"/api/tasks?limit=50&list={lists[7]}&completed=false&search=word7",
        "/api/tasks?limit=50&search=word77 note",
        "/api/search?q=word77",
        "/api/search?q=word77 the note7",
        "/api/search?q=t",
        f"/api/search?q=the&list={lists[7]}",
        "/api/today",
        "/api/upcoming",
        "/api/assigned",
        "/api/tasks?assignee=me",
        f"/api/sync?stream=list.{lists[7]}",
    ]
    scans = []
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        read = [query["sql"] for query in queries if "tasks_task" in query["sql"].replace("tasks_tasklist", "")]
        assert read, path
        for statement in read:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), [])
                plan = cursor.fetchone()[0]
            found = nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
            tables = {node.get("Relation Name") for node in found if node["Node Type"] == "Seq Scan"}
            scans += [(path, table) for table in tables & {"tasks_task", "tasks_searchentry"}]
    assert not scans
