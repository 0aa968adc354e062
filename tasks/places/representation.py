"""A place as the API and the events show it."""

from typing import Any

from tasks.places.models import Place


def place_json(row: Place) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "list": str(row.list_id),
        "favorite": row.favorite,
        "position": row.position,
        "version": row.version,
    }
