"""A table as it was read: names of columns and rows of cells, before any meaning."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Optional

from ..model.errors import CeasefireError

DELIMITED = {".csv", ".tsv", ".txt", ".tab", ".gz", ".zip"}
SPREADSHEETS = {".xlsx", ".xlsm", ".xls", ".ods"}
GEOMETRY_LONGITUDE = "geometry longitude"
GEOMETRY_LATITUDE = "geometry latitude"
GEOMETRY_RADIUS = "geometry radius (m)"


@dataclasses.dataclass
class RawTable:
    """Columns and rows of cells; a cell is text, a number, a date or None (empty).

    ``row_numbers`` are those of the records among the file's data rows, from 1, without header
    and HXL tags. ``notes`` are sentences on how the file was read. ``title`` is text that stood
    above the header.
    """

    columns: list[str]
    rows: list[list]
    row_numbers: list[int]
    notes: list[str] = dataclasses.field(default_factory=list)
    path: Optional[str] = None
    title: str = ""


def read_table(path: str, layer: Optional[str] = None) -> RawTable:
    """Read a file of any kind that is known here, with nothing guessed about its cells.

    ``layer`` names one layer or sheet; ``path`` may carry it as ``|layername=…``. Raises
    CeasefireError with one sentence where the file cannot be read as a table.
    """
    place, named = split_source(str(path))
    layer = layer or named
    check_readable(place)
    suffix = place.suffix.lower()
    if suffix in SPREADSHEETS:
        from .spreadsheet import read_spreadsheet

        return read_spreadsheet(place, layer)
    if suffix in DELIMITED:
        from .delimited import read_delimited

        return read_delimited(place)
    from .vector import read_vector

    return read_vector(place, layer)


def split_source(source: str) -> tuple[Path, Optional[str]]:
    """A data source as (file, layer name or None): ``a.gpkg|layername=b``, ``file:///a.csv?…``."""
    parts = source.strip().split("|")
    layer = None
    for part in parts[1:]:
        key, _, value = part.partition("=")
        if key.strip().lower() == "layername":
            layer = value
        elif key.strip().lower() not in ("geometrytype", "uniquegeometrytype"):
            raise CeasefireError(
                f"“|{part}” in the source “{source}” is not understood here: give the file itself, "
                "or file|layername=name."
            )
    if parts[0].lower().startswith("file:"):
        from urllib.parse import unquote, urlsplit

        text = unquote(urlsplit(parts[0]).path)
        return Path(re.sub(r"^/(?=[A-Za-z]:)", "", text)), layer
    return Path(parts[0]), layer


def check_readable(path: Path) -> None:
    """Raise one sentence where there is no such file, it is a folder, or it is empty."""
    if str(path) in ("", "."):
        raise CeasefireError("No file was given: choose the file or the layer to import.")
    if "\x00" in str(path):
        raise CeasefireError("The file's name is not one that can be: choose the file again.")
    if path.is_dir():
        raise CeasefireError(f"“{path}” is a folder: choose one file in it.")
    if not path.exists():
        raise CeasefireError(f"There is no file “{path}”: check its name and folder.")
    if path.stat().st_size == 0:
        raise CeasefireError(f"“{path.name}” is empty: fetch or export it again.")


def cell_text(value: Any) -> Optional[str]:
    """A cell as stripped text; None where it is empty. Whole floats lose their ``.0``."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        return (text if text.isascii() else encodable(text)) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return encodable(str(value).strip()) or None


def encodable(text: str) -> str:
    """A text that can be written as UTF-8: lone halves of surrogate pairs become ``?``."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def plain_name(name: str) -> str:
    """A column's name for comparison, small letters and digits: ``Event-Date `` → eventdate."""
    return re.sub(r"[\W_]+", "", name.casefold())


def named_columns(cells: list) -> list[str]:
    """Names for the columns from a header's cells: empty ones are numbered, doubles told apart."""
    names: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(cells, start=1):
        base = " ".join((cell_text(cell) or f"column {position}").split())
        name, copy = base, 2
        while name.casefold() in taken:
            name, copy = f"{base} ({copy})", copy + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def is_hxl(cells: list) -> bool:
    """Whether a row is HXL's tags: at least two cells filled or one alone, nearly all ``#tag``."""
    filled = [text for text in map(cell_text, cells) if text]
    tags = [text for text in filled if re.match(r"#[A-Za-z][\w]*(\s*\+[\w]+)*\s*$", text)]
    return bool(tags) and len(tags) >= 0.6 * len(filled)


def assemble(header: list, records: list[list], notes: list[str], path: Path, title: str = ""):
    """A RawTable of a header and records: HXL tags out, short rows filled, long rows noted."""
    columns = named_columns(header)
    if records and is_hxl(records[0]):
        records = records[1:]
        notes.append("The second row holds HXL tags; it was not counted.")
    width = max([len(columns), *(len(row) for row in records)]) if records else len(columns)
    if width > len(columns):
        columns = named_columns([*header, *[None] * (width - len(columns))])
        notes.append(
            "Some rows have more cells than the header has names; the cells beyond it are kept in "
            "numbered columns."
        )
    for row in records:
        if len(row) < width:
            row.extend([None] * (width - len(row)))
    return RawTable(columns, records, list(range(1, len(records) + 1)), notes, str(path), title)
