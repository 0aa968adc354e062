from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from tasks.core.api import idempotency
from tasks.core.api.bodies import OBJECT


class PrivateView(APIView):
    """Its responses belong to one person: neither caches nor the browser's disk keep them. Clients that keep an object
    and its ETag themselves still get 304. A POST with an `Idempotency-Key` is carried out once.
    """

    keeps_answers = True
    """Whether answers may be kept for a repeated Idempotency-Key; not those that hold secrets."""

    largest_body = OBJECT

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """REST framework looks for the method's handler after this."""
        super().initial(request, *args, **kwargs)
        handler = getattr(self, "post", None)
        wanted = request.method == "POST" and idempotency.HEADER in request.headers
        if wanted and handler is not None and self.keeps_answers and request.user.is_authenticated:
            self.__dict__["post"] = partial(idempotency.once, handler)
