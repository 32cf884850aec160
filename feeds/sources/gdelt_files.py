"""GDELT's files, one every fifteen minutes: their listing, their sums, and what is in them."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import zipfile
import zlib
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Iterable, Iterator, Optional

from ..http.errors import FeedError, Reason

if TYPE_CHECKING:
    from ..http.reply import Reply

WHO = "GDELT"
STEP = timedelta(minutes=15)
STAMP = "%Y%m%d%H%M%S"
LINE = re.compile(r"(\d+)\s+([0-9a-fA-F]{32})\s+\S*?(\d{14})\.export\.CSV\.zip\s*")
ENDING = ".export.CSV.zip"
LARGEST = 500_000_000
COLUMNS = (
    "GLOBALEVENTID SQLDATE MonthYear Year FractionDate "
    + " ".join(
        f"{actor}{part}"
        for actor in ("Actor1", "Actor2")
        for part in (
            "Code",
            "Name",
            "CountryCode",
            "KnownGroupCode",
            "EthnicCode",
            "Religion1Code",
            "Religion2Code",
            "Type1Code",
            "Type2Code",
            "Type3Code",
        )
    )
    + " IsRootEvent EventCode EventBaseCode EventRootCode QuadClass GoldsteinScale NumMentions "
    "NumSources NumArticles AvgTone "
    + " ".join(
        f"{where}_{part}"
        for where in ("Actor1Geo", "Actor2Geo", "ActionGeo")
        for part in (
            "Type",
            "FullName",
            "CountryCode",
            "ADM1Code",
            "ADM2Code",
            "Lat",
            "Long",
            "FeatureID",
        )
    )
    + " DATEADDED SOURCEURL"
).split()


class DamagedFile(Exception):
    """A file that came, but not as it should be; its words say how."""


@dataclasses.dataclass(frozen=True)
class Listed:
    """One file of events: the instant in its name, and its MD5 where a listing told it."""

    stamp: datetime
    md5: Optional[str] = None

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.stamp.strftime(STAMP)}{ENDING}"


def listed(lines: Iterable[str]) -> Iterator[Listed]:
    """The event files among a listing's lines; other lines are passed over."""
    for line in lines:
        found = LINE.fullmatch(line.strip())
        if found is None:
            continue
        stamp = instant(found[3])
        if stamp is not None:
            yield Listed(stamp, found[2].lower())


def instant(text: object) -> Optional[datetime]:
    """The UTC instant of ``20260131184500``; None where it is none."""
    try:
        return datetime.strptime(str(text), STAMP).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def named_between(after: datetime, until: datetime) -> list[Listed]:
    """The files that should be there after an instant, up to and with another."""
    files, stamp = [], floor(after) + STEP
    while stamp <= until:
        files.append(Listed(stamp))
        stamp += STEP
    return files


def floor(moment: datetime) -> datetime:
    """The quarter of an hour that an instant lies in."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def rows_of(reply: Reply, file: Listed) -> tuple[list[list], int]:
    """The rows of a file as text, and how many were left out because their form is not right.

    Raises DamagedFile where it is not the file of the listing, FeedError (SCHEMA) where its rows
    are no longer of 61 columns.
    """
    data = reply.bytes()
    # MD5 is what GDELT publishes; it shows a damaged file, and proves nothing against a forger.
    if file.md5 and hashlib.md5(data, usedforsecurity=False).hexdigest() != file.md5:
        raise DamagedFile("its MD5 is not that of the listing")
    rows, uneven = [], 0
    for line in unzipped(data).decode("utf-8", "replace").split("\n"):
        cells = line.rstrip("\r").split("\t")
        if len(cells) == len(COLUMNS):
            rows.append(cells)
        elif line.strip():
            uneven += 1
    if uneven > len(rows):
        raise FeedError(
            f"{WHO}'s file {file.name} does not have {len(COLUMNS)} columns: its form has changed, "
            "so nothing of it was taken. Look for a newer version of the plugin.",
            Reason.SCHEMA,
        )
    return rows, uneven


def unzipped(data: bytes) -> bytes:
    """The one table in a ZIP archive; raises DamagedFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) != 1 or entries[0].file_size > LARGEST:
                raise DamagedFile("its archive does not hold one table")
            return archive.read(entries[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise DamagedFile("its archive cannot be unpacked") from None
