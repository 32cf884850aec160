"""Figures of a brief, against numbers worked out by hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import pytest

from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Effort, Incident, Observation
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.reports.comparison import Verdict, Why, compare, student_97_5
from ceasefire_monitor.reports.counting import Total, total, without_duplicates
from ceasefire_monitor.reports.figure_tables import deaths_table
from ceasefire_monitor.reports.figures import figures_of
from ceasefire_monitor.reports.material import Entry, Material
from ceasefire_monitor.reports.period import clock, moment, period_of, theatre_zone
from ceasefire_monitor.reports.release import Release, released
from ceasefire_monitor.reports.watch import observing_spans, watch_of
from ceasefire_monitor.reports.words import Words

UTC = theatre_zone("UTC")
DAY = datetime(2031, 3, 8, tzinfo=timezone.utc)


def entry(when=DAY, low=1, high=None, qualifier="exact", flag=None, basis=None, **fields):
    values = {
        "incident_id": f"x:{id(object())}",
        "origin": "own_observation",
        "category": "firing/explosion",
        "longitude": -30.0,
        "latitude": 30.0,
        **fields,
    }
    high = low if high is None and qualifier != "at_least" else high
    incident = Incident(
        occurred_from=when, count_low=low, count_high=high, count_qualifier=qualifier, **values
    )
    return Entry(incident, Finding(flag=flag, flag_basis=basis))


def week(entries, effort=(), first="2031-03-08", last="2031-03-14"):
    period = period_of(first, last, [], UTC, time(0))
    return figures_of(Material(entries=list(entries), effort=list(effort)), period)


def watching(day, hours=24, post="P1", status="operating"):
    start = DAY + timedelta(days=day)
    end = start + timedelta(hours=hours)
    return Effort(f"{post}{day}{status}", post, start, end, status)


def test_the_number_is_the_sum_of_counts_and_rows_are_printed_beside_it():
    found = total([entry(low=30), entry(low=2, high=5), entry(low=1)])
    assert found == Total(rows=3, low=33, high=36)


def test_what_is_not_known_adds_nothing_and_is_said():
    found = total([entry(low=4), entry(low=None, qualifier="not_known"), entry(low=None)])
    assert (found.rows, found.low, found.high, found.undetermined) == (3, 4, 4, 2)
    # A count beside "not known" is no number: N/K is never 1.
    assert total([entry(low=1, qualifier="not_known")]).low == 0


def test_a_row_without_an_upper_number_makes_the_sum_at_least():
    found = total([entry(low=3, qualifier="at_least"), entry(low=2)])
    assert found.at_least and (found.low, found.high) == (5, 5)


def test_own_observation_is_the_headline_and_sources_are_not_added_together():
    figures = week(
        [
            entry(low=7),
            entry(low=100, origin="party_claim"),
            entry(low=3, origin="media"),
            entry(low=9, origin=None),
        ]
    )
    assert figures.own.now == Total(1, 7, 7)
    assert figures.origins["party_claim"].now.low == 100
    assert figures.origins["media"].now.low == 3
    assert figures.origins["not_known"].now.low == 9
    assert figures.unknowns.origin == 1


def test_two_feeds_of_one_kind_stand_apart_also_in_their_deaths():
    figures = week(
        [
            entry(low=1, origin="third_party", source="ucdp", deaths_best=4),
            entry(low=1, origin="third_party", source="acled", deaths_best=5),
            entry(low=2, origin="third_party", source="acled"),
            entry(low=8, origin="third_party"),
        ]
    )
    said = {(item.origin, item.source): item.now for item in figures.voices}
    assert said == {
        ("own_observation", None): Total(),
        ("third_party", None): Total(1, 8, 8),
        ("third_party", "acled"): Total(2, 3, 3),
        ("third_party", "ucdp"): Total(1, 1, 1),
    }
    assert [(item.source, item.best) for item in figures.deaths] == [("acled", 5), ("ucdp", 4)]


def casualties(*rows, source="gazette"):
    """The printed cells from "Rows" on: rows, low, best, high, civilians, injured."""
    figures = week([entry(origin="media", source=source, **row) for row in rows])
    (row,) = deaths_table(figures, Words("en", UTC, False)).rows
    return row[1:]


def test_casualties_that_no_row_gives_are_not_known_and_never_a_number():
    assert casualties({"deaths_best": 40}, {"deaths_best": 3}) == [
        "2",
        "not known",
        "43",
        "not known",
        "not known",
        "not known",
    ]
    assert casualties({"injured": 2})[1:] == ["not known"] * 4 + ["2"]


def test_casualties_that_some_rows_lack_are_at_least():
    full = {"deaths_low": 1, "deaths_best": 2, "deaths_high": 5, "civilian_deaths": 1, "injured": 7}
    assert casualties(full) == ["1", "1", "2", "5", "1", "7"]
    # The upper figure of a row without one is not below its best.
    assert casualties(full, {"deaths_best": 4}) == [
        "2",
        "at least 1",
        "6",
        "at least 9",
        "at least 1",
        "at least 7",
    ]
    # A feed's zero that may mean "not known" is not a row that tells of casualties.
    assert casualties({"deaths_best": 4}, {"deaths_low": 0})[:3] == [
        "1",
        "at least 0",
        "at least 4",
    ]


def test_civilian_deaths_of_a_source_that_counts_only_known_civilians_are_at_least():
    assert casualties({"deaths_best": 30, "civilian_deaths": 23}, source="ucdp")[4] == "at least 23"
    assert casualties({"deaths_best": 30, "civilian_deaths": 23}, source="acled")[4] == "23"


def test_the_previous_period_has_the_same_length_and_ends_where_this_one_starts():
    figures = week(
        [
            entry(DAY, 5),
            entry(DAY - timedelta(seconds=1), 2),
            entry(DAY - timedelta(days=7), 3),
            entry(DAY - timedelta(days=7, seconds=1), 50),
            entry(DAY + timedelta(days=7), 50),
        ]
    )
    assert figures.own.now.low == 5
    assert figures.own.previous == Total(2, 5, 5)


def test_an_incident_that_lasts_over_the_end_counts_once_by_its_start():
    late = entry(DAY + timedelta(days=6, hours=23), 1)
    late.incident.occurred_to = DAY + timedelta(days=8)
    figures = week([late])
    assert figures.own.now.rows == 1 and figures.unknowns.spans_the_end == 1
    assert week([late], first="2031-03-15", last="2031-03-21").own.now.rows == 0


def test_nothing_known_of_the_previous_period_is_none_not_zero():
    assert week([entry()]).own.previous is None
    with_effort = week([entry()], [watching(-3)])
    assert with_effort.own.previous == Total()


def test_exercises_are_in_the_total_and_of_which_inside_and_outside_a_zone():
    inside = entry(low=4, circumstance="live_fire_exercise")
    inside.finding.zones = "Security zone"
    figures = week([inside, entry(low=6, circumstance="live_fire_exercise"), entry(low=1)])
    assert figures.own.now.low == 11
    (part,) = figures.of_which
    assert (part.circumstance, part.inside.low, part.outside.low) == ("live_fire_exercise", 4, 6)


def test_flags_that_rest_on_the_bare_point_are_counted_apart():
    figures = week(
        [
            entry(flag="near", basis="measured"),
            entry(flag="near", basis="none"),
            entry(flag="far", basis="default"),
            entry(flag="near", basis="measured", longitude=None, latitude=None),
        ]
    )
    assert dict(figures.flags) == {"near": 1, "far": 1, "not_located": 1}
    assert dict(figures.flags_without_basis) == {"near": 1}
    assert (figures.located, figures.unknowns.place) == (3, 1)


def test_one_explosion_on_two_cameras_counts_once_without_known_duplicates():
    pair = [entry(low=2), entry(low=3)]
    for row in pair:
        row.observations = [Observation("o", duplicate_group="g1")]
    rows = [*pair, entry(low=10)]
    assert total(rows).low == 15
    assert without_duplicates(rows).low == 13
    assert without_duplicates([entry(low=10)]) is None


def test_incidents_learned_in_the_period_are_late_and_change_no_total():
    late = entry(DAY - timedelta(days=2), 5, revision=1, recorded_at=DAY + timedelta(days=1))
    known = entry(DAY - timedelta(days=2), 5, revision=1, recorded_at=DAY - timedelta(days=1))
    figures = week([late, known, entry(low=1)])
    assert figures.late == [late]
    assert figures.own.now.low == 1


def test_effort_is_hours_a_post_overlaps_once_and_degraded_observes():
    start = DAY
    effort = [
        Effort("a", "P1", start, start + timedelta(hours=6), "operating"),
        Effort("b", "P1", start + timedelta(hours=4), start + timedelta(hours=8), "degraded"),
        Effort("c", "P2", start - timedelta(hours=3), start + timedelta(hours=2), "operating"),
        Effort("d", "P2", start + timedelta(hours=2), start + timedelta(hours=12), "denied", "no"),
    ]
    watch = watch_of(effort, period_of("2031-03-08", "2031-03-09", [], UTC, time(0)))
    first, second = watch.posts
    assert (first.observed, first.hours["operating"], first.hours["degraded"]) == (8, 6, 4)
    assert (second.observed, second.hours["denied"], second.previous_observed) == (2, 10, 3)
    assert watch.observed == 10 and watch.previous_observed == 3
    assert watch.days_without == [date(2031, 3, 9)]
    assert watch.reasons == [("P2", "no", 10.0)]


def test_a_day_without_effort_is_not_observed_and_a_day_with_effort_is_zero():
    figures = week([entry(DAY + timedelta(days=1, hours=3))], [watching(0), watching(2)])
    days = figures.timeline.bins
    assert [day.not_observed for day in days] == [False, True, False, True, True, True, True]
    assert days[0].observed_hours == 24 and not days[0].own
    assert days[1].own["explosion"].low == 1
    without = week([entry()])
    assert not without.watch.known
    assert not any(day.not_observed for day in without.timeline.bins)


def claim(hour):
    return entry(DAY + timedelta(hours=hour), origin="party_claim")


def test_claims_are_told_apart_by_whether_anybody_could_observe():
    figures = week([claim(2), claim(40)], [watching(0, hours=6)])
    assert [item.when.hour for item in figures.claims.observable] == [2]
    assert [item.when.hour for item in figures.claims.unobservable] == [16]
    assert len(week([claim(2)]).claims.not_known) == 1


def fire_on(days, hours):
    return [entry(DAY + timedelta(days=day, hours=hour)) for day in days for hour in range(hours)]


def verdict(entries, effort):
    period = period_of("2031-03-08", "2031-03-14", [], UTC, time(0))
    return compare(entries, observing_spans(effort), period)


def test_more_fewer_and_similar_are_said_per_observed_hour():
    always = [watching(day) for day in range(-7, 7)]
    calm, heavy = fire_on(range(-7, 0), 4), fire_on(range(7), 12)
    more = verdict(calm + heavy, always)
    # 28 and 84 hours with fire in 168 observed hours each; no spread from day to day: phi is 1.
    assert more.verdict is Verdict.MORE
    assert more.ratio == pytest.approx(3.0) and more.dispersion == 1.0
    spread = student_97_5(12) * (1 / 28 + 1 / 84) ** 0.5
    assert more.low == pytest.approx(3.0 * 2.718281828**-spread, rel=1e-6)
    assert verdict(fire_on(range(-7, 0), 12) + fire_on(range(7), 4), always).verdict is (
        Verdict.FEWER
    )
    assert verdict(fire_on(range(-7, 0), 8) + fire_on(range(7), 8), always).verdict is (
        Verdict.SIMILAR
    )


def test_half_the_effort_and_half_the_fire_is_similar():
    half = [watching(day) for day in range(-7, 0)] + [watching(day, 12) for day in range(7)]
    found = verdict(fire_on(range(-7, 0), 12) + fire_on(range(7), 6), half)
    assert found.verdict is Verdict.SIMILAR and found.ratio == pytest.approx(1.0)


def test_the_unit_is_the_hour_with_fire_not_the_shot():
    always = [watching(day) for day in range(-7, 7)]
    loud = fire_on(range(-7, 0), 8) + fire_on(range(7), 8) * 50
    assert verdict(loud, always).hours_with_fire == (56, 56)


def test_one_wild_day_among_quiet_ones_is_not_called_more():
    always = [watching(day) for day in range(-7, 7)]
    found = verdict(fire_on(range(-7, 0), 1) + fire_on([3], 20), always)
    assert found.dispersion > 5
    assert found.verdict is Verdict.NOT_COMPARABLE and found.why is Why.TOO_FEW


@pytest.mark.parametrize(
    ("effort", "why"),
    [
        ([watching(-3)], Why.NO_EFFORT),
        ([watching(3)], Why.NO_PREVIOUS_EFFORT),
        ([watching(day) for day in range(-7, 1)], Why.UNEQUAL_EFFORT),
    ],
)
def test_unknown_or_unequal_effort_is_not_comparable(effort, why):
    found = verdict(fire_on(range(-7, 7), 6), effort)
    assert found.verdict is Verdict.NOT_COMPARABLE and found.why is why


def test_fire_outside_of_any_effort_is_no_hour_with_fire():
    found = verdict(fire_on(range(-7, 7), 6), [watching(-1), watching(1)])
    assert found.hours_with_fire == (6, 6)


@pytest.mark.parametrize(("freedom", "t"), [(1, 12.706), (2, 4.303), (5, 2.571), (12, 2.179)])
def test_students_t_agrees_with_the_printed_table(freedom, t):
    assert student_97_5(freedom) == pytest.approx(t, abs=0.01)


def test_a_bare_end_date_includes_its_day_and_naive_times_are_the_theatres():
    zone = theatre_zone("Africa/Nairobi")
    period = period_of("2031-03-01", "2031-03-02", [], zone, time(0))
    assert period.start == datetime(2031, 2, 28, 21, tzinfo=timezone.utc)
    assert period.end == datetime(2031, 3, 2, 21, tzinfo=timezone.utc)
    assert moment("2031-03-01T12:00", zone, time(0)).hour == 9
    assert moment("2031-03-01T12:00Z", zone, time(0)).hour == 12


def test_a_reporting_day_from_the_evening_is_named_after_the_day_it_ends():
    evening = clock("19:30")
    period = period_of("2031-03-02", "2031-03-03", [], UTC, evening)
    assert period.start == datetime(2031, 3, 1, 19, 30, tzinfo=timezone.utc)
    assert [day.label for day in period.days()] == [date(2031, 3, 2), date(2031, 3, 3)]


def test_days_of_the_clock_change_have_23_and_25_hours():
    zone = theatre_zone("Atlantic/Azores")
    spring = period_of("2031-03-30", "2031-03-30", [], zone, time(0))
    autumn = period_of("2031-10-26", "2031-10-26", [], zone, time(0))
    assert (spring.hours(), autumn.hours()) == (23, 25)
    assert len(list(autumn.days())) == 1


@pytest.mark.parametrize(
    ("start", "end"), [("2031-03-05", "2031-03-04"), ("soon", "2031-03-04"), (None, None)]
)
def test_a_period_that_cannot_be_is_one_sentence(start, end):
    with pytest.raises(CeasefireError, match=r"\."):
        period_of(start, end, [], UTC, time(0))


def test_restricted_leaves_out_what_is_confidential_and_counts_it():
    material = Material(
        entries=[
            entry(source_id="s", source_url="u"),
            entry(sensitivity="confidential"),
            entry(workflow="withdrawn"),
        ]
    )
    shown, left_out = released(material, Release.RESTRICTED)
    assert len(shown.entries) == 1 and shown.entries[0].incident.source_url is None
    assert (left_out.confidential_incidents, left_out.withdrawn) == (1, 1)
    everything, left_out = released(material, Release.CONFIDENTIAL)
    assert len(everything.entries) == 2 and left_out.withdrawn == 1
