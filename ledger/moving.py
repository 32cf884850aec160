"""Moving a ledger between a file and a database, with its history, chain and every row as it is.

The target is a ledger that goes on where the source ended: the same id, the same chain. Rows are
copied, not made anew, so no trigger writes anything; at the end both are read again and every row
of both is hashed, and the target's chain is checked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Sequence, Union

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.tables import LEDGER_TABLES
from .connection import Session, bound
from .file_place import place_of_new
from .geopackage import Ledger
from .opening import create_ledger, open_ledger
from .postgis.place import PostgisPlace
from .rows import Row, instant_text
from .settings import with_what
from .store import read_rows

PAGE = 5_000
FOLDER = "evidence_folder"
_ALIKE = ("revision", "operation", "recorded_at", "payload", "who", "why", "with_what")
_ALIKE += ("fetch_id", "based_on", "conflict")
# The ledger's own tables: each column, the first is the key; True where it holds whole numbers.
OWN: dict[str, dict[str, bool]] = {
    "incident_history": {"history_id": True, "incident_id": False},
    "record_history": {"history_id": True, "table_name": False, "record_id": False},
    "chain": {"position": True, "history": False, "history_id": True, "hash": False},
    "heads": {
        "head_id": True,
        "position": True,
        **dict.fromkeys(
            ("hash", "made_at", "why", "request", "token", "token_time", "token_authority"), False
        ),
    },
    "alert_status": {
        "status_id": True,
        "sight": False,
        "history_id": True,
        "evaluated_at": False,
        "run": False,
    },
    "copies": {"copy_id": True, "path": False, "made_at": False, "why": False},
    "protected_values": {
        "fid": True,
        **dict.fromkeys(
            ("protected_id", "value", "salt", "record_table", "record_id", "field"), False
        ),
    },
    "feed_items": {
        **dict.fromkeys(("feed_id", "incident_id"), False),
        **dict.fromkeys(("run", "gone"), True),
        "word": False,
    },
    "feed_status": {
        "feed_id": False,
        "run": True,
        **dict.fromkeys(("last_run_at", "last_success_at", "last_complete_at"), False),
        "failures": True,
        **dict.fromkeys(("message", "next_allowed_at", "mark", "quota"), False),
    },
}
# Those without a number of their rows: the columns of text that they are ordered by.
KEYED = {"feed_items": ("feed_id", "incident_id"), "feed_status": ("feed_id",)}
for _history in ("incident_history", "record_history"):
    OWN[_history].update({name: name in ("revision", "based_on", "conflict") for name in _ALIKE})
Step = Callable[[], None]


@dataclass(frozen=True)
class Moved:
    """What was moved: rows by table, the hash over all of them, and the end of the chain."""

    rows: dict[str, int]
    digest: str
    position: int
    head: str
    notes: list[str]


@dataclass
class Contents:
    """All rows of a ledger, table by table, as both kinds keep them."""

    connection: Any
    step: Optional[Step] = None

    def of_table(self, table: Table) -> Iterator[list[Row]]:
        """The rows of a table of the model, in pages, with their numbers."""
        for after, until in self._spans(table.name, "fid"):
            self._look_up()
            yield read_rows(
                self.connection, table, f"WHERE kept.fid > {after} AND kept.fid <= {until}"
            )

    def of_own(self, name: str) -> Iterator[list[tuple]]:
        """The rows of a table of the ledger's own, in pages, numbers and texts as stored."""
        columns = OWN[name]
        # An expression: GDAL would take a key for the row's number and leave it out.
        listed = ", ".join(
            f'{column} + 0 AS "c{number}"' if whole else f"{column} || '' AS \"c{number}\""
            for number, (column, whole) in enumerate(columns.items())
        )
        if name in KEYED:
            yield from self._by_key(name, listed)
            return
        key = next(iter(columns))
        for after, until in self._spans(name, key):
            self._look_up()
            sql = f'SELECT {listed} FROM "{name}" WHERE {key} > {after} AND {key} <= {until}'  # nosec B608 - names and numbers of ours
            yield self._whole(name, f"{sql} ORDER BY {key}")

    def _by_key(self, name: str, listed: str) -> Iterator[list[tuple]]:
        """The rows of a table that is ordered by its columns of text."""
        keys = KEYED[name]
        order = ", ".join(keys)
        marks = ", ".join(f"${key}" for key in keys)
        last = dict.fromkeys(keys, "")
        while True:
            self._look_up()
            sql = f'SELECT {listed} FROM "{name}" WHERE ({order}) > ({marks})'  # nosec B608 - names of ours
            page = self._whole(name, bound(f"{sql} ORDER BY {order} LIMIT {PAGE}", **last))
            if page:
                yield page
            if len(page) < PAGE:
                return
            last = dict(zip(keys, page[-1]))

    def _whole(self, name: str, sql: str) -> list[tuple]:
        """The rows of a query, whole numbers as such: GDAL guesses a column's kind by its first
        row, and a number behind a NULL comes as text."""
        return [
            tuple(
                int(value) if whole and value is not None else value
                for value, whole in zip(row, OWN[name].values())
            )
            for row in self.connection.rows(sql)
        ]

    def settings(self) -> list[tuple]:
        """The settings by key, but for what names a folder of one computer."""
        rows = self.connection.rows('SELECT "key", "value" FROM settings ORDER BY setting_id')
        return [(key, value) for key, value in rows if key != FOLDER]

    def digest(self, rows: Optional[dict[str, int]] = None) -> str:
        """The SHA-256 over every row of every table; counts them into ``rows``."""
        whole = hashlib.sha256()
        for table in LEDGER_TABLES:
            _hash(whole, table.name, map(_plain_rows, self.of_table(table)), rows)
        for name in OWN:
            if name != "copies":
                _hash(whole, name, self.of_own(name), rows)
        _hash(whole, "settings", iter([self.settings()]), rows)
        return whole.hexdigest()

    def _spans(self, name: str, key: str) -> Iterator[tuple[int, int]]:
        sql = f'SELECT min({key}) + 0 AS first, max({key}) + 0 AS last FROM "{name}"'  # nosec B608 - names of ours
        ((first, last),) = self.connection.rows(sql)
        if last is not None:
            for after in range(first - 1, last, PAGE):
                yield after, after + PAGE

    def _look_up(self) -> None:
        if self.step is not None:
            self.step()


