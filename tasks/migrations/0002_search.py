"""The full text index over the search entries: GIN on PostgreSQL, FTS5 with triggers on SQLite."""

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
]

MAKE = {"sqlite": SQLITE, "postgresql": ["CREATE INDEX tasks_search ON tasks_searchentry USING gin (words)"]}

DROP = {
    "sqlite": [
        "DROP TRIGGER tasks_search_update",
        "DROP TRIGGER tasks_search_delete",
        "DROP TRIGGER tasks_search_insert",
        "DROP TABLE tasks_search",
    ],
    "postgresql": ["DROP INDEX tasks_search"],
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
