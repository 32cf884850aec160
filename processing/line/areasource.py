"""Zones and areas of control from a layer or a ledger."""

from __future__ import annotations

from datetime import tzinfo

from qgis.core import Qgis

from .columns import find_field, need_geometry, read_shapes, texts, transform_of
from .instants import spans_of

ZONE_NAMES = ("zone_name", "name", "zone_id")
HOLDER_NAMES = ("holder", "party", "name")


def areas_of_source(source, what: str, usual: tuple, zone: tzinfo, context, feedback):
    """The layer's areas as ``analysis.areas.AreaColumns``, named by the first usual field it has.

    Where a layer has dates from which areas hold, but none until which, each holds until the next
    date in the layer.
    """
    import numpy as np

    from ...analysis.areas import AreaColumns

    need_geometry(source, what, Qgis.GeometryType.Polygon)
    transform = transform_of(source, what, context)
    fields = source.fields()
    names = [
        find_field(fields, None, *usual),
        find_field(fields, None, "valid_from", "date"),
        find_field(fields, None, "valid_to"),
    ]
    geometry, label, columns = read_shapes(source, names, transform, "area", feedback)
    starts, _, _ = spans_of(columns[1], zone)
    _, ends, _ = spans_of(columns[2], zone)
    if names[1] is not None and names[2] is None:
        ends = _until_the_next(starts)
    usable = np.array([shape is not None for shape in geometry], dtype=bool)
    named = texts(columns[0]) if names[0] else label
    return AreaColumns(geometry[usable], named[usable], starts[usable], ends[usable])


def areas_of_records(records, name: str):
    """The ledger's zones or areas of control as ``analysis.areas.AreaColumns``."""
    from ...analysis.areas import AreaColumns
    from ...analysis.utc import instants

    kept = [record for record in records if record.geometry is not None]
    return AreaColumns(
        _shapes([record.geometry for record in kept]),
        texts([getattr(record, name) for record in kept]),
        instants([record.valid_from for record in kept]),
        instants([record.valid_to for record in kept]),
    )


def _shapes(geometries):
    import numpy as np

    column = np.empty(len(geometries), dtype=object)
    column[:] = geometries
    return column


def _until_the_next(starts):
    import numpy as np

    dates = np.unique(starts[~np.isnat(starts)])
    following = np.append(dates[1:], np.datetime64("NaT", "us"))
    result = np.full(len(starts), "NaT", dtype="datetime64[us]")
    known = ~np.isnat(starts)
    result[known] = following[np.searchsorted(dates, starts[known])]
    return result
