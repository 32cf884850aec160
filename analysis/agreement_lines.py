"""Which contact lines an agreement means by a line it names, and whose side is which."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Optional

import numpy as np

from ..model.agreement import Agreement, NamedLine
from ..model.errors import CeasefireError
from .agreement_times import line_moment
from .contact_line import LineColumns, prepare_lines
from .utc import instants

MOST = 8


def meant(line: NamedLine, columns: LineColumns) -> np.ndarray:
    """The lines, of whatever date, that fit the kind, name and front stated (a mask)."""
    mask = np.ones(len(columns), dtype=bool)
    for stated, values in (
        (line.kind, columns.kind),
        (line.line_name, columns.line_name),
        (line.front, columns.front),
    ):
        if stated:
            wanted = stated.strip().casefold()
            mask &= np.array(
                [str(value or "").strip().casefold() == wanted for value in values], dtype=bool
            )
    return mask


def valid_at(columns: LineColumns, moment: datetime) -> np.ndarray:
    """The lines in force at a moment (aware), as a mask; open ends hold for ever."""
    at = instants([moment])[0]
    begun = np.isnat(columns.valid_from) | (columns.valid_from <= at)
    return begun & (np.isnat(columns.valid_to) | (at < columns.valid_to))


def lines_meant(
    agreement: Agreement,
    line: NamedLine,
    columns: LineColumns,
    moment: datetime,
    notes: Optional[list[str]] = None,
) -> LineColumns:
    """The contact lines that a named line means at a moment, or at its own fixed date.

    Lines that cannot be used (no length, no line) are left out, which ``notes`` say. Raises
    CeasefireError with the reason where no line is left.
    """
    at = line_moment(agreement, line) or moment
    fitting = meant(line, columns)
    chosen = fitting & valid_at(columns, at)
    if not chosen.any():
        when = "then" if fitting.any() else "at any time"
        raise CeasefireError(
            f"no contact line for “{line.title}” ({_asked(line)}) is in force "
            f"{when}{_dated(line)}; {_there_are(columns)}"
        )
    kinds = sorted({str(kind or "none") for kind in columns.kind[chosen]})
    if len(kinds) > 1:
        raise CeasefireError(
            f"lines of several kinds fit “{line.title}” ({', '.join(kinds)}); say its “kind” in "
            "the agreement"
        )
    prepared = prepare_lines(dataclasses.replace(columns.take(chosen), kind=None))
    if notes is not None:
        notes += [note for note in prepared.notes if note not in notes]
    return prepared.columns


def side_parties(agreement: Agreement, columns: LineColumns) -> tuple[np.ndarray, np.ndarray]:
    """The codes of the agreement's parties left and right of each line; None where not told."""
    return tuple(
        np.array(
            [party.code if party else None for party in map(agreement.party, names)] or [None],
            dtype=object,
        )[: len(columns)]
        for names in (columns.left_party, columns.right_party)
    )


def left_out(
    agreement: Agreement, line: NamedLine, columns: LineColumns, party: Optional[str]
) -> Optional[str]:
    """In words: the lines that give a party no band because a side names none of the parties.

    ``columns`` are the lines that ``line`` means. None where there is no such line, or where the
    band is drawn on both sides (no ``party``), for which names do not matter.
    """
    if party is None:
        return None
    told = []
    sides = zip(*side_parties(agreement, columns), columns.left_party, columns.right_party)
    for index, (left, right, left_name, right_name) in enumerate(sides):
        strange = (left_name and left is None) or (right_name and right is None)
        if party not in (left, right) and (strange or (left is None and right is None)):
            called = columns.line_name[index] or columns.label[index]
            told.append(f"“{called}” (left {_quoted(left_name)}, right {_quoted(right_name)})")
    if not told:
        return None
    more = f" and {len(told) - MOST} more" if len(told) > MOST else ""
    return (
        f"The band of “{agreement.find('parties', party).name}” along “{line.title}” leaves out "
        f"{', '.join(told[:MOST])}{more}: a side is named as none of the agreement's parties. "
        "Where one of them is meant, add the name to its “aliases” in the agreement, or correct "
        "left_party and right_party."
    )


def side_names(columns: LineColumns) -> str:
    """In words: the parties that lines name on their sides, as written in the layer."""
    return _listed([name for name in (*columns.left_party, *columns.right_party) if name]) or "none"


def _quoted(name: Optional[str]) -> str:
    return f"“{name}”" if name else "not given"


def _asked(line: NamedLine) -> str:
    stated = (("kind", line.kind), ("name", line.line_name), ("front", line.front))
    return ", ".join(f"{what} “{value}”" for what, value in stated if value) or "of any kind"


def _dated(line: NamedLine) -> str:
    return f" (as of {line.as_of})" if line.as_of else ""


def _there_are(columns: LineColumns) -> str:
    """What the layer has instead: its kinds and names, a few of them."""
    if len(columns) == 0:
        return "there are no contact lines"
    told = [
        f"{what} {_listed(values)}"
        for what, values in (("kinds", columns.kind), ("names", columns.line_name))
    ]
    return "the layer has these " + " and these ".join(told)


def _listed(values, most: int = 6) -> str:
    named = sorted({f"“{value}”" if value else "none" for value in values})
    return ", ".join(named[:most]) + (" and more" if len(named) > most else "")


def named_line(agreement: Agreement, code: str) -> Optional[NamedLine]:
    """The agreement's line of that code, or None."""
    return agreement.find("lines", code)
