"""Whether this machine has an io_uring to test with: a container's seccomp profile may well forbid it."""

import pytest

from realtime.transport.io_uring import open_submission_ring

_ring = open_submission_ring()
if _ring is not None:
    _ring.close()

needs_io_uring = pytest.mark.skipif(_ring is None, reason="this machine does not let us have an io_uring")
