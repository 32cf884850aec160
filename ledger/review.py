"""Reviewing incidents: many at once, one revision each, within what may follow what.

Works on an open ledger of either kind through its public methods alone.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Callable, Iterable, Optional

from ..model.errors import CeasefireError
from ..model.review import (
    BEGINNINGS,
    VOCABULARIES,
    Authors,
    Review,
    content_of,
    four_eyes_refusal,
    is_listed,
    last_listed,
    refusal_of,
)
from ..model.vocabulary import vocabulary
from .reviewsettings import four_eyes

Step = Callable[[], None]


@dataclasses.dataclass
class ReviewOutcome:
    """What a review did: ids that were reviewed, that were so already, and refused ones with why.

    ``unsigned`` are those reviewed of which nobody signed the first revision or the last change of
    content, so that the four-eyes rule could not be held against anybody; empty where it is off.
    """

    reviewed: list[str] = dataclasses.field(default_factory=list)
    unchanged: list[str] = dataclasses.field(default_factory=list)
    refused: dict[str, str] = dataclasses.field(default_factory=dict)
    unsigned: list[str] = dataclasses.field(default_factory=list)


def review_incidents(
    ledger: Any,
    ids: Iterable[str],
    review: Review,
    who: Optional[str],
    why: str,
    partly: bool = False,
    step: Optional[Step] = None,
) -> ReviewOutcome:
    """Give a review to incidents: all of them, or with ``partly`` those that may have it.

    Each gets one revision, signed by ``who`` with the reason ``why``. Where one is refused and
    ``partly`` is False nothing is written; the outcome then has the reasons and nothing reviewed.
    CeasefireError where the review itself is wrong: no reason, no field, a code that is no code.
    """
    why = (why or "").strip()
    who = (who or "").strip() or None
    _refuse_what_is_wrong(review, why)
    wanted = list(dict.fromkeys(ids))
    states = ledger.review_states(wanted)
    rule = four_eyes(ledger.settings())
    outcome = ReviewOutcome()
    open_ones = []
    for identifier in wanted:
        state = states.get(identifier)
        if state is None:
            outcome.refused[identifier] = "the ledger has no such incident."
        elif _is_so(state, review):
            outcome.unchanged.append(identifier)
        else:
            open_ones.append(identifier)
    pasts = _pasts(ledger, open_ones, states, review, rule)
    for identifier in open_ones:
        _consider(identifier, states[identifier], review, who, rule, pasts, outcome)
    if outcome.refused and not partly:
        return ReviewOutcome(refused=outcome.refused)
    if outcome.reviewed:
        ledger.write_review(outcome.reviewed, review.given(), who, why, step)
    return outcome


@dataclasses.dataclass(frozen=True)
class _Past:
    """What the history of an incident tells a review: its authors, and its last listed codes."""

    authors: Authors
    stood: dict[str, Optional[str]]


def _pasts(
    ledger: Any, ids: list[str], states: dict[str, Review], review: Review, rule: bool
) -> dict[str, _Past]:
    """The pasts of those incidents of which they are needed, by id."""
    needed = [
        identifier
        for identifier in ids
        if (rule and review.confirms(states[identifier])) or not _known(states[identifier])
    ]
    return {
        identifier: _past_of(revisions) for identifier, revisions in ledger.signed_states(needed)
    }


def _known(state: Review) -> bool:
    return all(is_listed(field, getattr(state, field)) for field in BEGINNINGS)


def _past_of(revisions: list[tuple[Optional[str], Optional[str]]]) -> _Past:
    """The past of an incident from its revisions in order: who signed, and the state's text."""
    first, last = revisions[0][0], revisions[0][0]
    told = [json.loads(text) for _, text in revisions if text is not None]
    for before, after, (who, _) in zip(told, told[1:], revisions[1:]):
        if content_of(before) != content_of(after):
            last = who
    stood = {
        field: last_listed(field, [state.get(field) for state in told]) for field in BEGINNINGS
    }
    return _Past(Authors(first, last), stood)


def _consider(
    identifier: str,
    state: Review,
    review: Review,
    who: Optional[str],
    rule: bool,
    pasts: dict[str, _Past],
    outcome: ReviewOutcome,
) -> None:
    """Put one incident among the refused or the reviewed."""
    past = pasts.get(identifier, _Past(Authors(), {}))
    reason = refusal_of(state, review, past.stood)
    if reason is None and rule and review.confirms(state):
        reason = four_eyes_refusal(past.authors, who)
        if reason is None and not past.authors.known:
            outcome.unsigned.append(identifier)
    if reason is not None:
        outcome.refused[identifier] = reason
        return
    outcome.reviewed.append(identifier)


def _is_so(record: Any, review: Review) -> bool:
    return all(getattr(record, field) == code for field, code in review.given().items())


def _refuse_what_is_wrong(review: Review, why: str) -> None:
    given = review.given()
    if not given:
        raise CeasefireError(
            "Nothing is to be set: choose a verification, a workflow, a reliability, a "
            "credibility or a sensitivity."
        )
    if not why:
        raise CeasefireError("A review needs its reason: say why.")
    for field, code in given.items():
        codes = vocabulary(VOCABULARIES[field])
        if code not in codes:
            raise CeasefireError(f"“{code}” is no {field}: choose one of {', '.join(codes)}.")
