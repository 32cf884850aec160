"""Proposed lines and zones held against the record and the land.

Sides, distances and areas are the kernel's own (``nearest``, ``line_change``), so a proposal is
measured as the line in force is. Nothing is ranked here.
"""

from __future__ import annotations

import dataclasses
from typing import Callable, Iterator, Mapping, Optional, Sequence

import numpy as np
import shapely

from ..model.errors import Cancelled, CeasefireError
from .area_shapes import on_the_ground
from .areas import AreaColumns, PreparedAreas
from .conformal_plane import ConformalPlane
from .contact_line import LineColumns, PreparedLines, prepare_lines
from .geodesy import WGS84
from .line_change import line_change
from .line_change_areas import geodesic_area_m2
from .line_change_records import ChangeSettings
from .line_change_table import ALL_FRONTS
from .nearest import Side, nearest
from .scenario_records import Scenario, ScenarioFigure, ScenarioSettings, Things

BEYOND = "beyond the line's ends"
SIDE_WORDS = {Side.LEFT: "left of the line", Side.RIGHT: "right of the line"}
DETAIL_M = 100.0
BEND_DEG = 30.0
LEAVES_M = 100.0
LAND, RECORD, PLACES, SITES = "line", "incidents", "places", "sites"


def compare_scenarios(
    scenarios: Sequence[Scenario],
    things: Mapping[str, Things],
    settings: ScenarioSettings,
    cancelled: Optional[Callable[[], bool]] = None,
) -> tuple[list[ScenarioFigure], list[str]]:
    """Every figure of every scenario, in the order given, and notes in whole sentences.

    ``things`` are incidents, places and sites by the names of this module. Where today's line is
    given, each figure of a line carries today's beside it. Raises CeasefireError for scenarios
    that cannot be compared and Cancelled where ``cancelled`` says so.
    """
    for scenario in scenarios:
        _check(scenario, settings)
    notes: list[str] = []
    base: dict[tuple, float] = {}
    if settings.today is not None:
        present = _line_figures(Scenario("", settings.today), things, settings)
        base = {figure.key: figure.value for figure in present}
    result: list[ScenarioFigure] = []
    for scenario in scenarios:
        if cancelled is not None and cancelled():
            raise Cancelled("Comparing was stopped; nothing was written.")
        if scenario.lines is not None:
            own = _line_figures(scenario, things, settings)
            result += _beside(own, base, scenario.name)
            result += _land_changed(scenario, settings, notes)
        if scenario.zone is not None:
            result += _zone_figures(scenario, things)
    return result, notes


def _check(scenario: Scenario, settings: ScenarioSettings) -> None:
    """Raise CeasefireError where a scenario's own parts contradict each other or the theatre."""
    if settings.theatre is None or scenario.lines is None:
        return
    theatre = on_the_ground(settings.theatre)
    for geometry in scenario.lines.columns.geometry:
        outside = shapely.difference(geometry, theatre)
        length = 0.0 if shapely.is_empty(outside) else WGS84.geometry_length(outside)
        if length > LEAVES_M:
            lon, lat = shapely.get_coordinates(outside)[0]
            raise CeasefireError(
                f"The line of the scenario “{scenario.name}” leaves the theatre for "
                f"{length / 1000.0:.1f} km, first near {lat:.5f}, {lon:.5f}. Correct the line or "
                "the theatre; nothing was compared."
            )


def _beside(own: list[ScenarioFigure], base: dict[tuple, float], name: str):
    """The figures with today's beside them.

    What today's line has and the scenario's has not is 0 by the scenario's, and the other way
    round, but for lengths.
    """
    if not base:
        return own
    for figure in own:
        figure.today = base.get(figure.key, None if figure.unit == "km" else 0.0)
        if figure.today is not None:
            figure.difference = figure.value - figure.today
    present = {figure.key for figure in own}
    gone = [
        ScenarioFigure(name, *key, value=0.0, low=0.0, high=0.0, today=value, difference=-value)
        for key, value in base.items()
        if value and key not in present
    ]
    return own + gone


