"""What raises an alert, once, and what does not."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone

import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.ledger.alerting import acknowledge, open_alerts, raise_alerts
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.links import link_incidents
from ceasefire_monitor.model.alert import SECTOR, AlertRule
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import ContactLine, Site, Zone

NOW = datetime(2031, 6, 1, 12, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "watch.gpkg", {"timezone": "Europe/Athens"}) as made:
        yield made


def incident(number, minutes_ago=0.0, lon=37.5, lat=48.01, **values):
    begin = NOW - minutes_ago * MINUTE
    usual = {
        "category": "firing/explosion",
        "count_low": 1,
        "occurred_from": begin,
        "occurred_to": begin + MINUTE,
        "span_is": "uncertainty",
        "longitude": lon,
        "latitude": lat,
    }
    return Incident(f"watch:{number}", "watch", str(number), **{**usual, **values})


def write(ledger, *records, table="incidents"):
    ledger.write_records(table, records, "Ana", "log")


def rule(ledger, rule_id="R", **values):
    write(ledger, AlertRule(rule_id, f"Rule {rule_id}", **values), table="alert_rules")


def land(ledger):
    line = shapely.LineString([(37.0, 48.0), (38.0, 48.0)])
    write(ledger, ContactLine("L", "Ember line", "de_facto", geometry=line), table="contact_lines")
    north = Zone("Z", "North", "other", geometry=shapely.box(37.0, 48.0, 37.6, 48.5))
    south = Zone("Y", "South", "other", geometry=shapely.box(37.0, 47.5, 37.6, 48.0))
    write(ledger, north, south, table="zones")
    mill = Site("S", "Mill", "hospital", geometry=shapely.Point(37.5, 48.02))
    write(ledger, mill, table="sites")


def raised(ledger, now=NOW):
    return raise_alerts(ledger, now=now)


def metres_to_line(lon, lat):
    """By GeographicLib, along the geodesic between the line's ends."""
    line = Geodesic.WGS84.InverseLine(48.0, 37.0, 48.0, 38.0)

    def away(along):
        place = line.Position(along)
        return Geodesic.WGS84.Inverse(place["lat2"], place["lon2"], lat, lon)["s12"]

    low, high = 0.0, line.s13
    while high - low > 0.01:
        third = (high - low) / 3
        if away(low + third) < away(high - third):
            high -= third
        else:
            low += third
    return away(low)


def ids(alerts):
    return sorted(alert.incident_id or alert.kind for alert in alerts)


def test_what_is_new_raises_one_alert_and_only_once(ledger):
    rule(ledger, categories="firing")
    write(ledger, incident(1), incident(2, category="movement/convoy"))
    (alert,) = raised(ledger)
    assert (alert.kind, alert.incident_id, alert.rule_name) == ("incident", "watch:1", "Rule R")
    assert alert.sentence == "1 explosion, 1 Jun 2031, 15:00 local."
    assert ledger.read("alerts") == [alert] == open_alerts(ledger)
    assert raised(ledger) == []
    write(ledger, incident(3))
    assert ids(raised(ledger)) == ["watch:3"]
    assert ledger.verify().holds


def test_the_sentence_has_numbers_uncertainty_place_and_time_and_the_public_one_no_place(ledger):
    land(ledger)
    rule(ledger, distance_m=5000.0, sectors="North; South")
    write(ledger, incident(1, lat=48.03, count_low=2, uncertainty_m=500.0))
    (alert,) = raised(ledger)
    assert alert.sentence == (
        "2 explosions within 5 km of the line in force "
        f"(probability over 0.99; {metres_to_line(37.5, 48.03):,.0f} m from it), "
        "sector North, 1 Jun 2031, 15:00 local; place known to 500 m."
    )
    assert alert.probability == pytest.approx(1.0, abs=0.01)
    assert alert.line_distance_m == pytest.approx(metres_to_line(37.5, 48.03), abs=0.1)
    assert "North" not in alert.public_text and "5 km" not in alert.public_text
    assert alert.public_text.startswith("2 explosions, 1 Jun 2031, 15:00 local")
    assert (alert.longitude, alert.latitude) == (37.5, 48.03)


def test_what_is_confidential_tells_the_public_nothing(ledger):
    rule(ledger)
    write(ledger, incident(1, sensitivity="confidential", place="Mill", description="by the mill"))
    (alert,) = raised(ledger)
    assert alert.sensitivity == "confidential"
    assert alert.public_text == (
        "What is confidential raised an alert; it stands in the list of alerts."
    )


