"""The answer for an address that the API does not have."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from tasks.core.api.private import PrivateView


class UnknownRoute(PrivateView):
    """Every address under /api/ that no view answers."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("The API has no such address.")
