"""The areas over which incidents are known to lie: polygons by name."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import Qgis

from .columns import find_field, need_geometry, read_shapes, texts, transform_of

AREA_NAMES = ("admin1", "name", "area_name", "name_en")


class PlaceAreas:
    """Polygons by name, for incidents of the uncertainty's kind “area”.

    Upper and lower case do not matter; polygons of one name are one area.
    """

    def __init__(self, shapes: dict[str, Any]):
        self.shapes = shapes
        self._missing: dict[str, int] = {}

    @classmethod
    def of_source(cls, source, name_field: Optional[str], context, feedback) -> PlaceAreas:
        """The polygons of a layer; raises CeasefireError where it has no names."""
        import shapely

        from ...model.errors import CeasefireError

        what = "The layer of areas"
        need_geometry(source, what, Qgis.GeometryType.Polygon)
        field = find_field(source.fields(), name_field, *AREA_NAMES)
        if field is None:
            raise CeasefireError(
                f"{what} “{source.sourceName()}” has no field with the areas' names. Choose it as "
                "the area's name."
            )
        transform = transform_of(source, what, context)
        geometry, _, columns = read_shapes(source, [field], transform, "area", feedback)
        parts: dict[str, list] = {}
        for name, shape in zip(texts(columns[0]), geometry):
            if name is not None and shape is not None:
                valid = shape if shapely.is_valid(shape) else shapely.make_valid(shape)
                parts.setdefault(_plain(name), []).append(valid)
        return cls({name: _one(shapes) for name, shapes in parts.items()})

    def of(self, names, wanted):
        """The polygons of the incidents ``wanted`` (mask) by their areas' names; else None."""
        import numpy as np

        column = np.full(len(names), None, dtype=object)
        for row in np.flatnonzero(wanted).tolist():
            name = names[row]
            shape = None if name is None else self.shapes.get(_plain(name))
            column[row] = shape
            if shape is None:
                label = "no name" if name is None else f"“{name}”"
                self._missing[label] = self._missing.get(label, 0) + 1
        return column

    def notes(self) -> list[str]:
        """A sentence on the incidents whose area is not known."""
        if not self._missing:
            return []
        listed = sorted(self._missing)
        more = f" and {len(listed) - 10:,} more" if len(listed) > 10 else ""
        count = sum(self._missing.values())
        incidents = "1 incident is" if count == 1 else f"{count:,} incidents are"
        return [
            f"{incidents} known by an area that the layer of areas does not have "
            f"({', '.join(listed[:10])}{more}); there the uncertainty in metres counts."
        ]


def _plain(name: str) -> str:
    return " ".join(str(name).split()).casefold()


def _one(shapes: list):
    import shapely

    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
