"""Pictures of figures, as SVG made here (pygal); beside each stands a table of the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from lxml import etree

from feedsvc.web.admin.numbers import Figures

# CSS pixels; the page shows it as wide as there is room.
WIDTH, HEIGHT = 720, 300

# Labels of the x axis that fit side by side.
_LABELS_MOST = 8

# The desk's own colours, light and dark; those of series are told apart by brightness as well.
_SERIES = ("#8c1d18", "#c98a1b", "#2f6f8f", "#5f584c", "#4c7a3f", "#6b4a86")
_DARK = """
@media (prefers-color-scheme: dark) {
  svg .background, svg .plot > .background { fill: #1e2125 !important; }
  svg text, svg .title { fill: #e9e4d8 !important; }
  svg .guides path, svg .axis path, svg .line { stroke: #5a5f66 !important; }
}
"""


def draw(kind: str, figures: Figures, title: str = "") -> bytes:
    """Return a picture of ``figures`` as SVG; ``kind`` is line, bar or stack."""
    import pygal  # large, and only pictures need it
    from pygal.style import Style

    style = Style(
        background="#f3eee2",
        plot_background="#f3eee2",
        foreground="#1d1b18",
        foreground_strong="#1d1b18",
        foreground_subtle="#5f584c",
        colors=_SERIES,
        opacity="1",
        font_family="system-ui, sans-serif",
        label_font_size=13,
        major_label_font_size=13,
        legend_font_size=14,
        title_font_size=15,
        no_data_font_size=18,
        guide_stroke_color="#d8d0bf",
        major_guide_stroke_color="#d8d0bf",
        guide_stroke_dasharray="0",
        major_guide_stroke_dasharray="0",
    )
    charts: Mapping[str, Callable[..., Any]] = {
        "line": pygal.Line,
        "bar": pygal.Bar,
        "stack": pygal.StackedBar,
    }
    several = len(figures.series) > 1
    every = -(-len(figures.labels) // _LABELS_MOST) or 1
    chart = charts[kind](
        style=style,
        width=WIDTH,
        height=HEIGHT,
        js=(),
        css=("file://style.css", "file://graph.css", f"inline:{_DARK}"),
        disable_xml_declaration=True,
        no_prefix=True,
        show_legend=several,
        legend_at_bottom=several,
        legend_at_bottom_columns=6,
        include_x_axis=True,
        truncate_label=-1,
        dots_size=2,
        stroke_style={"width": 2.5},
        margin=14,
        margin_bottom=26 if several else 14,
        min_scale=3,
        max_scale=6,
        value_formatter=_write,
        x_labels_major_every=every,
        show_minor_x_labels=False,
        title=title or None,
    )
    chart.x_labels = figures.labels
    for name, values in figures.series:
        chart.add(name, list(values))
    tree = chart.render_tree()
    # It leaves a script there for its own tooltips, which no page of ours runs.
    etree.strip_elements(tree, "{*}script", etree.Comment, with_tail=False)
    return etree.tostring(tree)


def _write(value: float) -> str:
    return f"{value:,.0f}"


#: The pictures of the desk: name -> kind.
PICTURES: Mapping[str, str] = MappingProxyType(
    {"subscribers": "line", "polls": "stack", "latency": "bar"}
)
