"""The parties' claims of a period with their answers, for the joint commission.

All parties are treated alike: what is printed, and in which order, depends on when claims came in
and never on who made them. "Not observed" is never printed without the observation beside it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import datetime, tzinfo
from typing import Iterable, Optional

from ..model.claim import Claim
from ..model.sensitivity import level_of
from ..model.vocabulary import label
from .plain_sheet import PlainSheet
from .release import Release, sheet_level

NOT_OBSERVED = "not_observed_with_coverage"
WITHHELD = "withheld: the observation of that hour is not recorded"
NOT_TOLD = "party not told"
NO_DATE = "no date set"
COLUMNS = (
    "No.",
    "Claim",
    "Party",
    "Received",
    "Alleged time",
    "Alleged place",
    "What is alleged",
    "Answer due",
    "State",
    "Response",
    "Finding",
    "Observation of that hour",
)


@dataclasses.dataclass(frozen=True)
class ClaimLine:
    """One claim as it is printed; ``state`` is answered, due, overdue or no date set."""

    number: int
    claim: Claim
    state: str
    finding: str
    coverage: str


def claim_lines(claims: Iterable[Claim], now: datetime) -> list[ClaimLine]:
    """The claims in the order in which they were received, with what became of each."""
    ordered = sorted(
        claims, key=lambda item: (item.received_at is None, item.received_at or now, item.claim_id)
    )
    return [
        ClaimLine(number, item, state_of(item, now), finding_words(item), item.coverage or "")
        for number, item in enumerate(ordered, start=1)
    ]


def state_of(claim: Claim, now: datetime) -> str:
    """Whether a claim is answered, or its answer due or overdue."""
    if claim.answered_at is not None:
        late = claim.due_at is not None and claim.answered_at > claim.due_at
        return "answered late" if late else "answered"
    if claim.due_at is None:
        return NO_DATE
    return "overdue" if claim.due_at < now else "due"


def finding_words(claim: Claim) -> str:
    """The finding in words; "not observed" only where the observation stands beside it."""
    if claim.finding == NOT_OBSERVED and not (claim.coverage or "").strip():
        return WITHHELD
    return label("claim_findings", claim.finding or "under_review")


def parties_in_order(lines: Iterable[ClaimLine]) -> list[str]:
    """The parties, in the order of the first claim of each."""
    return list(dict.fromkeys(line.claim.party or NOT_TOLD for line in lines))


def claims_in(claims: Iterable[Claim], release: Release) -> tuple[list[Claim], int]:
    """The claims that a release level may show, and how many it may not."""
    claims = list(claims)
    told = [item for item in claims if release.shows(level_of("claims", item.sensitivity))]
    return told, len(claims) - len(told)


def claims_sheet(
    lines: list[ClaimLine],
    start: datetime,
    end: datetime,
    zone: tzinfo,
    now: datetime,
    title: str,
    release: Release = Release.RESTRICTED,
    left_out: int = 0,
) -> PlainSheet:
    """The list as a sheet; ``left_out`` claims are not for its release level."""
    sheet = PlainSheet(title, sheet_level(release))
    sheet.say(
        f"Claims received from {_moment(start, zone)} to {_moment(end, zone)} ({zone}); "
        f"as of {_moment(now, zone)}."
    )
    if left_out:
        claims = "claim is" if left_out == 1 else "claims are"
        sheet.say(f"{left_out:,} {claims} left out at this release level.")
    if not lines and not left_out:
        sheet.say("No claim was received in this period.")
    if not lines:
        return sheet
    sheet.heading("By party")
    sheet.table(*_by_party(lines))
    sheet.heading("Claims")
    sheet.table(COLUMNS, [_row(line, zone) for line in lines])
    sheet.say(
        "A claim is what a party alleges; listing it says nothing about its truth. Claims stand in "
        "the order in which they were received. A finding says what the mission's own observation "
        "bears out, beside what could be observed in that hour; it attributes nothing to anybody.",
        small=True,
    )
    return sheet


def _by_party(lines: list[ClaimLine]) -> tuple[list[str], list[list]]:
    found = list(dict.fromkeys(line.finding for line in lines))
    order = [label("claim_findings", code) for code in _codes()] + [WITHHELD]
    found.sort(key=lambda words: order.index(words) if words in order else len(order))
    rows = []
    for party in parties_in_order(lines):
        own = [line for line in lines if (line.claim.party or NOT_TOLD) == party]
        answered = sum(line.claim.answered_at is not None for line in own)
        overdue = sum(line.state == "overdue" for line in own)
        findings = Counter(line.finding for line in own)
        rows.append([party, len(own), answered, overdue, *(findings[name] for name in found)])
    return ["Party", "Received", "Answered", "Overdue", *(_capital(name) for name in found)], rows


def _row(line: ClaimLine, zone: tzinfo) -> list:
    claim = line.claim
    return [
        line.number,
        claim.claim_id,
        claim.party or NOT_TOLD,
        _moment(claim.received_at, zone)
        + (f", {claim.received_how}" if claim.received_how else ""),
        alleged_time(claim, zone),
        claim.place,
        claim.original_text or label("categories", claim.category),
        _moment(claim.due_at, zone),
        _capital(line.state),
        claim.response,
        _capital(line.finding),
        line.coverage,
    ]


def alleged_time(claim: Claim, zone: tzinfo) -> str:
    """When a claim says that it happened, in local time."""
    if claim.alleged_from is None:
        return "not told"
    start = _moment(claim.alleged_from, zone)
    if claim.alleged_to is None or claim.alleged_to == claim.alleged_from:
        return start
    return f"{start} to {_moment(claim.alleged_to, zone)}"


def _moment(moment: Optional[datetime], zone: tzinfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _codes() -> list[str]:
    from ..model.vocabulary import vocabulary

    return list(vocabulary("claim_findings"))
