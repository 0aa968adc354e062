"""The parser of request bodies, with limits on their size and their parts."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from realtime import bounded_json
from tasks.core.api.bodies import OBJECT, Most


class TooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request body is too large."


class BoundedJSONParser(BaseParser):
    """JSON in UTF-8 (RFC 8259), whatever charset the client names: Python's codecs include decompressors.

    REST framework's own parser would be given the whole body, which Django keeps as long as the request.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most: Most = getattr((parser_context or {}).get("view"), "largest_body", OBJECT)
        limit = min(most.bytes, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge(f"The request body may have at most {limit:,} bytes here.")
        try:
            return bounded_json.parse(body.decode(), most=most.elements)
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from None
