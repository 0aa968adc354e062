"""docs/benchmarks.md and its drawing, from the results of the last runs."""

from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

from tests.benchmarks import drawing
from tests.benchmarks.contestants import ALL
from tests.benchmarks.summary import Spread, Summary, Value, of_load, of_trial
from tests.benchmarks.tables import amount, cell, table
from tests.benchmarks.trial import MANY, ONE, SINGLY
from tests.servers import ROOT

DOCS = ROOT / "docs"
TEMPLATE = ROOT / "tests" / "benchmarks" / "template.md"

US = "todo"

Results = dict[str, Any]


def write(results: Results, docs: Path = DOCS) -> None:
    """Writes benchmarks.md and images/benchmarks.svg."""
    text = Template(TEMPLATE.read_text()).substitute({name: section(results, name) for name in SECTIONS})
    (docs / "benchmarks.md").write_text(text)
    if "compare" in results:
        (docs / "images").mkdir(exist_ok=True)
        (docs / "images" / "benchmarks.svg").write_text(drawing.draw(Summary(results["compare"]["results"])))


def section(results: Results, name: str) -> str:
    """One section of the page."""
    if name not in results:
        return f"Not measured yet: `python -m tests.benchmarks {name}`."
    about, found = results[name]["about"], results[name]["results"]
    where = [about["date"], about["machine"], about.get("database", "both databases")]
    if not about["quiet"]:
        where.append("while something else ran")
    return "\n\n".join([*SECTIONS[name](found, about), f"*{', '.join(where)}: `{about['command']}`*"])


def compare(found: list[Any], about: Results) -> list[str]:
    summary = Summary(found)
    versions = [f"- {ALL[name].title}: {text}" for name, text in about["versions"].items()]
    return [
        "## Fan-out",
        (
            "One round."
            if about["rounds"] == 1
            else f"Medians of {about['rounds']} rounds, with the least and the greatest."
        )
        + " A server that lost clients under a load has no figure for it.",
        "### Deliveries per CPU-second of the server",
        loads_table(summary, "deliveries_per_cpu_second", amount),
        "### How many times the others' deliveries per CPU-second",
        ratios(summary),
        flatness(summary),
        "### Deliveries per second",
        loads_table(summary, "deliveries_per_second", amount),
        "### Until the last client has the event: median, ms",
        loads_table(summary, "p50", "{:,.1f}".format),
        "### The same for the slowest event of a hundred, ms",
        loads_table(summary, "p99", "{:,.1f}".format),
        "### Connections",
        connections(summary),
        "### Versions",
        "\n".join(versions),
    ]


def loads_table(summary: Summary, field: str, write_number: Callable[[float], str]) -> str:
    rows = [
        [ALL[name].title, load, *(
            cell(summary.spread(name, count, of_load(load, field)), write_number) for count in summary.connections
        )]
        for load in (ONE, MANY, SINGLY)
        for name in summary.contestants
        if load in summary.loads(name)
    ]  # fmt: skip
    return table(["", "", *(f"{count:,} connections" for count in summary.connections)], rows)


def ratios(summary: Summary) -> str:
    rows = [
        [f"{ALL[name].title}, {load}", *(
            cell(ratio(summary, name, count, load), times)
            for count in summary.connections
        )]
        for load in (ONE, MANY, SINGLY)
        for name in summary.contestants
        if name != US
    ]  # fmt: skip
    return table(["against", *(f"{count:,} connections" for count in summary.connections)], rows)


def ratio(summary: Summary, other: str, count: int, load: str) -> Spread | None:
    """Ours to the other's. Other events have no transactions, so that both of our ways meet the same one of theirs."""
    loads = (load, load if load in summary.loads(other) else MANY)
    ours, theirs = (of_load(one, "deliveries_per_cpu_second") for one in loads)
    return summary.ratio(US, other, count, ours, theirs)


