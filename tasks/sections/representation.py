"""A section as the API and the events show it."""

from typing import Any

from tasks.core.representation import isoformat_utc
from tasks.sections.models import Section


def section_json(section: Section) -> dict[str, Any]:
    return {
        "id": str(section.pk),
        "list": str(section.list_id),
        "name": section.name,
        "position": section.position,
        "version": section.version,
        "created_at": isoformat_utc(section.created_at),
        "updated_at": isoformat_utc(section.updated_at),
    }
