"""The query of a saved filter: the parameters of GET /api/tasks as a JSON object, with lists for several values."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.request import Request

from tasks.core.api.filters import MOST_VALUES, PartsField
from tasks.items.filters import IdField, TaskFilter
from tasks.items.models import Task


class ListsFilter(filters.BaseInFilter):
    """Any of several lists. Those that are gone, or that the person may not read any more, have no tasks."""

    base_field_class = PartsField
    field_class = IdField


class QueryFilter(TaskFilter):
    list = ListsFilter(field_name="list", lookup_expr="in")


LONGEST_VALUE = 2_000
"""Characters of one text: that many ids as a list may have, separated by commas."""

APART = {"ordering", "time_zone"}
"""Parameters that are no part of a query: the first is a field of its own, the second is the reader's."""

NO_QUERY = "This has to be an object with parameters of GET /api/tasks."

STALE = "This filter can't be used as it is any more; change it."

NAMES = sorted(set(QueryFilter.get_filters()) - APART)


def validate_query(query: Any) -> None:
    """Raises ValidationError with a line for each error: a field's validator may not name others."""
    try:
        check_query(query)
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            raise
        lines = [f"{name}: {text}" for name, texts in error.message_dict.items() for text in texts]
        raise ValidationError(lines) from None


def check_query(query: Any) -> None:
    """Raises ValidationError, by name where a parameter is unknown or has a wrong value."""
    _check_names(query)
    _raise_errors(QueryFilter(parameters_of(query), Task.objects.none(), only=frozenset(query)))


def _check_names(query: Any) -> None:
    if not isinstance(query, dict):
        raise ValidationError(NO_QUERY)
    if unknown := query.keys() - set(NAMES):
        raise ValidationError({str(name): "There is no such parameter." for name in unknown})


def validate_sort(sort: str) -> None:
    """Raises ValidationError for anything but an `ordering` of GET /api/tasks."""
    filterset = QueryFilter({"ordering": sort}, Task.objects.none(), only=frozenset({"ordering"}))
    if not filterset.form.is_valid():
        raise ValidationError(filterset.form.errors["ordering"].as_data())


def run(
    query: Any, tasks: QuerySet[Task], *, sort: str | None, time_zone: str | None, request: Request
) -> QuerySet[Task]:
    """Those of the tasks that the query is about.

    Raises ValidationError, by name, for a `time_zone` that there is not; and for what was valid when it was saved and
    is not any more, or was never validated, with a sentence about the filter as a whole.
    """
    given = {name: value for name, value in (("ordering", sort), ("time_zone", time_zone)) if value}
    try:
        _check_names(query)
        data = parameters_of(query) | given
    except ValidationError as error:
        raise _stale(error) from None
    filterset = QueryFilter(data, tasks, request=request, only=frozenset(data))
    try:
        _raise_errors(filterset)
    except ValidationError as error:
        raise error if "time_zone" in error.error_dict else _stale(error) from None
    found: QuerySet[Task] = filterset.qs
    return found


def _stale(error: ValidationError) -> ValidationError:
    """The error with the names of the filter's fields, behind a sentence."""
    named = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    fields = {"sort" if name == "ordering" else f"query.{name}".rstrip("."): texts for name, texts in named.items()}
    return ValidationError({"non_field_errors": STALE, **fields})


def parameters_of(query: Mapping[str, Any]) -> dict[str, str]:
    """As a URL would have them. Raises ValidationError for values that none could have."""
    return {name: _text(name, value) for name, value in query.items()}


def _text(name: str, value: Any) -> str:
    if isinstance(value, list) and 0 < len(value) <= MOST_VALUES:
        return ",".join(_text(name, [] if isinstance(each, list) else each) for each in value)  # no lists in lists
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and value.strip():
        if "\0" in value or any(unicodedata.category(letter) == "Cs" for letter in value):
            raise ValidationError({name: "This is not valid text."})
        if len(value) > LONGEST_VALUE:
            raise ValidationError({name: f"Must have no more than {LONGEST_VALUE} characters."})
        return value
    raise ValidationError({name: f"This has to be text, a number, true, false, or a list of at most {MOST_VALUES}."})


def _raise_errors(filterset: TaskFilter) -> None:
    if not filterset.form.is_valid():
        raise ValidationError({name: errors.as_data() for name, errors in filterset.form.errors.items()})
