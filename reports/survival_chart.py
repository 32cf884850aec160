"""The chart of how long ceasefires held: a step a group, its bounds, and the numbers below.

Groups differ by dash and grey as well as by colour, so that a copy in black and white can be read.
The same input gives the same bytes.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Mapping, Sequence

import numpy as np

from .chart import SETTINGS

COLOURS = ("#1b4f72", "#b9770e", "#6c3483", "#4d5656", "#117864", "#943126")
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (3, 3)), (0, (9, 3)))
MOST = len(COLOURS)
# The days below the axis stand so far apart, at most nine of them.
STEPS = (1, 7, 30, 90, 180, 365, 730, 1825, 3650)
MOST_DAYS = 9


def draw_survival(groups: Sequence, words: Mapping[str, str], path: Path) -> None:
    """Write the chart to ``path`` as SVG; ``groups`` have name, low, curve and ``at_risk``.

    ``words`` are title, days, share, at_risk. At most six groups can be told apart. The axis ends
    soon after the last step: what was watched for decades would press all the rest together.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawn = list(groups)[:MOST]
    last_step = max(float(group.curve.time.max(initial=0.0)) for group in drawn)
    watched = max(_watched(group) for group in drawn)
    last_day = max(min(watched, 1.15 * last_step) if last_step else watched, 1.0)
    apart = next((step for step in STEPS if last_day / step < MOST_DAYS), STEPS[-1])
    days = [day * apart for day in range(int(last_day // apart) + 1)]
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(7.0, 3.6 + 0.19 * len(drawn)))
        FigureCanvasSVG(figure)
        height = figure.get_figheight()
        below = (0.95 + 0.19 * len(drawn)) / height
        axis = figure.add_axes([0.27, below, 0.69, 1.0 - below - 0.42 / height])
        for group, colour, dash in zip(drawn, COLOURS, DASHES):
            _curve(axis, group, last_day, colour, dash)
        axis.set_xlim(0, last_day)
        axis.set_xticks(days, [f"{day:,}" for day in days])
        axis.set_ylim(0, 1.02)
        axis.set_yticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100"])
        axis.set_ylabel(words["share"])
        axis.set_xlabel(words["days"])
        axis.set_title(words["title"], loc="left", fontsize=8)
        axis.legend(frameon=False, fontsize=7, loc="upper right")
        _numbers(figure, axis, drawn, days, words["at_risk"], height)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    path.write_text(text.getvalue(), encoding="utf-8")


def _curve(axis, group, last_day: float, colour: str, dash) -> None:
    """A line that falls where each step is known to have fallen, and its bounds."""
    curve = group.curve
    # A curve ends where the last of its group was watched.
    time = np.concatenate([[0.0], curve.time, [min(last_day, _watched(group))]])
    shares, low, high = (
        np.concatenate([[1.0], values, values[-1:] if len(values) else [1.0]])
        for values in (curve.survival, curve.low, curve.high)
    )
    axis.step(time, shares, where="post", color=colour, linestyle=dash, label=group.name, lw=1.2)
    axis.fill_between(time, low, high, step="post", color=colour, alpha=0.12, linewidth=0)
    for since, until, before, after in zip(curve.since, curve.time, shares, curve.survival):
        if until > since:
            # Between these days it fell; when is not known.
            axis.plot([since, until], [before, after], color=colour, linestyle=":", lw=0.7)


def _watched(group) -> float:
    """The last day on which any of a group is known to have held or ended."""
    return max(float(group.low.max()), float(group.curve.time.max(initial=0.0)))


def _numbers(figure, axis, groups, days, title: str, height: float) -> None:
    """How many are still watched, below the days of the axis."""
    box = axis.get_position()
    top = (0.40 + 0.19 * len(groups)) / height
    figure.text(0.02, top, title, fontsize=7, weight="bold")
    width = axis.get_xlim()[1]
    for line, (group, colour) in enumerate(zip(groups, COLOURS), 1):
        y = top - 0.19 * line / height
        figure.text(0.02, y, group.name[:32], fontsize=6.5, color=colour)
        for day in days:
            low, high = group.at_risk(day)
            told = f"{low:,}" if low == high else f"{low:,} to {high:,}"
            x = box.x0 + box.width * day / width
            figure.text(x, y, told, fontsize=6.5, ha="center")
