"""Proposals side by side as a sheet to lay on the table, without prejudice."""

from __future__ import annotations

from typing import Optional, Sequence

from ..analysis.scenario_records import ScenarioFigure
from .plain_sheet import PlainSheet

WITHOUT_PREJUDICE = "WITHOUT PREJUDICE"
SUBJECTS = {
    "line": "The line",
    "land": "Land that changes sides against today's line",
    "zone": "The zone",
    "incidents": "Incidents",
    "places": "Places and people",
    "sites": "Sites",
}
DECIMALS = {"km": 1, "km2": 1}
UNITS = {"km": "km", "km2": "km²", "counts": "counts", "people": "people", "number": ""}


def side_by_side(figures: Sequence[ScenarioFigure]):
    """``(scenarios, rows)``: a row is a figure's key, today's value and a figure a scenario.

    Scenarios and rows stand in the order in which they first appear; None where a scenario has no
    such figure.
    """
    scenarios = list(dict.fromkeys(figure.scenario for figure in figures))
    rows: dict[tuple, dict[str, ScenarioFigure]] = {}
    for figure in figures:
        rows.setdefault(figure.key, {})[figure.scenario] = figure
    made = []
    for key, row in rows.items():
        today = next((one.today for one in row.values() if one.today is not None), None)
        made.append((key, today, [row.get(name) for name in scenarios]))
    return scenarios, made


def scenario_sheet(
    figures: Sequence[ScenarioFigure],
    told: Sequence[str],
    copy: Optional[str] = None,
    theatre: Optional[str] = None,
) -> PlainSheet:
    """The sheet; ``told`` says in sentences what was held against what."""
    level = WITHOUT_PREJUDICE + (f" · Copy {copy}" if copy else "")
    title = f"Proposals compared: {theatre}" if theatre else "Proposals compared"
    sheet = PlainSheet(title, level)
    sheet.say(
        "A comparison of proposals. It ranks none of them, and binds nobody; lines are "
        "approximate, and showing one endorses none."
    )
    for sentence in told:
        sheet.say(sentence)
    scenarios, rows = side_by_side(figures)
    for subject, heading in SUBJECTS.items():
        own = [row for row in rows if row[0][0] == subject and _says_something(*row)]
        if not own:
            continue
        sheet.heading(heading)
        with_today = any(today is not None for _, today, _ in own)
        columns = ["", *(["Today's line"] if with_today else []), *scenarios]
        sheet.table(columns, [_row(*row, with_today) for row in own])
    sheet.say(
        "“(a to b)”: so many at least and at most, wherever within their uncertainty the places "
        "and the line lie (95 %). “–”: no such figure. Areas and lengths are geodesic (WGS 84).",
        small=True,
    )
    return sheet


def _says_something(key: tuple, today: Optional[float], cells) -> bool:
    """Whether a row of one kind has anything but zeros; rows of all kinds together always do."""
    kind = key[3]
    return kind is None or bool(today) or any(one is not None and one.high for one in cells)


def _row(key: tuple, today: Optional[float], cells, with_today: bool) -> list[str]:
    _, measure, side, kind, unit = key
    name = ", ".join(filter(None, (measure, side, kind)))
    words = UNITS.get(unit, unit) or ""
    first = f"{name} ({words})" if words else name
    present = [_number(today, unit)] if with_today else []
    return [first, *present, *(_cell(figure, unit) for figure in cells)]


def _cell(figure: Optional[ScenarioFigure], unit: Optional[str]) -> str:
    if figure is None:
        return "–"
    value = _number(figure.value, unit)
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return value
    return f"{value} ({_number(figure.low, unit)} to {_number(figure.high, unit)})"


def _number(value: Optional[float], unit: Optional[str]) -> str:
    return "–" if value is None else f"{value:,.{DECIMALS.get(unit, 0)}f}"
