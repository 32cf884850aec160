"""Values that may have to be forgotten: kept apart, and tied to the chain by a salted commitment.

The table ``protected`` has a history and is sealed into the chain; it holds no value, only
``commitment(salt, value)``. Value and salt lie in ``protected_values``, which has no history.
Once they are erased, nobody can tell from the commitment what the value was.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import uuid
from datetime import datetime, timezone
from string import Template
from typing import Any, Iterable, Optional, Sequence

from osgeo import ogr

from ..model.errors import CeasefireError
from ..model.evidence import CustodyEvent, Protected
from ..model.tables import PROTECTED, table
from .connection import Connection, Session, bound, driver_errors
from .own_tables import PROTECTED_VALUES
from .rows import record_of, row_of
from .settings import with_what
from .store import rows_by_key, write_all, write_new

SALT = 32
# Not a table of its own: a person's code, by which the rows of ``harm`` speak of one person.
PERSON = "person"
OF_PERSON = "SELECT harm_id FROM harm WHERE person = $person ORDER BY harm_id"
VALUES = (
    "SELECT fid + 0 AS row_number, protected_id, value, salt, record_table, record_id, field "
    "FROM protected_values ORDER BY fid"
)


DELETE = Template("DELETE FROM protected_values WHERE fid IN ($numbers)")


@dataclasses.dataclass(frozen=True)
class Value:
    """One row of ``protected_values``. Its text never shows the value: see ``__repr__``."""

    fid: int
    protected_id: Optional[str]
    value: Optional[str]
    salt: Optional[str]
    record_table: Optional[str]
    record_id: Optional[str]
    field: Optional[str]

    def __repr__(self) -> str:
        return f"Value(protected_id={self.protected_id!r})"


@dataclasses.dataclass(frozen=True)
class Opened:
    """A protected value that was read. ``value`` is None where it is erased or gone;
    ``matches`` is False where it is not the value that was committed to."""

    protected: Protected
    value: Optional[str] = dataclasses.field(repr=False)
    matches: bool


def new_salt() -> str:
    """A random salt: 32 bytes as 64 hexadecimal digits."""
    return os.urandom(SALT).hex()


def commitment(salt: str, value: str) -> str:
    """The SHA-256, in hexadecimal digits, of the salt's bytes and the value's UTF-8 bytes."""
    return hashlib.sha256(bytes.fromhex(salt) + value.encode("utf-8")).hexdigest()


def set_protected(
    connection: Connection,
    record_table: str,
    record_id: str,
    field: str,
    value: str,
    session: Session,
) -> Protected:
    """Keep a value of a record (or of ``person`` and a person's code) apart; what is recorded.

    ``field`` says what it is (name, contact …). The same value kept twice for the same field
    is one. CeasefireError where there is no such record, or no value.
    """
    value = _checked(value)
    if not field.strip():
        raise CeasefireError("Say what the value is, such as name or contact.")
    if len(value) > 3 and value in f"{record_id} {field} {session.why or ''}":
        raise CeasefireError(
            "The value itself stands in the record's id, in the field or in the reason, which "
            "cannot be erased: write these without it."
        )
    _refuse_no_record(connection, record_table, record_id)
    place = (record_table, record_id, field.strip())
    same = [
        kept for kept in values_of(connection) if place_of(kept) == place and kept.value == value
    ]
    if same and same[0].salt:
        return protected_records(connection, [same[0].protected_id])[0]
    made, kept = made_of(place, value)
    with connection.transaction(session):
        write_all(write_new(connection, PROTECTED, [row_of(PROTECTED, made)]))
        add_rows(connection, [kept])
    return made


def read_protected(
    ledger: Any,
    records: Sequence[Protected],
    who: str,
    why: str,
) -> list[Opened]:
    """The values behind records of ``protected``, each reading logged in the custody first."""
    if not who or not why:
        raise CeasefireError("Say who reads the protected values and why: both are kept.")
    now = datetime.now(timezone.utc)
    events = [
        CustodyEvent(
            event_id=f"custody:{uuid.uuid4().hex}",
            action="accessed",
            happened_at=now,
            by_whom=who,
            tool=with_what(),
            note=reading_of(record.protected_id) + why,
        )
        for record in records
    ]
    if events:
        ledger.write_together({"custody": events}, who, why)
    kept = {value.protected_id: value for value in ledger.protected_values()}
    return [_opened(record, kept.get(record.protected_id)) for record in records]


def reading_of(protected_id: str) -> str:
    """How the custody begins to speak of the reading of one value."""
    return f"Protected value {protected_id}: "


def find_protected(
    connection: Connection,
    protected_id: Optional[str] = None,
    record_table: Optional[str] = None,
    record_id: Optional[str] = None,
    person: Optional[str] = None,
) -> list[Protected]:
    """The records of ``protected`` of that id, or of that record, or of that person's code.

    A person's values are those kept for the code, and those kept for its rows of ``harm``.
    All of them where nothing is given; CeasefireError where nothing is found that was asked for.
    """
    asked = (bool(protected_id), bool(record_table or record_id), bool(person))
    if sum(asked) > 1:
        raise CeasefireError(
            "Give the id of a value, or a record, or a person's code: one of them."
        )
    if bool(record_table) != bool(record_id):
        raise CeasefireError("Give both the table and the id of the record.")
    records = protected_records(connection)
    if protected_id:
        found = [record for record in records if record.protected_id == protected_id]
    elif record_table:
        places = {(record_table, record_id)}
        found = [record for record in records if (record.record_table, record.record_id) in places]
    elif person:
        harmed = connection.rows(bound(OF_PERSON, person=person))
        places = {(PERSON, person), *(("harm", harm_id) for (harm_id,) in harmed)}
        found = [record for record in records if (record.record_table, record.record_id) in places]
    else:
        return records
    if not found:
        raise CeasefireError(
            "The ledger keeps no such protected value: look in its table “protected” for the "
            "id, or for the table and id of the record."
        )
    return found


def protected_records(
    connection: Connection, ids: Optional[Iterable[str]] = None
) -> list[Protected]:
    """The records of ``protected``, without values, in the order of writing."""
    if ids is None:
        every = connection.rows('SELECT protected_id FROM "protected" ORDER BY fid')
        ids = [identifier for (identifier,) in every]
    rows = sorted(rows_by_key(connection, PROTECTED, ids).values(), key=lambda row: row.fid)
    return [record_of(PROTECTED, Protected, row) for row in rows]


def values_of(connection: Connection) -> list[Value]:
    """All rows of ``protected_values``; none in a file that has no such table."""
    if not has_values(connection):
        return []
    return [Value(*row) for row in connection.rows(VALUES)]


def has_values(connection: Connection) -> bool:
    """Whether a ledger's file has the table of protected values: one of version 3 on."""
    if connection.keeps_rows_itself:
        return connection.may_read(PROTECTED_VALUES)
    sql = "SELECT count(*) FROM sqlite_master WHERE name = $name"
    return connection.rows(bound(sql, name=PROTECTED_VALUES)) != [(0,)]


def delete_rows(connection: Connection, fids: Iterable[int]) -> None:
    """Remove rows of ``protected_values``, inside a transaction of the caller."""
    numbers = ", ".join(str(int(fid)) for fid in fids)
    if numbers:
        # Whole numbers only: nothing can break out of the statement.
        connection.run(DELETE.substitute(numbers=numbers))


def made_of(place: tuple, value: str) -> tuple[Protected, Value]:
    """What is recorded of a value, and the row that keeps it, under a new random id."""
    salt, identifier = new_salt(), f"protected:{uuid.uuid4().hex}"
    now = datetime.now(timezone.utc)
    record = Protected(identifier, *place, commitment=commitment(salt, value), kept_at=now)
    return record, Value(0, identifier, value, salt, *place)


def add_rows(connection: Connection, values: Sequence[Value]) -> None:
    """Add rows through OGR, which binds them: no statement, and so no error text, has a value."""
    names = [field.name for field in dataclasses.fields(Value) if field.name != "fid"]
    if connection.keeps_rows_itself:
        rows = [[getattr(value, name) for name in names] for value in values]
        connection.add_rows(PROTECTED_VALUES, names, rows)
        return
    layer = connection.layer(PROTECTED_VALUES)
    failed = False
    with driver_errors(connection.path):
        for value in values:
            feature = ogr.Feature(layer.GetLayerDefn())
            for name in names:
                if getattr(value, name) is not None:
                    feature.SetField(name, getattr(value, name))
            failed |= layer.CreateFeature(feature) not in (None, ogr.OGRERR_NONE)
        layer.SyncToDisk()
    if failed:
        raise CeasefireError(
            f"“{connection.path}” did not take the protected value: look whether its disk is full "
            "and run it again; nothing was written."
        )


def place_of(value: Value) -> tuple:
    return value.record_table, value.record_id, value.field


def _opened(record: Protected, kept: Optional[Value]) -> Opened:
    if kept is None or kept.value is None:
        return Opened(record, None, record.erased_at is not None)
    try:
        matches = commitment(kept.salt or "", kept.value) == record.commitment
    except ValueError:
        matches = False
    return Opened(record, kept.value, matches)


def _checked(value: str) -> str:
    value = value.strip()
    if not value:
        raise CeasefireError("The value is empty: there is nothing to keep apart.")
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise CeasefireError("The value is not text in UTF-8: save it as such and run it again.")
    return value


def _refuse_no_record(connection: Connection, record_table: str, record_id: str) -> None:
    if record_table == PERSON:
        there = bool(connection.rows(bound(OF_PERSON, person=record_id)))
    else:
        try:
            there = bool(rows_by_key(connection, table(record_table), [record_id]))
        except KeyError:
            raise CeasefireError(
                f"A ledger has no table “{record_table}”: name one of its tables, or {PERSON} "
                "with a person's code."
            ) from None
    if not there:
        raise CeasefireError(
            f"The ledger has no “{record_id}” in “{record_table}”: correct the id, or add the "
            "record first."
        )