def times(factor: float) -> str:
    return f"{factor:,.2f}" if factor < 10 else f"{factor:,.0f}"


def flatness(summary: Summary) -> str:
    """What a delivery of ours costs, from the smallest number of connections to the greatest."""
    costs = {}
    for count in summary.connections:
        if found := summary.spread(US, count, of_load(ONE, "deliveries_per_cpu_second")):
            costs[count] = 1e6 / found.median
    if not costs:
        return ""
    each = ", ".join(f"{cost:.1f} µs at {count:,}" for count, cost in costs.items())
    return f"One delivery of this application costs, one at a time: {each} connections ({spread_of(costs)} apart)."


def spread_of(costs: dict[int, float]) -> str:
    return f"{100 * (max(costs.values()) / min(costs.values()) - 1):.0f} %"


def connections(summary: Summary) -> str:
    columns: list[tuple[str, Value, str]] = [
        ("KB each", of_trial("kilobytes"), "{:,.1f}"),
        ("connects per second", of_trial("connects_per_second"), "{:,.0f}"),
        ("per CPU-second", of_trial("connects_per_cpu_second"), "{:,.0f}"),
        ("idle, % of a core", of_trial("idle_percent"), "{:.2f}"),
    ]
    rows = [
        [ALL[name].title, f"{count:,}", *(
            cell(summary.spread(name, count, value), how.format) for _, value, how in columns
        )]
        for count in summary.connections
        for name in summary.contestants
    ]  # fmt: skip
    return table(["", "connections", *(title for title, _, _ in columns)], rows)


def http(found: Results, about: Results) -> list[str]:
    idle, busy, load = found["idle"], found["busy"], found["load"]
    rows = [
        ["nothing else happens", f"{idle['p50']:.1f}", f"{idle['p99']:.1f}", f"{idle['requests']:,}"],
        ["events go out without a pause", f"{busy['p50']:.1f}", f"{busy['p99']:.1f}", f"{busy['requests']:,}"],
    ]
    connections, ratio = found["connections"], busy["p99"] / idle["p99"]
    meanwhile = (
        f"The p99 is {ratio:.1f} times as long, with {load['deliveries_per_second']:,.0f} deliveries per second "
        f"meanwhile and {load['cpu_percent']:.0f} % of the core in use."
    )
    return [
        f"`GET /api/tasks` (50 tasks), one request after the other, on a process with {connections:,} sockets:",
        table(["", "median, ms", "p99, ms", "requests"], rows),
        meanwhile,
    ]


def storm(found: Results, about: Results) -> list[str]:
    queries = found["queries_per_client"]
    counted = "" if queries is None else f" and {queries:.2f} queries for each of them"
    text = (
        f"{found['clients']:,} clients of a replica that was killed come to another one at the same moment, each with "
        "a token and its position, and 20 events behind. After "
        f"**{found['seconds']:.1f} s** the last one had `ready`, the 20 events and `caught_up`. It took the process "
        f"{found['cpu_seconds']:.1f} s on its core{counted}."
    )
    return [text]


def rest(found: dict[str, dict[str, list[float]]], about: Results) -> list[str]:
    """Milliseconds of CPU for one request, and how many times the peer's."""
    rows = []
    for kind, by_server in found.items():
        ours, theirs = by_server["this application"], by_server["stock"]
        ratios = Spread.of(one / other for one, other in zip(ours, theirs, strict=True))
        rows.append([kind, *(cell(Spread.of(costs), "{:.2f}".format) for costs in (ours, theirs)), cell(ratios, times)])
    text = (
        "CPU of the server's process for one request, in ms, over a kept connection: this application, and a stock "
        "`ModelViewSet` with simplejwt on Daphne, which has no log, lock or version. Both on SQLite. The servers take "
        f"turns within each of {about['rounds']} rounds; the ratios are taken within a round."
    )
    return [text, table(["request", "this application", "stock", "times"], rows)]


