"""Markdown tables whose columns stand in line."""

from collections.abc import Callable, Sequence

from tests.benchmarks.summary import Spread


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Numbers to the right, words to the left."""
    numeric = [all(row[column][:1].isdigit() for row in rows) for column in range(len(head))]
    widths = [max(3, *(len(row[column]) for row in [head, *rows])) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            one.rjust(width) if right else one.ljust(width)
            for one, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * (width - 1) + ":" if right else "-" * width for width, right in zip(widths, numeric, strict=True)]
    return "\n".join([line(head), line(rule), *map(line, rows)])


def cell(spread: Spread | None, write: Callable[[float], str]) -> str:
    """The median and, where there was more than one round, the least and the greatest."""
    if spread is None:
        return "-"
    median, least, greatest = map(write, spread)
    return median if least == greatest else f"{median} ({least} to {greatest})"


def amount(number: float) -> str:
    """Three figures that count: 94,600 or 1.03 M."""
    if number >= 1e6:
        return f"{number / 1e6:.2f} M"
    return f"{number:,.0f}" if number < 1000 else f"{round(number, 2 - len(str(int(number))) + 1):,.0f}"
