"""The model's records as rows of the ledger, and back.

A row's values are what the database keeps: None, text, whole numbers, numbers, and instants as
text ``2024-05-01T18:30:00.000Z``; its geometry is WKB. Rows are what is compared and written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timezone
from operator import attrgetter
from typing import Any, Callable, Optional

from ..model.errors import CeasefireError
from ..model.field import Field, Kind, Shape, Table
from .payload import decoded, point_of, point_wkb


@dataclass
class Row:
    """One row of a table: its values in the order of the table's fields, and its WKB.

    ``fid`` is None before the row is written. ``base`` is the revision that a change of an
    incident rests on; None where that is not known. ``fetch_id`` is the fetch that a new row
    stems from, where it is not that of the whole transaction.
    """

    values: list
    geometry: Optional[bytes] = None
    fid: Optional[int] = None
    base: Optional[int] = None
    fetch_id: Optional[str] = None


def instant_text(moment: datetime) -> str:
    """An aware datetime as the ledger keeps it: UTC, milliseconds, ``Z``."""
    if moment.tzinfo is timezone.utc:
        return moment.isoformat(timespec="milliseconds")[:-6] + "Z"
    if moment.tzinfo is None:
        raise CeasefireError(
            f"The moment {moment.isoformat(' ')} has no time zone: give moments with theirs."
        )
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


def instant_of(value: Optional[str]) -> Optional[datetime]:
    """The aware datetime (UTC) of a kept instant; None where it cannot be read as one."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value[:-1] if value.endswith("Z") else value)
    except ValueError:
        return None
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment


def row_of(table: Table, record: Any) -> Row:
    """The row that keeps a record; CeasefireError where a value cannot be kept."""
    plan = _plan(table)
    values = list(plan.read(record))
    texts = plan.texts(record)
    for index, field in plan.others if _are_plain(texts) else plan.all:
        value = values[index]
        if value is not None:
            try:
                values[index] = WRITERS[field.kind](value)
            except (TypeError, ValueError, OverflowError, AttributeError):
                raise CeasefireError(_unfit(table, record, field, value)) from None
    return Row(values, _geometry_of(table, record))


class _Plan:
    """How to read the records of one table: all values at once, and which need a look."""

    def __init__(self, table: Table):
        self.table = table
        self.all = list(enumerate(table.fields))
        self.truths = [field.name for field in table.fields if field.kind is Kind.BOOLEAN]
        self.others = [(i, field) for i, field in self.all if field.kind is not Kind.TEXT]
        names = [field.name for field in table.fields if field.kind is Kind.TEXT]
        self.read = attrgetter(*table.names())
        # With one name alone it would give the value itself.
        self.texts = attrgetter(*names, names[0])


def _plan(table: Table) -> _Plan:
    plan = _PLANS.get(table.name)
    if plan is None or plan.table is not table:
        plan = _PLANS[table.name] = _Plan(table)
    return plan


def _are_plain(texts: tuple) -> bool:
    """Whether texts can be kept as they are; where one cannot, each is looked at."""
    try:
        joined = "".join([text for text in texts if text is not None])
        joined.encode("utf-8")
    except (TypeError, UnicodeEncodeError):
        return False
    return "\x00" not in joined


def row_from_payload(table: Table, fid: int, text: str) -> Row:
    """The row whose canonical text, of all fields, was read from the database."""
    state = decoded(text)
    return Row([state.get(field.name) for field in table.fields], state.get("geometry"), fid)


def record_of(table: Table, record: type, row: Row) -> Any:
    """The record that a row keeps: instants as aware UTC datetimes, points as degrees."""
    made = record(**dict(zip(table.names(), row.values)))
    for name in instants_of(table):
        setattr(made, name, instant_of(getattr(made, name)))
    for name in _plan(table).truths:
        value = getattr(made, name)
        setattr(made, name, None if value is None else bool(value))
    place(table, made, row.geometry)
    return made


def state_of(table: Table, text: str) -> dict[str, Any]:
    """A history row's state by field: instants as datetimes, ``longitude`` and ``latitude``."""
    state = decoded(text)
    wkb = state.pop("geometry", None)
    for name in instants_of(table):
        if name in state:
            state[name] = instant_of(state[name])
    state["longitude"], state["latitude"] = point_of(wkb) or (None, None)
    return state


def instants_of(table: Table) -> list[str]:
    """The names of a table's columns that hold moments."""
    return [field.name for field in table.fields if field.kind is Kind.INSTANT]


def place(table: Table, record: Any, wkb: Optional[bytes]) -> None:
    """Set a record's degrees, or its shapely geometry, from WKB."""
    if table.shape is Shape.NONE or wkb is None:
        return
    if hasattr(record, "longitude"):
        record.longitude, record.latitude = point_of(wkb) or (None, None)
        return
    import shapely

    record.geometry = shapely.from_wkb(wkb)


def _whole(value: Any) -> int:
    number = int(value)
    if number != value or not -(2**63) <= number < 2**63:
        raise ValueError(value)
    return number


def _real(value: Any) -> Optional[float]:
    number = float(value)
    return None if math.isnan(number) else number


def _text(value: Any) -> str:
    return str(value).replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


WRITERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _whole,
    Kind.REAL: _real,
    Kind.INSTANT: instant_text,
    Kind.BOOLEAN: lambda value: int(bool(value)),
}
_PLANS: dict[str, _Plan] = {}


def _geometry_of(table: Table, record: Any) -> Optional[bytes]:
    if table.shape is Shape.NONE:
        return None
    if hasattr(record, "longitude"):
        return _point(table, record)
    return _shape(table, record)


def _point(table: Table, record: Any) -> Optional[bytes]:
    longitude, latitude = record.longitude, record.latitude
    if longitude is None or latitude is None:
        return None
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise CeasefireError(
            f"{_named(table, record)} lies at {longitude}, {latitude}, which is no place: "
            "leave both coordinates empty where the place is not known."
        )
    return point_wkb(float(longitude), float(latitude))


def _shape(table: Table, record: Any) -> Optional[bytes]:
    geometry = record.geometry
    if geometry is None:
        return None
    import shapely

    geometry = shapely.force_2d(geometry)
    if geometry.is_empty:
        return None
    kind = shapely.get_type_id(geometry)
    single, multi, maker = {
        Shape.POINT: (0, None, None),
        Shape.LINE: (1, 5, shapely.MultiLineString),
        Shape.AREA: (3, 6, shapely.MultiPolygon),
    }[table.shape]
    if kind not in (single, multi):
        raise CeasefireError(
            f"{_named(table, record)} is a {geometry.geom_type}, but {table.title.lower()} "
            f"are kept as {table.shape.value}: give geometries of that kind."
        )
    if not math.isfinite(sum(geometry.bounds)):
        raise CeasefireError(
            f"{_named(table, record)} has a coordinate that is no number: repair its geometry."
        )
    if maker is not None and kind == single:
        geometry = maker([geometry])
    return shapely.to_wkb(geometry, byte_order=1)


def _named(table: Table, record: Any) -> str:
    return f"“{getattr(record, table.key)}” of {table.title.lower()}"


def _unfit(table: Table, record: Any, field: Field, value: Any) -> str:
    return (
        f"{_named(table, record)} has “{value}” as {field.title}, which is no "
        f"{field.kind.value}: correct it or leave it empty."
    )
