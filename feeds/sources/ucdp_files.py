"""UCDP's tables as files, for those who have no token: read in parts, so that memory stays flat."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Iterator, Optional

from ..counting import were
from ..delimited import CELL_LIMIT
from ..http.errors import FeedError, Reason
from ..source import Batch, Reading
from .ucdp_plan import WHO, Plan, changed, check_columns, no_version
from .ucdp_versions import file_of, followed, successor

if TYPE_CHECKING:
    from ..http.reply import Reply

CHUNK_ROWS = 5000
LARGEST = 3_000_000_000
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, csv.Error, RuntimeError)


def read_files(plan: Plan) -> Reading:
    """The files of all versions, the newest first; nothing where none of them changed."""
    versions, replies = released(plan)
    marks = {one: replies[one].validators for one in versions if not replies[one].not_modified}
    if not marks:
        return plan.unchanged()
    for version in reversed(versions):
        reply = replies[version]
        if reply.not_modified:
            reply = ask(plan, version, None)
            marks[version] = reply.validators
        for columns, rows in parts_of(reply, plan):
            yield Batch(reply, columns, plan.take(columns, rows), [], version)
    return plan.outcome(versions, files=marks)


def released(plan: Plan) -> tuple[list[str], dict[str, Reply]]:
    """The versions that there are now, newer ones among them, with the reply of each."""
    versions = list(plan.mark.get("versions") or plan.versions)
    known = plan.mark.get("files") or {}
    skip = plan.may_skip()
    replies = {one: ask(plan, one, known.get(one) if skip else None) for one in versions}
    if plan.options["follow_newer"]:
        for start in list(versions):
            newer = successor(start)
            while newer is not None and newer not in versions:
                try:
                    replies[newer] = ask(plan, newer, None)
                except FeedError as error:
                    if error.reason is Reason.NOT_FOUND:
                        break
                    raise
                versions = followed(versions, newer)
                newer = successor(newer)
    return versions, replies


def ask(plan: Plan, version: str, validators: Optional[dict]) -> Reply:
    """The reply with a version's file; raises FeedError (NOT_FOUND) where there is none."""
    url = f"{str(plan.options['downloads']).rstrip('/')}/{file_of(version)}"
    try:
        return plan.asked.client.get(
            url,
            accept="text/csv, application/zip, */*",
            validators=validators or None,
            authorised=False,
        )
    except FeedError as error:
        if error.reason in (Reason.NOT_FOUND, Reason.GONE):
            raise no_version(version) from None
        raise


def parts_of(reply: Reply, plan: Plan) -> Iterator[tuple[list[str], list[list]]]:
    """Columns and at most 5,000 rows, part after part; raises FeedError where it is no table."""
    csv.field_size_limit(CELL_LIMIT)
    problem = None
    try:
        with contextlib.closing(lines_of(reply)) as lines:
            yield from _parts(csv.reader(lines), plan)
    except DAMAGED as error:
        problem = type(error).__name__
    if problem is not None:
        raise FeedError(
            f"{WHO}'s file cannot be read as a table ({problem}): it may have come damaged; fetch "
            "again later.",
            Reason.BROKEN,
        )


def _parts(records: Iterator[list], plan: Plan) -> Iterator[tuple[list[str], list[list]]]:
    columns = [name.strip().lstrip("\ufeff") for name in next(records, [])]
    check_columns(columns)
    rows, uneven = [], 0
    for record in records:
        if len(record) != len(columns):
            uneven += bool(record)
            continue
        rows.append([value or None for value in record])
        if len(rows) == CHUNK_ROWS:
            yield columns, rows
            rows = []
    if uneven:
        plan.missing(
            f"{were(uneven, 'row')} left out because {WHO}'s file has more or fewer cells there "
            "than in its header: it may be cut off, and nothing was withdrawn."
        )
    yield columns, rows


def lines_of(reply: Reply) -> Iterator[str]:
    """The lines of a table, plain or the one in a ZIP archive."""
    with reply.open() as file:
        if file.read(4) != b"PK\x03\x04":
            yield from reply.lines()
            return
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            tables = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
            if len(tables) != 1:
                raise changed(f"is an archive of {len(tables)} tables instead of one")
            if tables[0].file_size > LARGEST:
                raise FeedError(
                    f"{WHO}'s table is larger than 3 GB when unpacked and was not read.",
                    Reason.TOO_LARGE,
                )
            with archive.open(tables[0]) as stream:
                # zipfile itself stops at the size that was announced, and checks the CRC there.
                yield from io.TextIOWrapper(stream, "utf-8-sig", "replace", newline="")
