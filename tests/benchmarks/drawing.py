"""Bars as an SVG that reads well on a light page and on a dark one."""

from html import escape

from tests.benchmarks.contestants import ALL
from tests.benchmarks.summary import Spread, Summary, of_load
from tests.benchmarks.tables import amount
from tests.benchmarks.trial import MANY, ONE, SINGLY

WIDTH = 760
LABELS = 350
"""The width of the names on the left."""
NUMBERS = 90
"""What is left free for the number behind the longest bar."""
ROW, BAR = 26, 16
HEAD = 34
GAP = 18

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.note { fill: #57606a; font-size: 12px }
.bar { fill: #8c959f }
.ours { fill: #4f6bed }
.range { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .note { fill: #9198a1 }
  .bar { fill: #656c76 }
  .ours { fill: #7d92ff }
  .range { stroke: #e6edf3 }
}
"""


def draw(summary: Summary) -> str:
    """Deliveries per CPU-second, by load, at 1,000 connections or at the nearest number there is."""
    connections = min(summary.connections, key=lambda count: abs(count - 1000))
    parts: list[str] = []
    top = 0
    for load in (ONE, MANY):
        panel, height = draw_panel(summary, connections, load, top)
        parts += panel
        top += height + GAP
    note = "Deliveries per second of the server's processor time; the longer the better. Lines: least to greatest."
    parts.append(f'<text class="note" x="0" y="{top}">{note}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 8}" role="img" '
        f'aria-label="Deliveries per CPU-second, {connections:,} connections">\n<style>{STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def draw_panel(summary: Summary, connections: int, load: str, top: int) -> tuple[list[str], int]:
    """One load's bars, the longest first, and how high they are together."""
    bars: list[tuple[str, bool, Spread]] = []
    for name in summary.contestants:
        for one in (load, SINGLY) if load == MANY and SINGLY in summary.loads(name) else (load,):
            if found := summary.spread(name, connections, of_load(one, "deliveries_per_cpu_second")):
                title = f"{ALL[name].title}, a transaction each" if one == SINGLY else ALL[name].title
                bars.append((title, name == "todo", found))
    bars.sort(key=lambda bar: -bar[2].median)
    parts = [f'<text class="title" x="0" y="{top + 18}">{connections:,} connections, {load}</text>']
    scale = (WIDTH - LABELS - NUMBERS) / max(bar[2].greatest for bar in bars)
    for number, (title, ours, found) in enumerate(bars):
        parts += draw_bar(title, ours, found, scale, top + HEAD + number * ROW)
    return parts, HEAD + len(bars) * ROW


def draw_bar(title: str, ours: bool, found: Spread, scale: float, top: int) -> list[str]:
    middle, end = top + BAR / 2, LABELS + found.greatest * scale
    place = f'x="{LABELS}" y="{top}" width="{max(1.0, found.median * scale):.1f}" height="{BAR}" rx="2"'
    return [
        f'<text x="0" y="{top + 12}">{escape(title)}</text>',
        f'<rect class="{"ours" if ours else "bar"}" {place}/>',
        f'<line class="range" x1="{LABELS + found.least * scale:.1f}" x2="{end:.1f}" y1="{middle}" y2="{middle}"/>',
        f'<text x="{end + 8:.1f}" y="{top + 12}">{amount(found.median)}</text>',
    ]
