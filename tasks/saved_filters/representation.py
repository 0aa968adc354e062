"""A saved filter as the API and the events show it."""

from typing import Any

from tasks.core.representation import isoformat_utc
from tasks.saved_filters.models import SavedFilter


def filter_json(row: SavedFilter) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "query": row.query,
        "sort": row.sort,
        "group": row.group,
        "position": row.position,
        "version": row.version,
        "created_at": isoformat_utc(row.created_at),
        "updated_at": isoformat_utc(row.updated_at),
    }