def move_ledger(
    source: Union[str, os.PathLike, PostgisPlace],
    target: Union[str, os.PathLike, PostgisPlace],
    step: Optional[Step] = None,
) -> Moved:
    """Make the ledger at ``source`` anew at ``target``, which must not exist; the source stays.

    ``step`` is called now and then and may raise to stop; then there is no target. CeasefireError
    where the source does not hold, cannot be seen whole, or does not fit the target.
    """
    if isinstance(source, PostgisPlace) == isinstance(target, PostgisPlace):
        raise CeasefireError(
            "A ledger is moved from a file to a database or back: give one of each. A file is "
            "copied with “Copy ledger”, a schema with pg_dump."
        )
    final = target if isinstance(target, PostgisPlace) else place_of_new(target)
    with open_ledger(source) as ledger:
        _refuse_what_does_not_hold(ledger)
        with _held(ledger):
            contents = Contents(ledger._connection, step)
            moved = (
                _into_database(contents, ledger, final)
                if isinstance(final, PostgisPlace)
                else _into_file(contents, ledger, final)
            )
        _remember(ledger, f"moved to {final}", str(final))
    return moved


def _refuse_what_does_not_hold(ledger: Ledger) -> None:
    result = ledger.verify()
    if result.unsealed:
        raise CeasefireError(
            f"“{ledger.path}” has {result.unsealed} revisions that are not sealed: open it where "
            "you may write to it, then move it."
        )
    if not result.holds:
        raise CeasefireError(
            f"“{ledger.path}” does not hold and is not moved: {result.faults[0].sentence} "
            "Restore it from a copy first."
        )


