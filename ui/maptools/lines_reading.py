"""Contact lines and clauses of a ledger, read in a task and then asked at every move."""

from __future__ import annotations

from datetime import datetime
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from qgis.core import QgsTask
from qgis.PyQt.QtCore import QCoreApplication

from ...model.errors import CeasefireError
from ...processing.ledger.place import ledger_place

KINDS = ("agreed", "de_facto", "marked", "claimed", "historical", None)


class Found(NamedTuple):
    """What one place has to the nearest line in force: metres, words, and the foot (degrees)."""

    line: str
    distance_m: float
    side: str
    chainage_m: float
    uncertainty_m: Optional[float]
    foot: Tuple[float, float]


class LinesReader(QgsTask):
    """Reads a ledger's lines and agreements; ``ended`` gets the reader, in the main thread.

    After it: ``kinds``, a snapshot of the lines of each kind, and ``agreements``, titles with their
    clauses; or ``sentence``, which says why not.
    """

    def __init__(self, path: str, ended: Callable[[LinesReader], None]):
        super().__init__(
            QCoreApplication.translate("LinesReader", "Reading the contact lines"),
            QgsTask.Flag.CanCancel | QgsTask.Flag.Silent | QgsTask.Flag.Hidden,
        )
        self.path = path
        self.kinds: Dict[Optional[str], object] = {}
        self.agreements: List[tuple] = []
        self.sentence = ""
        self._ended = ended
        self._place = None
        try:
            # What QGIS knows of connections belongs to the main thread.
            self._place = ledger_place(path)
        except CeasefireError as error:
            self.sentence = str(error)

    def run(self):
        try:
            self._read()
        except CeasefireError as error:
            self.sentence = str(error)
        except Exception as error:  # a task that raises takes QGIS down with it
            self.sentence = QCoreApplication.translate(
                "LinesReader", "The contact lines of this ledger could not be read (%1)."
            ).replace("%1", type(error).__name__)
        return not self.sentence

    def finished(self, result):
        self._ended(self)

    def measure(self, place, moment: datetime, kind: Optional[str]) -> Optional[Found]:
        """The nearest line of a kind in force at a moment (aware); None where none was."""
        from ...analysis.chainage_place import place_at

        snapshot = self.kinds.get(kind)
        if snapshot is None:
            return None
        found = snapshot.measured(place.x(), place.y(), snapshot.among(moment))
        if found is None:
            return None
        columns = snapshot.lines.columns
        name = columns.line_name[found.line] or columns.label[found.line]
        within = float(columns.uncertainty_m[found.line])
        return Found(
            name,
            found.distance_m,
            found.side,
            found.chainage_m,
            None if within != within else within,
            place_at(snapshot.lines.lines[found.line], found.chainage_m),
        )

    def clauses(self, place, moment: datetime, category: str) -> List[str]:
        """References of the clauses that cover such an act there and then, and how surely."""
        named = []
        for title, clauses in self.agreements:
            for reference, sure in clauses.covering(place.x(), place.y(), category, moment):
                told = reference if sure else self._possibly().replace("%1", reference)
                named.append(told if len(self.agreements) == 1 else f"{title} {told}")
        return named

    def _possibly(self) -> str:
        return QCoreApplication.translate("LinesReader", "%1 (possibly)")

    def _read(self) -> None:
        # What reads and measures is loaded when it is first needed, not with QGIS.
        from ...ledger.opening import open_ledger
        from ...processing.line.linesource import lines_of_records

        if self.sentence:
            raise CeasefireError(self.sentence)
        with open_ledger(self._place, readonly=True) as ledger:
            zone = ledger.settings().get("timezone") or "UTC"
            records = ledger.read("contact_lines")
            zones, sites = ledger.read("zones"), ledger.read("sites")
            texts = ledger.latest_agreements()
        columns = lines_of_records(records) if records else None
        if columns is not None:
            self._prepare(columns, zone)
        self._take_agreements(texts, columns, zones, sites)

    def _prepare(self, columns, zone: str) -> None:
        from ...analysis.contact_line import prepare_lines
        from ...analysis.flag_sentences import zone_of
        from ...processing.expressions.line_snapshot import LineSnapshot

        for kind in KINDS:
            chosen = [index for index, value in enumerate(columns.kind) if value == kind]
            if not chosen or self.isCanceled():
                continue
            try:
                lines = prepare_lines(columns.take(chosen))
            except CeasefireError:
                # None of this kind can be measured against; the panel of lines says why.
                continue
            # Places come in degrees already: no transformation is needed.
            self.kinds[kind] = LineSnapshot.of(lines, zone_of(zone), None)

    def _take_agreements(self, texts, columns, zones, sites) -> None:
        from ...analysis.agreement_file import agreement_of_text
        from ...analysis.clauses_at import ClausesAt
        from ...processing.expressions.agreement_reading import given_zones, site_points

        for identifier, kept in texts.items():
            title = kept.title or identifier
            agreement = agreement_of_text(kept.text or "", title)
            clauses = ClausesAt(agreement, columns, given_zones(zones), site_points(sites))
            self.agreements.append((title, clauses))
