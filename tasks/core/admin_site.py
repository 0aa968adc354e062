"""The admin site: a request with values that no field accepts is answered with 400, on every page."""

from collections.abc import Callable
from functools import wraps
from traceback import walk_tb
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, ValidationError
from django.db import DatabaseError, DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

from realtime.database_errors import is_temporary

UNREADABLE = (ValueError, OverflowError, RecursionError, ValidationError, DataError)
"""What fields and databases raise for a year 0, an id of letters, a number with too many digits."""

UNASKABLE = (DatabaseError, IndexError, NotImplementedError, TypeError)
"""What a lookup in an address ends with: one that the database does not have, a wrong expression, a range with one end,
a lookup of JSON for another column. Django redirects for those alone that it can tell beforehand."""

TEXT = "A parameter or a field of the request can't be read."

SEARCHES = ("q", "term")
"""The parameters with words to search for: of lists, and of the fields that suggest rows."""

MOST_WORDS = 50
"""In one search. Each becomes a condition, and SQLite refuses a statement with a thousand of them."""


class Site(admin.AdminSite):
    site_title = "Todo"
    site_header = "Todo administration"
    index_title = "Tasks, lists and people"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(_checked(view), cacheable)


def _checked(view: Callable[..., Any]) -> Callable[..., HttpResponseBase]:
    """The view, with BadRequest (400, and a line with the cause in the log) for values that can't be read."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any(len(request.GET.get(name, "").split()) > MOST_WORDS for name in SEARCHES):
            raise BadRequest(f"Search for at most {MOST_WORDS} words.")
        try:
            response: HttpResponseBase = view(request, *args, **kwargs)
            # A list asks the database when it is shown.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response
        except UNREADABLE as error:
            raise BadRequest(TEXT) from error
        except UNASKABLE as error:
            if is_temporary(error) or not _comes_of_a_lookup(error, request):
                raise
            raise BadRequest(TEXT) from error

    return checked


def _comes_of_a_lookup(error: Exception, request: HttpRequest) -> bool:
    """Whether the address has lookups, and it was Django or the database that failed: not code of ours."""
    *_, (innermost, _) = walk_tb(error.__traceback__)
    is_djangos = innermost.f_globals.get("__name__", "").startswith("django.")
    return any("__" in name for name in request.GET) and (is_djangos or isinstance(error, DatabaseError))
