"""Areas of control, their dates and the theatre, from layers of QGIS."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import Qgis, QgsProviderRegistry

from ...model.errors import CeasefireError
from ..fields import python_value
from .columns import find_field, need_geometry, read_shapes, texts, transform_of
from .instants import spans_of

WHAT = "The layer of areas of control"


def areas_of_control(algorithm, parameters, source, context, feedback):
    """The areas as ``analysis.control.ControlColumns``, and notes."""
    from ...analysis.control import ControlColumns
    from ...analysis.flag_sentences import zone_of

    need_geometry(source, WHAT, Qgis.GeometryType.Polygon)
    transform = transform_of(source, WHAT, context)
    zone = zone_of(_text(algorithm, parameters, algorithm.TIMEZONE, context) or "UTC")
    party = _text(algorithm, parameters, algorithm.PARTY_FIELD, context)
    asked = _text(algorithm, parameters, algorithm.DATE_FIELD, context)
    fields = source.fields()
    party = find_field(fields, party) if party else None
    date = find_field(fields, asked, "valid_from")
    geometry, label, columns = read_shapes(source, [party, date], transform, "area", feedback)
    notes: list[str] = []
    if date is not None:
        values = [_date_of(value) for value in columns[1]]
        since, _, odd = spans_of(values, zone)
        if odd:
            notes.append(f"{odd:,} values of the field “{date}” are no dates.")
    else:
        named = _date_of_file(algorithm, parameters, context)
        since, _, _ = spans_of([named] * len(geometry), zone)
        notes.append(
            f"The date {named:%Y-%m-%d} was taken from the file's name."
            if named
            else "No date was given: the lines have no beginning and no end."
        )
    holder = texts(columns[0]) if party else None
    return ControlColumns(geometry, holder, since, label), notes


def source_named(source) -> Optional[str]:
    """What the areas name as their source, where all name the same; else the layer's name."""
    index = source.fields().lookupField("source")
    values = source.uniqueValues(index) if index >= 0 else []
    named = {python_value(value) for value in values}
    only = named.pop() if len(named) == 1 else None
    return str(only) if only else source.sourceName() or None


def control_settings(algorithm, parameters, source, context, feedback):
    """The parameters as ``analysis.control.ControlSettings``."""
    from ...analysis.control import ControlSettings

    uncertainty = None
    if parameters.get(algorithm.UNCERTAINTY) not in (None, ""):
        uncertainty = algorithm.parameterAsDouble(parameters, algorithm.UNCERTAINTY, context)
    return ControlSettings(
        theatre=theatre_of(algorithm, parameters, context, feedback),
        tolerance_m=algorithm.parameterAsDouble(parameters, algorithm.TOLERANCE, context),
        min_length_m=algorithm.parameterAsDouble(parameters, algorithm.MIN_LENGTH, context),
        party=_text(algorithm, parameters, algorithm.PARTY, context),
        other_party=_text(algorithm, parameters, algorithm.OTHER_PARTY, context),
        uncertainty_m=uncertainty,
        source=source_named(source),
    )


def theatre_of(algorithm, parameters, context, feedback):
    """The union of THEATRE's polygons (shapely, EPSG:4326); None where it is not set."""
    import shapely

    from ...analysis.control_areas import polygons_of

    if parameters.get(algorithm.THEATRE) in (None, ""):
        return None
    source = algorithm.parameterAsSource(parameters, algorithm.THEATRE, context)
    if source is None:
        raise CeasefireError("The layer of the theatre could not be read. Choose another one.")
    need_geometry(source, "The theatre", Qgis.GeometryType.Polygon)
    transform = transform_of(source, "The theatre", context)
    geometries, _, _ = read_shapes(source, [], transform, "area", feedback)
    return shapely.union_all([polygons_of(geometry) for geometry in geometries])


def _date_of(value):
    """A date field's value; a text that holds a date somewhere (a file's name) as that date."""
    from ...analysis.control_dates import date_in

    value = python_value(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(int(value))
    if not isinstance(value, str):
        return value
    found = date_in(value)
    return value if found is None or ":" in value else found


def _date_of_file(algorithm, parameters, context):
    """The date in the name of the file (or layer) that INPUT comes from; None where none is."""
    from ...analysis.control_dates import date_in

    layer = algorithm.parameterAsVectorLayer(parameters, algorithm.INPUT, context)
    if layer is None:
        return None
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    names = [Path(str(parts.get("path") or "")).stem, parts.get("layerName"), layer.name()]
    return next((found for found in map(date_in, filter(None, names)) if found), None)


def _text(algorithm, parameters, name: str, context) -> Optional[str]:
    value = algorithm.parameterAsString(parameters, name, context)
    return value.strip() or None if value else None
