"""What so many people need, computed from what `capacity` has measured. Nothing here is measured."""

from tests.benchmarks.capacity import Measured

CHANGES_A_SECOND = 1 / 60
"""Of each person, at the busiest time."""

WORKING_SECONDS = 8 * 3600
"""A day has so many busy seconds."""

MEMBERS = 20
"""Of a list, all of them connected; every fifth person has such a list."""

PEOPLE_A_LIST = 5

CPU_TARGET = 0.7
"""`autoscaling.cpuPercent` of the chart: of one core for each process."""

MIN_REPLICAS, MAX_REPLICAS = 2, 10
"""`autoscaling.minReplicas` and `maxReplicas` of the chart."""

EVENT_DAYS = 7

GIB = 1024**3


def reached(replicas: int) -> float:
    """In how many of the replicas the members of a list are, on average."""
    return replicas * (1 - (1 - 1 / replicas) ** MEMBERS)


def cores(people: int, replicas: int, found: Measured) -> tuple[float, float]:
    """CPU-seconds a second: for the changes themselves, and for receiving and delivering them."""
    changes = people * CHANGES_A_SECOND
    each = reached(replicas) * found.receive_cpu + (MEMBERS - reached(replicas)) * found.delivery_cpu
    return changes * found.post_cpu, changes * each


def replicas_for(people: int, found: Measured) -> int:
    """The replicas that the autoscaler sets, if it may: it divides the CPU in use by its target. More receive more."""
    count = MIN_REPLICAS
    while sum(cores(people, count, found)) > CPU_TARGET * count:
        count += 1
    return count


def column(people: int, found: Measured) -> dict[str, str]:
    """The rows of the table, by name."""
    changes, replicas = people * CHANGES_A_SECOND, replicas_for(people, found)
    post, receive = cores(people, replicas, found)
    a_day = people * CHANGES_A_SECOND * WORKING_SECONDS
    subscriptions = people + people / PEOPLE_A_LIST * reached(replicas)
    memory = found.replica_bytes + people / replicas * found.person_bytes
    everyone = people * changes
    above = f" (maxReplicas is {MAX_REPLICAS})" if replicas > MAX_REPLICAS else ""
    return {
        "changes a second": f"{changes:,.0f}",
        "cores for the changes": f"{post:.1f}",
        "cores to receive and deliver them": f"{receive:.2f}",
        "replicas, by the autoscaler": f"{replicas}{above}",
        "sockets in each": f"{people / replicas:,.0f}",
        "memory of each": f"{memory / 1024**2:,.0f} MiB",
        "all come back at once: seconds": f"{people / replicas * found.enter_cpu:.1f}",
        "messages that Redis hands out a second": f"{changes * reached(replicas):,.0f}",
        "subscriptions in Redis, and their memory": (
            f"{subscriptions:,.0f}, {subscriptions * found.subscription_bytes / 1024**2:.1f} MiB"
        ),
        f"disk of the log, {EVENT_DAYS} days": f"{EVENT_DAYS * a_day * found.event_bytes / GIB:,.1f} GiB",
        "disk of the history, 365 days": f"{365 * a_day * found.change_bytes / GIB:,.0f} GiB",
        "connections to PostgreSQL, at most": f"{20 * replicas:,}",
        "Everyone, if all write there: changes, of what one list takes": f"{100 * changes / found.list_writes:,.0f} %",
        "Everyone: deliveries a second": f"{everyone:,.0f}",
        "Everyone: cores to deliver them": f"{everyone * found.delivery_cpu:,.1f}",
    }


def table(found: Measured, sizes: tuple[int, ...] = (1_000, 10_000, 100_000)) -> str:
    columns = [column(people, found) for people in sizes]
    lines = [f"| computed | {' | '.join(f'{people:,} people' for people in sizes)} |", "|---|" + "---|" * len(sizes)]
    lines += [f"| {name} | {' | '.join(one[name] for one in columns)} |" for name in columns[0]]
    return "\n".join(lines)
