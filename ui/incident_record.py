"""All that a ledger keeps of one incident, read when somebody looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, List, Optional

if TYPE_CHECKING:
    from ..ledger.history import Revision
    from ..model.evidence import Evidence
    from ..model.harm import Link
    from ..model.incident import Incident, Observation
    from ..model.land import Finding


@dataclass
class IncidentRecord:
    """One incident with what stands beside it; ``incident`` is None where it is gone."""

    incident: Optional[Incident] = None
    revisions: List[Revision] = field(default_factory=list)
    links: List[Link] = field(default_factory=list)
    evidence: List[Evidence] = field(default_factory=list)
    findings: List[Finding] = field(default_factory=list)
    observations: List[Observation] = field(default_factory=list)

    def content_changed_since(self, revision: Optional[int]) -> bool:
        """Whether what an incident tells changed after a revision; a review changes none of it."""
        from ..model.review import content_of

        then = [state for state in self.revisions if state.revision == revision]
        if not then:
            return True
        return content_of(then[-1].payload) != content_of(self.revisions[-1].payload)


def read_record(ledger: Any, incident_id: str) -> IncidentRecord:
    """What an open ledger keeps of an incident."""
    found = ledger.read("incidents", ids=[incident_id])
    return IncidentRecord(
        incident=found[0] if found else None,
        revisions=ledger.history(incident_id),
        links=_beside(
            ledger, "links", "WHERE kept.incident_id = $id OR kept.other_id = $id", incident_id
        ),
        evidence=_beside(
            ledger,
            "evidence",
            "WHERE kept.record_table = 'incidents' AND kept.record_id = $id",
            incident_id,
        ),
        findings=latest(
            _beside(
                ledger,
                "findings",
                "WHERE kept.incident_id = $id AND kept.rule IS NOT NULL",
                incident_id,
            )
        ),
        observations=_beside(ledger, "observations", "WHERE kept.incident_id = $id", incident_id),
    )


def latest(findings: List[Finding]) -> List[Finding]:
    """Of the findings of rules those that hold now: of each rule those of its latest assessment.

    A rule that concerns the incident no more has left a finding without a verdict.
    """
    moments: dict = {}
    for finding in findings:
        # They come in the order of writing.
        moments[finding.agreement_id, finding.rule] = finding.assessed_at
    return [
        finding
        for finding in findings
        if finding.verdict is not None
        and moments[finding.agreement_id, finding.rule] == finding.assessed_at
    ]


def _beside(ledger: Any, name: str, condition: str, incident_id: str) -> list:
    """The records of a table that tell of an incident, in the order of writing."""
    from ..ledger.connection import bound
    from ..ledger.rows import record_of
    from ..ledger.schema import RECORDS
    from ..ledger.store import read_rows
    from ..model.tables import table

    rows = read_rows(ledger._connection, table(name), bound(condition, id=incident_id))
    return [record_of(table(name), RECORDS[name], row) for row in rows]
