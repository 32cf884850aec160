"""One run of ``checkrules``: its findings, those that still hold, and where both are written."""

from __future__ import annotations

import collections
from datetime import datetime
from typing import Any, Optional

from ...model.errors import Cancelled
from .findingsink import FindingSink
from .ruleledger import gone_of, new_of, records_of
from .rulematerial import RuleMaterial


class RuleRun:
    """What one run found; ``now`` is the moment of all its assessments."""

    def __init__(self, material: RuleMaterial, now: datetime):
        self.material, self.now = material, now
        self.notes: list[str] = []
        self.rechecked = self.unchanged = 0
        self._made: list[tuple[list, Any, Any]] = []
        self._held: list[tuple[list, list, list]] = []
        self._verdicts: collections.Counter = collections.Counter()

    def prints(self, theatre) -> Optional[dict]:
        """What the ledger's assessments of these subjects rested on; None without a ledger."""
        if self.material.known is None:
            return None
        return self.material.known.prints(theatre.subjects.are_sightings)

    def add(self, theatre, checked) -> None:
        """Take in what was found of one theatre's subjects."""
        found = checked.findings
        records = list(records_of(found, self.now))
        self._made.append((records, found.lon, found.lat))
        self._verdicts.update(record.verdict for record in records)
        self.rechecked += len(
            {
                (each.rule, each.incident_id, each.sighting_id, each.site_id, each.period_from)
                for each in records
            }
        )
        self.unchanged += len(checked.unchanged)
        self.notes += [note for note in checked.notes if note not in self.notes]
        self._hold(theatre, checked.unchanged)

    def _hold(self, theatre, unchanged: set) -> None:
        """Findings of the ledger that still hold, where their subjects lie now."""
        if not unchanged:
            return
        subjects = theatre.subjects
        held = self.material.known.still_holding(unchanged, subjects.are_sightings)
        rows = {identifier: row for row, identifier in enumerate(subjects.identifier)}
        at = [rows[each.sighting_id or each.incident_id] for each in held]
        self._held.append((held, subjects.place.lon[at].tolist(), subjects.place.lat[at].tolist()))
        self._verdicts.update(record.verdict for record in held)

    def count(self, verdict: str) -> int:
        """How many findings have that verdict."""
        return self._verdicts[verdict]

    def total(self) -> int:
        """How many findings there are."""
        return sum(self._verdicts.values())

    def write_output(self, algorithm, outputs, feedback) -> dict:
        """Write all findings, new and still holding."""
        sink = FindingSink(algorithm, outputs, feedback)
        for records, lon, lat in (*self._made, *self._held):
            sink.write(records, lon, lat)
        feedback.setProgress(80.0)
        return {algorithm.OUTPUT: sink.destination}

    def write_ledger(self, feedback) -> None:
        """Keep the agreement and what is new in the ledger."""
        from ..ledger.place import open_place

        material = self.material
        made = [record for records, _, _ in self._made for record in records]
        held = [record for records, _, _ in self._held for record in records]
        subjects = [theatre.subjects for theatre in material.theatres]
        new = new_of(made, material.known)
        gone = gone_of(material.known, made, held, subjects, self.now)

        def look():
            if feedback.isCanceled():
                raise Cancelled("Stopped; nothing was written.")

        with open_place(material.ledger) as ledger:
            if material.record is not None:
                ledger.write_records("agreements", [material.record], None, "rules were checked")
            counts = ledger.write_rule_findings([*new, *gone], look)
        feedback.pushInfo(
            f"Findings in the ledger: {counts.added - len(gone):,} new, {len(gone):,} that hold no "
            f"more, {len(made) + len(held) - len(new):,} unchanged."
        )
