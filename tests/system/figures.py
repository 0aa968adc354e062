"""What a server says at /metrics."""

from collections.abc import Callable
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.clients import get
from tests.servers import wait_until


class Figures:
    """The samples of one scrape: figures("realtime_closes_total", code="4008"); 0 for what is not there."""

    def __init__(self, url: str) -> None:
        answer = get(f"{url}/metrics")
        assert answer.status_code == 200, answer.text
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        return self.samples.get((name, frozenset(labels.items())), 0)

    def total(self, name: str) -> float:
        """Over all labels."""
        return sum(value for (found, _), value in self.samples.items() if found == name)


def wait_for(url: str, condition: Callable[[Figures], Any], what: str) -> Figures:
    """The first scrape of which `condition` is true."""
    scrapes: list[Figures] = []

    def scrape() -> Any:
        scrapes.append(Figures(url))
        return condition(scrapes[-1])

    wait_until(scrape, what=what)
    return scrapes[-1]