def test_a_site_that_is_confidential_makes_the_alert_so(ledger):
    land(ledger)
    rule(ledger, site_kinds="hospital; school", site_distance_m=1500.0)
    write(ledger, incident(1, sensitivity="public"), incident(2, lat=48.2, sensitivity="public"))
    (alert,) = raised(ledger)
    assert alert.sensitivity == "confidential"
    assert "a site (hospital, 1,112 m away)" in alert.sentence
    assert "Mill" not in alert.sentence


def test_an_uncertain_place_counts_by_its_probability(ledger):
    land(ledger)
    rule(ledger, "A", distance_m=1000.0, min_probability=0.3)
    rule(ledger, "B", distance_m=1000.0, min_probability=0.6)
    write(ledger, incident(1, lat=48.009, uncertainty_m=2000.0, uncertainty_kind="gauss"))
    (alert,) = raised(ledger)
    assert alert.rule_id == "A"
    assert 0.3 < alert.probability < 0.6
    assert f"(probability {alert.probability:.2f};" in alert.sentence


def test_without_an_uncertainty_the_sentence_says_that_the_bare_point_counts(ledger):
    land(ledger)
    rule(ledger, distance_m=5000.0)
    write(ledger, incident(1))
    (alert,) = raised(ledger)
    assert alert.probability is None
    away = f"{metres_to_line(37.5, 48.01):,.0f} m from it"
    known = "by the point as recorded, whose uncertainty is not known"
    assert f"({known}; {away})" in alert.sentence


def test_what_has_no_place_meets_no_condition_on_places(ledger):
    land(ledger)
    rule(ledger, "A", distance_m=5e5)
    rule(ledger, "B", zones="North")
    rule(ledger, "C", site_kinds="hospital", site_distance_m=1e5)
    rule(ledger, "D", area="POLYGON ((30 40, 40 40, 40 50, 30 50, 30 40))")
    rule(ledger, "E")
    write(ledger, incident(1, lon=None, lat=None))
    (alert,) = raised(ledger)
    assert alert.rule_id == "E"
    assert "place not known" in alert.sentence


@pytest.mark.parametrize(
    "values, expected",
    [
        ({"categories": "firing/shot; firing/explosion"}, ["watch:1", "watch:2"]),
        ({"categories": "fir"}, []),
        ({"weapon_classes": "mortar"}, ["watch:2"]),
        ({"sources": "other"}, ["other:3"]),
        ({"most_sensitive": "public"}, ["watch:1"]),
        ({"enabled": False}, []),
        ({"area": "POLYGON ((38 48, 39 48, 39 49, 38 49, 38 48))"}, ["other:3"]),
    ],
)
def test_every_condition_that_a_rule_gives_must_hold(ledger, values, expected):
    rule(ledger, **values)
    other = incident(3, lon=38.5, lat=48.5, category="firing/shelling")
    write(
        ledger,
        incident(1, sensitivity="public"),
        incident(2, weapon="mortar_82"),
        dataclasses.replace(other, incident_id="other:3", source="other"),
    )
    assert ids(raised(ledger)) == expected


def test_what_is_withdrawn_raises_nothing_and_when_reinstated_is_told_as_a_correction(ledger):
    rule(ledger)
    write(ledger, incident(1))
    gone = dataclasses.replace(incident(1), workflow="withdrawn")
    write(ledger, gone)
    assert raised(ledger) == []
    write(ledger, dataclasses.replace(gone, workflow="recorded"))
    (alert,) = raised(ledger)
    assert alert.kind == "correction"
    assert alert.sentence.startswith("By a correction (revision 3): 1 explosion")


def test_a_correction_is_told_where_it_makes_the_incident_match_and_not_otherwise(ledger):
    rule(ledger, categories="firing/shelling")
    write(ledger, incident(1), incident(2, category="firing/shelling"))
    assert ids(raised(ledger)) == ["watch:2"]
    write(ledger, incident(1, term="bang"), incident(2, category="firing/shelling", term="b"))
    assert raised(ledger) == []
    write(ledger, incident(1, category="firing/shelling"))
    (alert,) = raised(ledger)
    assert (alert.kind, alert.incident_id, alert.incident_revision) == ("correction", "watch:1", 3)
    write(ledger, incident(1))
    write(ledger, incident(1, category="firing/shelling", term="again"))
    assert raised(ledger) == []


