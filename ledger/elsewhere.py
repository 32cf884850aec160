"""Where else in a ledger the text of a value stands: typed there, and so out of an erasure's reach.

Letter case and the way in which accents are composed make no difference.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Iterable, Iterator, Sequence

from ..model.errors import CeasefireError
from .connection import Connection, bound
from .own_tables import PROTECTED_VALUES, RECORD_HISTORY
from .record_triggers import RECORDED, RECORDED_ONCE

# Shorter ones stand in too many words.
SHORTEST = 4
# SQLite takes patterns of 50,000 bytes; the beginning of a longer value tells enough.
LONGEST = 1000
PAYLOAD = "payload"
NAMES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
COLUMNS = "SELECT name FROM pragma_table_info($name) WHERE upper(type) LIKE '%TEXT%'"
# What SQLite, GDAL and the format keep for themselves, and what cannot hold such a text.
NOT_OURS = ("sqlite_", "rtree_", "gpkg_")
PASSED_OVER = (PROTECTED_VALUES, "chain", "ledger_session")
# A row that is only added is counted where it stands, not again in its revision.
_ONCE = ", ".join(f"'{table.name}'" for table in RECORDED_ONCE)
ROWS = {RECORD_HISTORY: f"table_name NOT IN ({_ONCE})"}
COUNT = 'SELECT count(*) FROM "{table}" WHERE {rows} AND ({tests})'


def folded(text: str) -> str:
    """A text without the difference of case and of composed accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def can_be_searched(text: str) -> bool:
    """Whether a text is long enough to mean something where it is found."""
    return len(text.strip()) >= SHORTEST


def rows_elsewhere(connection: Connection, texts: Sequence[str]) -> dict[str, int]:
    """In how many rows one of the texts stands, by table; tables without any are left out.

    Every column of text of every table is searched. Of a record that is edited it is the
    history, which holds its present state too.
    """
    found: dict[str, int] = {}
    texts = [text for text in texts if can_be_searched(text)]
    if not texts:
        return found
    for name in _tables(connection):
        tests = list(_tests(_columns(connection, name), texts))
        if not tests:
            continue
        sql = COUNT.format(
            table=name.replace('"', '""'), rows=ROWS.get(name, "1 = 1"), tests=" OR ".join(tests)
        )
        try:
            ((count,),) = connection.rows(sql)
        except CeasefireError:
            # A table of somebody else's, of a kind that this SQLite cannot read.
            continue
        if count:
            found[name] = count
    return found


def files_named(folder: Path, texts: Iterable[str]) -> int:
    """How many files of a folder have one of the texts in their names."""
    wanted = [folded(text) for text in texts if can_be_searched(text)]
    try:
        names = [folded(path.name) for path in folder.iterdir()]
    except OSError:
        return 0
    return sum(any(text in name for text in wanted) for name in names)


def pattern_of(text: str) -> str:
    """The GLOB pattern of all texts that hold this one in any case."""
    return "*" + "".join(_letter(letter) for letter in text[:LONGEST]) + "*"


def _letter(letter: str) -> str:
    forms = {letter, letter.lower(), letter.upper(), letter.casefold()}
    one = sorted(form for form in forms if len(form) == 1)
    if len(one) > 1 or letter in "*?[":
        return f"[{''.join(one)}]"
    return letter


def _tables(connection: Connection) -> Iterator[str]:
    for (name,) in connection.rows(NAMES):
        if not name.startswith(NOT_OURS) and name not in PASSED_OVER:
            yield name


def _columns(connection: Connection, name: str) -> list[str]:
    """A table's columns of text; of a record's table those that its history does not hold."""
    held = {table.name: set(table.names()) for table in RECORDED}.get(name, set())
    columns = [column for (column,) in connection.rows(bound(COLUMNS, name=name))]
    return [column for column in columns if column not in held]


def _tests(columns: Sequence[str], texts: Sequence[str]) -> Iterator[str]:
    forms = {unicodedata.normalize(form, text).strip() for text in texts for form in ("NFC", "NFD")}
    for column in columns:
        quoted = '"' + column.replace('"', '""') + '"'
        for text in sorted(forms):
            written = {text}
            if column == PAYLOAD:
                written.add(json.dumps(text, ensure_ascii=False)[1:-1])
            for one in sorted(written):
                yield bound(f"{quoted.replace('$', '$$')} GLOB $pattern", pattern=pattern_of(one))
