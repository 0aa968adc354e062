"""What this app counts and measures, for Prometheus. All of it stands here; the code that works calls `.inc()`.

With several server processes behind one socket (see `workers`) each writes its figures to files, and a scrape of any of
them adds up all: counters and histograms over every process that there was, gauges over those that live.
"""

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING or find_spec("prometheus_client"):
    from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, values
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
else:
    from realtime.no_metrics import (
        REGISTRY,
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        MultiProcessCollector,
        choose_encoder,
        mark_process_dead,
        values,
    )

forget_process = mark_process_dead
"""Called with the number of a worker that has died, and the folder: its gauges end, its counters stay."""

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The folder for several processes' figures. prometheus_client reads it when it is first imported."""

WORKER_VARIABLE = "REALTIME_WORKER"

if WORKER_VARIABLE in os.environ:
    # Files by the worker's number, and not by its process id: who replaces a worker that died goes on in its files, so
    # they do not become more with each. It has to be said before the first metric is made.
    values.ValueClass = values.MultiProcessValue(lambda: os.environ[WORKER_VARIABLE])  # type: ignore[no-untyped-call]

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# Connections

connections = Gauge("realtime_connections", "Signed-in sockets that are open.", multiprocess_mode="livesum")
users = Gauge(
    "realtime_users",
    "People with a signed-in socket; one with sockets to several processes counts in each.",
    multiprocess_mode="livesum",
)
sign_in_failures = Counter(
    "realtime_sign_in_failures", "Sockets refused before they were told `ready`, by close code.", ["code"]
)
closes = Counter("realtime_closes", "Sockets closed by the server, by close code.", ["code"])
slow_readers = Counter("realtime_slow_readers", "Sockets closed with 4008: too much waited for a slow reader.")

# Events

events_published = Counter("realtime_events_published", "Events committed in this process and handed to its hub.")
events_delivered = Counter("realtime_events_delivered", "Events times the sockets that they were written to, live.")
publish_to_socket = Histogram(
    "realtime_publish_to_socket_seconds",
    "From a commit, by the clock of the machine that committed, until the last socket here was written to; of events "
    "that go out together the oldest.",
    buckets=SECONDS,
)
replay_events = Histogram(
    "realtime_replay_events",
    "Events sent to a client that came back, over all its streams.",
    buckets=(0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000),
)
resets = Counter("realtime_resets", "Streams of which a client was told to fetch a snapshot, by reason.", ["reason"])

refused_requests = Counter(
    "realtime_refused_requests",
    "Requests that the server refused before the application saw them: not HTTP, too large, too slow, too many.",
    ["status"],
)

given_up = Counter(
    "realtime_given_up",
    "Connections that were closed because all of them together held too much for this process: those that had held "
    "theirs the longest. By what they held.",
    ["kind"],
)

# The log

events_unnumbered = Counter(
    "realtime_events_unnumbered", "Events of transactions that were ended behind the database connection's back."
)
follower_errors = Counter(
    "realtime_follower_errors", "Events that a durable reader could not handle at the first try.", ["follower"]
)
listener_errors = Counter("realtime_listener_errors", "Times that committed events could not be announced.")
log_reads = Counter(
    "realtime_log_reads",
    "Catch-ups of a stream from the log: after a gap, by the poll, or to reach a client that is further.",
    ["reason"],
)
log_errors = Counter("realtime_log_errors", "Times that the log could not be read.")
events_pruned = Counter("realtime_events_pruned", "Events that were deleted because they were old.")
prune_errors = Counter("realtime_prune_errors", "Times that old events could not be deleted.")
periodic_errors = Counter("realtime_periodic_errors", "Turns of a project's periodic tasks that failed.", ["task"])
event_days = Gauge("realtime_event_days", "Days that events are kept; 0 for no limit.", multiprocess_mode="livemax")
oldest_event = Gauge(
    "realtime_oldest_event_timestamp_seconds",
    "When the oldest event of the log was committed, looked up every five minutes; 0 if there is none.",
    multiprocess_mode="livemax",
)
gaps = Counter("realtime_gaps", "Gaps noticed in the numbers of a stream's events.")

# Redis

redis_configured = Gauge(
    "realtime_redis_configured",
    "1 where committed events are announced to other processes through Redis.",
    multiprocess_mode="livemax",
)
redis_up = Gauge(
    "realtime_redis_up", "1 while Redis echoes; of several processes the worst.", multiprocess_mode="livemin"
)
redis_round_trip = Gauge(
    "realtime_redis_round_trip_seconds",
    "The newest liveness ping's way through Redis and back; of several processes the longest.",
    multiprocess_mode="livemax",
)
breaker_open = Gauge(
    "realtime_breaker_open",
    "1 while nothing is sent to Redis after a failure; of several processes the worst.",
    multiprocess_mode="livemax",
)
events_not_published = Counter(
    "realtime_news_dropped", "Events that were not sent to the other replicas, which find them in the log."
)

broker_messages_dropped = Counter(
    "realtime_broker_messages_dropped",
    "Messages from Redis that were not used: malformed, foreign (another installation's), unconfirmed by the log.",
    ["reason"],
)
stalled_feeds = Counter(
    "realtime_stalled_feeds", "Times that received events of a stream had not begun to go out within a poll's interval."
)

# The process

loop_tasks = Gauge("realtime_tasks", "Tasks of the event loop.", multiprocess_mode="livesum")
hub_lag = Histogram("realtime_hub_lag_seconds", "How late the event loop runs a timer that is due.", buckets=SECONDS)

for _reason in ("gap", "poll", "reach"):
    log_reads.labels(_reason)
for _reason in ("epoch", "ahead", "pruned", "access"):
    resets.labels(_reason)
for _reason in ("malformed", "foreign", "unconfirmed"):
    broker_messages_dropped.labels(_reason)

samplers: list[Callable[[], None]] = []
"""Called about once a second on the event loop while the hub runs, for gauges that have to be looked up. They may not
wait, and may not raise."""


def exposition(accept: str) -> tuple[bytes, str]:
    """All metrics as text, and its content type: OpenMetrics where the header `accept` asks for it."""
    encode, content_type = choose_encoder(accept)
    return encode(_registry()), content_type


def _registry() -> CollectorRegistry:
    if DIRECTORY_VARIABLE not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
