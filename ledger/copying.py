"""Copies of a ledger, and its compacting: through SQLite, never with a copy of the file's bytes.

Inside QGIS nobody may open the ledger's file by other means: that drops the database's locks.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import uuid
from datetime import datetime, timezone
from pathlib import Path

from ..model.errors import CeasefireError
from .connection import Connection, Session, bound
from .refusals import refusal
from .rows import instant_text
from .settings import read_settings, with_what
from .staging import note_copy, private_parent, remove_leftovers, staged
from .stored_project import replace_project, settle_project
from .triggers import statement_named

WHY_CLEAN = "left out of a clean copy"
# Settings that could open something elsewhere, or tell of this computer.
PRIVATE = re.compile(
    r"pass(word|phrase|wd)|secret|token|credential|authcfg|conninfo|api_?key|user|login|folder|path",
    re.IGNORECASE,
)
_SAY_ERASED = "UPDATE protected SET erased_at = $now, erased_why = $why WHERE erased_at IS NULL"
_FORGET = 'DELETE FROM settings WHERE "key" IN ($keys)'


def copy_ledger(connection: Connection, final: Path, clean: bool = False) -> None:
    """A compact copy of the whole ledger at ``final``, whole or not there at all.

    ``clean`` leaves out protected values, sessions, the list of copies, and settings that could
    open something elsewhere; the copy's history then says of each value that it was left out,
    and its chain goes on from the ledger's. It is cleaned beside the ledger, in a private place:
    no byte of the values ever reaches the folder of ``final``. The ledger remembers its copies,
    also those in the making, where it may be written to.
    """
    remove_leftovers(connection)
    parent = private_parent(connection) if clean else final.parent
    try:
        with staged(connection, parent, final.name, clean) as stage:
            write_copy(connection, stage)
            _settle_copy(stage, final.name, clean)
            if clean:
                _bring(stage, final)
            else:
                synced(stage)
                os.rename(stage, final)
    except OSError as error:
        raise CeasefireError(refusal(final, os.strerror(error.errno))) from None
    if not connection.update:
        return
    try:
        with connection.transaction(Session(with_what=with_what())):
            note_copy(connection, final, "a clean copy" if clean else "a copy")
    except CeasefireError:
        removed(final)
        raise


def _bring(stage: Path, final: Path) -> None:
    """Copy a clean file to where it goes; nobody has either of them open."""
    beside = final.with_name(f".{uuid.uuid4().hex[:8]}.{final.name}")
    try:
        with stage.open("rb") as source, beside.open("xb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        synced(beside)
        os.rename(beside, final)
    finally:
        removed(beside)


def write_copy(connection: Connection, path: Path) -> None:
    """The ledger as it is, compact, in a new file."""
    try:
        connection.run(bound("VACUUM INTO $path", path=str(path)))
    except CeasefireError:
        removed(path)
        raise


def compact(connection: Connection) -> tuple[int, int]:
    """Give back the room of what was removed; the file's size before and after, in bytes."""
    connection.refuse_if_read_only()
    before = _size(connection)
    connection.run("VACUUM")
    connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, _size(connection)


def synced(path: Path) -> None:
    """See that a copy is on the disk; nobody has this file open yet, so no lock is lost."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def removed(path: Path) -> None:
    """Remove a file that may not be there."""
    with contextlib.suppress(OSError):
        path.unlink()


def _settle_copy(path: Path, final_name: str, clean: bool) -> None:
    """Have the copy's project name the copy; a clean copy has no other project."""
    if clean:
        _clean(path, final_name)
        return
    with contextlib.closing(Connection(path, update=True)) as copy:
        settle_project(copy, final_name)


def _clean(path: Path, final_name: str) -> None:
    with contextlib.closing(Connection(path, update=True)) as copy:
        copy.run("PRAGMA secure_delete = ON")
        private = [key for key in read_settings(copy) if PRIVATE.search(key)]
        with copy.transaction(Session(why=WHY_CLEAN, with_what=with_what())):
            copy.run(bound(_SAY_ERASED, now=_now(), why=WHY_CLEAN))
            copy.run("DELETE FROM protected_values")
            if private:
                copy.run(bound(_FORGET, keys=private))
            copy.run("DROP TRIGGER copies_no_delete")
            copy.run("DELETE FROM copies")
            copy.run(statement_named("copies_no_delete"))
            # What somebody saved may tell of other files and of people.
            replace_project(copy, final_name)
        copy.run("VACUUM")


def _size(connection: Connection) -> int:
    return connection.path.stat().st_size


def _now() -> str:
    return instant_text(datetime.now(timezone.utc))
