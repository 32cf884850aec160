"""Files on this computer or its network: which there are, and copies of them that stand still."""

from __future__ import annotations

import dataclasses
import errno
import glob
import hashlib
import os
import re
import shutil
import tempfile
import weakref
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, Mapping, Optional
from urllib.parse import unquote, urlsplit

from ...model.errors import CeasefireError
from ..http.errors import FeedError, Reason
from ..http.reply import Reply
from ..workfolders import work_folder_prefix

UNFINISHED = re.compile(r"^[.~]|~$|\.(?:part|partial|tmp|temp|crdownload|download|swp|lock)$", re.I)
WILD = re.compile(r"[*?\[]")
PIECE = 1 << 20
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclasses.dataclass(frozen=True)
class Found:
    """One file: its name within the feed's address, its size, and when it was written (ns)."""

    name: str
    path: Path
    size: int
    written_ns: int

    @property
    def state(self) -> list:
        """What shows that a file is another than before, without reading it."""
        return [self.size, self.written_ns]


def is_local(address: str) -> bool:
    """Whether an address names files: no scheme, ``file:``, or a drive's letter."""
    scheme = urlsplit(address.strip()).scheme.lower()
    return scheme in ("", "file") or len(scheme) == 1


def path_of(address: str) -> str:
    """The path of an address."""
    text = address.strip()
    if text.lower().startswith("file:"):
        parts = urlsplit(text)
        host = f"//{parts.netloc}" if parts.netloc not in ("", "localhost") else ""
        text = re.sub(r"^/(?=[A-Za-z]:)", "", host + unquote(parts.path))
    return os.path.expanduser(text)


def files_at(address: str, patterns: list[str]) -> tuple[list[Found], bool]:
    """The files of an address by name, and whether it names several (a folder, a pattern).

    ``patterns`` narrow a folder's. Hidden files and those that programs write under a name of
    their own until they are whole are none of them. Raises FeedError where there is nothing.
    """
    place = path_of(address)
    base = Path(place)
    if base.is_file():
        return [found_at(base, base.name)], False
    if base.is_dir():
        paths = [path for pattern in patterns or ["*"] for path in base.glob(pattern)]
    elif WILD.search(place):
        base = Path(re.split(r"[^/\\]*[*?\[]", place)[0] or ".")
        if not base.is_dir():
            raise nowhere(str(base))
        paths = [Path(one) for one in glob.glob(place, recursive=True)]
    else:
        raise nowhere(place)
    found = {}
    for path in paths:
        if UNFINISHED.search(path.name) or not path.is_file():
            continue
        name = Path(os.path.relpath(path, base)).as_posix()
        with_state = found_at(path, name, missing_ok=True)
        if with_state is not None:
            found[name] = with_state
    return [found[name] for name in sorted(found)], True


def found_at(path: Path, name: str, missing_ok: bool = False) -> Optional[Found]:
    """A file's state; None where it vanished and that is allowed."""
    try:
        told = path.stat()
    except FileNotFoundError:
        if missing_ok:
            return None
        raise nowhere(str(path)) from None
    except OSError as error:
        raise FeedError(
            f"“{path}” cannot be looked at ({error.strerror}): check the right to read it.",
            Reason.FORBIDDEN,
        ) from None
    return Found(name, path, told.st_size, told.st_mtime_ns)


def nowhere(place: str) -> FeedError:
    """What to say where there is no such file or folder."""
    return FeedError(
        f"There is no file or folder “{place}”: check the feed's address, and that its drive is "
        "connected.",
        Reason.NOT_FOUND,
    )


def no_room(folder: Path) -> CeasefireError:
    """What to say where our own disk is full: that is no fault of the source's."""
    return CeasefireError(
        f"The temporary folder “{folder}” has no room left for a copy of what the feed reads: make "
        "room on its disk, and fetch again."
    )


class Copies:
    """Copies of files in a folder that lives as long as the client does."""

    def __init__(self, client: Any):
        self.folder = Path(tempfile.mkdtemp(prefix=work_folder_prefix("feed")))
        # Raises Cancelled where the client was told to stop.
        self.ask = partial(client.wait, 0.0)
        self._count = 0
        weakref.finalize(client, shutil.rmtree, str(self.folder), ignore_errors=True)

    def copy(self, file: Found) -> Optional[Reply]:
        """The file's content as a reply; None where it changed or vanished while it was copied."""
        self._count += 1
        made = self.folder / f"{self._count}.body"
        digest = hashlib.sha256()
        try:
            with file.path.open("rb") as source, made.open("wb") as target:
                for piece in iter(lambda: source.read(PIECE), b""):
                    self.ask()
                    # A file that grows as fast as it is read would have no end.
                    if target.tell() > file.size:
                        break
                    digest.update(piece)
                    target.write(piece)
            after = file.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in FULL:
                raise no_room(self.folder.parent) from None
            raise FeedError(
                f"“{file.path}” cannot be read ({error.strerror}): check the right to read it, and "
                "that its drive is connected.",
                Reason.FORBIDDEN,
            ) from None
        size = made.stat().st_size
        if [after.st_size, after.st_mtime_ns] != file.state or size != file.size:
            made.unlink()
            return None
        return Reply(
            status=200,
            headers={},
            url=file.path.resolve().as_uri(),
            sha256=digest.hexdigest(),
            size=size,
            fetched_at=datetime.now(timezone.utc),
            path=made,
            address=file.path.resolve().as_uri(),
        )


def still_fresh(file: Found, now: datetime, settle_s: float) -> bool:
    """Whether a file was written so short a while ago that it may not be whole yet.

    A time of writing that lies ahead is another clock's and tells nothing.
    """
    age = now.timestamp() - file.written_ns / 1e9
    return 0 <= age < settle_s


def changed_of(files: list[Found], known: Mapping[str, Any]) -> list[Found]:
    """The files that are new or whose size or time of writing is another than that kept."""
    return [one for one in files if list(known.get(one.name) or [])[:2] != one.state]
