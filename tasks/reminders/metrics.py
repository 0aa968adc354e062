"""What this capability counts for Prometheus."""

from prometheus_client import Counter

import realtime.metrics  # noqa: F401 -- says to which files several processes write, before there is a counter

reminders_sent = Counter("todo_reminders_sent", "Reminders sent, as an event and by mail.", ["way"])
mails_failed = Counter(
    "todo_reminder_mails_failed", "Mails of reminders that failed: to be tried again, or given up.", ["outcome"]
)

for _way in ("event", "mail"):
    reminders_sent.labels(_way)
for _outcome in ("again", "given_up"):
    mails_failed.labels(_outcome)


def connect() -> None:
    """Called once by the app's configuration, which only has to load this."""
