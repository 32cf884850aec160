"""A draft to be checked: an agreement's JSON, or a text in which a person marks passages.

``[[timezone: All times are local time.]]`` marks a passage as what the item “timezone” asks for.
Marks may stand in the clauses of an agreement's JSON as well.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, Mapping, Optional, Sequence

from ...model.agreement import Agreement
from ...model.errors import CeasefireError
from ..agreement_checks import check
from ..agreement_problems import Problems, nearest_word
from ..agreement_reading import record_of
from ..agreement_time_checks import check_times

MARK = re.compile(r"\[\[\s*([A-Za-z0-9_.-]+)\s*:(.*?)\]\]", re.DOTALL)
PARAGRAPH = re.compile(r"\n\s*\n")
NUMBERED = re.compile(r"\s*((?:article|clause|section)\s+[\w.()]+|\d+(?:\.\d+)*[.)]?)\s+", re.I)


@dataclasses.dataclass(frozen=True)
class Passage:
    """A part of the draft as it is called, and its words without marks."""

    reference: str
    text: str

    @property
    def called(self) -> str:
        """How a sentence that begins with the passage calls it."""
        if re.match(r"(?:article|clause|section|paragraph)\b", self.reference, re.IGNORECASE):
            return self.reference[:1].upper() + self.reference[1:]
        return f"Clause {self.reference}"


@dataclasses.dataclass
class Draft:
    """A draft's passages, its marks (item's code → references), and what contradicts in it.

    ``agreement`` is None for a text. ``timezone_stated`` says whether the JSON names a zone.
    """

    title: str
    passages: list[Passage]
    marks: dict[str, list[str]]
    agreement: Optional[Agreement] = None
    timezone_stated: bool = True
    problems: list[str] = dataclasses.field(default_factory=list)


def draft_of_text(text: str, name: str, codes: Sequence[str]) -> Draft:
    """The draft in a file's text; ``codes`` are the items that marks may name.

    Raises CeasefireError where a mark names no item, is not closed, or the JSON cannot be read.
    """
    if text.lstrip()[:1] == "{":
        return _of_json(text, name, codes)
    if not text.strip():
        raise CeasefireError(f"“{name}” is empty: there is nothing to check.")
    parts = [part.strip() for part in PARAGRAPH.split(text) if part.strip()]
    called = [(_reference(part, number), part) for number, part in enumerate(parts, 1)]
    passages, marks = _marked(called, codes)
    return Draft(name, passages, marks)


def _of_json(text: str, name: str, codes: Sequence[str]) -> Draft:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CeasefireError(f"“{name}” begins like JSON and is none: {error}.") from None
    told = {key: value for key, value in told.items() if key != "$schema"}
    stated = _state_timezone(told)
    problems = Problems()
    agreement = record_of(Agreement, told, "The agreement", problems)
    problems.raise_if_any()
    called = [
        (clause.reference, "\n".join(filter(None, (clause.title, clause.text))))
        for clause in agreement.clauses
    ]
    passages, marks = _marked(called, codes)
    found = _contradictions_of_reading(agreement)
    return Draft(agreement.title, passages, marks, agreement, stated, found)


def _state_timezone(told: dict[str, Any]) -> bool:
    """Put UTC where no zone is stated, so that the rest can be read; whether one was."""
    timing = told.get("timing")
    timing = dict(timing) if isinstance(timing, Mapping) else {}
    if timing.get("timezone"):
        return True
    told["timing"] = {**timing, "timezone": "UTC"}
    return False


def _contradictions_of_reading(agreement: Agreement) -> list[str]:
    """What the reader of agreements turns down: here it is shown, and the draft is checked on."""
    names, times = Problems(), Problems()
    check(agreement, names)
    try:
        check_times(agreement, times)
    except CeasefireError as error:
        times.sentences.append(str(error))
    return list(dict.fromkeys([*names.sentences, *times.sentences]))


def _marked(called: list[tuple[str, str]], codes: Sequence[str]):
    passages, marks = [], {}
    for reference, text in called:
        for code, _ in MARK.findall(text):
            if code not in codes:
                raise CeasefireError(
                    f"In “{reference}” a passage is marked as “{code}”, which is no item of the "
                    f"checklist{nearest_word(code, codes)}."
                )
            marks.setdefault(code, []).append(reference)
        plain = MARK.sub(lambda match: match.group(2).strip(), text)
        if "[[" in plain:
            raise CeasefireError(
                f"In “{reference}” a mark is not closed: write [[item: passage]], with one mark "
                "not inside another."
            )
        passages.append(Passage(reference, plain))
    return passages, marks


def _reference(part: str, number: int) -> str:
    plain = MARK.sub(lambda match: match.group(2), part)
    numbered = NUMBERED.match(plain)
    return numbered.group(1).rstrip(".)") if numbered else f"paragraph {number}"
