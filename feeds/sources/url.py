"""A plain address or files: one table on the web, or a file, a folder or a pattern of names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Generator, Mapping, Optional
from urllib.parse import unquote, urlsplit

from ...model.errors import Cancelled, CeasefireError
from ..http.errors import FeedError, Reason
from ..http.reply import Reply
from ..personal import names_in
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .filetables import tables_of
from .localfiles import Copies, Found, changed_of, files_at, is_local, still_fresh
from .trial import trial

FILE_NAME = re.compile(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)", re.IGNORECASE)
TYPES = "text/csv, application/geo+json, application/json;q=0.9, */*;q=0.8"

OPTIONS = (
    Option(
        "pattern",
        "Names of the files",
        help="For a folder: which files, as *.csv or 2025-*/*.xlsx, several with commas. Empty: "
        "all that lie in it.",
    ),
    Option(
        "snapshot",
        "It is the whole list",
        "boolean",
        default=True,
        help="Yes: what is no longer in the file (or in any of the files) is withdrawn. No: each "
        "file adds and corrects, nothing is withdrawn.",
    ),
    Option("layer", "Layer or sheet", help="Where a file has several."),
    Option(
        "rows_at",
        "List within JSON",
        help='Where in a JSON reply the list of records is, as "data.items".',
    ),
    Option(
        "settle_seconds",
        "Leave files younger than (seconds)",
        "integer",
        default=10,
        help="A file that was written a moment ago may not be whole; it is left for the next time.",
    ),
)


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """The rows of the address, or of the files; nothing new where neither changed."""
    options = SOURCE.options_with_defaults(asked.options)
    settings = json.dumps([asked.address, options], sort_keys=True)
    known = asked.mark if asked.mark.get("settings") == settings and not asked.full else {}
    way = read_files if is_local(asked.address) else read_web
    return (yield from way(asked, options, known, {"settings": settings}))


def read_web(asked: Asked, options: Mapping[str, Any], known: Mapping[str, Any], mark: dict):
    """The table of a web address, unless the server or its bytes say that it is as before."""
    reply = asked.client.get(asked.address, accept=TYPES, validators=known.get("validators"))
    if reply.not_modified:
        return Outcome(mark=dict(asked.mark), nothing_new=True)
    mark = {**mark, "validators": reply.validators, "sha256": reply.sha256}
    if reply.sha256 == known.get("sha256"):
        return Outcome(mark=mark, nothing_new=True)
    copies = Copies(asked.client)
    yield from batches(reply, name_of(reply, asked.address), options, copies)
    return Outcome(mark=mark, snapshot=bool(options["snapshot"]))


def read_files(asked: Asked, options: Mapping[str, Any], known: Mapping[str, Any], mark: dict):
    """The files that are new or changed; with ``snapshot`` all of them, if any is."""
    files, several = files_at(asked.address, names_in(options.get("pattern")))
    before: dict = dict(known.get("files") or {})
    vanished = sorted(set(before) - {one.name for one in files})
    copies = Copies(asked.client)
    left: list[str] = []
    read_now: dict[str, Reply] = {}
    for file in changed_of(files, before):
        reply = still(asked, file, options, copies)
        if reply is None:
            left.append(file.name)
        elif reply.sha256 == (before.get(file.name) or [None] * 3)[2]:
            before[file.name] = [*file.state, reply.sha256]
        else:
            read_now[file.name] = reply
    if not read_now and not left and not vanished and known:
        return Outcome(mark={**mark, "files": before}, nothing_new=True)
    whole = bool(options["snapshot"])
    kept = {name: state for name, state in before.items() if name not in vanished}
    for file in files:
        reply = read_now.get(file.name)
        if reply is None and whole and file.name not in left:
            reply = still(asked, file, options, copies)
            if reply is None:
                left.append(file.name)
        if reply is None:
            continue
        try:
            yield from batches(reply, file.name, options, copies)
        except (Cancelled, FeedError):
            raise
        except CeasefireError as error:
            if not several:
                raise
            asked.warn(f"{error} The file was left for the next time.")
            left.append(file.name)
            continue
        kept[file.name] = [*file.state, reply.sha256]
    tell(asked, left, vanished, whole)
    return Outcome(mark={**mark, "files": kept}, snapshot=whole and not left, complete=not left)


def still(asked: Asked, file: Found, options: Mapping[str, Any], copies: Copies) -> Optional[Reply]:
    """A copy of a file that nobody is writing; None, and it is said, where somebody may be."""
    if still_fresh(file, asked.now, float(options["settle_seconds"])):
        asked.warn(
            f"“{file.name}” was written a moment ago and may not be whole: it was left for the "
            "next time."
        )
        return None
    reply = copies.copy(file)
    if reply is None:
        asked.warn(
            f"“{file.name}” changed or vanished while it was read: it was left for the next time."
        )
    return reply


def tell(asked: Asked, left: list[str], vanished: list[str], whole: bool) -> None:
    """Say what the files that were left, or are gone, mean for the incidents."""
    if left and whole:
        asked.warn("As long as a file is left, nothing is taken for withdrawn.")
    if vanished and not whole:
        listed = "”, “".join(vanished[:5]) + ("” and more" if len(vanished) > 5 else "”")
        asked.warn(f"No longer there: “{listed}. Their incidents stay.")


def batches(
    reply: Reply, name: str, options: Mapping[str, Any], copies: Copies
) -> Generator[Batch, None, None]:
    """The batches of one reply: a delimited file in parts, others cut into them."""
    version = reply.etag or reply.last_modified
    for table in tables_of(
        reply.path,
        name,
        copies.folder,
        options.get("layer") or None,
        str(options.get("rows_at") or ""),
        copies.ask,
    ):
        yield Batch(
            reply, table.columns, table.rows, [], version=version, table_notes=tuple(table.notes)
        )


def name_of(reply: Reply, address: str) -> str:
    """A file's name from the reply's headers, else from the address."""
    found = FILE_NAME.search(reply.headers.get("Content-Disposition") or "")
    told = found.group(1) if found else urlsplit(address).path
    return Path(unquote(told).replace("\\", "/").rstrip("/")).name or "table.csv"


def check(asked: Asked) -> Checked:
    """Whether there is a table, how many rows it has, and how it would be read."""
    return trial(asked, look)


def look(asked: Asked, found: Checked) -> None:
    """Read the address, or the newest of the files, and import its first rows."""
    options = SOURCE.options_with_defaults(asked.options)
    copies = Copies(asked.client)
    if is_local(asked.address):
        files, _ = files_at(asked.address, names_in(options.get("pattern")))
        if not files:
            raise FeedError(
                "There is no file of these names in the folder: check the option pattern.",
                Reason.NOT_FOUND,
            )
        newest = max(files, key=lambda one: one.written_ns)
        found.sentences.append(f"There are {len(files):,} files; “{newest.name}” is the newest.")
        reply, name = copies.copy(newest), newest.name
        if reply is None:
            raise FeedError(f"“{name}” is being written: try again later.", Reason.BROKEN)
    else:
        reply = asked.client.get(asked.address, accept=TYPES)
        name = name_of(reply, asked.address)
    rows = 0
    try:
        for batch in batches(reply, name, options, copies):
            if not rows:
                look_at_rows(asked, batch, found)
            rows += len(batch.rows)
    except FeedError:
        raise
    except CeasefireError as error:
        found.sentences.append(str(error))
    found.rows = rows


def look_at_rows(asked: Asked, batch: Batch, found: Checked) -> None:
    """Say what a table's columns are, which preset knows them, and which dates there are."""
    from ..importer import import_table
    from ..table import RawTable

    numbers = list(range(1, len(batch.rows) + 1))
    found.sentences.append(f"Columns: {', '.join(batch.columns[:30])}.")
    try:
        result = import_table(RawTable(batch.columns, batch.rows, numbers), "auto", asked.timezone)
    except CeasefireError as error:
        found.sentences.append(str(error))
        return
    found.sentences.append(
        f"The preset “{result.preset}” knows such columns; of the first {len(batch.rows):,} rows "
        f"it takes {len(result.incidents):,} as incidents and sets {len(result.rejected):,} aside."
    )
    moments = [one.occurred_from for one in result.incidents if one.occurred_from]
    if moments:
        found.first, found.last = min(moments).date(), max(moments).date()
        found.sentences.append("First and last are the days of these rows.")


SOURCE = Source(
    name="url",
    title="Address, file or folder",
    help=(
        "A table at a web address (http, https), in a file, or in the files of a folder or a "
        "pattern such as /data/reports/*.csv: CSV, TSV, XLSX, ODS, GeoJSON, GeoPackage, KML or a "
        "JSON list of records, also inside .gz or .zip, read by any preset. The server's ETag and "
        "Last-Modified are used, else the content is compared. Files that are being written are "
        "left for the next time."
    ),
    read=read,
    check=check,
    options=OPTIONS,
    credentials=("none", "basic", "token"),
    preset="auto",
    interval_minutes=60,
    id_prefix="url",
)
