"""XLSX, XLS and ODS through OGR, every cell as text: nothing is guessed, no row is taken away."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from ..model.errors import CeasefireError
from .delimited import filled, split_title
from .table import RawTable, assemble

OPTIONS = {
    "OGR_XLSX_HEADERS": "DISABLE",
    "OGR_XLSX_FIELD_TYPES": "STRING",
    "OGR_ODS_HEADERS": "DISABLE",
    "OGR_ODS_FIELD_TYPES": "STRING",
    "OGR_XLS_HEADERS": "DISABLE",
    "OGR_XLS_FIELD_TYPES": "STRING",
}


def read_spreadsheet(path: Path, sheet: Optional[str] = None) -> RawTable:
    """Read one sheet: the one named, else the one with the most filled cells.

    Raises CeasefireError where the file is no spreadsheet or holds no such sheet.
    """
    sheets = sheets_of(path)
    if sheet is not None and sheet not in sheets:
        raise CeasefireError(
            f"“{path.name}” has no sheet “{sheet}”; it has {quoted(sheets)}: name one of these."
        )
    notes: list[str] = []
    name = sheet or max(sheets, key=lambda one: sum(map(filled, sheets[one])), default=None)
    records = without_empty_end(sheets[name]) if name is not None else []
    if not records:
        raise CeasefireError(f"“{path.name}” holds no rows: choose another file or sheet.")
    if len(sheets) > 1 and sheet is None:
        others = quoted(one for one in sheets if one != name)
        notes.append(f"The sheet “{name}” was read; {others} was left.")
    title, header, body = split_title(records)
    if not body:
        raise CeasefireError(
            f"The sheet “{name}” of “{path.name}” has a header and no rows below it: choose "
            "another."
        )
    return assemble(header, body, notes, path, title)


def sheets_of(path: Path) -> dict[str, list[list]]:
    """All sheets as rows of text."""
    from osgeo import gdal

    before = {key: gdal.GetThreadLocalConfigOption(key) for key in OPTIONS}
    for key, value in OPTIONS.items():
        gdal.SetThreadLocalConfigOption(key, value)
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = opened(gdal, path)
        if dataset is None:
            raise CeasefireError(
                f"“{path.name}” cannot be read as a spreadsheet: it may be damaged or protected by "
                "a password; open it and save it again, or export it as CSV."
            )
        return {
            dataset.GetLayer(i).GetName(): rows_of(dataset.GetLayer(i))
            for i in range(dataset.GetLayerCount())
        }
    finally:
        gdal.PopErrorHandler()
        for key, value in before.items():
            gdal.SetThreadLocalConfigOption(key, value)


def opened(gdal, path: Path):
    """The file as an OGR dataset, or None."""
    try:
        return gdal.OpenEx(
            str(path), gdal.OF_VECTOR | gdal.OF_READONLY, allowed_drivers=["XLSX", "ODS", "XLS"]
        )
    except RuntimeError:
        return None


def rows_of(layer) -> list[list]:
    """The cells of a sheet as text or None, rows at their places (gaps filled with empty rows)."""
    width = layer.GetLayerDefn().GetFieldCount()
    rows: list[list] = []
    for feature in layer:
        rows.append(
            [
                feature.GetFieldAsString(i) if feature.IsFieldSetAndNotNull(i) else None
                for i in range(width)
            ]
        )
    return rows


def without_empty_end(rows: list[list]) -> list[list]:
    """The rows up to the last that holds something."""
    end = len(rows)
    while end and not filled(rows[end - 1]):
        end -= 1
    return rows[:end]


def quoted(names) -> str:
    """Names in quotation marks, with commas."""
    return ", ".join(f"“{name}”" for name in names)