def writes(found: Results, about: Results) -> list[str]:
    """Milliseconds, both ways and the difference; then many writers in one list."""
    rows = []
    for database, kinds in found["singly"].items():
        for what, with_log in kinds["with the log"].items():
            without = kinds["without"][what]
            rows.append([database, what, f"{without:,.2f}", f"{with_log:,.2f}", f"{with_log - without:,.2f}"])
    text = (
        "The same fields in the same table: as a plain Django model, and as the live model that locks the row, counts "
        "its version, writes the event and tells Redis. Each in a transaction of its own, unless said otherwise; the "
        "medians, in ms. PostgreSQL runs without fsync, SQLite as it is shipped."
    )
    many = found["one list"]
    workers = f" of {many['workers']} workers each" if many.get("workers", 1) > 1 else ""
    in_one_list = (
        f"**Many in one list**: {many['writers']} people who create tasks in one list over "
        f"{many.get('replicas', 2)} replicas{workers}, on "
        f"PostgreSQL, each one after the other: **{many['creates_per_second']:,.0f} a second**, a POST takes "
        f"{many['p50']:.0f} ms (median), {many['p99']:.0f} ms (p99), and {many['cpu_milliseconds']:.1f} ms of the "
        f"replicas' CPU. The list's row is held for {many['held_milliseconds']:.2f} ms (median), from its lock to the "
        "commit. Replicas, database and writers share the cores."
    )
    return [text, table(["database", "write", "without", "with the log", "difference"], rows), in_one_list]


def slow(found: Results, about: Results) -> list[str]:
    without, with_it = found["without"], found["with_it"]
    rows = [
        [name, f"{load['p50']:.1f}", f"{load['p99']:.1f}", f"{load['deliveries_per_second']:,.0f}"]
        for name, load in (("all read", without), ("one more that does not", with_it))
    ]
    code = found["closed_with"]
    ended = f"was closed with {code}" if code else found["ended"]
    text = (
        f"The one that did not read {ended}; {found['unread_kilobytes']:,} KB lay there for it. "
        f"The process's memory grew by {found['kilobytes']:,} KB meanwhile."
    )
    return [
        f"{found['connections']:,} clients that read, 50 events in flight:",
        table(["", "last client, median ms", "p99, ms", "deliveries per second"], rows),
        text,
    ]


def many(found: dict[str, dict[str, float]], about: Results) -> list[str]:
    """Milliseconds by request."""
    rows = [[name, *(f"{took[which]:.1f}" for which in ("p50", "p95", "longest"))] for name, took in found.items()]
    text = (
        "A person with 100,000 tasks in 200 lists, on PostgreSQL: what one request takes a client, one after the other "
        "over a kept connection, in ms."
    )
    return [text, table(["request", "median", "p95", "longest"], rows)]


def snapshots(found: dict[str, dict[str, dict[str, dict[str, Any]]]], about: Results) -> list[str]:
    """By database, the notes of each task, and what the request says."""
    rows = [
        [database, notes, form, *(cell(Spread(*costs[which]), "{:.0f}".format) for which in ("built", "shared")),
         f"{costs['bytes'] / 1000:,.0f}"]
        for database, texts in found.items()
        for notes, forms in texts.items()
        for form, costs in forms.items()
    ]  # fmt: skip
    text = (
        f"`GET /api/sync` of one list with {about['tasks']:,} tasks, each with a title of five words, and with or "
        "without notes: the process's CPU in ms for the first who asks after a change, and for the next one, who "
        "shares what was built; and what goes over the wire. The words are drawn at random, the frequent ones more "
        "often."
    )
    return [text, table(["database", "notes", "form", "built", "shared", "kB"], rows)]


SECTIONS: dict[str, Callable[[Any, Results], list[str]]] = {
    "compare": compare,
    "http": http,
    "storm": storm,
    "rest": rest,
    "writes": writes,
    "slow": slow,
    "many": many,
    "snapshots": snapshots,
}
