"""Stands in for prometheus_client where that is not installed: everything can be counted, and nothing is kept."""

from collections.abc import Callable
from typing import Any


class Metric:
    """A counter, gauge or histogram."""

    def __init__(self, *args: Any, **options: Any) -> None:
        pass

    def labels(self, *values: Any, **labels: Any) -> "Metric":
        return self

    def inc(self, amount: float = 1) -> None:
        pass

    def dec(self, amount: float = 1) -> None:
        pass

    def set(self, value: float) -> None:
        pass

    def observe(self, amount: float) -> None:
        pass


Counter = Gauge = Histogram = Metric


class CollectorRegistry:
    pass


class MultiProcessCollector:
    def __init__(self, registry: Any) -> None:
        pass


class values:  # noqa: N801 -- prometheus_client's module of that name
    ValueClass: Any = None

    @staticmethod
    def MultiProcessValue(process_identifier: Callable[[], str]) -> None:  # noqa: N802
        pass


REGISTRY = CollectorRegistry()


def choose_encoder(accept: str) -> tuple[Callable[[Any], bytes], str]:
    return (lambda registry: b"# prometheus_client is not installed.\n"), "text/plain; version=0.0.4; charset=utf-8"


def mark_process_dead(pid: Any, path: str | None = None) -> None:
    pass
