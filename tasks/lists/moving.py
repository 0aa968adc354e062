"""`before` and `after`: where a client puts a row that it moves."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from tasks.core.api.serializers import ClosedSerializer, IdField
from tasks.lists.positioned import Place


class PlaceSerializer(ClosedSerializer):
    """The neighbours. One of them is enough; where both are given, one may have gone meanwhile. None: the end."""

    before = IdField(required=False, allow_null=True)
    after = IdField(required=False, allow_null=True)


def place_among(rows: QuerySet[Any], wanted: dict[str, Any], *, moving: Any) -> Place | None:
    """The place that `wanted` names among `rows`; None: the end. Raises ValidationError if no neighbour is there."""
    names = {name: wanted[name] for name in ("after", "before") if wanted.get(name) is not None}
    if not names:
        return None
    found = {row.pk: row for row in rows.filter(pk__in=names.values()).exclude(pk=moving.pk)}
    for name, pk in names.items():
        if pk in found:
            return Place(found[pk], behind=name == "after")
    raise ValidationError(dict.fromkeys(names, "This is not another one in the list."))