def test_a_first_import_of_years_raises_one_alert_on_what_was_passed_over(ledger):
    rule(ledger)
    rule(ledger, "S", max_age_hours=24.0)
    write(ledger, *(incident(n, minutes_ago=60.0 * 24 * 30 * n) for n in range(1, 100)))
    write(ledger, incident(0, minutes_ago=60.0 * 30), incident(500, occurred_from=None))
    alerts = raised(ledger)
    assert ids(alerts) == ["passed_over", "watch:0", "watch:500", "watch:500"]
    (summary,) = [alert for alert in alerts if alert.kind == "passed_over"]
    assert summary.counted == 100
    assert summary.sentence == (
        "Of 101 newly recorded incidents, 100 were passed over: rules look back 24 or 72 hours, "
        "and what happened before raises no alert."
    )
    assert raised(ledger) == []


def test_duplicates_by_links_do_not_alert_twice(ledger):
    rule(ledger)
    write(ledger, incident(1), incident(2), incident(3))
    link_incidents(ledger, [("watch:2", "watch:1")], "duplicate_of", "Ana", "same")
    assert ids(raised(ledger)) == ["watch:1", "watch:3"]
    write(ledger, incident(4), incident(5))
    link_incidents(ledger, [("watch:4", "watch:3")], "same_event", "Ana", "same")
    link_incidents(ledger, [("watch:5", "watch:3")], "follow_up_of", "Ana", "later")
    assert ids(raised(ledger)) == ["watch:5"]


def test_so_many_in_a_window_are_told_once_and_again_after_a_pause(ledger):
    rule(ledger, count_least=3, window_minutes=30.0)
    write(ledger, incident(1, 300), incident(2, 290))
    assert raised(ledger) == []
    write(ledger, incident(3, 275))
    (alert,) = raised(ledger)
    assert (alert.kind, alert.counted) == ("count", 3)
    assert alert.incidents == "watch:1; watch:2; watch:3"
    assert alert.sentence == (
        "3 incidents (explosion 3), 3 or more within 30 minutes, 1 Jun 2031, 10:00–10:25 local."
    )
    # The series goes on, far longer than the window, and is not told again.
    for number in range(4, 14):
        write(ledger, incident(number, 275 - 10 * (number - 3)))
        assert raised(ledger) == []
    # Two alone, then a third: after the pause the rule is armed again.
    write(ledger, incident(20, 60), incident(21, 50))
    assert raised(ledger) == []
    write(ledger, incident(22, 45))
    assert [alert.counted for alert in raised(ledger)] == [3]


def test_a_window_is_half_open(ledger):
    rule(ledger, count_least=2, window_minutes=30.0)
    write(ledger, incident(1, 100), incident(2, 70))
    assert raised(ledger) == []
    write(ledger, incident(3, 70.5))
    assert [alert.incidents for alert in raised(ledger)] == ["watch:1; watch:3; watch:2"]


def test_numbers_are_counted_by_sector_where_the_rule_says_so(ledger):
    land(ledger)
    rule(
        ledger,
        sectors="North; South",
        count_least=2,
        count_per=SECTOR,
        window_minutes=60.0,
    )
    write(ledger, incident(1, 10), incident(2, 5, lat=47.9), incident(3, 7, lon=37.9))
    assert raised(ledger) == []
    write(ledger, incident(4, 8, lat=47.8))
    (alert,) = raised(ledger)
    assert (alert.sector, alert.counted) == ("South", 2)
    assert "sector South" in alert.sentence


def test_the_incidents_own_numbers_are_counted_where_the_rule_says_so(ledger):
    rule(ledger, count_least=10, count_of="counts", window_minutes=60.0)
    write(ledger, incident(1, 10, count_low=6), incident(2, 5, count_low=None))
    assert raised(ledger) == []
    write(ledger, incident(3, 1, count_low=4))
    (alert,) = raised(ledger)
    assert alert.counted == 10
    assert "At least 10 and an undetermined number in 3 incidents (explosion 3)" in alert.sentence


def test_what_has_no_time_of_day_is_in_no_short_window_and_duplicates_count_once(ledger):
    rule(ledger, count_least=3, window_minutes=60.0)
    day = incident(1, 60.0 * 20, time_precision="day", occurred_to=NOW)
    write(ledger, day, incident(2, 1199.0), incident(3, 1198.0), incident(4, 1197.0))
    link_incidents(ledger, [("watch:4", "watch:3")], "duplicate_of", "Ana", "same")
    assert raised(ledger) == []
    write(ledger, incident(5, 1196.0))
    assert [alert.counted for alert in raised(ledger)] == [3]