def _line_figures(scenario: Scenario, things, settings: ScenarioSettings) -> list[ScenarioFigure]:
    lines = scenario.lines
    length_m = sum(line.length_m for line in lines.lines)
    result = [
        ScenarioFigure(scenario.name, LAND, "length", unit="km", value=length_m / 1000.0),
        ScenarioFigure(scenario.name, LAND, "bends", unit="number", value=float(_bends(lines))),
    ]
    for subject, columns in things.items():
        result += _around_the_line(scenario, subject, columns, settings)
    return result


def _bends(lines: PreparedLines) -> int:
    """Turns of more than 30° that stay when detail below 100 m is left out."""
    count = 0
    for geometry in lines.columns.geometry:
        for part in shapely.get_parts(geometry):
            points = shapely.get_coordinates(part)
            drawn = shapely.LineString(ConformalPlane.of(points).drawn(points))
            steps = np.diff(shapely.get_coordinates(shapely.simplify(drawn, DETAIL_M)), axis=0)
            turn = np.diff(np.degrees(np.arctan2(steps[:, 1], steps[:, 0])))
            count += int((np.abs((turn + 180.0) % 360.0 - 180.0) > BEND_DEG).sum())
    return count


def _around_the_line(scenario, subject: str, things: Things, settings) -> Iterator[ScenarioFigure]:
    """Figures by side, and near the line, of one sort of things."""
    lines = scenario.lines
    found = nearest(lines, things.lon, things.lat)
    located = found.line >= 0
    blur = np.where(np.isnan(things.uncertainty_m), 0.0, things.uncertainty_m)
    own = lines.columns.uncertainty_m[np.maximum(found.line, 0)]
    blur = blur + np.where(np.isnan(own), 0.0, own)
    undecided = located & (found.distance_m <= blur) & (found.side != int(Side.BEYOND))
    side = _side_names(lines, found)
    parties = _parties(lines)
    for party in parties + [BEYOND]:
        here = located & (side == party)
        sure = here & ~undecided
        maybe = here | (undecided if party != BEYOND else False)
        if party == BEYOND and not here.any():
            continue
        yield from _counted(scenario.name, subject, "on the side", party, things, here, sure, maybe)
    near = settings.distance_m
    here = located & (found.distance_m <= near)
    sure = located & (found.distance_m + blur <= near)
    maybe = located & (found.distance_m - blur <= near)
    measure = f"within {near:g} m"
    yield from _counted(scenario.name, subject, measure, None, things, here, sure, maybe)
    yield from _not_located(scenario.name, subject, things)


def _parties(lines: PreparedLines) -> list[str]:
    """The names of all sides, in the order of their names."""
    columns = lines.columns
    names = set()
    for given, side in ((columns.left_party, Side.LEFT), (columns.right_party, Side.RIGHT)):
        names |= {name or SIDE_WORDS[side] for name in given}
    return sorted(names)


def _side_names(lines: PreparedLines, found) -> np.ndarray:
    """On whose side each point lies; None on the line itself and where nothing was measured."""
    result = np.full(len(found.line), None, dtype=object)
    columns = lines.columns
    for given, side in ((columns.left_party, Side.LEFT), (columns.right_party, Side.RIGHT)):
        names = np.array([name or SIDE_WORDS[side] for name in given], dtype=object)
        here = (found.line >= 0) & (found.side == int(side))
        result[here] = names[found.line[here]]
    result[found.side == int(Side.BEYOND)] = BEYOND
    return result


def _counted(name, subject, measure, side, things, here, sure, maybe) -> Iterator[ScenarioFigure]:
    """How many, by kind where kinds are known, and the sum of what they stand for."""
    known = sorted({kind for kind in things.kind if kind is not None})
    for kind in [None, *known]:
        of_kind = np.ones(len(things), dtype=bool) if kind is None else things.kind == kind
        value, low, high = (float((mask & of_kind).sum()) for mask in (here, sure, maybe))
        yield ScenarioFigure(name, subject, measure, side, kind, "number", value, low, high)
    unit = {RECORD: "counts", PLACES: "people"}.get(subject)
    if unit is None or np.isnan(things.low).all():
        return
    value, low = (float(np.nansum(things.low[mask])) for mask in (here, sure))
    high = float(np.nansum(things.high[maybe]))
    yield ScenarioFigure(name, subject, measure, side, None, unit, value, low, high)
    unknown = float((here & np.isnan(things.low)).sum())
    if unknown:
        yield ScenarioFigure(name, subject, measure, side, None, f"{unit} not known", unknown)


