"""The timeline's sentences: tooltips, what is read aloud, what is not drawn."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import QCoreApplication

from .calendar import Step
from .columns import KINDS, Counts
from .scene import Scene

MOST_KINDS = 8


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("TimelineWords", text)


def step_name(scene: Scene, at: int) -> str:
    """When a step is: an hour, a reporting day, a week or a month."""
    calendar = scene.calendar
    start, end = (float(edge) for edge in scene.edges()[at : at + 2])
    if scene.step is Step.HOUR:
        first = calendar.local(start).strftime("%Y-%m-%d %H:%M")
        return f"{first}–{calendar.local(end).strftime('%H:%M')}"
    first, last = calendar.whole_days(start, end)
    if scene.step is Step.DAY:
        return tr("Reporting day %1").replace("%1", first.isoformat())
    if scene.step is Step.MONTH:
        return f"{first.year:04d}-{first.month:02d}"
    return tr("%1 to %2").replace("%1", first.isoformat()).replace("%2", last.isoformat())


def counted(numbers: int, rows: int, undetermined: int) -> str:
    """A sum as the brief prints it: the number, the incidents, and what is not known of them."""
    text = tr("%1 in %2 incidents").replace("%1", f"{numbers:,}").replace("%2", f"{rows:,}")
    if undetermined:
        more = tr(", and an undetermined number in %1 of them")
        text += more.replace("%1", f"{undetermined:,}")
    return text


def of_step(scene: Scene, at: int) -> List[str]:
    """All that is known of a step, a line each; what is nothing is never called zero unseen."""
    counts = scene.counts
    rows = int(counts.rows[at].sum())
    lines = [step_name(scene, at)]
    if rows:
        lines.append(
            counted(int(counts.numbers[at].sum()), rows, int(counts.undetermined[at].sum()))
        )
        lines += _kinds(counts, at)
    else:
        lines.append(nothing(scene, at))
    if counts.coarse[at]:
        lines.append(
            tr("of these %1 are known no finer in time than this").replace(
                "%1", f"{int(counts.coarse[at]):,}"
            )
        )
    lines.append(observed(scene, at))
    return lines


def nothing(scene: Scene, at: int) -> str:
    """What may be said of a step without incidents."""
    if scene.watched is not None and scene.watched.any[at] > 0:
        return tr("no incident reported while it was observed")
    return tr("no incident reported; that nothing happened is not known")


def observed(scene: Scene, at: int) -> str:
    """How much of a step was observed."""
    watched = scene.watched
    if watched is None:
        return tr("No observation effort is recorded in this ledger.")
    if watched.any[at] <= 0:
        if watched.told[at]:
            return tr("Not observed: no post was able to observe.")
        return tr("Not observed: no effort is recorded for this time.")
    return (
        tr("Observed: %1 hours of posts, %2 % of what %3 posts could.")
        .replace("%1", f"{watched.hours[at]:,.1f}")
        .replace("%2", f"{100 * watched.share[at]:.0f}")
        .replace("%3", str(scene.posts))
    )


def left_out(counts: Counts) -> str:
    """What passes the filter and is in no bar."""
    parts = []
    if counts.without_time:
        parts.append(
            tr("%1 without a time are not drawn").replace("%1", f"{counts.without_time:,}")
        )
    if counts.withdrawn:
        parts.append(tr("%1 withdrawn are left out").replace("%1", f"{counts.withdrawn:,}"))
    return "; ".join(parts)


def summary(scene: Scene, wanted: Optional[Step]) -> str:
    """One line about the view."""
    counts = scene.counts
    if scene.period is not None and scene.period[1] <= scene.period[0]:
        return tr("The period ends before it begins: no incident lies in it")
    said = counted(
        int(counts.numbers.sum()), int(counts.rows.sum()), int(counts.undetermined.sum())
    )
    parts = [tr("In view, all sources as recorded: %1").replace("%1", said)]
    if wanted is not None and wanted is not scene.step:
        parts.append(tr("too long a time for such short bars: zoom in"))
    parts.append(left_out(counts))
    if scene.watched is None:
        parts.append(tr("no effort is recorded, so an empty time is not a quiet one"))
    return "; ".join(part for part in parts if part)


def description(scene: Scene) -> str:
    """What a screen reader says of the timeline, or of the step that the keyboard is on."""
    if scene.cursor is not None and scene.cursor < len(scene.counts.rows):
        return ". ".join(of_step(scene, scene.cursor))
    return summary(scene, None)


def _kinds(counts: Counts, at: int) -> List[str]:
    """The kinds of a step, those with the highest numbers first."""
    places = counts.rows[at].nonzero()[0]
    places = sorted(places, key=lambda place: (-counts.numbers[at][place], place))
    lines = []
    for place in places[:MOST_KINDS]:
        number, rows = int(counts.numbers[at][place]), int(counts.rows[at][place])
        lines.append(f"   {KINDS[place].label}: {counted(number, rows, 0)}")
    if len(places) > MOST_KINDS:
        lines.append(tr("   and %1 other kinds").replace("%1", str(len(places) - MOST_KINDS)))
    return lines
