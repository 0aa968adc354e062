"""The full text index over the search entries: GIN on PostgreSQL, FTS5 with triggers on SQLite. On both, a trigger deletes
the entry of a deleted task.

SQLite drops a table's triggers when a migration changes the table. One that changes tasks_task or tasks_searchentry has
to run drop_index() before and make_index() after it; tests/tasks/test_search.py fails otherwise.
"""

from django.db import migrations

SQLITE = [
    "CREATE VIRTUAL TABLE tasks_search USING fts5(title, words, content='tasks_searchentry', content_rowid='id', "
    "tokenize='ascii', prefix='1 2 3')",
    "CREATE TRIGGER tasks_search_insert AFTER INSERT ON tasks_searchentry BEGIN "
    "INSERT INTO tasks_search (rowid, title, words) VALUES (new.id, new.title, new.words); END",
    "CREATE TRIGGER tasks_search_delete AFTER DELETE ON tasks_searchentry BEGIN "
    "INSERT INTO tasks_search (tasks_search, rowid, title, words) VALUES ('delete', old.id, old.title, old.words); END",
    "CREATE TRIGGER tasks_search_update AFTER UPDATE OF title, words ON tasks_searchentry "
    "WHEN old.title <> new.title OR old.words <> new.words BEGIN "
    "INSERT INTO tasks_search (tasks_search, rowid, title, words) VALUES ('delete', old.id, old.title, old.words); "
    "INSERT INTO tasks_search (rowid, title, words) VALUES (new.id, new.title, new.words); END",
    "INSERT INTO tasks_search (tasks_search) VALUES ('rebuild')",
    "CREATE TRIGGER tasks_search_forget AFTER DELETE ON tasks_task BEGIN "
    "DELETE FROM tasks_searchentry WHERE task_id = old.id; END",
]

POSTGRESQL = [
    # Without fastupdate, which would have searches read a list of what was written since the last vacuum.
    "CREATE INDEX tasks_search ON tasks_searchentry USING gin (words) WITH (fastupdate = off)",
    "CREATE FUNCTION tasks_search_forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "DELETE FROM tasks_searchentry WHERE task_id = OLD.id; RETURN NULL; END $$",
    "CREATE TRIGGER tasks_search_forget AFTER DELETE ON tasks_task "
    "FOR EACH ROW EXECUTE FUNCTION tasks_search_forget()",
]

MAKE = {"sqlite": SQLITE, "postgresql": POSTGRESQL}

DROP = {
    "sqlite": [
        "DROP TRIGGER tasks_search_forget",
        "DROP TRIGGER tasks_search_update",
        "DROP TRIGGER tasks_search_delete",
        "DROP TRIGGER tasks_search_insert",
        "DROP TABLE tasks_search",
    ],
    "postgresql": [
        "DROP TRIGGER tasks_search_forget ON tasks_task",
        "DROP FUNCTION tasks_search_forget()",
        "DROP INDEX tasks_search",
    ],
}


def make_index(apps, schema_editor):
    for statement in MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]

    operations = [migrations.RunPython(make_index, drop_index)]
