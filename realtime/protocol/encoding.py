"""JSON as it is written on the socket and in the log, and the names that a stream may have."""

import re
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

STREAM_NAME = re.compile(r"[\w.-]{1,90}", re.ASCII)
"""The names that a stream may have: channel layers accept no other group names."""

_ENCODER = DjangoJSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encode(value: Any) -> str:
    """Compact JSON; dates, UUIDs and decimals as Django writes them. Raises TypeError or ValueError."""
    return _ENCODER.encode(value)
