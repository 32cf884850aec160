"""The printable sheet of a checked draft: contradictions, what is missing, what is there."""

from __future__ import annotations

from collections import Counter
from typing import Mapping, Sequence

from ..model.clause_check import ClauseCheck, State
from .plain_sheet import PlainSheet

# The words of the sheet, which the algorithm hands over in the user's language.
WORDS = (
    "title", "level", "counts", "contradictions", "no_contradictions", "missing_essential",
    "nothing_missing", "all", "item", "state", "found", "why", "precedents", "how_to_read",
    "there", "possibly", "missing", "contradicts", "essential",
)  # fmt: skip


def clauses_sheet(rows: Sequence[ClauseCheck], draft: str, words: Mapping[str, str]) -> str:
    """The sheet as HTML; ``words`` has each of WORDS, ``counts`` with four places to fill."""
    page = PlainSheet(words["title"].replace("%1", draft), words["level"])
    counted = Counter(row.state for row in rows)
    told = words["counts"]
    for place, state in enumerate(
        (State.THERE, State.POSSIBLY, State.MISSING, State.CONTRADICTS), 1
    ):
        told = told.replace(f"%{place}", str(counted[state.value]))
    page.say(told)
    page.heading(words["contradictions"])
    found = [row.found for row in rows if row.state == State.CONTRADICTS.value]
    for number, sentence in enumerate(found, 1):
        page.say(f"{number}. {sentence}")
    if not found:
        page.say(words["no_contradictions"])
    _missing(page, rows, words)
    _all(page, rows, words)
    page.say(words["how_to_read"], small=True)
    return page.html()


def _missing(page: PlainSheet, rows: Sequence[ClauseCheck], words: Mapping[str, str]) -> None:
    page.heading(words["missing_essential"])
    missing = [row for row in rows if row.essential and row.state == State.MISSING.value]
    if not missing:
        page.say(words["nothing_missing"])
        return
    page.table(
        (words["item"], words["why"], words["precedents"]),
        [(row.title, row.why, row.precedents) for row in missing],
    )


def _all(page: PlainSheet, rows: Sequence[ClauseCheck], words: Mapping[str, str]) -> None:
    """Every item, group by group."""
    page.heading(words["all"])
    groups: dict[tuple, list[ClauseCheck]] = {}
    for row in rows:
        if row.item is not None:
            groups.setdefault((row.group_no, row.group_title), []).append(row)
    for (number, title), members in groups.items():
        page.say(f"{number}. {title}")
        page.table(
            (words["item"], words["state"], words["found"], words["why"]),
            [
                (
                    f"{row.title} ({words['essential']})" if row.essential else row.title,
                    words[row.state],
                    row.found,
                    row.why,
                )
                for row in members
            ],
        )
