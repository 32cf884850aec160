"""Dates that stand over the bars: agreements that begin and end, lines that change."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import datetime
from enum import Enum
from typing import Dict, Iterable, List, Optional, Tuple

from qgis.PyQt.QtCore import QCoreApplication

from ...model.errors import CeasefireError

LONGEST_LIST = 4


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("TimelineMarks", text)


class MarkKind(Enum):
    """What a mark tells of."""

    AGREEMENT = "agreement"
    LINE = "line"


@dataclasses.dataclass(frozen=True)
class Mark:
    """One moment (seconds since 1970) and what happened then, as sentences."""

    moment: float
    kind: MarkKind
    sentences: Tuple[str, ...]


def marks_of(agreements: Iterable, lines: Iterable) -> List[Mark]:
    """The marks in order of time; what happened at one moment is one mark of each kind."""
    found: Dict[Tuple[float, MarkKind], List[str]] = {}
    for stored in agreements:
        for moment, sentence in _of_agreement(stored):
            found.setdefault((moment.timestamp(), MarkKind.AGREEMENT), []).append(sentence)
    for moment, sentence in _of_lines(lines):
        found.setdefault((moment.timestamp(), MarkKind.LINE), []).append(sentence)
    marks = [
        Mark(moment, kind, tuple(dict.fromkeys(sentences)))
        for (moment, kind), sentences in found.items()
    ]
    return sorted(marks, key=lambda mark: (mark.moment, mark.kind.value))


def _of_agreement(stored) -> Iterable[Tuple[datetime, str]]:
    """When an agreement was signed, began and ended, its suspensions told."""
    from ...analysis.agreement_file import agreement_of_text
    from ...analysis.agreement_moments import moment_start
    from ...analysis.agreement_times import in_force

    title = stored.title or stored.agreement_id or tr("an agreement")
    spans, signed = ((stored.valid_from, stored.valid_to),), None
    try:
        agreement = agreement_of_text(stored.text or "")
        spans = in_force(agreement)
        if agreement.timing.signed_on:
            signed = moment_start(agreement.timing, agreement.timing.signed_on)
    except CeasefireError:
        # A version of another format: the ledger's own columns tell the rest.
        signed = None
    if signed is not None:
        yield signed, tr("Signed on this day: %1").replace("%1", title)
    for start, end in spans:
        if start is not None:
            yield start, tr("In force from here: %1").replace("%1", title)
        if end is not None:
            yield end, tr("No longer in force from here: %1").replace("%1", title)


def _of_lines(lines: Iterable) -> Iterable[Tuple[datetime, str]]:
    """When lines came into force and went out of it, many of one moment told together."""
    begun, ended = Counter(), Counter()
    names: Dict[Tuple[datetime, bool], List[str]] = {}
    for line in lines:
        for moment, which, starts in (
            (line.valid_from, begun, True),
            (line.valid_to, ended, False),
        ):
            if moment is None:
                continue
            which[moment] += 1
            names.setdefault((moment, starts), []).append(line.line_name or line.line_id)
    for moment in begun:
        yield moment, _told(tr("Line in force from here: %1"), names[moment, True])
    for moment in ended:
        if _same(names[moment, False], names.get((moment, True))):
            # The same line goes on in another course: its beginning says so.
            continue
        yield moment, _told(tr("Line no longer in force from here: %1"), names[moment, False])


def _same(ended: List[str], begun: Optional[List[str]]) -> bool:
    return begun is not None and set(ended) <= set(begun)


def _told(sentence: str, names: List[str]) -> str:
    names = sorted(set(names))
    listed = ", ".join(names[:LONGEST_LIST])
    if len(names) > LONGEST_LIST:
        listed = tr("%1 and %2 others").replace("%1", listed)
        listed = listed.replace("%2", str(len(names) - LONGEST_LIST))
    return sentence.replace("%1", listed)
