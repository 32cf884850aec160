"""What holding a party's claim against the observations gives: a proposal that people decide on."""

from __future__ import annotations

import dataclasses
from typing import Optional

from ..model.claim import Claim
from ..model.sound import problem_of
from .claim_candidates import Candidate, Recorded, Tolerances
from .claim_coverage import Observers, PlaceCoverage, coverage_words, percent
from .claim_time import of_whole_day

OBSERVED = "observed"
PARTLY = "partly"
NOT_OBSERVED = "not_observed_with_coverage"
NO_COVERAGE = "no_coverage"
ACCESS_DENIED = "access_denied"
INCONCLUSIVE = "inconclusive"
TOLD = 5
WHOLE_DAY = "The claim tells the day alone, so the whole day was looked at. "


@dataclasses.dataclass(frozen=True)
class Proposal:
    """What is proposed as the finding on a claim, and what it rests on.

    ``share`` (0 to 1) is how much of the alleged place's hours was observed; None where place or
    time was not told. ``coverage`` is that in words, ``reason`` why this finding is proposed.
    """

    claim_id: str
    finding: str
    share: Optional[float]
    coverage: str
    reason: str
    candidates: tuple[Candidate, ...] = ()


def propose(
    claim: Claim,
    recorded: Recorded,
    observers: Observers,
    tolerances: Tolerances,
    least_share: float = 1.0,
) -> Proposal:
    """The finding that the records and that hour's effort bear out.

    Only the mission's own observations make it ``observed`` or ``partly``; what others tell is
    listed. ``not_observed_with_coverage`` needs ``least_share`` of the hours that the alleged time
    touches to have been observed by posts that reach the alleged place. A claim that tells a day
    alone (a beginning at midnight, no end) is held against all of that day. The names of the
    parties play no part.
    """
    if problem_of("claims", claim) is not None:  # which knows its times alone
        return _of_no_time(claim)
    claim, whole_day = of_whole_day(claim, observers.zone)
    candidates = tuple(recorded.candidates(claim, tolerances))
    coverage = _coverage(claim, observers)
    share = None if coverage is None else coverage.share
    finding, reason = _decide(claim, candidates, coverage, least_share)
    return Proposal(
        claim_id=claim.claim_id,
        finding=finding,
        share=share,
        coverage=(WHOLE_DAY if whole_day else "") + _words(claim, coverage, observers),
        reason=reason,
        candidates=candidates,
    )


def candidate_words(candidates: tuple[Candidate, ...]) -> str:
    """The candidates with their distances, the best first; empty where there is none."""
    told = [_told(item) for item in candidates[:TOLD]]
    if len(candidates) > TOLD:
        told.append(f"and {len(candidates) - TOLD} more")
    return "; ".join(told)


def _of_no_time(claim: Claim) -> Proposal:
    """The proposal on a claim that is said to have ended before it began."""
    words = "The claim is said to have ended before it began; no hour can be looked up."
    reason = "The claim is said to have ended before it began: correct its times first."
    return Proposal(claim.claim_id, INCONCLUSIVE, None, words, reason)


def _coverage(claim: Claim, observers: Observers) -> Optional[PlaceCoverage]:
    if claim.alleged_from is None or claim.longitude is None or claim.latitude is None:
        return None
    return observers.coverage(claim.longitude, claim.latitude, claim.alleged_from, claim.alleged_to)


def _decide(claim, candidates, coverage, least_share: float) -> tuple[str, str]:
    own = [item for item in candidates if item.own]
    if any(item.full for item in own):
        return OBSERVED, "The mission's own observation fits in place, time and category."
    placed = [item for item in own if item.placed]
    if placed:
        return PARTLY, f"The mission's own observation fits in part: {', '.join(placed[0].short)}."
    if own:
        return INCONCLUSIVE, f"An own observation may be it, but {', '.join(own[0].short)}."
    if coverage is None:
        missing = "time" if claim.alleged_from is None else "place"
        return INCONCLUSIVE, f"The claim does not tell its {missing} so that it can be looked up."
    return _without_observation(candidates, coverage, least_share)


def _without_observation(candidates, coverage: PlaceCoverage, least: float) -> tuple[str, str]:
    """The finding where the mission itself recorded nothing that fits."""
    enough = coverage.share >= max(least, 1e-9) - 1e-9
    if enough and candidates:
        return INCONCLUSIVE, "The posts observed nothing that fits, but other sources tell of it."
    if enough:
        how = "throughout" if coverage.share >= 1.0 else f"for {percent(coverage.share)}"
        return NOT_OBSERVED, f"The place was observed {how}, and nothing that fits was recorded."
    if coverage.denied:
        return ACCESS_DENIED, "Access was denied or prevented, and nothing that fits was recorded."
    if coverage.share > 0.0:
        seen = percent(coverage.share)
        return INCONCLUSIVE, f"The place was observed for only {seen} of the time."
    if coverage.contradicted:
        return INCONCLUSIVE, "What is recorded of the posts for that time contradicts itself."
    return NO_COVERAGE, "Nobody is known to have been able to observe the place."


def _words(claim: Claim, coverage: Optional[PlaceCoverage], observers: Observers) -> str:
    if coverage is not None:
        return coverage_words(coverage, observers.names, observers.zone)
    if claim.alleged_from is None:
        return "The claim does not tell when; no hour can be looked up."
    return "The claim does not tell where exactly; no post can be held against it."


def _told(item: Candidate) -> str:
    far = "place not known" if item.distance_m is None else f"{item.distance_m:,.0f} m away"
    who = "own observation" if item.own else "another source"
    short = f"; {', '.join(item.short)}" if item.short else ""
    return f"{item.record_id} ({who}, {far}{short})"
