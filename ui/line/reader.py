"""Reads in a task what the panel of lines shows: lines, agreements, what was found by clause."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import datetime
from typing import Any, Callable, Dict, List, Optional, Tuple

from qgis.core import QgsTask
from qgis.PyQt.QtCore import QCoreApplication

from ...model.errors import Cancelled, CeasefireError
from ...processing.ledger.place import ledger_place

ClauseKey = Tuple[str, str]


@dataclasses.dataclass
class LineRow:
    """A contact line as the list shows it; moments are seconds since 1970, None where open."""

    line_id: str
    name: str
    kind: Optional[str]
    left: Optional[str]
    right: Optional[str]
    begin: Optional[float]
    end: Optional[float]
    length_m: Optional[float]
    uncertainty_m: Optional[float]
    source: Optional[str]

    def in_force(self, moment: float) -> bool:
        """Whether it is in force then; an end is excluded."""
        begun = self.begin is None or self.begin <= moment
        return begun and (self.end is None or moment < self.end)


@dataclasses.dataclass
class ClauseFindings:
    """What holding incidents against one clause gave: how many of each verdict, and of which."""

    verdicts: Counter
    incidents: Dict[str, List[str]]


class LinesAndRulesReader(QgsTask):
    """``ended`` gets the reader in the main thread.

    After it: ``lines`` (None where it was stopped), ``stops`` (the moments at which lines change),
    ``agreements`` (id, agreement, or None and why not), ``findings`` by agreement and clause, and
    ``sentence``, which says what could not be read.
    """

    def __init__(self, path: str, ended: Callable[[LinesAndRulesReader], None]):
        super().__init__(
            QCoreApplication.translate("LinesAndRulesReader", "Reading lines and rules"),
            QgsTask.Flag.CanCancel | QgsTask.Flag.Silent | QgsTask.Flag.Hidden,
        )
        self.path = path
        self.lines: Optional[List[LineRow]] = None
        self.stops: List[float] = []
        self.agreements: List[Tuple[str, str, Any]] = []
        self.findings: Dict[ClauseKey, ClauseFindings] = {}
        self.sentence = ""
        self._ended = ended
        self._place = None
        try:
            # What QGIS knows of connections belongs to the main thread.
            self._place = ledger_place(path)
        except CeasefireError as error:
            self.sentence = str(error)

    def run(self):
        if self.sentence:
            self.lines = []
            return True
        try:
            self._read()
        except Cancelled:
            self.lines = None
            return False
        except CeasefireError as error:
            self.sentence = str(error)
        except Exception as error:  # a task that raises takes QGIS down with it
            self.sentence = QCoreApplication.translate(
                "LinesAndRulesReader", "Lines and rules of this ledger could not be read (%1)."
            ).replace("%1", type(error).__name__)
        self.lines = self.lines or []
        return True

    def finished(self, result):
        self._ended(self)

    def _read(self) -> None:
        from ...ledger.opening import open_ledger

        with open_ledger(self._place, readonly=True) as ledger:
            records = ledger.read("contact_lines")
            self._breathe()
            kept = ledger.latest_agreements()
            for code in kept:
                self._take_findings(code, ledger.latest_rule_findings(code))
                self._breathe()
        self.lines = [_row(record) for record in records]
        self.stops = stops_of(self.lines)
        for code, stored in kept.items():
            self.agreements.append((code, stored.title or code, _agreement(stored)))

    def _take_findings(self, code: str, found: dict) -> None:
        for findings in found.values():
            for finding in findings:
                if finding.verdict is None or finding.clause is None:
                    continue
                of_clause = self.findings.setdefault(
                    (code, finding.clause), ClauseFindings(Counter(), {})
                )
                of_clause.verdicts[finding.verdict] += 1
                if finding.incident_id is not None:
                    of_clause.incidents.setdefault(finding.verdict, []).append(finding.incident_id)

    def _breathe(self) -> None:
        if self.isCanceled():
            raise Cancelled("Reading lines and rules was stopped.")


def stops_of(lines: List[LineRow]) -> List[float]:
    """The moments at which a line comes into force or goes out of it, each once, in order."""
    moments = {line.begin for line in lines} | {line.end for line in lines}
    return sorted(moment for moment in moments if moment is not None)


def _row(record) -> LineRow:
    return LineRow(
        record.line_id,
        record.line_name or record.front or record.line_id,
        record.kind,
        record.left_party,
        record.right_party,
        _seconds(record.valid_from),
        _seconds(record.valid_to),
        _length(record.geometry),
        record.uncertainty_m,
        record.source,
    )


def _seconds(moment: Optional[datetime]) -> Optional[float]:
    return None if moment is None else moment.timestamp()


def _length(geometry) -> Optional[float]:
    """The length on the ellipsoid; None where there is no line."""
    if geometry is None or geometry.is_empty:
        return None
    from pyproj import Geod

    return float(Geod(ellps="WGS84").geometry_length(geometry))


def _agreement(stored):
    """The agreement, or the sentence that says why it cannot be read."""
    from ...analysis.agreement_file import agreement_of_text

    try:
        return agreement_of_text(stored.text or "", stored.title or stored.agreement_id)
    except CeasefireError as error:
        return str(error)
