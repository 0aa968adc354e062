"""Errors to Sentry and traces to an OpenTelemetry collector: both off, and not even imported, unless they are set.

`check()` raises for a wrong setting; `start()` is for a process that serves.
"""

import os
import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from realtime.attribution import current_attribution
from todo_project import VERSION
from todo_project.environment import refused

SENTRY = ("sentry-sdk==2.75.0",)
OTEL = (
    "opentelemetry-exporter-otlp-proto-http==1.45.1",
    "opentelemetry-instrumentation-asgi==0.66b1",
    "opentelemetry-instrumentation-django==0.66b1",
    "opentelemetry-sdk==1.45.1",
)
"""As in pyproject.toml."""

EXPORT_SECONDS = 3.0
"""Time limit for sending traces, also when the process ends, unless OTEL_EXPORTER_OTLP_TIMEOUT is set."""

_ENDPOINT = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_SENTRY_DSN = re.compile(r"https?://[^\s/@]+@[^\s/@]+/(\S+/)?\d+")


def check(*, sentry_dsn: str, otlp_endpoint: str) -> None:
    """Raises ImproperlyConfigured where what is set is wrong, or needs a package that is not here."""
    if sentry_dsn:
        if not _SENTRY_DSN.fullmatch(sentry_dsn):
            raise refused("SENTRY_DSN", "it must be of the form https://key@host/project")
        _require("SENTRY_DSN", ("sentry_sdk",), SENTRY)
    if otlp_endpoint:
        if not _ENDPOINT.fullmatch(otlp_endpoint):
            raise refused("OTEL_EXPORTER_OTLP_ENDPOINT", "it must be of the form http://host:4318", value=otlp_endpoint)
        modules = ("sdk", "exporter.otlp.proto.http", "instrumentation.asgi", "instrumentation.django")
        _require("OTEL_EXPORTER_OTLP_ENDPOINT", [f"opentelemetry.{name}" for name in modules], OTEL)


def _require(variable: str, modules: Sequence[str], packages: Sequence[str]) -> None:
    if not all(_is_here(module) for module in modules):
        raise ImproperlyConfigured(f"{variable} is set, but what it needs is missing: pip install {' '.join(packages)}")


def _is_here(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def start() -> None:
    """Starts what is set. Called before Django loads its middleware."""
    if settings.SENTRY_DSN:
        _start_sentry(settings.SENTRY_DSN)
    if settings.OTLP_ENDPOINT:
        _start_tracing()


def _start_sentry(dsn: str) -> None:
    import sentry_sdk  # noqa: PLC0415

    sentry_sdk.init(
        dsn=dsn,
        release=f"todo@{VERSION}",
        environment=settings.SENTRY_ENVIRONMENT or None,
        before_send=_without_secrets,
        send_default_pii=False,
        # Both contain people's texts and credentials.
        include_local_variables=False,
        max_request_body_size="never",
    )


def _without_secrets(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    event.get("request", {}).pop("query_string", None)
    return event


def _start_tracing() -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.instrumentation.django import DjangoInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    # The exporter and the rest of the resource are read from the standard OTEL_* variables.
    described = {SERVICE_NAME: settings.OTEL_SERVICE_NAME, SERVICE_VERSION: VERSION}
    provider = TracerProvider(resource=Resource.create(described))
    seconds = (
        None if any(f"OTEL_EXPORTER_OTLP_{kind}TIMEOUT" in os.environ for kind in ("", "TRACES_")) else EXPORT_SECONDS
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=seconds)))
    # Behind the middleware that answers probes: it asks for the host's name, which they do without.
    position = settings.MIDDLEWARE.index("todo_project.probes.ProbesMiddleware") + 1
    DjangoInstrumentor().instrument(tracer_provider=provider, middleware_position=position, request_hook=_name_request)


def _name_request(span: Any, request: Any) -> None:
    span.set_attribute("request_id", current_attribution().request_id or "")
