"""Where ``linesectors`` is to cut: the chainages, the length or the places that were given."""

from __future__ import annotations

import re
from typing import Optional

from qgis.core import Qgis, QgsProcessingException

from ...model.errors import CeasefireError
from .columns import find_field, need_geometry, read_shapes, texts, transform_of
from .lineinput import text_of

PLACE_NAMES = ("place", "place_name", "name")


def cuts_asked(algorithm, parameters, lines, among, context, feedback):
    """The cuts of each line ``among``, and notes; CeasefireError where it is not said where."""
    from ...analysis.line_sectors import cuts_at_chainages, cuts_at_places, cuts_every

    chainages = text_of(algorithm, parameters, algorithm.CHAINAGES, context)
    every = parameters.get(algorithm.LENGTH) not in (None, "")
    places = parameters.get(algorithm.PLACES) not in (None, "")
    if (chainages is not None) + every + places != 1:
        raise CeasefireError(
            algorithm.tr(
                "Say in one way where the line is to be cut: at kilometres, every so many "
                "kilometres, or at places."
            )
        )
    if places:
        lon, lat, names = _places(algorithm, parameters, context, feedback)
        return cuts_at_places(lines, among, lon, lat, names)
    if every:
        length = algorithm.parameterAsDouble(parameters, algorithm.LENGTH, context) * 1000.0
        return {index: cuts_every(lines, index, length) for index in among}, []
    metres = [value * 1000.0 for value in kilometres(chainages)]
    return {index: cuts_at_chainages(lines, index, metres) for index in among}, []


def kilometres(text: str) -> list[float]:
    """The numbers in "0, 42.5, 90"; "km" may stand before or after each."""
    numbers = []
    for word in re.split(r"[;,\s]+", re.sub(r"(?i)\bkm\b|(?<=\d)km\b", " ", text)):
        if not word:
            continue
        try:
            numbers.append(float(word))
        except ValueError:
            raise CeasefireError(
                f"“{word}” is no number of kilometres. Give chainages such as “0, 42.5, 90”."
            ) from None
    return numbers


def names_asked(algorithm, parameters, context) -> Optional[list[str]]:
    """The sectors' names as given, None where none is: separated by semicolons, else commas."""
    given = text_of(algorithm, parameters, algorithm.NAMES, context)
    if given is None:
        return None
    parts = re.split(r"[;\n]" if ";" in given or "\n" in given else ",", given)
    return [part.strip() for part in parts if part.strip()]


def _places(algorithm, parameters, context, feedback):
    import shapely

    what = "The layer of places"
    source = algorithm.parameterAsSource(parameters, algorithm.PLACES, context)
    if source is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, algorithm.PLACES))
    need_geometry(source, what, Qgis.GeometryType.Point)
    asked = text_of(algorithm, parameters, algorithm.PLACE_FIELD, context)
    field = find_field(source.fields(), asked, *PLACE_NAMES)
    transform = transform_of(source, what, context)
    geometry, label, columns = read_shapes(source, [field], transform, "place", feedback)
    names = texts(columns[0])
    names = [name or unnamed for name, unnamed in zip(names, label)]
    points = shapely.centroid(geometry)
    return shapely.get_x(points), shapely.get_y(points), names
