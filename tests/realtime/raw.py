"""Moved to tests.clients."""

from tests.clients.frames import VIOLATIONS, Frame, masked
from tests.clients.raw import RawSocket

__all__ = ["VIOLATIONS", "Frame", "RawSocket", "masked"]
