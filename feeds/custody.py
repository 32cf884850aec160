"""What file a table was: its SHA-256, taken without touching what a database has open."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .table import RawTable, cell_text

DATABASES = {".gpkg", ".sqlite", ".db", ".gpkx"}
CHUNK = 1 << 20


def sha256_of(table: RawTable) -> str:
    """The SHA-256 of the file the table was read from, in hexadecimal digits.

    For layers and databases (opening their file beside SQLite would drop its locks) it is that of
    the columns and cells, joined by the control signs of units and records.
    """
    path = Path(table.path) if table.path else None
    if path is not None and path.suffix.lower() not in DATABASES and path.is_file():
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                digest.update(chunk)
        return digest.hexdigest()
    digest = hashlib.sha256("\x1f".join(table.columns).encode("utf-8"))
    for row in table.rows:
        line = "\x1f".join(cell_text(cell) or "" for cell in row)
        digest.update(b"\x1e" + line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
