"""The base of the API's views: what every response to a signed-in person has in common."""

from collections.abc import Collection
from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from realtime.conf import config
from tasks.core.api import idempotency
from tasks.core.api.bodies import OBJECT
from tasks.core.api.parameters import check_parameters


class PrivateView(APIView):
    """Its responses belong to one person: neither caches nor the browser's disk keep them. Clients that keep an object
    and its ETag themselves still get 304. A write with an `Idempotency-Key` is carried out once.
    """

    keeps_answers = True
    """Whether answers may be kept for a repeated Idempotency-Key; not those that hold secrets."""

    largest_body = OBJECT

    parameters: Collection[str] = ()
    """The query parameters that the address knows. Lists know those of their filters, too."""

    repeatable_parameters: Collection[str] = ()
    """Those of them that may be given several times."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """REST framework looks for the method's handler after this."""
        super().initial(request, *args, **kwargs)
        if not self._is_list(request) and request.method != "OPTIONS" and hasattr(self, str(request.method).lower()):
            check_parameters(request, self.parameters, repeatable=self.repeatable_parameters)
        name = str(request.method).lower()
        handler = getattr(self, name, None)
        wanted = request.method in idempotency.METHODS and idempotency.HEADER in request.headers
        if wanted and handler is not None and self.keeps_answers and request.user.is_authenticated:
            self.__dict__[name] = partial(idempotency.once, handler)

    def readable_streams(self) -> Collection[str]:
        """The streams of the person who asks."""
        user_id: Any = self.request.user.pk
        return config().streams_of([user_id]).get(user_id, ())

    def _is_list(self, request: Request) -> bool:
        """Whether it is filtered: the filters check the parameters then."""
        has_filters = bool(getattr(self, "filter_backends", ()))
        return has_filters and request.method in ("GET", "HEAD") and getattr(self, "action", "list") == "list"
