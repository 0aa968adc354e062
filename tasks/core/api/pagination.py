"""Pages by keyset: a cursor holds the last row's place in the order, so rows that come and go move no others between
pages, and the hundredth page costs what the first does. (REST framework's CursorPagination compares one field only and
skips ties by offset, up to a limit after which it goes round in circles; priorities are nothing but ties.)
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import UTC, datetime
from itertools import accumulate
from math import isfinite
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError as InvalidValue
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast, Length
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from realtime import events
from tasks.core.rows import rows_of
from tasks.core.text import number_in

DEFAULT_LIMIT, MAX_LIMIT = 50, 200

PAGE_CHARACTERS = 1024 * 1024
"""A page ends when its rows' long texts have more than that together."""


class Key(NamedTuple):
    """One field of an order. Empty values come last, whichever way it goes and whichever the database."""

    field: Any  # a model field
    descending: bool

    def order(self) -> OrderBy:
        last = True if self.field.null else None
        name = F(self.field.name)
        return name.desc(nulls_last=last) if self.descending else name.asc(nulls_last=last)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.field.name}__isnull": True}) if value is None else Q(**{self.field.name: value})

    def beyond(self, value: Any) -> Q | None:
        """What comes after `value`; None where nothing can."""
        if value is None:
            return None
        further = Q(**{f"{self.field.name}__{'lt' if self.descending else 'gt'}": value})
        return further | Q(**{f"{self.field.name}__isnull": True}) if self.field.null else further


class KeysetPagination(BasePagination):
    """`?limit=` and `?cursor=`; the answer tells where the next page begins, and where to follow the events on from."""

    parameters = frozenset({"limit", "cursor"})

    long_field = ""
    """The column, if any, that can make a page long before it has MAX_LIMIT rows."""
    longest = 0
    """How many characters it has at most."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        limit = self._limit(request)
        # Before the rows: an event between the two is then delivered twice rather than never.
        self.position = events.positions(view.readable_streams())
        keys = keys_of(queryset)
        if cursor := request.query_params.get("cursor"):
            queryset = queryset.filter(after(keys, decode(cursor, keys)))
        queryset = queryset.order_by(*(key.order() for key in keys))
        if self.can_be_long(limit):
            limit = fitting(queryset.values_list(self.characters(), flat=True)[:limit])
        rows = self.read(queryset[: limit + 1])
        self.next_cursor = encode(rows[limit - 1], keys) if len(rows) > limit else None
        return rows[:limit]

    def read(self, queryset: QuerySet[Any]) -> list[Any]:
        return list(queryset)

    def can_be_long(self, limit: int) -> bool:
        return limit * self.longest > PAGE_CHARACTERS

    def characters(self) -> Length:
        """Of the long column of a row."""
        return Length(Cast(self.long_field, TextField()))

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next_cursor": self.next_cursor, **self.position})

    def _limit(self, request: Request) -> int:
        limit = number_in(request.query_params.get("limit", str(DEFAULT_LIMIT)), most=MAX_LIMIT)
        if limit is None:
            raise ValidationError({"limit": f"Must be between 1 and {MAX_LIMIT}."})
        return limit


class RowsPagination(KeysetPagination):
    """Pages of rows instead of instances, see `rows_of()`, for what is shown without what it refers to."""

    def read(self, queryset: QuerySet[Any]) -> list[Any]:
        return list(rows_of(queryset, with_keys=False, at_once=True))


def fitting(sizes: Iterable[int]) -> int:
    """How many rows of these sizes a page has room for: one at least."""
    count = sum(total <= PAGE_CHARACTERS for total in accumulate(sizes))
    return max(count, 1)


def keys_of(queryset: QuerySet[Any]) -> list[Key]:
    """The order that the queryset has, made total by the primary key."""
    meta = queryset.model._meta
    names = [str(name) for name in queryset.query.order_by or meta.ordering]
    keys: dict[str, bool] = {}
    for name in (*names, meta.pk.name):
        keys.setdefault(name.removeprefix("-"), name.startswith("-"))
    return [Key(_field_of(queryset, name), descending) for name, descending in keys.items()]


def _field_of(queryset: QuerySet[Any], name: str) -> Any:
    """The model's field, or one that is like the queryset's annotation of this name."""
    if annotation := queryset.query.annotations.get(name):
        field = copy(annotation.output_field)
        field.set_attributes_from_name(name)
        return field
    return queryset.model._meta.get_field(name)


def after(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """The rows behind the one with these values: beyond it in one field, and level with it in all before that."""
    condition, level = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        beyond = key.beyond(value)
        if beyond is not None:
            condition |= level & beyond
        level &= key.same(value)
    first, value = keys[0], values[0]
    if value is None or first.field.null:
        return condition
    # Follows from the rest, and is what a database can look up in an index.
    return condition & Q(**{f"{first.field.name}__{'lte' if first.descending else 'gte'}": value})


def encode(row: Any, keys: Sequence[Key]) -> str:
    values = [getattr(row, key.field.attname) for key in keys]
    text = json.dumps([_order(keys), *values], default=str, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, keys: Sequence[Key]) -> list[Any]:
    """Raises ValidationError for a cursor that is not one of ours, or that another order made."""
    try:
        order, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if order != _order(keys) or len(values) != len(keys):
            raise ValidationError({"cursor": "This cursor belongs to another ordering."})
        return [_checked(key.field, value) for key, value in zip(keys, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, ArithmeticError, RecursionError, InvalidValue):
        raise ValidationError({"cursor": "This is not a cursor of this API."}) from None


def _checked(field: Any, value: Any) -> Any:
    """A decoded value as one that the column can hold. Raises one of several errors where it can't."""
    if value is None and field.null:
        return None
    if value is None or isinstance(value, list | dict | bool):
        raise TypeError(f"{field.name} can't be {value!r}")
    value = field.to_python(value)
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError for half a surrogate pair
        ProhibitNullCharactersValidator()(value)
        return value  # rows from before a validator have cursors, too
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"{field.name} can't be {value!r}")
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"{field.name} needs a time zone")
        value = value.astimezone(UTC)  # OverflowError at the edges of the calendar
    if field.choices and value not in dict(field.choices):
        raise ValueError(f"{field.name} can't be {value!r}")
    for validate in field.validators:
        validate(value)
    return value


def _order(keys: Sequence[Key]) -> str:
    return ",".join(f"{'-' if key.descending else ''}{key.field.name}" for key in keys)
