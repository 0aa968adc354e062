"""How the API deals with an Accept header."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation


class Negotiation(DefaultContentNegotiation):
    """An Accept header that cannot be read is the client's error and not the server's."""

    def select_renderer(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().select_renderer(*args, **kwargs)
        except (ValueError, LookupError, TypeError):  # what Python's parser of parameters raises
            raise ParseError("The Accept header is not valid.") from None
