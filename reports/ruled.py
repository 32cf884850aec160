"""The findings of rules that hold, as a brief counts them: the last of each subject and rule."""

from __future__ import annotations

from datetime import datetime
from typing import Optional

from ..ledger.geopackage import Ledger
from ..ledger.rulefindings import RuleSubject
from ..model.land import Finding
from ..model.stored_agreement import StoredAgreement


def agreements_of(ledger: Ledger, as_of: Optional[datetime]) -> list[StoredAgreement]:
    """Each agreement by the last version that was recorded, with ``as_of`` by that moment."""
    stored = ledger.records_as_of("agreements", as_of) if as_of else ledger.read("agreements")
    latest: dict[Optional[str], StoredAgreement] = {}
    for version in stored:
        before = latest.get(version.agreement_id)
        if before is None or _is_later(version.recorded_at, before.recorded_at):
            latest[version.agreement_id] = version
    return list(latest.values())


def ruled_findings(
    ledger: Ledger, agreements: list[StoredAgreement], as_of: Optional[datetime]
) -> list[Finding]:
    """The last findings of each subject and rule; with ``as_of`` those assessed by then."""
    if as_of is None:
        return [
            finding
            for agreement in agreements
            for held in ledger.latest_rule_findings(agreement.agreement_id).values()
            for finding in held
            if finding.verdict is not None
        ]
    latest: dict[tuple, list[Finding]] = {}
    for finding in ledger.read("findings"):
        if finding.rule is None or finding.assessed_at is None or finding.assessed_at > as_of:
            continue
        subject = (finding.agreement_id, RuleSubject.of(finding))
        before = latest.get(subject)
        if before and before[0].assessed_at == finding.assessed_at:
            before.append(finding)
        elif not before or finding.assessed_at > before[0].assessed_at:
            latest[subject] = [finding]
    return [item for held in latest.values() for item in held if item.verdict is not None]


def _is_later(moment: Optional[datetime], other: Optional[datetime]) -> bool:
    return moment is not None and (other is None or moment >= other)
