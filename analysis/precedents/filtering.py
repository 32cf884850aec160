"""Which precedents are asked for: by place, type, mechanism, enforcement, purpose and time."""

from __future__ import annotations

import dataclasses
import json
import operator
import re
from typing import Iterable, Optional

from ...model.errors import CeasefireError
from ...model.precedent import Precedent

NOT_KNOWN = "not_known"
ISSUE = re.compile(r"\s*([A-Za-z]\w*)\s*(?:(>=|<=|=|>|<)\s*(\d+))?\s*")
COMPARES = {
    ">=": operator.ge, "<=": operator.le, "=": operator.eq, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


@dataclasses.dataclass
class Asked:
    """What a precedent has to be; None asks nothing. Words are sought in any case of letters."""

    country: Optional[str] = None
    region: Optional[str] = None
    kind: Optional[str] = None
    purpose: Optional[str] = None
    mechanism: Optional[str] = None
    enforcement: Optional[str] = None
    mediated: Optional[str] = None
    written: Optional[str] = None
    outcome: Optional[str] = None
    first_year: Optional[int] = None
    last_year: Optional[int] = None
    lasted_days: Optional[int] = None
    issues: Optional[str] = None


def chosen(records: Iterable[Precedent], asked: Asked) -> list[Precedent]:
    """The precedents that are surely what is asked for; what is not known about one is no yes.

    ``mechanism``, ``enforcement``, ``mediated`` and ``written`` may be asked as ``not_known``.
    """
    issues = _issues(asked.issues)
    return [record for record in records if _fits(record, asked) and _has(record, issues)]


def _fits(record: Precedent, asked: Asked) -> bool:
    for name in ("country", "region", "kind", "purpose"):
        word = getattr(asked, name)
        if word and word.casefold() not in (getattr(record, name) or "").casefold():
            return False
    for name in ("mechanism", "enforcement", "mediated", "written"):
        word = getattr(asked, name)
        if word and word != (getattr(record, name) or NOT_KNOWN):
            return False
    if asked.outcome and asked.outcome != record.outcome:
        return False
    return _in_time(record, asked)


def _in_time(record: Precedent, asked: Asked) -> bool:
    if asked.first_year is not None and not (
        record.start_from and int(record.start_from[:4]) >= asked.first_year
    ):
        return False
    if asked.last_year is not None and not (
        record.start_to and int(record.start_to[:4]) <= asked.last_year
    ):
        return False
    lasted = record.lasted_from_days
    return asked.lasted_days is None or (lasted is not None and lasted >= asked.lasted_days)


def _issues(told: Optional[str]) -> list[tuple[str, str, int]]:
    """“Ce>=2, SsrArm” as comparisons; a name alone asks for more than 0."""
    found = []
    for part in (told or "").split(","):
        if not part.strip():
            continue
        match = ISSUE.fullmatch(part)
        if match is None:
            raise CeasefireError(
                f"“{part.strip()}” is no issue: write a code of PA-X alone or with a number, such "
                "as “Ce>=2, SsrArm”."
            )
        name, sign, number = match.groups()
        found.append((name.lower(), sign or ">", int(number or 0)))
    return found


def _has(record: Precedent, issues: list[tuple[str, str, int]]) -> bool:
    if not issues:
        return True
    codes = json.loads(record.codes or "{}")
    for name, sign, number in issues:
        value = codes.get(name, 0)
        if not isinstance(value, int) or not COMPARES[sign](value, number):
            return False
    return True
