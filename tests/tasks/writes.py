"""All ways to write, by name."""

from tests.tasks import (  # noqa: F401 -- each adds its own
    item_writes,
    writes_by_api,
    writes_by_command,
    writes_by_models,
    writes_by_querysets,
    writes_in_admin,
    writes_of_dates,
)
from tests.tasks.world import WRITES

__all__ = ["WRITES"]
