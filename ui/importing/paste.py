"""Rows copied from a spreadsheet, as a file that the import can read."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import List

from ...model.errors import CeasefireError

SOURCE = "pasted"


def rows_of(text: str) -> List[List[str]]:
    """The cells of copied text: tabs as a spreadsheet writes them, else commas or semicolons.

    Raises CeasefireError where there is no table.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        raise CeasefireError(
            "The clipboard holds no rows: copy them in the spreadsheet, then paste again."
        )
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter_of(text)))
    width = max(len(row) for row in rows)
    if width < 2:
        raise CeasefireError(
            "The clipboard holds text that is not a table: copy rows of at least two columns in "
            "the spreadsheet, then paste again."
        )
    return [row + [""] * (width - len(row)) for row in rows]


def delimiter_of(text: str) -> str:
    """What parts the cells: the first of tab, semicolon and comma that the text holds."""
    return next((one for one in "\t;," if one in text), "\t")


def has_header(row: List[str]) -> bool:
    """Whether a first row names columns: no numbers or dates, and a name that a preset knows."""
    from ...feeds.presets import PRESETS
    from ...feeds.table import plain_name

    filled = [cell for cell in row if cell.strip()]
    if not filled or any(cell.strip()[0].isdigit() for cell in filled):
        return False
    known = {
        plain_name(name)
        for preset in PRESETS.values()
        for names in preset.columns.values()
        for name in names
    }
    return any(plain_name(cell) in known for cell in filled)


def write_rows(text: str, folder: Path) -> Path:
    """Write copied text to a file of its own in ``folder``, and return its path.

    Rows without a header get “Column 1”, “Column 2” …, so that row 1 stays row 1. The same text
    gives the same file. Only the user may read it.
    """
    import hashlib

    rows = rows_of(text)
    if not has_header(rows[0]):
        rows.insert(0, [f"Column {number}" for number in range(1, len(rows[0]) + 1)])
    made = io.StringIO()
    csv.writer(made, delimiter="\t", lineterminator="\n").writerows(rows)
    content = made.getvalue().encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pasted-{hashlib.sha256(content).hexdigest()[:12]}.tsv"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    return path
