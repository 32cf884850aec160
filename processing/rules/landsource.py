"""What lies in the theatre for rules: zones, sites, storage, inventories and effort, as columns."""

from __future__ import annotations

from datetime import tzinfo

from qgis.core import Qgis, QgsFeatureRequest

from ...model.errors import Cancelled
from ..fields import python_value
from ..line.columns import (
    AS_THEY_ARE,
    find_field,
    need_geometry,
    numbers,
    read_shapes,
    texts,
    transform_of,
)
from ..line.instants import spans_of


def zones_of_source(source, zone: tzinfo, context, feedback):
    """The layer's zones as ``analysis.rule_zones.GivenZones``."""
    from ...analysis.rule_zones import GivenZones

    need_geometry(source, "The layer of zones", Qgis.GeometryType.Polygon)
    transform = transform_of(source, "The layer of zones", context)
    names = _fields(source, ("zone_id",), ("zone_name", "name"), ("valid_from",), ("valid_to",))
    shapes, _, columns = read_shapes(source, names, transform, "zone", feedback)
    starts, ends = _dates(columns[2], columns[3], zone)
    kept = _usable(shapes)
    columns = shapes, texts(columns[0]), texts(columns[1]), starts, ends
    return GivenZones(*(column[kept] for column in columns))


def zones_of_records(records):
    """The ledger's zones as ``analysis.rule_zones.GivenZones``."""
    from ...analysis.rule_zones import GivenZones

    records = [record for record in records if record.geometry is not None]
    starts, ends = _record_dates(records)
    columns = (_column(records, name) for name in ("geometry", "zone_id", "zone_name"))
    return GivenZones(*columns, starts, ends)


def sites_of_source(source, zone: tzinfo, context, feedback):
    """The layer's civilian sites as ``analysis.rule_sites.SitePoints``; areas by their middle."""
    from ...analysis.rule_sites import SitePoints

    transform = transform_of(source, "The layer of sites", context)
    names = _fields(source, ("site_name", "name"), ("kind",), ("valid_from",), ("valid_to",))
    shapes, _, columns = read_shapes(source, names, transform, "site", feedback)
    starts, ends = _dates(columns[2], columns[3], zone)
    lon, lat, kept = _points(shapes)
    columns = lon, lat, texts(columns[0])[kept], texts(columns[1])[kept]
    return SitePoints(*columns, starts[kept], ends[kept])


def sites_of_records(records):
    """The ledger's sites as ``analysis.rule_sites.SitePoints``."""
    from ...analysis.rule_sites import SitePoints

    records = [record for record in records if record.geometry is not None]
    lon, lat, _ = _points(_column(records, "geometry"))
    return SitePoints(
        lon, lat, _column(records, "site_name"), _column(records, "kind"), *_record_dates(records)
    )


def storage_of_source(source, zone: tzinfo, context, feedback, notes: list[str]):
    """The layer's storage sites as ``analysis.rule_columns.StorageColumns``."""
    from ...analysis.rule_columns import StorageColumns

    transform = transform_of(source, "The layer of storage sites", context)
    names = _fields(
        source,
        ("site_id",),
        ("site_name", "name"),
        ("holder", "party"),
        ("radius_m",),
        ("valid_from",),
        ("valid_to",),
    )
    shapes, _, columns = read_shapes(source, names, transform, "storage site", feedback)
    starts, ends = _dates(columns[4], columns[5], zone)
    lon, lat, kept = _points(shapes)
    named = (texts(column)[kept] for column in columns[:3])
    radius = numbers(columns[3], "radius_m", notes)[kept]
    return StorageColumns(*named, lon, lat, radius, starts[kept], ends[kept])


def storage_of_records(records):
    """The ledger's storage sites as ``analysis.rule_columns.StorageColumns``."""
    from ...analysis.rule_columns import StorageColumns

    named = (_column(records, name) for name in ("site_id", "site_name", "holder"))
    figures = (
        numbers(_column(records, name), name, []) for name in ("longitude", "latitude", "radius_m")
    )
    return StorageColumns(*named, *figures, *_record_dates(records))


def inventories_of_source(source, zone: tzinfo, feedback, notes: list[str]):
    """The table's inventories as ``analysis.rule_columns.InventoryColumns``."""
    from ...analysis.rule_columns import InventoryColumns

    counts = ("declared", "inspected", "present", "missing")
    names = _fields(
        source,
        ("site_id",),
        ("holder", "party"),
        ("weapon",),
        ("observed_from",),
        *((name,) for name in counts),
    )
    columns = _table(source, names, feedback)
    starts, _, _ = spans_of(columns[3], zone)
    figures = (numbers(column, name, notes) for column, name in zip(columns[4:], counts))
    return InventoryColumns(*(texts(column) for column in columns[:3]), starts, *figures)


def inventories_of_records(records):
    """The ledger's inventories as ``analysis.rule_columns.InventoryColumns``."""
    from ...analysis.rule_columns import InventoryColumns
    from ...analysis.utc import instants

    named = (_column(records, name) for name in ("site_id", "holder", "weapon"))
    starts = instants([record.observed_from for record in records])
    counts = ("declared", "inspected", "present", "missing")
    figures = (numbers(_column(records, name), name, []) for name in counts)
    return InventoryColumns(*named, starts, *figures)


def effort_of_records(records):
    """The ledger's effort that could observe, as ``analysis.rule_columns.EffortColumns``."""
    from ...analysis.rule_columns import EffortColumns
    from ...analysis.utc import instants

    able = [record for record in records if record.status in (None, "operating", "degraded")]
    return EffortColumns(
        instants([record.observed_from for record in able]),
        instants([record.observed_to for record in able]),
    )


def effort_of_source(source, zone: tzinfo, feedback):
    """The table's effort that could observe, as ``analysis.rule_columns.EffortColumns``."""
    from ...analysis.rule_columns import EffortColumns

    names = _fields(source, ("observed_from",), ("observed_to",), ("status",))
    columns = _table(source, names, feedback)
    starts, ends = _dates(columns[0], columns[1], zone)
    status = texts(columns[2])
    able = [value in (None, "operating", "degraded") for value in status]
    return EffortColumns(starts[able], ends[able])


def _fields(source, *usual: tuple[str, ...]) -> list:
    return [find_field(source.fields(), None, *names) for names in usual]


def _table(source, names: list, feedback) -> list[list]:
    columns: list[list] = [[] for _ in names]
    for feature in source.getFeatures(QgsFeatureRequest(), AS_THEY_ARE):
        if feedback.isCanceled():
            raise Cancelled("Stopped; nothing was written.")
        for column, name in zip(columns, names):
            column.append(None if name is None else python_value(feature[name]))
    return columns


def _dates(starts, ends, zone: tzinfo):
    """From and until: a bare date as an end includes its day."""
    return spans_of(starts, zone)[0], spans_of(ends, zone)[1]


def _record_dates(records):
    from ...analysis.utc import instants

    return (
        instants([record.valid_from for record in records]),
        instants([record.valid_to for record in records]),
    )


def _column(records, name: str):
    import numpy as np

    column = np.empty(len(records), dtype=object)
    column[:] = [getattr(record, name) for record in records]
    return column


def _usable(shapes):
    import numpy as np

    return np.array([shape is not None for shape in shapes], dtype=bool)


def _points(shapes):
    """Degrees of the shapes that there are, and which these are (mask)."""
    import shapely

    kept = _usable(shapes)
    points = shapely.point_on_surface(shapes[kept])
    return shapely.get_x(points), shapely.get_y(points), kept
