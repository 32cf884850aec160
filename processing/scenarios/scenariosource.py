"""Proposals, incidents, places and sites read from layers into the columns of the comparison."""

from __future__ import annotations

from typing import Optional

from qgis.core import Qgis, QgsProcessingException, QgsWkbTypes

from ...model.errors import CeasefireError
from ..line.columns import find_field, numbers, read_shapes, texts, transform_of
from ..line.instants import spans_of

SCENARIO_NAMES = ("scenario", "scenario_name", "line_name", "zone_name", "name")
NOT_COUNTED = ("withdrawn",)


def scenarios_of(source, asked: Optional[str], context, feedback) -> list:
    """The layer's scenarios in the order in which they first appear; lines or areas.

    Features of one name are one scenario. Raises CeasefireError where they overlap, have no name
    or no shape.
    """
    from ...analysis.contact_line import LineColumns, prepare_lines
    from ...analysis.scenario_records import Scenario

    kind = QgsWkbTypes.geometryType(source.wkbType())
    if kind not in (Qgis.GeometryType.Line, Qgis.GeometryType.Polygon):
        raise CeasefireError(
            f"“{source.sourceName()}” has neither lines nor areas. Choose a layer of proposed "
            "lines, or of proposed zones."
        )
    fields = source.fields()
    names = [
        find_field(fields, asked, *SCENARIO_NAMES),
        find_field(fields, None, "left_party"),
        find_field(fields, None, "right_party"),
        find_field(fields, None, "uncertainty_m"),
    ]
    transform = transform_of(source, "The layer of scenarios", context)
    geometry, label, columns = read_shapes(source, names, transform, "feature", feedback)
    called = texts(columns[0])
    groups: dict[str, list[int]] = {}
    for row in range(len(geometry)):
        if called[row] is None:
            raise CeasefireError(
                f"{label[row].capitalize()} of the scenarios has no name. Give each its "
                "scenario's name; nothing was compared."
            )
        if geometry[row] is None:
            raise CeasefireError(
                f"{label[row].capitalize()} of the scenario “{called[row]}” has no shape. Draw "
                "or remove it; nothing was compared."
            )
        groups.setdefault(called[row], []).append(row)
    if not groups:
        raise CeasefireError("The layer of scenarios is empty: draw at least one proposal in it.")
    _refuse_overlaps(groups, geometry)
    notes: list[str] = []
    uncertainty = numbers(columns[3], names[3] or "", notes)
    result = []
    for name, rows in groups.items():
        if kind == Qgis.GeometryType.Polygon:
            result.append(Scenario(name, zone=_one_area(geometry[rows])))
            continue
        lines = prepare_lines(
            LineColumns(
                geometry[rows],
                label[rows],
                line_name=called[rows],
                left_party=texts(columns[1])[rows],
                right_party=texts(columns[2])[rows],
                uncertainty_m=uncertainty[rows],
            )
        )
        if len(lines) != len(rows):
            raise CeasefireError(f"The scenario “{name}” cannot be used. {' '.join(lines.notes)}")
        result.append(Scenario(name, lines=lines))
    for note in notes:
        feedback.pushWarning(note)
    return result


def _refuse_overlaps(groups: dict, geometry) -> None:
    import shapely

    for name, rows in groups.items():
        for index, one in enumerate(rows):
            for other in rows[index + 1 :]:
                first, second = geometry[one], geometry[other]
                shared = shapely.intersection(
                    *(shapely.make_valid(shape) for shape in (first, second))
                )
                same_kind = shapely.get_dimensions(shared) == shapely.get_dimensions(first)
                if same_kind and not shapely.is_empty(shared):
                    raise CeasefireError(
                        f"Two features of the scenario “{name}” overlap: what lies in both would "
                        "count twice. Correct them, or give one another name; nothing was compared."
                    )


def _one_area(shapes):
    import shapely

    return shapely.union_all([shapely.make_valid(shape) for shape in shapes])


def things_of(source, what: str, wanted: dict, context, feedback):
    """A layer of points or areas as ``Things``, and its columns.

    ``wanted``: for each column its usual field names: ``kind``, ``uncertainty_m``, ``low``,
    ``high``, and what the caller needs beside them. Returns ``(things, {column: values})``.
    """
    import numpy as np
    import shapely

    from ...analysis.scenario_records import Things

    if source is None:
        raise QgsProcessingException(f"{what} could not be read. Choose another layer.")
    geometry_type = QgsWkbTypes.geometryType(source.wkbType())
    if geometry_type == Qgis.GeometryType.Line:
        raise CeasefireError(f"{what} has lines; points or areas are needed. Choose another layer.")
    fields = source.fields()
    names = {key: find_field(fields, None, *usual) for key, usual in wanted.items()}
    table = geometry_type == Qgis.GeometryType.Null
    transform = None if table else transform_of(source, what, context)
    geometry, _, columns = read_shapes(source, list(names.values()), transform, "feature", feedback)
    by_name = dict(zip(names, columns))
    # A point's own place; of an area, a place within it.
    places = shapely.point_on_surface(geometry)
    notes: list[str] = []
    low, high, uncertainty = (
        numbers(by_name[key], names[key] or "", notes) if key in by_name else None
        for key in ("low", "high", "uncertainty_m")
    )
    for note in notes:
        feedback.pushWarning(f"{what}: {note}")
    kind = texts(by_name["kind"]) if "kind" in by_name else None
    if high is not None and low is not None:
        high = np.where(np.isnan(high), low, high)
    things = Things.at(shapely.get_x(places), shapely.get_y(places), uncertainty, kind, low, high)
    return things, by_name


def taken(things, chosen):
    """The rows that a mask chooses."""
    import dataclasses

    return type(things)(*(getattr(things, one.name)[chosen] for one in dataclasses.fields(things)))


def of_the_period(columns: dict, start, end, zone):
    """Which incidents count in the period [start, end): by ``occurred_from`` alone; a mask.

    Withdrawn ones never do, and those without a time only where no period is asked for.
    """
    import numpy as np

    workflow = texts(columns["workflow"])
    kept = np.array([value not in NOT_COUNTED for value in workflow], dtype=bool)
    if start is None and end is None:
        return kept
    began = spans_of(columns["from"], zone)[0]
    if start is not None:
        kept &= began >= start
    if end is not None:
        kept &= began < end
    return kept
