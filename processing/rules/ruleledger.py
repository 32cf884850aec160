"""Findings of rules and the ledger: what still holds, what is new, and what holds no more."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Iterator

from ...model.land import Finding
from ...model.tables import RULE_FIELDS

NO_MORE = "The rule no longer concerns this: an earlier finding holds no more."


@dataclasses.dataclass
class KnownFindings:
    """The latest findings of one agreement in the ledger, by subject and rule."""

    latest: dict

    @classmethod
    def read(cls, ledger, agreement_id: str) -> KnownFindings:
        """Those that an open ledger holds."""
        return cls(ledger.latest_rule_findings(agreement_id))

    def prints(self, are_sightings: bool) -> dict[tuple[str, str], str]:
        """What each assessment of an incident or sighting rested on, by rule and subject id."""
        told = {}
        for subject, findings in self.latest.items():
            identifier = subject.sighting_id if are_sightings else subject.incident_id
            if identifier is not None:
                told[subject.rule, identifier] = findings[0].rests_on
        return told

    def still_holding(self, unchanged: set, are_sightings: bool) -> list[Finding]:
        """The findings of assessments that rest on the same as before."""
        held = []
        for subject, findings in self.latest.items():
            identifier = subject.sighting_id if are_sightings else subject.incident_id
            if identifier is not None and (subject.rule, identifier) in unchanged:
                held += findings
        return held


def records_of(findings, now: datetime) -> Iterator[Finding]:
    """Findings of a run as the model's records, assessed at one moment."""
    columns = [_values(findings, field.name) for field in RULE_FIELDS]
    names = [field.name for field in RULE_FIELDS]
    for row in range(len(findings)):
        values = {name: column[row] for name, column in zip(names, columns)}
        yield Finding(assessed_at=now, **values)


def _values(findings, name: str) -> list:
    """One column as Python's values: NaN and NaT as None, whole numbers whole."""
    import numpy as np

    from ...analysis.utc import utc_datetime

    column = getattr(findings, name)
    if column.dtype.kind == "M":
        different, back = np.unique(column, return_inverse=True)
        told = [utc_datetime(moment) for moment in different]
        return [told[number] for number in back.tolist()]
    if column.dtype.kind != "f":
        return column.tolist()
    whole = name.startswith(("counted", "limit_count")) or name == "incident_revision"
    return [None if value != value else int(value) if whole else value for value in column.tolist()]


def new_of(records: list[Finding], known: KnownFindings) -> list[Finding]:
    """The records that are not in the ledger with the same fingerprint already."""
    groups: dict[Any, list[Finding]] = {}
    for record in records:
        groups.setdefault(_subject(record), []).append(record)
    new = []
    for subject, findings in groups.items():
        before = {finding.rests_on for finding in known.latest.get(subject, ())}
        if {finding.rests_on for finding in findings} != before:
            new += findings
    return new


def gone_of(
    known: KnownFindings, records: list[Finding], held: list[Finding], subjects: list, now
) -> list[Finding]:
    """What says of earlier findings on these subjects that the rule concerns them no more."""
    there = {_subject(finding) for finding in (*records, *held)}
    incidents = {each for one in subjects if not one.are_sightings for each in one.identifier}
    sightings = {each for one in subjects if one.are_sightings for each in one.identifier}
    gone = []
    for subject, findings in known.latest.items():
        mine = subject.incident_id in incidents if subject.incident_id else False
        mine = mine or (subject.sighting_id in sightings if subject.sighting_id else False)
        if mine and subject not in there:
            last = findings[0]
            gone.append(
                Finding(
                    incident_id=last.incident_id,
                    sighting_id=last.sighting_id,
                    agreement_id=last.agreement_id,
                    clause=last.clause,
                    rule=last.rule,
                    assessed_at=now,
                    finding=NO_MORE,
                )
            )
    return gone


def _subject(finding: Finding):
    from ...ledger.rulefindings import RuleSubject

    return RuleSubject.of(finding)


def now_utc() -> datetime:
    """The moment of a run's assessments, to the millisecond as the ledger keeps it."""
    now = datetime.now(timezone.utc)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
