"""The list of claims for the joint commission: both parties alike, nothing beyond the coverage."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone

from ceasefire_monitor.model.claim import Claim
from ceasefire_monitor.reports.claims_list import (
    WITHHELD,
    claim_lines,
    claims_sheet,
    finding_words,
    state_of,
)

UTC = timezone.utc
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLAIMS = [
    Claim("C2", "Aster", NOON + HOUR, place="Mill", finding="observed", answered_at=NOON + HOUR),
    Claim("C1", "Borea", NOON, due_at=NOON + HOUR, finding="no_coverage", original_text="Fire <b>"),
    Claim("C3", "Borea", NOON + HOUR, finding="not_observed_with_coverage", coverage="observed"),
    Claim("C4", "Aster", NOON + 2 * HOUR, due_at=NOON + 90 * HOUR),
]


def page(claims) -> str:
    lines = claim_lines(claims, NOON + 9 * HOUR)
    return claims_sheet(lines, NOON, NOON + 24 * HOUR, UTC, NOON + 9 * HOUR, "Claims").html()


def swapped(words: str) -> str:
    return words.replace("Aster", "\0").replace("Borea", "Aster").replace("\0", "Borea")


def test_swapping_the_parties_names_swaps_the_sheet_exactly():
    others = [dataclasses.replace(item, party=swapped(item.party)) for item in CLAIMS]
    assert page(others) == swapped(page(CLAIMS))
    assert page(others) != page(CLAIMS)
    assert page(list(reversed(CLAIMS))) == page(CLAIMS)


def test_claims_stand_in_the_order_in_which_they_came():
    lines = claim_lines(CLAIMS, NOON + 9 * HOUR)
    assert [line.claim.claim_id for line in lines] == ["C1", "C2", "C3", "C4"]
    assert [line.state for line in lines] == ["overdue", "answered", "no date set", "due"]


def test_an_answer_after_its_date_is_late():
    late = Claim("C", due_at=NOON, answered_at=NOON + HOUR)
    assert state_of(late, NOON + 2 * HOUR) == "answered late"


def test_not_observed_is_withheld_where_the_observation_is_not_recorded():
    unknown = Claim("C", finding="not_observed_with_coverage", coverage=" ")
    assert finding_words(unknown) == WITHHELD
    assert "Not observed" not in page([dataclasses.replace(unknown, received_at=NOON)])
    assert finding_words(dataclasses.replace(unknown, coverage="x")) != WITHHELD


def test_what_a_party_wrote_is_text_and_not_markup():
    assert "Fire &lt;b&gt;" in page(CLAIMS)


def test_a_period_without_claims_says_so():
    assert "No claim was received" in page([])
