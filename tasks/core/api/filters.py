"""Query parameters of lists. A parameter that is unknown, given twice or wrong is an error that names it."""

import re
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.fields import BaseCSVField, ModelChoiceField
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from django_filters.utils import translate_validation
from rest_framework.request import Request

from tasks.core.api.parameters import check_parameters
from tasks.core.api.serializers import ID, day_of

SWITCHES = {"true": True, "false": False, "1": True, "0": False}
"""What a parameter that is on or off may be."""


MOST_VALUES = 50
"""Of one parameter."""


class PartsField(BaseCSVField):
    """At most `MOST_VALUES` values separated by commas, none of them empty."""

    def clean(self, value: Any) -> Any:
        if value and len(value) > MOST_VALUES:
            raise ValidationError(f"Must have no more than {MOST_VALUES} values.")
        if value and not all(part.strip() for part in value):
            raise ValidationError("Must not contain an empty value.")
        return super().clean(value)


class WholeNumberField(forms.IntegerField):
    """ASCII digits. Django's field also takes other scripts' digits, spaces, underscores and `.0`."""

    def to_python(self, value: Any) -> int | None:
        if value and not re.fullmatch(r"-?[0-9]{1,100}", value):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class DayField(forms.CharField):
    """A day as YYYY-MM-DD. Django's field also takes 10/25/2026 and spaces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        found = day_of(value)
        if found is None:
            raise ValidationError("Must be a day, as YYYY-MM-DD.")
        return found


class IdChoiceField(ModelChoiceField):
    """One of the rows, by its id."""

    def to_python(self, value: Any) -> Any:
        if value and not ID.fullmatch(value) and (self.null_label is None or value != self.null_value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return super().to_python(value)


class WholeNumberFilter(filters.Filter):
    field_class = WholeNumberField


class DayFilter(filters.Filter):
    field_class = DayField


class IdFilter(filters.ModelChoiceFilter):
    field_class = IdChoiceField


class SwitchFilter(filters.ChoiceFilter):
    """true or false, or 1 or 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(word, word) for word in SWITCHES], **kwargs)


class OrderingFilter(filters.OrderingFilter):
    base_field_class = PartsField


class AskedFilterSet(FilterSet):
    """A filterset that copies, and makes a form of, the filters in use alone: with all those of a list of tasks that is
    a third of the whole request."""

    def __init__(self, *args: Any, only: frozenset[str] | None = None, **kwargs: Any) -> None:
        """`only`: the parameters of the request; None for all filters."""
        if only is not None:
            self.base_filters: dict[str, Any] = {name: used for name, used in self.base_filters.items() if name in only}
        super().__init__(*args, **kwargs)


class StrictFilterBackend(DjangoFilterBackend):
    """Sets `cleaned` of the view: what its parameters mean, by name. The request has them as they were written."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset_class(view, queryset)
        known = view.paginator.parameters | set(filterset.base_filters if filterset else ())
        check_parameters(request, known)
        view.cleaned = {}
        if not request.query_params.keys() - view.paginator.parameters:
            return queryset  # a filterset copies all of its fields before it finds nothing to do
        filterset = self.get_filterset(request, queryset, view)
        if not filterset.is_valid():
            raise translate_validation(filterset.errors)
        view.cleaned = filterset.form.cleaned_data
        filtered: QuerySet[Any] = filterset.qs
        return filtered

    def get_filterset_kwargs(self, request: Request, queryset: QuerySet[Any], view: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return kwargs | {"only": frozenset(request.query_params)}
