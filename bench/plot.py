"""Cost against size, as SVG."""

import sys

import pygal
from pygal.style import CleanStyle

from bench.results import Row

# pygal hooks every later import to find plugins, which we have none of, and Python warns each time.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

_TITLES = {
    "buffers": "Pages touched by a call, relative to the smallest size",
    "latency": "Time of a call, relative to the smallest size",
}


def draw(rows: list[Row]) -> dict[str, tuple[str, str]]:
    """Draw the rows that have points: file name -> title and SVG."""
    drawn = {}
    for kind, title in _TITLES.items():
        chosen = [row for row in rows if row.points and row.key.endswith(kind)]
        if chosen:
            drawn[f"performance-{kind}.svg"] = (title, _chart(title, chosen))
    return drawn


def _chart(title: str, rows: list[Row]) -> str:
    # No script: the page that shows it runs none. A fixed id: a new run changes what is new only.
    chart = pygal.Line(
        js=[],
        title=title,
        x_title="open invoices",
        style=CleanStyle(font_family="sans-serif"),
        legend_at_bottom=True,
        range=(0, max(2.0, *(_relative(row)[-1] for row in rows))),
        disable_xml_declaration=True,
        no_prefix=True,
    )
    chart.uuid = "performance"
    chart.x_labels = [f"{count:,}" for count in sorted(rows[0].points)]
    for row in rows:
        chart.add(row.measure.partition(",")[0], [round(cost, 3) for cost in _relative(row)])
    return f"{chart.render(is_unicode=True)}\n"


def _relative(row: Row) -> list[float]:
    costs = [cost for _, cost in sorted(row.points.items())]
    return [cost / costs[0] for cost in costs]