def test_a_rule_that_cannot_be_evaluated_says_so_once_and_the_others_go_on(ledger):
    land(ledger)
    rule(ledger, "A", distance_m=100.0, front="Nowhere")
    rule(ledger, "B")
    write(ledger, incident(1))
    alerts = raised(ledger)
    assert [alert.kind for alert in alerts] == ["not_evaluated", "incident"]
    assert "“Rule A” could not be evaluated" in alerts[0].sentence
    assert "Nowhere" in alerts[0].sentence
    write(ledger, incident(2))
    assert [alert.kind for alert in raised(ledger)] == ["incident"]
    acknowledge(ledger, [alerts[0].alert_id], "Ana", "will see")
    write(ledger, incident(3))
    assert [alert.kind for alert in raised(ledger)] == ["not_evaluated", "incident"]


@pytest.mark.parametrize(
    "values",
    [
        {"count_least": 3},
        {"max_age_hours": 1e300},
        {"count_least": 3, "window_minutes": 1e300},
        {"site_distance_m": 5.0},
        {"area": "a field"},
        {"min_probability": -1.0, "distance_m": 5.0},
        {"count_least": 2, "window_minutes": 5.0, "count_per": "sector"},
    ],
)
def test_a_rule_that_a_form_wrote_wrongly_says_so_and_the_others_go_on(ledger, values):
    land(ledger)
    rule(ledger, "A", **values)
    rule(ledger, "B")
    write(ledger, incident(1))
    assert [alert.kind for alert in raised(ledger)] == ["not_evaluated", "incident"]


def test_a_rule_speaks_of_what_is_recorded_after_it(ledger):
    write(ledger, incident(1))
    assert raised(ledger) == []
    rule(ledger)
    assert raised(ledger) == []
    write(ledger, incident(2))
    assert ids(raised(ledger)) == ["watch:2"]


def test_an_alert_stands_until_it_is_acknowledged_with_a_reason(ledger):
    rule(ledger)
    write(ledger, incident(1), incident(2))
    first, second = raised(ledger)
    with pytest.raises(CeasefireError, match="with a reason"):
        acknowledge(ledger, None, "Ana", " ")
    with pytest.raises(CeasefireError, match="no alert “alert:none”"):
        acknowledge(ledger, [first.alert_id, "alert:none"], "Ana", "seen")
    assert len(open_alerts(ledger)) == 2
    (done,) = acknowledge(ledger, [first.alert_id], "Ana", "seen")
    assert (done.acknowledged_by, done.acknowledged_why) == ("Ana", "seen")
    assert open_alerts(ledger) == [second]
    assert acknowledge(ledger, [first.alert_id], "Ben", "too") == []
    assert len(acknowledge(ledger, None, "Ben", "all seen")) == 1
    revision = ledger.history(second.alert_id, "alerts")[-1]
    assert (revision.who, revision.why) == ("Ben", "all seen")


def test_stopped_it_tells_nothing_and_then_all(ledger):
    rule(ledger)
    write(ledger, incident(1))
    with pytest.raises(Cancelled):
        raise_alerts(ledger, now=NOW, cancelled=lambda: True)
    assert ledger.read("alerts") == []
    assert ids(raised(ledger)) == ["watch:1"]


def test_what_fails_while_alerts_are_written_is_told_the_next_time(ledger, monkeypatch):
    from ceasefire_monitor.ledger import alerting

    rule(ledger)
    write(ledger, incident(1))

    def broken(*_):
        raise CeasefireError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(alerting, "write_new", broken)
        with pytest.raises(CeasefireError, match="disk is full"):
            raised(ledger)
    assert ids(raised(ledger)) == ["watch:1"]


def test_of_two_at_once_one_tells(ledger):
    from ceasefire_monitor.ledger.opening import open_ledger

    rule(ledger)
    write(ledger, incident(1))
    told = []

    def first_the_other():
        if not told:
            told.append(None)
            with open_ledger(ledger.path) as other:
                told.extend(raise_alerts(other, now=NOW))
        return False

    assert raise_alerts(ledger, now=NOW, cancelled=first_the_other) == []
    assert ids(told[1:]) == ["watch:1"]
    assert len(ledger.read("alerts")) == 1


def test_a_difference_between_two_days_does_not_tell_of_alerts(ledger):
    rule(ledger)
    write(ledger, incident(1))
    raised(ledger)
    begin = NOW - timedelta(days=20_000)
    tables = {change.table.name for change in ledger.changes(begin, NOW + timedelta(days=9_999))}
    assert tables == {"incidents"}
