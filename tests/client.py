"""Moved to tests.clients."""

from tests.clients import Client, Frame, Session

__all__ = ["Client", "Frame", "Session"]
