"""Live models of a small project, for tests: folders of a person, notes in them, comments on these."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from django.db import connection, models
from django.test.utils import isolate_apps

from realtime.events import live


@contextmanager
def notebook() -> Iterator[Any]:
    """Its models, with their tables, registered as kinds. In a test whose transactions commit."""
    with isolate_apps("realtime"):

        class Folder(live.LiveModel):
            owner = models.IntegerField()
            name = models.CharField(max_length=20)

            class Meta:
                app_label = "realtime"

        class Note(live.LiveModel):
            folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="notes")
            text = models.CharField(max_length=20)

            class Meta:
                app_label = "realtime"

        class Comment(live.LiveModel):
            note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="comments")
            text = models.CharField(max_length=20)

            class Meta:
                app_label = "realtime"

        class Pin(live.LiveModel):
            note = models.ForeignKey(Note, on_delete=models.SET_NULL, null=True, related_name="pins")
            author = models.ForeignKey(Comment, on_delete=models.SET(None), null=True)

            class Meta:
                app_label = "realtime"

        class ProxyNote(Note):
            class Meta:
                app_label = "realtime"
                proxy = True

        found = SimpleNamespace(Folder=Folder, Note=Note, Comment=Comment, Pin=Pin, ProxyNote=ProxyNote)
        with connection.schema_editor() as editor:
            for model in (Folder, Note, Comment, Pin):
                editor.create_model(model)
        try:
            _register(found)
            yield found
        finally:
            for kind in ("folder", "note", "comment", "pin"):
                live.unregister(kind)
            with connection.schema_editor() as editor:
                for model in (Pin, Comment, Note, Folder):
                    editor.delete_model(model)


def _register(found: Any) -> None:
    def folders(streams: Collection[str]) -> models.QuerySet[Any]:
        owners = [stream.removeprefix("user.") for stream in streams]
        rows: models.QuerySet[Any] = found.Folder.objects.filter(owner__in=owners)
        return rows

    live.register(
        found.Folder,
        kind="folder",
        fields=["id", "version", "name"],
        represent=lambda row: {"id": row.pk, "version": row.version, "name": row.name},
        stream=lambda row: f"user.{row.owner}" if row.owner else None,
        rows=folders,
        effects=lambda change: {"refresh": [change.row.owner]} if change.action == "created" else {},
    )
    live.register(found.Note, kind="note", parent="folder", fields=["id", "version", "text"], represent=text_json)
    live.register(found.Comment, kind="comment", parent="note", fields=["id", "version", "text"], represent=text_json)
    live.register(
        found.Pin,
        kind="pin",
        fields=["id", "version", "note"],
        represent=lambda row: {"id": row.pk, "version": row.version, "note": row.note_id},
        stream=lambda row: "pins",
        rows=lambda streams: found.Pin.objects.all() if "pins" in streams else found.Pin.objects.none(),
    )


def text_json(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "version": row.version, "text": row.text}


def add_note_by_sql(book: Any, folder_id: int) -> None:
    """Only the foreign key locks the folder."""
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(book.Note._meta.db_table)
        cursor.execute(f"INSERT INTO {table} (version, folder_id, text) VALUES (1, %s, 'n')", [folder_id])
