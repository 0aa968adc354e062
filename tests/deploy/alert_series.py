"""Cases of alerts, and the series that they are made of.

Values are in promtool's notation, one each 30 s: `0+3x40` begins at 0 and rises by 3 each time, 40 times.
"""

from dataclasses import dataclass, field

Series = dict[str, str]

APP = 'job="todo-backend",instance="a"'
OTHER = 'job="todo-backend",instance="b"'
EXPORTER = 'job="redis-exporter",instance="r"'

VOLUME = 'job="kubelet",namespace="todo",persistentvolumeclaim="data-postgres-0"'
DISK = 'job="node",fstype="ext4",mountpoint="/var"'
PRUNING = 'task="prune history"'
REMINDERS = 'task="send reminders"'

ONE, NONE = "1x60", "0x60"


@dataclass(frozen=True)
class Case:
    """What is asked after `minutes`, of the alerts with this name."""

    alert: str
    fires: Series
    says: str
    quiet: Series
    minutes: int = 30
    labels: dict[str, str] = field(default_factory=dict)
    """Of the alert, beside severity and job."""
    job: str = "todo-backend"


def slowest(name: str, labels: str, buckets: dict[str, str]) -> Series:
    """A histogram's buckets, by their upper bounds."""
    return {f'{name}_bucket{{{labels},le="{bound}"}}': values for bound, values in buckets.items()}


def requests(good: str, bad: str) -> Series:
    route = 'route="/api/tasks",method="GET"'
    name = "todo_http_requests_total"
    return {f'{name}{{{APP},{route},status="200"}}': good, f'{name}{{{APP},{route},status="500"}}': bad}


def writes(all_: str, unavailable: str) -> Series:
    """How many changes were answered, and how many of them with 503."""
    name = "todo_http_writes"
    return {f"{name}_total{{{APP}}}": all_, f"{name}_unavailable_total{{{APP}}}": unavailable}


def redis(up: str, *, configured: str = ONE, labels: str = APP) -> Series:
    return {f"realtime_redis_configured{{{labels}}}": configured, f"realtime_redis_up{{{labels}}}": up}
