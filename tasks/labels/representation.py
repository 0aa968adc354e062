"""A label as the API and the events show it."""

from typing import Any

from tasks.core.representation import isoformat_utc
from tasks.labels.models import Label


def label_json(label: Label) -> dict[str, Any]:
    return {
        "id": str(label.pk),
        "list": str(label.list_id),
        "name": label.name,
        "color": label.color,
        "version": label.version,
        "created_at": isoformat_utc(label.created_at),
        "updated_at": isoformat_utc(label.updated_at),
    }
