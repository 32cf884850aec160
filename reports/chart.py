"""The chart along the period: own observation by class, other sources below, as an SVG.

QtSvg, which draws it on the page, loses patterns and clip paths: the hatching of what was not
observed is drawn as segments of our own, and nothing relies on clipping. Text is drawn as shapes;
the same numbers stand in a table. The same input gives the same bytes.
"""

from __future__ import annotations

import io
from pathlib import Path

from .figures import Figures
from .symbol_class import CLASSES
from .words import Words

# Greys and tints that stay apart in greyscale, darkest first; the classes keep their colour.
WIDTH_MM, LEFT_MM, OWN_MM, OTHERS_MM = 178.0, 9.0, 46.0, 24.0
TITLE_MM, DATES_MM, LEGEND_MM = 7.0, 5.5, 4.4
PER_ROW = 6
SETTINGS = {
    "svg.fonttype": "path",
    "svg.hashsalt": "ceasefire-monitor",
    "font.family": ["DejaVu Sans"],
    "font.size": 7,
    "axes.linewidth": 0.4,
    "axes.edgecolor": "#555555",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "xtick.major.width": 0.4,
    "ytick.major.width": 0.4,
    "hatch.linewidth": 0.4,
}
OTHERS_COLOUR = "#9aa5b1"


def draw_chart(figures: Figures, words: Words, path: Path) -> float:
    """Write the chart to ``path`` (SVG); the result is its height in mm for a width of 178 mm."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    bins = figures.timeline.bins
    panels = _panels(figures)
    entries = len(_classes(bins)) + any(step.not_observed for step in bins)
    legend = LEGEND_MM * -(-entries // PER_ROW)
    height = legend + DATES_MM + sum(size + TITLE_MM for _, size in panels)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(WIDTH_MM / 25.4, height / 25.4))
        FigureCanvasSVG(figure)
        bottom = legend + DATES_MM + sum(size + TITLE_MM for _, size in panels)
        for own, size in panels:
            bottom -= size + TITLE_MM
            axis = figure.add_axes(
                [LEFT_MM / WIDTH_MM, bottom / height, 1 - LEFT_MM / WIDTH_MM, size / height]
            )
            _panel(axis, bins, own, words)
            axis.tick_params(axis="x", labelbottom=own == panels[-1][0])
        _dates(figure.axes, bins, figures.timeline.step, words)
        _legend(figure, bins, words, height)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    path.write_text(text.getvalue(), encoding="utf-8")
    return height


def _panels(figures: Figures) -> list[tuple[bool, float]]:
    """Which panels are drawn (own observation or others), and their heights in mm."""
    bins = figures.timeline.bins
    others = any(step.others for step in bins)
    own = any(step.own for step in bins) or figures.watch.known or not others
    panels = [(True, OWN_MM)] if own else []
    return panels + ([(False, OTHERS_MM if own else OWN_MM)] if others else [])


def _panel(axis, bins: list, own: bool, words: Words) -> None:
    heights = _bars(axis, bins, own)
    top = max([*heights, 1]) * 1.12
    axis.set_ylim(0, top)
    axis.set_xlim(-0.6, len(bins) - 0.4)
    if own:
        _hatch(axis, bins, top)
    axis.set_title(words("axis_own" if own else "axis_others"), fontsize=7.5, loc="left", pad=4)
    axis.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    axis.grid(axis="y", color="#dddddd", linewidth=0.4)
    axis.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", length=2)


def _bars(axis, bins: list, own: bool) -> list[float]:
    """Stacked bars; the results are their heights."""
    positions = range(len(bins))
    if not own:
        rows = [sum(item.rows for item in step.others.values()) for step in bins]
        axis.bar(positions, rows, width=0.74, color=OTHERS_COLOUR, linewidth=0)
        return rows
    below = [0.0] * len(bins)
    for item in _classes(bins):
        low = [step.own[item.code].low if item.code in step.own else 0 for step in bins]
        axis.bar(
            positions,
            low,
            width=0.74,
            bottom=below,
            color=item.colour,
            edgecolor="white",
            linewidth=0.4,
            label=item.label,
        )
        below = [start + add for start, add in zip(below, low)]
    return below


def _classes(bins: list) -> list:
    return [item for item in CLASSES if any(item.code in step.own for step in bins)]


def _hatch(axis, bins: list, top: float) -> None:
    """Slanting segments over the steps that nobody could observe."""
    for position, step in enumerate(bins):
        if step.not_observed:
            hatch_box(axis, position - 0.44, position + 0.44, top)


def hatch_box(axis, left: float, right: float, top: float, lines: int = 9) -> None:
    """Slanting segments of our own in a frame: QtSvg loses patterns."""
    axis.plot(
        [left, right, right, left, left],
        [0, 0, top, top, 0],
        color="#999999",
        linewidth=0.3,
        clip_on=False,
    )
    rise = top / lines
    for number in range(-1, lines):
        low, high = number * rise, (number + 1.6) * rise
        start, end = max(low, 0.0), min(high, top)
        x = [left + (right - left) * (level - low) / (high - low) for level in (start, end)]
        axis.plot(x, [start, end], color="#999999", linewidth=0.4, clip_on=False)


def _legend(figure, bins: list, words: Words, height: float) -> None:
    """One row or more under the panels: the classes that occur, and what the hatching means."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=item.colour, label=item.label) for item in _classes(bins)]
    if any(step.not_observed for step in bins):
        mark = {"color": "#999999", "linewidth": 0, "marker": (2, 0, -30), "markersize": 6}
        handles.append(Line2D([], [], label=words("legend_not_observed"), **mark))
    if handles:
        figure.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0.055, 0.4 / height),
            ncol=PER_ROW,
            frameon=False,
            fontsize=6.8,
            handlelength=1.0,
            columnspacing=1.4,
            borderaxespad=0,
            handletextpad=0.5,
        )


def _dates(axes: list, bins: list, step: str, words: Words) -> None:
    if step == "hour":
        _ticks(axes, list(range(0, len(bins), 2)), [words.step(b.label, step) for b in bins[::2]])
        return
    one_year = bins[0].label.year == bins[-1].label.year
    every = max(1, -(-len(bins) // (14 if one_year else 10)))
    chosen = list(range(0, len(bins), every))
    labels = []
    for position in chosen:
        day = words.day(bins[position].label)
        parts = day.split(" ")
        if step in ("month", "year"):
            labels.append(" ".join(parts[1:] if step == "month" else parts[2:]))
        else:
            labels.append(" ".join(parts[:2]) if one_year else day)
    _ticks(axes, chosen, labels)


def _ticks(axes: list, chosen: list[int], labels: list[str]) -> None:
    for axis in axes:
        axis.set_xticks(chosen)
        axis.set_xticklabels(labels)
