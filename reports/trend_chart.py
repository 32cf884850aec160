"""The trend as bars: post-hours with fire per 100 observed hours, the reported period darker."""

from __future__ import annotations

import io
from pathlib import Path

from .chart import LEFT_MM, SETTINGS, WIDTH_MM, hatch_box
from .trend import Trend
from .words import Words

PLOT_MM, TITLE_MM, DATES_MM = 38.0, 7.0, 6.0
HEIGHT_MM = PLOT_MM + TITLE_MM + DATES_MM
NOW_COLOUR, EARLIER_COLOUR, MEAN_COLOUR = "#1f3a5f", "#9aa5b1", "#a63c06"
# The label of a bar stays readable where the line of the mean crosses it.
LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}


def draw_trend(trend: Trend, words: Words, path: Path) -> float:
    """Write the chart to ``path`` (SVG); the result is its height in mm for a width of 178 mm."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4))
        FigureCanvasSVG(figure)
        left = LEFT_MM / WIDTH_MM
        axis = figure.add_axes([left, DATES_MM / HEIGHT_MM, 1 - left, PLOT_MM / HEIGHT_MM])
        _bars(axis, trend, words)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    path.write_text(text.getvalue(), encoding="utf-8")
    return HEIGHT_MM


def _bars(axis, trend: Trend, words: Words) -> None:
    steps = trend.steps
    rates = [step.rate or 0.0 for step in steps]
    colours = [EARLIER_COLOUR] * (len(steps) - 1) + [NOW_COLOUR]
    top = max([*rates, trend.mean or 0.0, 1.0]) * 1.18
    axis.bar(range(len(steps)), rates, width=0.66, color=colours, linewidth=0)
    for position, step in enumerate(steps):
        if step.not_observed:
            hatch_box(axis, position - 0.33, position + 0.33, top)
        else:
            told = words.number(step.rate, 1) if step.rate is not None else words("not_known")
            above = rates[position] + top * 0.02
            axis.text(position, above, told, ha="center", fontsize=6.8, bbox=LABEL, zorder=4)
    if trend.mean is not None:
        axis.plot([-0.5, len(steps) - 1.5], [trend.mean] * 2, color=MEAN_COLOUR, linewidth=0.9)
    axis.set_ylim(0, top)
    axis.set_xlim(-0.6, len(steps) - 0.4)
    axis.set_title(words("axis_trend"), fontsize=7.5, loc="left", pad=4)
    axis.set_xticks(range(len(steps)))
    axis.set_xticklabels([words.day(step.label) for step in steps])
    axis.set_axisbelow(True)
    axis.grid(axis="y", color="#dddddd", linewidth=0.4)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.tick_params(axis="y", length=0)
