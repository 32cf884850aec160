"""Reading and writing whole rows of the ledger's tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from string import Template
from typing import Any, Iterable, Iterator, Optional, Sequence

from osgeo import ogr

from ..model.errors import CeasefireError
from ..model.field import Shape, Table
from ..model.tables import INCIDENTS
from .bulk import AT_LEAST, write_many
from .connection import Connection, bound, driver_errors
from .payload import payload_sql
from .refusals import refusal
from .rows import Row, instant_of, instant_text, row_from_payload

CHUNK = 500
SUCCESS = (None, ogr.OGRERR_NONE)
# The columns that say when a row counts: a moment, or the span that it lasts.
TIMES = {
    "incidents": ("occurred_from", None),
    "observations": ("observed_from", None),
    "effort": ("observed_from", "observed_to"),
    "posts": ("valid_from", "valid_to"),
    "contact_lines": ("valid_from", "valid_to"),
    "control_areas": ("valid_from", "valid_to"),
    "zones": ("valid_from", "valid_to"),
    "sites": ("valid_from", "valid_to"),
    "weapon_sightings": ("seen_from", None),
    "storage_sites": ("valid_from", "valid_to"),
    "inventories": ("observed_from", None),
    "links": ("stated_at", None),
    "harm": ("harmed_from", None),
    "claims": ("received_at", None),
    "restrictions": ("restricted_from", "restricted_to"),
    "evidence": ("collected_at", None),
    "custody": ("happened_at", None),
    "protected": ("kept_at", None),
    "feeds": (None, None),
    "alert_rules": (None, None),
    "alerts": ("raised_at", None),
    "agreements": ("recorded_at", None),
    "findings": ("assessed_at", None),
    "fetches": ("fetched_at", None),
}
_READ = Template(
    'SELECT kept.fid + 0 AS row_number, $payload AS payload FROM "$table" AS kept $where'
)
_DAY = timedelta(days=1)


def read_rows(connection: Connection, table: Table, where: str = "") -> list[Row]:
    """All rows, or those of an SQL condition built from literals, in the order of writing.

    What an older ledger does not have reads as not known.
    """
    if connection.keeps_rows_itself:
        return connection.read_rows(table, where)
    absent = connection.absent.get(table.name, ())
    if len(absent) == len(table.fields):
        return []
    fields = tuple(field for field in table.fields if field.name not in absent)
    sql = _READ.substitute(
        payload=payload_sql(table, "kept.", fields),
        table=table.name,
        where=f"{where} ORDER BY kept.fid" if where else "ORDER BY kept.fid",
    )
    return [
        row_from_payload(table, fid, text) for fid, text in connection.rows(sql) if text is not None
    ]


def rows_by_key(connection: Connection, table: Table, keys: Iterable[str]) -> dict[str, Row]:
    """The rows that have these keys, by key."""
    wanted = list(dict.fromkeys(keys))
    index = table.names().index(table.key)
    found = {}
    for start in range(0, len(wanted), CHUNK):
        some = bound(f'WHERE kept."{table.key}" IN ($keys)', keys=wanted[start : start + CHUNK])
        for row in read_rows(connection, table, some):
            found[row.values[index]] = row
    return found


def rows_within(
    connection: Connection,
    table: Table,
    since: Optional[datetime],
    until: Optional[datetime],
    keys: Optional[Iterable[str]] = None,
) -> list[Row]:
    """The rows (of ``keys``, if given) that count in the half-open span from ``since`` to
    ``until`` (None: open).

    What happened counts by its beginning; what lasts (effort, validity) where it overlaps.
    """
    start, end = TIMES[table.name]
    names = table.names()
    if start is None:
        # It has no time of its own: all of it counts always.
        start, since, until = names[0], None, None
    first, last = names.index(start), names.index(end) if end else None
    if keys is None:
        rows = read_rows(connection, table, _roughly(start, end, since, until))
    else:
        rows = sorted(rows_by_key(connection, table, keys).values(), key=lambda row: row.fid)
    return [row for row in rows if _counts(row, first, last, since, until)]


def write_new(connection: Connection, table: Table, rows: Sequence[Row]) -> Iterator[None]:
    """Add rows; yields after each, so that the caller can report progress and stop."""
    if connection.keeps_rows_itself:
        yield from connection.write_rows(table, rows, new=True)
    elif table is INCIDENTS and len(rows) >= AT_LEAST:
        yield from write_many(connection, rows)
    else:
        yield from _write(connection, table, rows, "CreateFeature")


def write_changed(connection: Connection, table: Table, rows: Sequence[Row]) -> Iterator[None]:
    """Write rows over those that have their ``fid``; yields after each."""
    if connection.keeps_rows_itself:
        yield from connection.write_rows(table, rows, new=False)
        return
    yield from _write(connection, table, rows, "SetFeature")


def write_as_they_are(connection: Connection, table: Table, rows: Sequence[Row]) -> Iterator[None]:
    """Add rows under the numbers that they have; for a ledger whose triggers are away."""
    yield from _write(connection, table, rows, "CreateFeature")


def write_all(steps: Iterator[Any]) -> None:
    """Go through a writer without looking up."""
    for _ in steps:
        pass


def _write(connection: Connection, table: Table, rows: Sequence[Row], how: str) -> Iterator[None]:
    if not rows:
        return
    layer = connection.layer(table.name)
    definition = layer.GetLayerDefn()
    columns = [definition.GetFieldIndex(name) for name in table.names()]
    write = getattr(layer, how)
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        with driver_errors(connection.path):
            result = ogr.OGRERR_NONE
            for row in some:
                result = write(_feature(definition, columns, table, row))
                # SQLite may have undone the transaction: one more write would stand alone.
                if result not in SUCCESS:
                    break
        _check(connection, result)
        for _ in some:
            yield
    with driver_errors(connection.path):
        result = layer.SyncToDisk()
    _check(connection, result)


def _check(connection: Connection, result: Optional[int]) -> None:
    """A failure that GDAL reports only by its return code is a failure too."""
    if result not in SUCCESS:
        raise CeasefireError(refusal(connection.path, "disk I/O error"))


def _feature(definition: ogr.FeatureDefn, columns: list[int], table: Table, row: Row):
    feature = ogr.Feature(definition)
    if row.fid is not None:
        feature.SetFID(row.fid)
    for column, value in zip(columns, row.values):
        if value is None:
            feature.SetFieldNull(column)
        else:
            feature.SetField(column, value)
    if row.geometry is not None and table.shape is not Shape.NONE:
        feature.SetGeometryDirectly(ogr.CreateGeometryFromWkb(row.geometry))
    return feature


def _roughly(
    start: str, end: Optional[str], since: Optional[datetime], until: Optional[datetime]
) -> str:
    """A condition that an index can answer, a day too wide on each side: other programs may
    have written a moment with an offset."""
    conditions = []
    if until is not None:
        # What lasts and has no beginning began before anything.
        nothing = f" OR kept.{start} IS NULL" if end else ""
        moment = instant_text(_moved(until, _DAY))
        conditions.append(bound(f"(kept.{start} < $moment{nothing})", moment=moment))
    if since is not None:
        moment = instant_text(_moved(since, -_DAY))
        column, nothing = (end, f" OR kept.{end} IS NULL") if end else (start, "")
        conditions.append(bound(f"(kept.{column} >= $moment{nothing})", moment=moment))
    return "WHERE " + " AND ".join(conditions) if conditions else ""


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _counts(
    row: Row,
    first: int,
    last: Optional[int],
    since: Optional[datetime],
    until: Optional[datetime],
) -> bool:
    if since is None and until is None:
        return True
    begin = instant_of(row.values[first])
    if last is None:
        if begin is None:
            return False
        return (since is None or begin >= since) and (until is None or begin < until)
    end = instant_of(row.values[last])
    return (until is None or begin is None or begin < until) and (
        since is None or end is None or end > since
    )
