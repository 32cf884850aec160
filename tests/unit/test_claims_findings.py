"""Holding a party's claim against what was observed: a proposal, never beyond the coverage."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.claim_candidates import Recorded, Tolerances
from ceasefire_monitor.analysis.claim_coverage import Observers, percent
from ceasefire_monitor.analysis.claim_findings import candidate_words, propose
from ceasefire_monitor.model.claim import Claim, Restriction
from ceasefire_monitor.model.incident import Effort, Incident, Observation, Post

UTC = timezone.utc
TEN = datetime(2031, 5, 1, 10, tzinfo=UTC)
LON, LAT = 30.0, 45.0
POST = Post("P1", "Tower", "camera", range_m=4000.0, longitude=30.02, latitude=45.0)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def away(metres: float, azimuth: float = 90.0) -> dict:
    there = Geodesic.WGS84.Direct(LAT, LON, azimuth, metres)
    return {"longitude": there["lon2"], "latitude": there["lat2"]}


def claim(**values) -> Claim:
    known = {
        "claim_id": "C1",
        "party": "Aster",
        "alleged_from": TEN + minutes(20),
        "category": "firing/explosion",
        "longitude": LON,
        "latitude": LAT,
    }
    return Claim(**{**known, **values})


def incident(name: str = "I1", **values) -> Incident:
    known = {
        "origin": "own_observation",
        "category": "firing/explosion",
        "occurred_from": TEN + minutes(25),
        "occurred_to": TEN + minutes(26),
        **away(500.0),
    }
    return Incident(incident_id=name, **{**known, **values})


def effort(start: float, end: float, status: str = "operating", reason=None, post="P1"):
    return Effort("", post, TEN + minutes(start), TEN + minutes(end), status, reason)


def proposed(claimed=None, incidents=(), efforts=(), restrictions=(), posts=(POST,), **options):
    options.setdefault("least_share", 1.0)
    observers = Observers(posts, efforts, restrictions, 5000.0, UTC)
    recorded = Recorded(incidents, options.pop("observations", ()))
    tolerances = options.pop("tolerances", Tolerances(2000.0, minutes(60)))
    return propose(claimed or claim(), recorded, observers, tolerances, **options)


def test_an_own_observation_that_fits_makes_it_observed():
    found = proposed(incidents=[incident()])
    assert found.finding == "observed"
    (candidate,) = found.candidates
    assert candidate.distance_m == pytest.approx(500.0, abs=1e-6)
    assert "I1 (own observation, 500 m away)" in candidate_words(found.candidates)


@pytest.mark.parametrize(
    "values",
    [
        {"category": "firing/shot"},
        {"category": None},
        {**away(2400.0), "uncertainty_m": 500.0},
        {"occurred_from": TEN - minutes(300), "occurred_to": TEN + minutes(300)},
    ],
)
def test_an_own_observation_that_fits_only_in_part_makes_it_partly(values):
    found = proposed(incidents=[incident(**values)], efforts=[effort(0, 60)])
    assert found.finding == "partly"
    assert found.candidates[0].short


@pytest.mark.parametrize(
    "values",
    [
        {"longitude": None, "latitude": None},
        {**away(2400.0), "uncertainty_m": 25_000.0},
        {"uncertainty_m": 25_000.0},
    ],
)
def test_a_place_that_is_hardly_known_neither_makes_nor_unmakes_it(values):
    found = proposed(incidents=[incident(**values)], efforts=[effort(0, 60)])
    assert found.finding == "inconclusive"


@pytest.mark.parametrize(
    "values",
    [
        away(2001.0),
        {**away(2501.0), "uncertainty_m": 500.0},
        {"category": "movement/convoy"},
        {"occurred_from": TEN + minutes(81), "occurred_to": TEN + minutes(90)},
        {"occurred_from": TEN - minutes(50), "occurred_to": TEN - minutes(40)},
        {"verification": "refuted"},
        {"workflow": "withdrawn"},
        {"origin": "party_claim"},
    ],
)
def test_what_lies_beyond_the_tolerances_is_no_candidate(values):
    found = proposed(incidents=[incident(**values)], efforts=[effort(0, 60)])
    assert found.candidates == ()
    assert found.finding == "not_observed_with_coverage"


def test_tolerances_are_met_to_the_metre_and_the_minute():
    for values in (away(1999.9), {"occurred_from": TEN + minutes(80), "occurred_to": None}):
        assert proposed(incidents=[incident(**values)]).finding == "observed"


def test_fire_that_lasted_is_no_rough_time():
    lasting = incident(
        occurred_from=TEN - minutes(300), occurred_to=TEN + minutes(300), span_is="duration"
    )
    assert proposed(incidents=[lasting]).finding == "observed"


def test_an_observation_without_an_incident_counts_by_its_sector():
    """Seen from 4 km west towards east, 3 to 5 km: the alleged place lies in the sector."""
    seen = Observation(
        "O1",
        None,
        "P1",
        bearing_deg=90.0,
        bearing_halfwidth_deg=5.0,
        range_min_m=3000.0,
        range_max_m=5000.0,
        observed_from=TEN + minutes(21),
        category="firing/explosion",
        **away(4000.0, 270.0),
    )
    found = proposed(observations=[seen])
    assert (found.finding, found.candidates[0].distance_m) == ("observed", 0.0)
    elsewhere = dataclasses.replace(seen, bearing_deg=270.0)
    assert proposed(observations=[elsewhere]).candidates == ()
    short = dataclasses.replace(seen, range_min_m=0.0, range_max_m=1500.0)
    assert proposed(observations=[short]).candidates == ()


def test_what_others_tell_is_listed_and_never_makes_it_observed():
    press = incident(origin="media")
    found = proposed(incidents=[press], efforts=[effort(0, 60)])
    assert found.finding == "inconclusive"
    assert "another source" in candidate_words(found.candidates)
    assert proposed(incidents=[press]).finding == "no_coverage"


def test_not_observed_needs_that_whole_hour_at_that_place():
    found = proposed(efforts=[effort(0, 60)])
    assert (found.finding, found.share) == ("not_observed_with_coverage", 1.0)
    assert "2031-05-01 10:00 to 11:00 UTC: observed throughout" in found.coverage
    assert "Tower: operating 100 %" in found.coverage


def test_half_coverage_says_its_share_and_proposes_nothing_more():
    found = proposed(efforts=[effort(0, 30), effort(30, 60, "down", "no power")])
    assert (found.finding, found.share) == ("inconclusive", 0.5)
    assert "observed for 50 % of it" in found.coverage
    assert "down 50 %" in found.coverage and "no power" in found.coverage
    enough = proposed(efforts=[effort(0, 30)], least_share=0.5)
    assert enough.finding == "not_observed_with_coverage"
    assert "50 %" in enough.reason


def test_two_posts_that_take_turns_cover_the_hour_together():
    other = dataclasses.replace(POST, post_id="P2", name="Mill")
    turns = [effort(0, 40), effort(30, 60, post="P2")]
    assert proposed(efforts=turns, posts=[POST, other]).share == 1.0


def test_without_effort_nobody_could_observe():
    for efforts in ([], [effort(0, 60, "down")], [effort(60, 120)]):
        found = proposed(efforts=efforts)
        assert (found.finding, found.share) == ("no_coverage", 0.0)


@pytest.mark.parametrize(
    "post",
    [
        dataclasses.replace(POST, range_m=1000.0),
        dataclasses.replace(POST, bearing_deg=90.0, field_of_view_deg=60.0),
        dataclasses.replace(POST, range_m=None, longitude=30.2),
        dataclasses.replace(POST, longitude=None, latitude=None),
    ],
)
def test_a_post_that_does_not_reach_the_place_covers_nothing(post):
    found = proposed(efforts=[effort(0, 60)], posts=[post])
    assert found.finding == "no_coverage"
    assert "no post is known to reach the place" in found.coverage


def test_a_field_of_view_that_holds_the_place_covers_it():
    west = dataclasses.replace(POST, bearing_deg=280.0, field_of_view_deg=60.0)
    assert proposed(efforts=[effort(0, 60)], posts=[west]).share == 1.0


def test_denied_access_is_said_and_not_called_unobserved():
    denial = Restriction("R1", TEN, TEN + minutes(60), "denial", place="Mill", **away(300.0))
    found = proposed(restrictions=[denial])
    assert found.finding == "access_denied"
    assert "access restricted (denial) at Mill" in found.coverage
    assert proposed(efforts=[effort(0, 60, "denied", "checkpoint")]).finding == "access_denied"
    far = dataclasses.replace(denial, **away(9000.0))
    assert proposed(restrictions=[far]).finding == "no_coverage"
    earlier = dataclasses.replace(denial, restricted_to=TEN)
    assert proposed(restrictions=[earlier]).finding == "no_coverage"
    delay = dataclasses.replace(denial, kind="delay")
    assert proposed(restrictions=[delay]).finding == "no_coverage"


def test_rows_that_contradict_each_other_are_inconclusive():
    found = proposed(efforts=[effort(0, 60), effort(0, 60, "down")])
    assert (found.finding, found.share) == ("inconclusive", 0.0)
    assert "contradicts itself" in found.reason
    assert "contradicted 100 %" in found.coverage
    elsewhere = [effort(60, 120), effort(60, 120, "down")]
    assert proposed(efforts=elsewhere).finding == "no_coverage"


KYIV = ZoneInfo("Europe/Kyiv")


@pytest.mark.parametrize(
    ("zone", "midnight", "hours"),
    [
        (UTC, datetime(2031, 5, 1, tzinfo=UTC), 24),
        (KYIV, datetime(2030, 5, 1, tzinfo=KYIV), 24),
        # Clocks go back: that day has 25 hours.
        (KYIV, datetime(2024, 10, 27, tzinfo=KYIV), 25),
        (KYIV, datetime(2024, 3, 31, tzinfo=KYIV), 23),
    ],
)
@pytest.mark.parametrize("ends_too", [False, True])
def test_a_day_alone_is_held_against_all_of_that_day(zone, midnight, hours, ends_too):
    start = midnight.astimezone(UTC)
    told = claim(alleged_from=start, alleged_to=start if ends_too else None)
    watch = Effort("", "P1", start, start + minutes(60), "operating")
    whole = Effort("", "P1", start, start + minutes(60 * hours), "operating")
    late = start + minutes(60 * hours - 10)
    seen = incident(occurred_from=late, occurred_to=late + minutes(1))
    tolerances = Tolerances(2000.0, minutes(5))

    def finding(efforts, incidents=()):
        observers = Observers([POST], efforts, [], 5000.0, zone)
        return propose(told, Recorded(incidents), observers, tolerances)

    assert finding([watch], [seen]).finding == "observed"
    first_hour = finding([watch])
    assert first_hour.finding == "inconclusive"
    assert first_hour.share == pytest.approx(1 / hours)
    assert "whole day was looked at" in first_hour.coverage
    assert finding([whole]).finding == "not_observed_with_coverage"


def test_a_time_of_day_is_no_day():
    told = claim(alleged_from=datetime(2031, 5, 1, 0, 30, tzinfo=UTC))
    watch = Effort("", "P1", TEN - minutes(600), TEN - minutes(540), "operating")
    found = proposed(told, efforts=[watch])
    assert (found.finding, found.share) == ("not_observed_with_coverage", 1.0)


def test_a_claim_that_ends_before_it_begins_is_looked_up_nowhere():
    told = claim(alleged_from=TEN, alleged_to=TEN - minutes(1))
    found = proposed(told, incidents=[incident()], efforts=[effort(-60, 60)])
    assert (found.finding, found.share, found.candidates) == ("inconclusive", None, ())
    assert "ended before it began" in found.reason


def test_an_hour_that_clocks_repeat_is_told_with_its_zones():
    at = datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    observers = Observers([POST], [], [], 5000.0, KYIV)
    found = propose(claim(alleged_from=at), Recorded([]), observers, Tolerances())
    assert found.coverage.startswith("2024-10-27 03:00 EEST to 03:00 EET:")


@pytest.mark.parametrize("values", [{"longitude": None, "latitude": None}, {"alleged_from": None}])
def test_a_claim_that_tells_no_place_or_time_is_inconclusive(values):
    found = proposed(claim(**values), efforts=[effort(0, 60)])
    assert (found.finding, found.share) == ("inconclusive", None)


def test_an_alleged_span_is_held_against_all_hours_that_it_touches():
    span = claim(alleged_from=TEN + minutes(30), alleged_to=TEN + minutes(90))
    found = proposed(span, efforts=[effort(0, 60)])
    assert (found.finding, found.share) == ("inconclusive", 0.5)
    whole = claim(alleged_from=TEN, alleged_to=TEN + minutes(60))
    assert proposed(whole, efforts=[effort(0, 60)]).share == 1.0


def test_the_partys_name_plays_no_part():
    for incidents, efforts in (([incident()], []), ([], [effort(0, 60)]), ([], [])):
        one = proposed(claim(party="Aster"), incidents, efforts)
        other = proposed(claim(party="Borea"), incidents, efforts)
        assert one == other


def test_a_share_is_never_rounded_to_all_or_nothing():
    assert [percent(share) for share in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        "0 %",
        "1 %",
        "50 %",
        "99 %",
        "100 %",
    ]