@contextlib.contextmanager
def _held(ledger: Ledger) -> Iterator[None]:
    """Nobody writes to a file, and a database is read in one snapshot, while it is read."""
    connection = ledger._connection
    if connection.keeps_rows_itself:
        with connection.snapshot():
            yield
    elif connection.update:
        with connection.transaction(Session(with_what=with_what())):
            yield
    else:
        yield


def _into_database(contents: Contents, ledger: Ledger, place: PostgisPlace) -> Moved:
    from .postgis.connection import PostgisConnection
    from .postgis.filling import fill
    from .postgis.making import make_schema

    connection = PostgisConnection(place, update=True)
    folder = _evidence_folder(ledger)
    settings = dict(contents.settings())
    if folder is not None:
        settings[FOLDER] = str(folder)
    counted: dict[str, int] = {}
    with contextlib.closing(connection):

        def check() -> None:
            fill(connection, contents)
            digest = contents.digest(counted)
            if Contents(connection, contents.step).digest() != digest:
                raise CeasefireError(_differs(place))
            counted["digest"] = digest

        make_schema(connection, settings, check)
        notes = list(connection.notes)
    if folder is not None:
        notes.append(
            f"The files of evidence stay in “{folder}”, and the ledger's setting {FOLDER} names "
            "it: put them where the whole team reads them, and set it anew."
        )
    return _moved(place, counted, notes)


def _into_file(contents: Contents, ledger: Ledger, final: Path) -> Moved:
    beside = final.with_name(f"{uuid.uuid4().hex[:8]}.{final.name}")
    counted: dict[str, int] = {}
    notes: list[str] = []
    try:
        from .filling import fill_file

        with create_ledger(beside) as made:
            fill_file(made._connection, contents)
            digest = contents.digest(counted)
            if Contents(made._connection, contents.step).digest() != digest:
                raise CeasefireError(_differs(final))
            counted["digest"] = digest
        folder = _evidence_folder(ledger)
        if folder is not None:
            there = final.with_name(f"{final.stem}.evidence")
            shutil.copytree(folder, there)
            notes.append(f"The files of evidence were copied to “{there}”.")
        os.rename(beside, final)
    except OSError as error:
        raise CeasefireError(
            f"“{final}” could not be written: {error.strerror or error}. Free some room or choose "
            "another place, and run it again; nothing was moved."
        ) from None
    finally:
        for leftover in final.parent.glob(beside.name + "*"):
            leftover.unlink()
    return _moved(final, counted, notes)


def _moved(place: Any, counted: dict, notes: list[str]) -> Moved:
    digest = counted.pop("digest")
    with open_ledger(place, readonly=True) as target:
        result = target.verify()
    if not result.holds:
        raise CeasefireError(
            f"“{place}” was made, but does not hold: {result.faults[0].sentence} Remove it, and "
            "keep working with the source."
        )
    return Moved(counted, digest, result.position, result.hash, notes)


def _remember(ledger: Ledger, why: str, path: str) -> None:
    """Name the copy in the source, so that an erasure can name it too."""
    if ledger._connection.update:
        with ledger._connection.transaction(Session(with_what=with_what())):
            ledger._connection.run(
                bound(
                    "INSERT INTO copies(path, made_at, why) VALUES ($path, $now, $why)",
                    path=path,
                    now=instant_text(datetime.now(timezone.utc)),
                    why=why,
                )
            )


def _evidence_folder(ledger: Ledger) -> Optional[Path]:
    with contextlib.suppress(CeasefireError):
        folder = ledger.evidence_folder
        return folder if folder.is_dir() else None
    return None


def _differs(place: Any) -> str:
    return (
        f"What was written to “{place}” is not what was read, so nothing was moved: a value may "
        "be outside of what the target can keep. Please report this."
    )


def _hash(whole: Any, name: str, pages: Iterator[Sequence], rows: Optional[dict[str, int]]) -> None:
    count = 0
    for page in pages:
        for row in page:
            whole.update(json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n")
        count += len(page)
    whole.update(f"{name} {count}\n".encode())
    if rows is not None:
        rows[name] = count


def _plain_rows(rows: list[Row]) -> list[list]:
    return [
        [row.fid, row.geometry.hex() if row.geometry else None, *map(_plain, row.values)]
        for row in rows
    ]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
