"""Errors as `application/problem+json` (RFC 9457), each naming what is wrong in words for people."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as InvalidValue
from django.core.signals import got_request_exception
from django.db import IntegrityError
from django.http import Http404
from rest_framework.exceptions import APIException, NotFound, ParseError, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from realtime.attribution import current_attribution
from realtime.database_errors import is_temporary
from tasks.core.api.parsers import TooLarge
from tasks.core.api.unavailable import Unavailable, as_unavailable

CONTENT_TYPE = "application/problem+json"

logger = logging.getLogger(__name__)


class Conflict(APIException):
    status_code = HTTPStatus.CONFLICT
    default_detail = "Conflicts with an existing object."


class Gone(APIException):
    status_code = HTTPStatus.GONE
    default_detail = "This object was created before, and has been deleted since."


class Mismatch(APIException):
    """What was sent can't be the request that was sent before under the same id or key."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = "This id or key was used for something else."


class PreconditionFailed(APIException):
    """`current` is the object as it is now, for the client to merge with."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_detail = "The object has changed since you read it; `current` is its present state."

    def __init__(self, current: Mapping[str, Any]) -> None:
        super().__init__()
        self.extra = {"current": current}


class Unexpected(APIException):
    default_detail = "Internal error. It has been logged under this request_id."


AT_ONCE = "The object was changed at the same moment; read it again and repeat."

KNOWN_ERRORS: dict[type[Exception], Callable[[], APIException]] = {
    Http404: lambda: NotFound("Not found."),
    DjangoPermissionDenied: PermissionDenied,
    RequestDataTooBig: TooLarge,
    # Too many parameters, among others. After RequestDataTooBig, which is one of these.
    SuspiciousOperation: lambda: ParseError("The request has too many parameters or is malformed."),
    IntegrityError: lambda: Conflict(AT_ONCE),
    ObjectDoesNotExist: lambda: Conflict(AT_ONCE),
}
"""Other people's exceptions as this API's; the first that fits."""


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to an error in a view of the API; see the setting EXCEPTION_HANDLER."""
    request: Request = context["request"]
    known = as_api_exception(error)
    if isinstance(known, Unexpected):
        request_id = current_attribution().request_id
        logger.error("%s %s failed (request %s)", request.method, request.path, request_id, exc_info=error)
        got_request_exception.send(sender=type(context["view"]), request=request._request)
    set_rollback()
    response = Response(
        problem_of(known, path=request.path),
        status=known.status_code,
        headers=headers_of(known),
        content_type=CONTENT_TYPE,
    )
    response._has_been_logged = isinstance(known, Unexpected | Unavailable)  # type: ignore[attr-defined]  # once is enough
    response.database_failed = is_temporary(error)  # type: ignore[attr-defined]
    return response


def problem_of(error: APIException, *, path: str) -> dict[str, Any]:
    """The body of the response to an error."""
    errors = flatten_errors(error.detail) if isinstance(error, ValidationError) else None
    return {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": int(error.status_code),
        "detail": _summary(errors) if errors else _sentence(error.detail),
        "instance": path,
        "request_id": current_attribution().request_id,
        **({"errors": errors} if errors else {}),
        **getattr(error, "extra", {}),
    }


def as_api_exception(error: Exception) -> APIException:
    """The error as one of this API's, `Unexpected` for those that are nobody's fault but the server's."""
    if known := error if isinstance(error, APIException) else as_unavailable(error):
        return known
    if isinstance(error, InvalidValue):  # what a model says of values that don't fit together
        return as_refusal(error)
    # Two requests at once: the database let one through, or a row that was there a moment before has been deleted.
    if isinstance(error, IntegrityError | ObjectDoesNotExist):
        logger.warning("Conflict: %s", error)
    for kind, make in KNOWN_ERRORS.items():
        if isinstance(error, kind):
            return make()
    return Unexpected()


def as_refusal(error: InvalidValue) -> ValidationError:
    """What a model says of values, by field where it names them."""
    return ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)


def headers_of(error: APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(ceil(wait))
    return headers


def flatten_errors(detail: Any, name: str = "") -> dict[str, list[str]]:
    """REST framework's nested details as `{field: [messages]}`, with dots where an object holds another."""
    if isinstance(detail, Mapping):
        parts = [flatten_errors(value, f"{name}.{key}" if name else _text(key)) for key, value in detail.items()]
        return {key: messages for part in parts for key, messages in part.items()}
    messages = [_text(message) for message in (detail if isinstance(detail, list) else [detail])]
    return {name or "non_field_errors": messages}


def _text(value: Any) -> str:
    """Half a surrogate pair, quoted from what the client sent, could not be sent back."""
    return str(value).encode(errors="replace").decode()


def _summary(errors: Mapping[str, list[str]]) -> str:
    return " ".join(
        " ".join(messages) if name == "non_field_errors" else f"{name}: {' '.join(messages)}"
        for name, messages in errors.items()
    )


def _sentence(detail: Any) -> str:
    """The one that says what happened; token errors come as a mapping with one beside codes for machines."""
    return str(detail.get("detail", detail) if isinstance(detail, Mapping) else detail)
