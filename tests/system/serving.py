"""Moved to tests.servers and tests.processes."""

from tests.processes import children, is_alive
from tests.servers import Serve

__all__ = ["Serve", "children", "is_alive"]