def _not_located(name: str, subject: str, things: Things) -> Iterator[ScenarioFigure]:
    missing = float((~(np.isfinite(things.lon) & np.isfinite(things.lat))).sum())
    if missing:
        yield ScenarioFigure(name, subject, "without a place", unit="number", value=missing)


def _land_changed(scenario: Scenario, settings: ScenarioSettings, notes: list[str]):
    """What each side gains and loses against today's line."""
    if settings.today is None:
        return []
    both, old, new = _together(settings.today, scenario.lines)
    moments = np.array([0, 1], dtype="datetime64[us]")
    asked = ChangeSettings(*moments, settings.theatre, settings.tolerance_m)
    change = line_change(both, old, new, asked)
    notes += [f"Scenario “{scenario.name}”: {note}" for note in change.notes]
    sums = {row.party: row for row in change.sides if row.front == ALL_FRONTS}
    result = []
    known = {*_parties(scenario.lines), *_parties(settings.today)} - {*SIDE_WORDS.values()}
    for party in sorted(known | {*sums}):
        row = sums.get(party)
        for measure in ("gained", "lost"):
            value = 0.0 if row is None else getattr(row, f"{measure}_km2")
            result.append(
                ScenarioFigure(scenario.name, "land", measure, party, unit="km2", value=value)
            )
    return result


def _together(today: PreparedLines, proposed: PreparedLines):
    """Both lots of lines as one, and the indices of each."""
    joined = {}
    for field in dataclasses.fields(LineColumns):
        halves = (getattr(today.columns, field.name), getattr(proposed.columns, field.name))
        joined[field.name] = np.concatenate(halves)
    count = len(joined["geometry"])
    for name in ("kind", "valid_from", "valid_to", "written_from", "written_to"):
        # Dates and kinds of lines that are laid side by side say nothing here.
        joined[name] = None
    both = prepare_lines(LineColumns(**joined))
    if len(both) != count:
        raise CeasefireError("A line that was used before cannot be used beside another one.")
    return both, tuple(range(len(today))), tuple(range(len(today), count))


def _zone_figures(scenario: Scenario, things: Mapping[str, Things]) -> Iterator[ScenarioFigure]:
    """The zone's area, and what lies inside."""
    ground = on_the_ground(scenario.zone)
    if ground is None:
        raise CeasefireError(f"The zone of the scenario “{scenario.name}” has no area.")
    area = geodesic_area_m2(ground) / 1e6
    yield ScenarioFigure(scenario.name, "zone", "area", unit="km2", value=area)
    areas = PreparedAreas(AreaColumns(np.array([scenario.zone], dtype=object), ["zone"]))
    rim = prepare_lines(LineColumns(np.array([shapely.boundary(scenario.zone)], dtype=object)))
    for subject, columns in things.items():
        inside = _inside(areas, columns)
        blur = np.where(np.isnan(columns.uncertainty_m), 0.0, columns.uncertainty_m)
        to_rim = nearest(rim, columns.lon, columns.lat).distance_m
        undecided = to_rim <= blur
        yield from _counted(
            scenario.name, subject, "inside the zone", None, columns,
            inside, inside & ~undecided, inside | undecided,
        )  # fmt: skip


def _inside(areas: PreparedAreas, things: Things) -> np.ndarray:
    located = np.flatnonzero(np.isfinite(things.lon) & np.isfinite(things.lat))
    inside = np.zeros(len(things), dtype=bool)
    points, _ = areas.pairs(things.lon[located], things.lat[located])
    inside[located[points]] = True
    return inside
