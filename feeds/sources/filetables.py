"""A file of any kind as tables: delimited ones in parts, the others whole; told by their bytes."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional

from ...model.errors import CeasefireError
from ..delimitedparts import PIECE, ROWS, DelimitedFile
from ..table import SPREADSHEETS, RawTable, assemble, read_table
from .formrows import flattened, is_geometry

VECTORS = {".gpkg", ".geojson", ".kml", ".kmz", ".gml", ".gpx", ".fgb", ".shz"}
ARCHIVES = {"[Content_Types].xml": ".xlsx", "mimetype": ".ods", "doc.kml": ".kmz"}
LARGEST = 2_000_000_000
LARGEST_WHOLE = 400_000_000
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile)


def tables_of(
    path: Path,
    name: str,
    folder: Path,
    layer: Optional[str] = None,
    rows_at: str = "",
    ask: Optional[Callable[[], None]] = None,
) -> Iterator[RawTable]:
    """The tables of a file in their order, at most 20,000 rows each.

    ``name`` is the file's own, for sentences and its ending; ``folder`` takes what must be
    unpacked; ``layer`` names a sheet or layer; ``rows_at`` the list of records within JSON
    ("data.items"). Raises CeasefireError with one sentence where the file cannot be read.
    """
    path, kind = unpacked(path, name, folder)
    if kind == "":
        yield from DelimitedFile(path, name, ask=ask).parts()
        return
    if kind == ".json":
        table = json_table(path, name, rows_at)
    else:
        refuse_entities(path, name)
        table = read_table(str(named(path, name, kind, folder)), layer)
        table.path = name
    yield from in_parts(table)


def in_parts(table: RawTable) -> Iterator[RawTable]:
    """A table cut into parts of at most 20,000 rows."""
    for start in range(0, max(1, len(table.rows)), ROWS):
        part = slice(start, start + ROWS)
        yield RawTable(
            table.columns,
            table.rows[part],
            table.row_numbers[part],
            list(table.notes),
            table.path,
            table.title,
        )


def unpacked(path: Path, name: str, folder: Path) -> tuple[Path, str]:
    """The file to read and its kind: an ending, ".json", or nothing for a delimited text.

    A delimited text inside an archive stays there, it is read from it.
    """
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        raise CeasefireError(f"“{name}” is empty: fetch or export it again.")
    if start[:2] == b"\x1f\x8b":
        within = beginning_of_gzip(path, name)
        if kind_of(within, path, name) == "":
            return path, ""
        path = inflated(path, name, folder)
        start = within
        name = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)
    return path, kind_of(start, path, name)


def kind_of(start: bytes, path: Path, name: str) -> str:
    """What kind a file is by its first bytes, its ending where these could be several."""
    ending = Path(name).suffix.lower()
    if start.startswith(b"PK\x03\x04"):
        return kind_of_archive(path, name)
    if start.startswith(b"SQLite format 3"):
        return ".gpkg"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls"
    if start.startswith(b"fgb"):
        return ".fgb"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"["):
        return ".geojson" if ending == ".geojson" or b'"FeatureCollection"' in text else ".json"
    if text[:1] == b"<":
        return ending if ending in VECTORS else (".kml" if b"kml" in text else ".gml")
    return ""


def kind_of_archive(path: Path, name: str) -> str:
    """Whether a ZIP is a spreadsheet, a KMZ, or an archive with one delimited table."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DAMAGED as error:
        raise damaged(name, error) from None
    for entry, kind in ARCHIVES.items():
        if entry in names:
            return kind
    ending = Path(name).suffix.lower()
    return ending if ending in SPREADSHEETS | {".kmz", ".shz"} else ""


def beginning_of_gzip(path: Path, name: str) -> bytes:
    """The first bytes inside a gzip file."""
    try:
        with gzip.open(path) as stream:
            return stream.read(512)
    except DAMAGED as error:
        raise damaged(name, error) from None


def inflated(path: Path, name: str, folder: Path) -> Path:
    """A gzip file's content as a file of its own, up to 2 GB."""
    made, written = folder / f"{path.name}.inflated", 0
    try:
        with gzip.open(path) as stream, made.open("wb") as file:
            for piece in iter(lambda: stream.read(PIECE), b""):
                written += len(piece)
                if written > LARGEST:
                    raise CeasefireError(
                        f"“{name}” is larger than 2 GB when unpacked: split it first."
                    )
                file.write(piece)
    except DAMAGED as error:
        raise damaged(name, error) from None
    return made


def named(path: Path, name: str, kind: str, folder: Path) -> Path:
    """The same file under a name with its true ending, as OGR wants it."""
    if path.suffix.lower() == kind:
        return path
    stem = re.sub(r"\W+", "_", Path(name).stem)[:80] or "file"
    made = folder / f"{path.name}_{stem}{kind}"
    if not made.exists():
        shutil.copyfile(path, made)
    return made


def refuse_entities(path: Path, name: str) -> None:
    """Refuse XML that declares entities: they can grow without end or fetch other files."""
    with path.open("rb") as file:
        start = file.read(PIECE)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and b"<!ENTITY" in start:
        raise CeasefireError(
            f"“{name}” declares XML entities, which are not read: export it without a document "
            "type."
        )


def json_table(path: Path, name: str, rows_at: str) -> RawTable:
    """A JSON list of records as a table; objects within them become paths ("a/b")."""
    from ..http.jsontext import read_json

    if path.stat().st_size > LARGEST_WHOLE:
        raise CeasefireError(
            f"“{name}” is JSON of more than 400 MB, which would have to be read at once: ask for "
            "CSV, or for less."
        )
    value = read_json(path.read_bytes(), f"“{name}”")
    for step in filter(None, rows_at.split(".")):
        value = value.get(step) if isinstance(value, Mapping) else None
    records = value if isinstance(value, list) else only_list(value)
    if records is None or not all(isinstance(one, Mapping) for one in records):
        raise CeasefireError(
            f"“{name}” is JSON but no list of records: say in the option rows_at where the list "
            'is, as "data.items", or choose the source that knows this service.'
        )
    flat = [flattened(one) for one in records]
    columns = list(dict.fromkeys(key for one in flat for key in one))
    rows = [[cell_of(one.get(key)) for key in columns] for one in flat]
    return assemble(columns, rows, [], Path(name))


def only_list(value: Any) -> Optional[list]:
    """The one list of objects among a JSON object's entries, or None."""
    if not isinstance(value, Mapping):
        return None
    lists = [
        one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict)
    ]
    return lists[0] if len(lists) == 1 else None


def cell_of(value: Any) -> Any:
    """A JSON value as a cell; a point as well-known text, which the importer reads."""
    if is_geometry(value) and value.get("type") == "Point":
        longitude, latitude = (value.get("coordinates") or [None, None])[:2]
        return f"POINT ({longitude} {latitude})"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return value


def damaged(name: str, error: Exception) -> CeasefireError:
    """The sentence for an archive that is cut or damaged."""
    return CeasefireError(f"The archive “{name}” cannot be unpacked ({error}): fetch it again.")
