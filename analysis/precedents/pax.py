"""The PA-X Peace Agreements Database: one row an agreement; versions differ in their columns.

It tells what agreements hold, on issues coded 0 to 3, and not how long ceasefires lasted.
"""

from __future__ import annotations

import json
from typing import Iterable

from ...model.precedent import Precedent, SetAside
from .cells import Row, span_of_cell
from .durations import set_spans

NAME = "PA-X Peace Agreements Database"
CITATION = (
    "Bell and Badanjak (2019): Introducing PA-X: A new peace agreement database and dataset. "
    "Journal of Peace Research 56(3), doi:10.1177/0022343318819123; and the version of PA-X that "
    "the file is of, from https://www.peaceagreements.org."
)
# Columns that say what and where an agreement is; every other whole number codes an issue.
FRAME = {
    "con", "contp", "pp", "ppname", "reg", "agtid", "ver", "agt", "dat", "status", "lgt",
    "n_characters", "agtp", "stage", "stagesub", "part", "thrdpart", "othagr", "loc1iso",
    "loc2iso", "loc1gwno", "loc2gwno", "ucdpcon", "ucdpagr", "pamagr", "cowwar",
}  # fmt: skip


def is_this(columns: Iterable[str]) -> bool:
    """Whether a table has the columns of this data set."""
    return {"agtid", "agt", "dat"} <= {str(name).strip().lower() for name in columns}


def precedents(rows: list[Row]) -> tuple[list[Precedent], list[SetAside]]:
    """The agreements, and the rows set aside."""
    made, aside, seen = [], [], set()
    for row in rows:
        number = row.text("agtid")
        if number is None:
            aside.append(SetAside(row.number, None, "it has no AgtId"))
            continue
        if number in seen:
            aside.append(SetAside(row.number, number, "its AgtId was in an earlier row"))
            continue
        seen.add(number)
        made.append(_precedent(number, row))
    return made, aside


def is_ceasefire(row: Row) -> bool:
    """Whether PA-X calls an agreement a ceasefire, or it has provisions on one."""
    return (row.text("stage") or "").lower() == "cea" or (row.code("ce") or 0) > 0


def _precedent(number: str, row: Row) -> Precedent:
    codes = {
        name: code
        for name in row.names()
        if name not in FRAME and (code := row.code(name) or 0) > 0
    }
    record = Precedent(
        precedent_id=f"pax:{number}",
        dataset=NAME,
        source_id=number,
        precedent_name=row.text("agt"),
        country=row.text("con"),
        region=row.text("reg"),
        parties=row.text("part"),
        kind="/".join(
            each for each in (row.text("agtp"), row.text("stage"), row.text("stagesub")) if each
        )
        or None,
        sided="unilateral" if "unilateral" in (row.text("status") or "").lower() else None,
        purpose="ceasefire" if is_ceasefire(row) else None,
        written="yes",
        codes=json.dumps(codes, sort_keys=True),
        rows=1,
    )
    try:
        set_spans(record, span_of_cell(row.raw("dat")), None)
    except ValueError as error:
        record.note = f"its date “{error}” could not be read"
    return record
