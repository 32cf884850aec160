"""A moved line, an amended clause or a new revision re-checks exactly what it touches."""

from __future__ import annotations

import dataclasses

import numpy as np

from tests.vale_agreement import (
    act,
    agreement,
    check,
    checked,
    clause,
    lines,
    moved,
    prints,
    subjects,
    withdrawal,
)

NEAR = act("near", where={"line": "line", "within_m": 5000})
BELT = act("belt", where={"zones": ["belt"]})
ZONES = [{"code": "belt", "title": "Belt", "bands": [{"line": "line", "far_m": 5000}]}]
TOLD = agreement(clause("1", NEAR), clause("2", BELT), clause("3", act("any")), zones=ZONES)
LONG = [(30, 50), (31, 50), (32, 50), (33, 50), (34, 50)]
MONTHS = ("2025-01-01", "2025-04-01", "2025-07-01", None)
DAYS = ("2025-02-10T12:00", "2025-05-10T12:00", "2025-08-10T12:00")


def contact(*courses):
    """Three versions of the line, one a quarter."""
    return lines(
        *(
            (course, "agreed", start, end, 50.0)
            for course, start, end in zip(courses, MONTHS, MONTHS[1:])
        )
    )


def three_months():
    return subjects(
        *(
            {"when": day, "lon": lon, "id": f"{day[:7]}@{lon}"}
            for day in DAYS
            for lon in (30.5, 33.5)
        )
    )


def again(told, given, course, **around):
    """What is checked anew, as (rule, subject), when earlier findings are known."""
    first = check(TOLD, three_months(), contact(LONG, LONG, LONG))
    outcome = checked(told, given, course, prints(first), **around)
    return set(prints(outcome.findings)), outcome.unchanged


def everything():
    return {(rule, each) for rule in ("near", "belt", "any") for each in three_months().identifier}


def test_nothing_is_checked_again_where_nothing_changed():
    anew, unchanged = again(TOLD, three_months(), contact(LONG, LONG, LONG))
    assert anew == set() and unchanged == everything()


def test_a_moved_version_touches_the_incidents_of_its_days_alone():
    bent = [(30, 50.01), (31, 50.01), (32, 50.01), (33, 50.01), (34, 50.01)]
    anew, unchanged = again(TOLD, three_months(), contact(LONG, bent, LONG))
    assert anew == {(rule, f"2025-05@{lon}") for rule in ("near", "belt") for lon in (30.5, 33.5)}
    assert unchanged == everything() - anew


def test_a_stretch_that_is_moved_far_off_touches_only_what_it_is_near_to():
    bent = [*LONG[:4], (34, 50.02)]
    anew, unchanged = again(TOLD, three_months(), contact(LONG, bent, LONG))
    assert anew == {("near", "2025-05@33.5"), ("belt", "2025-05@33.5")}
    assert unchanged == everything() - anew


def test_a_line_that_ends_and_its_successor_leave_earlier_incidents_alone():
    two = lines(
        (LONG, "agreed", MONTHS[0], MONTHS[1], 50.0),
        (LONG, "agreed", MONTHS[1], MONTHS[2], 50.0),
        (LONG, "agreed", MONTHS[2], "2025-08-01", 50.0),
        ([(30, 51), (34, 51)], "agreed", "2025-08-01", None, 50.0),
    )
    anew, _ = again(TOLD, three_months(), two)
    assert {each for _, each in anew} == {"2025-08@30.5", "2025-08@33.5"}


def test_an_amended_rule_touches_itself_and_an_extension_touches_nothing():
    wider = act("near", where={"line": "line", "within_m": 6000})
    amended = agreement(clause("1", wider), clause("2", BELT), clause("3", act("any")), zones=ZONES)
    anew, unchanged = again(amended, three_months(), contact(LONG, LONG, LONG))
    assert {rule for rule, _ in anew} == {"near"} and len(unchanged) == 12
    timing = dataclasses.replace(TOLD.timing, in_force_to="2025-12-31")
    ended = dataclasses.replace(TOLD, timing=timing)
    anew, unchanged = again(ended, three_months(), contact(LONG, LONG, LONG))
    assert anew == set() and unchanged == everything()


def test_a_new_revision_or_place_touches_that_incident_alone():
    given = three_months()
    given.revision[:] = 1
    first = prints(check(TOLD, given, contact(LONG, LONG, LONG)))
    revised = three_months()
    revised.revision[:] = [1, 1, 2, 1, 1, 1]
    anew = prints(checked(TOLD, revised, contact(LONG, LONG, LONG), first).findings)
    assert {each for _, each in anew} == {"2025-05@30.5"}
    lat = given.place.lat.copy()
    lat[0] += 0.001
    shifted = moved(given, lat=lat)
    anew = prints(checked(TOLD, shifted, contact(LONG, LONG, LONG), first).findings)
    assert {each for _, each in anew} == {"2025-02@30.5"}


def test_a_reused_fingerprint_never_stands_for_another_outcome():
    """Lines moved at random: whatever is not checked again would have come to the same."""
    rng = np.random.default_rng(3)
    told = agreement(
        clause("1", NEAR, withdrawal("guns", "guns", ("line", 25000, None))), zones=ZONES
    )
    rows = [
        {"lon": x, "lat": y, "uncertainty": u, "id": f"i{n}"}
        for n, (x, y, u) in enumerate(
            zip(rng.uniform(29, 35, 150), rng.uniform(49, 51, 150), rng.choice([100, 9000], 150))
        )
    ]
    for _ in range(5):
        course = [(x, 50 + rng.normal(0, 0.05)) for x in np.linspace(30, 34, 30)]
        other = list(course)
        chosen = rng.integers(0, 30)
        other[chosen] = (other[chosen][0], other[chosen][1] + rng.normal(0, 0.03))
        old = lines((course, "agreed", "2025-01-01", None, 100.0))
        new = lines((other, "agreed", "2025-01-01", None, 100.0))
        first = check(told, subjects(*rows), old)
        outcome = checked(told, subjects(*rows), new, prints(first))
        whole = check(told, subjects(*rows), new)
        same = {each for _, each in outcome.unchanged}
        assert 0 < len(same) < 150
        for name in ("verdict", "measured_m", "finding"):
            before = dict(zip(first.incident_id, getattr(first, name)))
            now = dict(zip(whole.incident_id, getattr(whole, name)))
            assert all(before[each] == now[each] for each in same)
