"""Where a copy is made before it gets its name: known to the ledger, and taken away if killed.

A copy in the making may hold protected values. So its place is written into ``copies`` before
its first byte, lies in a folder that nobody else may enter, and is removed by the next run where
this one was killed. A lock that the system drops with its process tells the two apart.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Iterator, Optional

from .connection import Connection, Session, bound
from .rows import instant_text
from .settings import read_settings, with_what

ENDING = ".copying"
LOCK = "lock"
WHY = "being made"
_NOTED = "INSERT INTO copies(path, made_at, why) VALUES ($path, $made_at, $why)"
_STAGES = "SELECT DISTINCT path FROM copies WHERE why = $why"


def note_copy(connection: Connection, path: Path, why: str) -> None:
    """Remember that a copy was made, inside a transaction of the caller."""
    now = instant_text(datetime.now(timezone.utc))
    connection.run(bound(_NOTED, path=str(path.absolute()), made_at=now, why=why))


@contextlib.contextmanager
def staged(connection: Connection, parent: Path, name: str, private: bool) -> Iterator[Path]:
    """The path for a file in a private folder in ``parent``, both removed at the end.

    The ledger remembers it first, where it may be written to. ``private``: the file itself is
    for nobody else too; it is there already then, empty.
    """
    folder = parent / f".{_tag(connection)}-{uuid.uuid4().hex[:8]}{ENDING}"
    place = folder / name
    if connection.update:
        with connection.transaction(Session(with_what=with_what())):
            note_copy(connection, place, WHY)
    folder.mkdir(mode=0o700)
    lock = _locked(folder)
    try:
        if private:
            # SQLite gives what it writes beside a file the same rights.
            os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield place
    finally:
        if lock is not None:
            lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def private_parent(connection: Connection) -> Path:
    """Where what may hold protected values is made: beside the ledger, else among the
    system's temporary files; never where the copy goes."""
    beside = connection.path.parent
    if connection.update and os.access(beside, os.W_OK):
        return beside
    return Path(tempfile.gettempdir())


def remove_leftovers(connection: Connection) -> list[Path]:
    """Remove what killed runs left; the files that could not be removed, or are being made."""
    left: list[Path] = []
    for folder in _leftovers(connection):
        lock = _locked(folder)
        if lock is not None:
            # Closed first: where a lock keeps its file from being removed.
            lock.close()
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            left += [path for path in folder.iterdir() if path.name != LOCK]
    return left


def is_stage(path: Path) -> bool:
    """Whether a path is that of a copy in the making."""
    return path.parent.name.endswith(ENDING)


def _leftovers(connection: Connection) -> list[Path]:
    known = [Path(path).parent for (path,) in connection.rows(bound(_STAGES, why=WHY))]
    found = {folder for folder in known if folder.name.endswith(ENDING) and folder.is_dir()}
    for parent in (connection.path.parent, Path(tempfile.gettempdir())):
        found.update(parent.glob(f".{_tag(connection)}-*{ENDING}"))
    return sorted(folder for folder in found if not folder.is_symlink())


def _tag(connection: Connection) -> str:
    """What tells this ledger's folders from those of others."""
    return "".join(filter(str.isalnum, read_settings(connection).get("ledger_id") or ""))[:12]


def _locked(folder: Path) -> Optional[IO[bytes]]:
    """The folder's lock, held until it is closed or its process ends; None where it is taken.

    None too where the file system has no locks: then nobody takes the folder for a leftover.
    """
    try:
        stream = (folder / LOCK).open("ab")
    except OSError:
        return None
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stream.close()
        return None
    return stream
