"""Findings of rules: added, never changed; the latest assessment of a subject and rule holds.

The subject is an incident, a sighting, an inspection of a storage site, or a zone's day and party.
One assessment may give several findings (the holder is not known: one for each party); they bear
the same moment. An assessment without a verdict says that the rule concerns the subject no more.
"""

from __future__ import annotations

import json
from string import Template
from typing import Any, Iterable, Iterator, NamedTuple, Optional

from ..model.field import Kind
from ..model.land import Finding
from ..model.tables import FINDINGS
from .connection import Connection, bound
from .counts import WriteCounts
from .findings import signed
from .rows import instant_of, row_of
from .store import write_new
from .upsert import Step, go_through

PAGE = 20_000
_KEPT = [field for field in FINDINGS.fields if not field.name.startswith("flag")]
_INSTANTS = [field.name for field in _KEPT if field.kind is Kind.INSTANT]
# A page comes as one text: GDAL is asked once a page, not once a value.
_READ = Template(
    "SELECT max(fid) + 0 AS last, json_group_array(json_array($columns)) AS page FROM (SELECT * "
    "FROM findings WHERE fid > $last AND rule IS NOT NULL AND agreement_id = $agreement "
    "ORDER BY fid LIMIT $size) AS page_of"
)


class RuleSubject(NamedTuple):
    """What one assessment is about: the subject, and the rule by its code."""

    rule: str
    incident_id: Optional[str] = None
    sighting_id: Optional[str] = None
    site_id: Optional[str] = None
    zone: Optional[str] = None
    party: Optional[str] = None
    period_from: Any = None

    @classmethod
    def of(cls, finding: Finding) -> RuleSubject:
        """The subject of a finding; zone, party and period count for ceilings and sites alone."""
        if finding.incident_id is not None:
            return cls(finding.rule, incident_id=finding.incident_id)
        if finding.sighting_id is not None:
            return cls(finding.rule, sighting_id=finding.sighting_id)
        if finding.site_id is not None:
            return cls(finding.rule, site_id=finding.site_id, period_from=finding.period_from)
        return cls(
            finding.rule, zone=finding.zones, party=finding.party, period_from=finding.period_from
        )


def latest_rule_findings(
    connection: Connection, agreement_id: str
) -> dict[RuleSubject, list[Finding]]:
    """The findings of the latest assessment of each subject and rule of one agreement."""
    if connection.absent.get(FINDINGS.name):
        return {}
    latest: dict[RuleSubject, list[Finding]] = {}
    for finding in _read(connection, agreement_id):
        subject = RuleSubject.of(finding)
        before = latest.get(subject)
        if before and before[0].assessed_at == finding.assessed_at:
            before.append(finding)
        else:
            latest[subject] = [finding]
    return {
        subject: findings
        for subject, findings in latest.items()
        if any(finding.verdict is not None for finding in findings)
    }


def write_rule_findings(
    connection: Connection, findings: Iterable[Finding], step: Optional[Step] = None
) -> WriteCounts:
    """Add findings of rules, inside a transaction of the caller; all of them, as they are given.

    All bear one moment already (``assessed_at``): what is assessed together stands together.
    """
    rows = [row_of(FINDINGS, signed(finding, finding.assessed_at)) for finding in findings]
    go_through(write_new(connection, FINDINGS, rows), step)
    return WriteCounts(added=len(rows))


def _read(connection: Connection, agreement_id: str) -> Iterator[Finding]:
    names = [field.name for field in _KEPT]
    columns = ", ".join(f'"{name}"' for name in names)
    last = 0
    while True:
        sql = bound(
            _READ.safe_substitute(columns=columns, last=str(int(last)), size=str(PAGE)),
            agreement=agreement_id,
        )
        ((last, page),) = connection.rows(sql)
        if last is None:
            return
        for values in json.loads(page):
            finding = Finding(**dict(zip(names, values)))
            for name in _INSTANTS:
                setattr(finding, name, instant_of(getattr(finding, name)))
            yield finding
