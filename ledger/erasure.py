"""The right to be forgotten: protected values removed, their bytes too, and what is left named."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from pathlib import Path
from typing import Sequence

from ..model.errors import CeasefireError
from ..model.evidence import Protected
from ..model.tables import PROTECTED
from .connection import Connection, Session, bound
from .copies import Copy, Holding, find_copies, known_of, opened, rows_held
from .elsewhere import can_be_searched, files_named, folded, rows_elsewhere
from .protected import (
    OF_PERSON,
    PERSON,
    Value,
    delete_rows,
    protected_records,
    reading_of,
    values_of,
)
from .staging import remove_leftovers
from .upsert import upsert

READERS = (
    "SELECT coalesce(by_whom, ''), count(*) FROM custody WHERE action = 'accessed' "
    "AND substr(note, 1, length($note)) = $note GROUP BY 1 ORDER BY 1"
)
ATTACHED = (
    "SELECT count(*) FROM evidence WHERE record_table = $record_table AND record_id = $record_id"
)
ON_A_SERVER = (
    "The server keeps the bytes of removed rows until it is vacuumed, and in its write-ahead log, "
    "archives and backups: ask its keeper to run VACUUM FULL on protected_values and to let these "
    "expire."
)


@dataclasses.dataclass
class Erasure:
    """What an erasure did and could not do.

    ``erased`` now, ``before`` already; ``clean``: no byte is left in the ledger's file and its
    journals, or else ``left`` says why. ``elsewhere`` counts, by table, the rows that hold the
    same text and are not erased; ``unsearched`` counts the values that could not be looked for:
    erased before, too short, or on a server. ``readers`` counts who read the values through the
    plugin, ``attached`` the evidence of the same records, and ``named``, by folder, the files
    whose names hold the text.
    """

    erased: list[Protected] = dataclasses.field(default_factory=list)
    before: list[Protected] = dataclasses.field(default_factory=list)
    clean: bool = False
    left: str = ""
    elsewhere: dict[str, int] = dataclasses.field(default_factory=dict)
    unsearched: int = 0
    readers: dict[str, int] = dataclasses.field(default_factory=dict)
    attached: int = 0
    named: dict[Path, int] = dataclasses.field(default_factory=dict)
    copies: list[Copy] = dataclasses.field(default_factory=list)


def erase_protected(
    connection: Connection,
    records: Sequence[Protected],
    session: Session,
    in_copies: bool = False,
) -> Erasure:
    """Delete values and salts, record that, and clear the file of their bytes.

    Run again for the same records, it clears what an open program held up, and looks at the
    copies again. ``in_copies`` erases in the copies too. CeasefireError where no reason is given
    or the reason holds a value; then nothing was done.
    """
    ids = [record.protected_id for record in records]
    values = [value for value in values_of(connection) if value.protected_id in set(ids)]
    done = where_else(connection, records, session)
    connection.run("PRAGMA secure_delete = ON")
    with connection.transaction(session):
        erase_rows(connection, records, session, done)
    done.left = clear_bytes(connection)
    done.clean = not done.left
    wanted = values or [_without_text(record) for record in records]
    remove_leftovers(connection)
    done.copies = find_copies(connection, wanted)
    if in_copies:
        for copy in done.copies:
            if copy.holding is Holding.HOLDS:
                _erase_in(connection, copy, wanted, session)
    return done


def where_else(connection: Connection, records: Sequence[Protected], session: Session) -> Erasure:
    """An erasure that is not done yet: where else the values stand, and who read them.

    CeasefireError where no reason is given, or the reason holds a value.
    """
    ids = [record.protected_id for record in records]
    values = [value for value in values_of(connection) if value.protected_id in set(ids)]
    _refuse_reason(session, values)
    texts = [value.value for value in values if value.value]
    done = Erasure(readers=_readers(connection, ids), attached=_attached(connection, records))
    if connection.keeps_rows_itself:
        done.unsearched = len(records)
        return done
    done.elsewhere = rows_elsewhere(connection, texts)
    done.unsearched = len(records) - sum(can_be_searched(text) for text in texts)
    path = connection.path
    counts = {
        folder: files_named(folder, texts)
        for folder in (path.parent, path.with_name(f"{path.stem}.evidence"))
    }
    done.named = {folder: count for folder, count in counts.items() if count}
    return done


def erase_rows(
    connection: Connection, records: Sequence[Protected], session: Session, done: Erasure
) -> None:
    """Delete values and salts and record that, inside a transaction of the caller."""
    # Another program may have erased since: what counts is what is there under the lock.
    ids = [record.protected_id for record in records]
    values = [value for value in values_of(connection) if value.protected_id in set(ids)]
    current = protected_records(connection, ids)
    done.before = [record for record in current if record.erased_at is not None]
    kept = [record for record in current if record.erased_at is None]
    done.erased = _erase(connection, kept, [value.fid for value in values], session.why)


def clear_bytes(connection: Connection) -> str:
    """Clear free pages and journals of what was deleted; why not, where that was refused."""
    if connection.keeps_rows_itself:
        return ON_A_SERVER
    try:
        connection.reopen()
        connection.run("PRAGMA secure_delete = ON")
        _checkpoint(connection)
        connection.run("VACUUM")
        if not _checkpoint(connection):
            return _held_up(connection)
    except CeasefireError:
        return _held_up(connection)
    return ""


def _checkpoint(connection: Connection) -> bool:
    """Bring the write-ahead log into the file and cut it to nothing; whether that was done."""
    ((busy, *_),) = connection.rows("PRAGMA wal_checkpoint(TRUNCATE)") or [(0,)]
    return busy == 0


def _erase(
    connection: Connection, records: Sequence[Protected], fids: Sequence[int], why: str
) -> list[Protected]:
    now = datetime.now(timezone.utc)
    delete_rows(connection, fids)
    told = [dataclasses.replace(record, erased_at=now, erased_why=why) for record in records]
    upsert(connection, PROTECTED, told)
    return told


def _erase_in(ledger: Connection, copy: Copy, values: Sequence[Value], session: Session) -> None:
    """Erase in a copy, by its own records; the copy then says how that went."""
    known = known_of(ledger)
    try:
        with opened(copy.path, update=True) as connection:
            held = rows_held(connection, values, known)
            ids = [row.protected_id for row in held if row.protected_id]
            connection.run("PRAGMA secure_delete = ON")
            with connection.transaction(session):
                records = protected_records(connection, ids)
                kept = [record for record in records if record.erased_at is None]
                _erase(connection, kept, [row.fid for row in held], session.why)
            copy.note = clear_bytes(connection)
    except CeasefireError as error:
        copy.holding, copy.note = Holding.FAILED, str(error)
        return
    copy.holding = Holding.FAILED if copy.note else Holding.ERASED


def _attached(connection: Connection, records: Sequence[Protected]) -> int:
    """How many records of evidence are attached to the records whose values these are."""
    places = {(record.record_table, record.record_id) for record in records}
    for record in records:
        if record.record_table == PERSON:
            harmed = connection.rows(bound(OF_PERSON, person=record.record_id))
            places.update(("harm", harm_id) for (harm_id,) in harmed)
    counts = [
        connection.rows(bound(ATTACHED, record_table=name, record_id=record_id))[0][0]
        for name, record_id in places
        if name and record_id
    ]
    return sum(counts)


def _readers(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for identifier in ids:
        for name, count in connection.rows(bound(READERS, note=reading_of(identifier))):
            counted[name] = counted.get(name, 0) + count
    return counted


def _refuse_reason(session: Session, values: Sequence[Value]) -> None:
    if not session.why:
        raise CeasefireError("Say why it is erased: the reason stays in the ledger.")
    told = folded(f"{session.who or ''} {session.why}")
    texts = [value.value for value in values if value.value]
    if any(can_be_searched(text) and folded(text.strip()) in told for text in texts):
        raise CeasefireError(
            "The reason holds the value that is to be erased, and a reason stays in the ledger: "
            "write it without."
        )


def _without_text(record: Protected) -> Value:
    place = (record.record_table, record.record_id, record.field)
    return Value(0, record.protected_id, None, None, *place)


def _held_up(connection: Connection) -> str:
    return (
        f"“{connection.path}” is open in another program or layer, so bytes of the values may be "
        "left in its free pages or its -wal file: close it there, and run this again."
    )
