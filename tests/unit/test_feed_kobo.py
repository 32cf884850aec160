"""KoboToolbox: pages by the server's links, sparse answers, places, labels, nobody's name."""

from __future__ import annotations

import json

import pytest

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from tests.feedservers.asking import ask, checked, imported, incidents
from tests.feedservers.kobo_server import KEY, UID, KoboServer, submission

LET_IN = Credentials(token=KEY)
MAPPING = {"occurred_from": "incident_date", "description": "remarks"}
CONTENT = {
    "translations": ["English (en)", "Other (xx)"],
    "survey": [
        {"type": "start", "name": "start", "$xpath": "start"},
        {"type": "end", "name": "end", "$xpath": "end"},
        {"type": "username", "name": "who", "$xpath": "who"},
        {"type": "begin_group", "name": "what", "$xpath": "what"},
        {"type": "date", "name": "incident_date", "$xpath": "what/incident_date"},
        {
            "type": "select_multiple",
            "name": "category",
            "$xpath": "what/category",
            "select_from_list_name": "kinds",
        },
        {"type": "end_group"},
        {"type": "geopoint", "name": "location", "$xpath": "location"},
        {"type": "text", "name": "remarks", "$xpath": "remarks"},
        {"type": "text", "name": "reporter_name", "$xpath": "reporter_name"},
        {"type": "text", "name": "contact_phone", "$xpath": "contact_phone"},
        {"type": "begin_repeat", "name": "seen", "$xpath": "seen"},
        {"type": "text", "name": "weapon", "$xpath": "seen/weapon"},
        {"type": "end_repeat"},
    ],
    "choices": [
        {"list_name": "kinds", "name": "1", "label": ["Shelling", "Beschuss"]},
        {"list_name": "kinds", "name": "2", "label": ["Small-arms fire", "Schüsse"]},
    ],
}


def report(number: int, **more) -> dict:
    answers = {"what/incident_date": f"2025-02-{number % 28 + 1:02d}", "what/category": "1"}
    return submission(number, **{**answers, **more})


def asked(server, **more):
    options = {"asset": UID, **more.pop("options", {})}
    return ask("kobo", server.address, LET_IN, options=options, **more)


@pytest.mark.parametrize("cap", [3, 7, 100])
def test_follows_the_servers_pages_whatever_limit_it_caps(cap):
    with KoboServer([report(n) for n in range(1, 23)], CONTENT, cap=cap) as server:
        told = asked(server)
        assert told.outcome.complete and told.outcome.snapshot and told.outcome.total == 22
        assert [one["source_id"] for one in told.records] == [str(n) for n in range(1, 23)]
        assert told.warnings == []
        starts = [one.one("start") for one in server.log if one.path.endswith("data.json")]
        assert starts[0] is None, "the first page asks for no start"
        assert starts[1 : -(-22 // cap)] == [str(n) for n in range(cap, 22, cap)]


def test_incidents_have_the_forms_id_place_time_words_and_verification():
    one = report(
        5,
        **{
            "what/category": "1 2",
            "location": "14.719783 -17.459261 12 4.5",
            "_geolocation": [14.719783, -17.459261],
            "remarks": "Seen from the road.",
            "_validation_status": {"uid": "validation_status_approved", "by_whom": "chief"},
        },
    )
    with KoboServer([one], CONTENT) as server:
        told = asked(server)
    made = incidents("kobo", told, MAPPING)[f"kobo/{UID}:5"]
    assert (made.longitude, made.latitude) == (-17.459261, 14.719783)
    assert made.uncertainty_m == pytest.approx(4.5 * 1.6215, abs=0.1)
    assert made.occurred_from.isoformat() == "2025-02-06T00:00:00+00:00"
    assert made.verification == "confirmed"
    assert made.term == "Shelling; Small-arms fire" and made.category == "firing/shelling"
    assert made.description == "Seen from the road."
    assert "chief" not in json.dumps(told.records)


def test_labels_in_another_language_and_codes_when_asked():
    with KoboServer([report(1, **{"what/category": "2 9"})], CONTENT) as server:
        other = asked(server, options={"language": "Other"}).records[0]
        codes = asked(server, options={"answers": "codes"}).records[0]
    assert other["category"] == other["what/category"] == "Schüsse; 9"
    assert codes["category"] == "2 9"


def test_no_place_where_kobo_writes_null_and_the_geolocation_where_no_question_has_it():
    records = [report(1), report(2, _geolocation=[14.5, -17.25])]
    with KoboServer(records, CONTENT) as server:
        made = incidents("kobo", asked(server), MAPPING)
    assert made[f"kobo/{UID}:1"].longitude is None
    assert (made[f"kobo/{UID}:2"].longitude, made[f"kobo/{UID}:2"].latitude) == (-17.25, 14.5)


def test_the_question_for_the_place_can_be_chosen_and_lines_have_a_radius():
    trace = "14.0 -17.0 0 0;14.0 -17.02 0 0"
    record = report(1, location="15.0 -16.0 0 0", **{"what/road": trace})
    with KoboServer([record], None) as server:
        told = asked(server, options={"geo_question": "road"})
        made = incidents("kobo", told, {"occurred_from": "incident_date"})
    only = made[f"kobo/{UID}:1"]
    assert (only.longitude, only.latitude) == pytest.approx((-17.01, 14.0))
    assert only.uncertainty_m == pytest.approx(1079, rel=0.01)


def test_columns_are_the_same_on_every_page_though_the_answers_differ():
    records = [
        report(1),
        report(2, remarks="first with a remark"),
        submission(3, **{"what/incident_date": "2025-02-03", "extra": "not in the form"}),
        report(4),
    ]
    with KoboServer(records, CONTENT, cap=1) as server:
        told = asked(server)
    assert {"remarks", "incident_date", "what/incident_date", "category"} <= set(
        told.batches[0].columns
    )
    assert "extra" in told.batches[3].columns, "a column once met stays"
    results = imported("kobo", told, MAPPING)
    assert [len(result.incidents) for result in results] == [1, 1, 1, 1]
    assert [result.rejected for result in results] == [[], [], [], []]


def test_without_the_forms_content_answers_are_still_read_and_it_is_said():
    with KoboServer([report(1, location="14.5 -17.25 0 3")], None) as server:
        told = asked(server)
    assert any("questions could not be read" in one for one in told.warnings)
    made = incidents("kobo", told, {"occurred_from": "incident_date"})[f"kobo/{UID}:1"]
    assert (made.longitude, made.latitude) == (-17.25, 14.5) and made.place is None


def test_nobodys_name_telephone_or_device_is_taken_unless_asked_for():
    record = report(
        1,
        who="patrol_two",
        reporter_name="Ada Example",
        contact_phone="+1 555 0100",
        deviceid="352099001761481",
        **{"group/FullName": "Ben Example", "meta/audit": "audit.csv"},
    )
    with KoboServer([record], CONTENT) as server:
        told = asked(server)
        some = asked(server, options={"personal_fields": "reporter_name"})
    text = json.dumps([[batch.columns, batch.rows] for batch in told.batches])
    for secret in ("patrol_two", "Ada", "0100", "352099001761481", "Ben", "audit", "bc989238"):
        assert secret not in text
    assert "reporter_name" in told.notes and "personal_fields" in told.notes
    assert some.records[0]["reporter_name"] == "Ada Example"
    assert "contact_phone" not in some.records[0]


def test_an_edit_keeps_the_id_and_a_deletion_is_an_absence_in_a_snapshot():
    with KoboServer([report(n) for n in (1, 2, 3)], CONTENT) as server:
        first = asked(server)
        server.records[2].update(_uuid="new", **{"what/category": "2", "meta/deprecatedID": "old"})
        del server.records[3]
        second = asked(server, mark=first.outcome.mark)
    assert second.outcome.snapshot and second.outcome.window is None
    before, after = incidents("kobo", first, MAPPING), incidents("kobo", second, MAPPING)
    assert set(before) - set(after) == {f"kobo/{UID}:3"}
    assert after[f"kobo/{UID}:2"].category == "firing/undetermined"
    assert after[f"kobo/{UID}:1"] == before[f"kobo/{UID}:1"]


def test_a_deletion_and_an_addition_between_two_pages_lose_nothing():
    with KoboServer([report(n) for n in range(1, 11)], CONTENT, cap=5) as server:

        def shift(number):
            if number == 2:
                del server.records[3]
                server.records[11] = report(11)

        server.before_page = shift
        told = asked(server)
    ids = [one["source_id"] for one in told.records]
    assert set(ids) >= {str(n) for n in (1, 2, *range(4, 12))} and len(ids) == len(set(ids))
    assert told.outcome.complete


def test_a_count_that_does_not_match_a_circle_and_another_host_are_no_snapshot():
    with KoboServer([report(n) for n in range(1, 7)], CONTENT, cap=3) as server:
        server.count_off = 2
        short = asked(server)
        server.count_off, server.cap = 0, 2
        server.next_link = f"{server.address}/api/v2/assets/{UID}/data.json?start=2&limit=2"
        circle = asked(server)
        server.next_link = "http://127.0.0.2:9/api/v2/assets/x/data.json"
        with pytest.raises(FeedError) as away:
            asked(server)
    assert not short.outcome.complete and not short.outcome.snapshot
    assert any("8" in one and "6 came" in one for one in short.warnings)
    assert not circle.outcome.snapshot and any("circle" in one for one in circle.warnings)
    assert away.value.reason is Reason.REDIRECTED


def test_a_hidden_form_a_wrong_key_and_a_bad_query_are_told_in_words():
    with KoboServer([report(1)], CONTENT) as server:
        server.hidden = True
        with pytest.raises(FeedError, match="not shared with this account"):
            asked(server)
        server.hidden = False
        with pytest.raises(FeedError, match="as JSON"):
            asked(server, options={"query": "{sector"})
        with pytest.raises(FeedError, match="option asset"):
            ask("kobo", server.address, LET_IN)
        wrong = checked("kobo", server.address, Credentials(token="x" * 40), options={"asset": UID})
    assert wrong.reachable and not wrong.authorised and len(wrong.sentences) == 1


def test_a_query_narrows_and_the_browsers_address_names_the_form():
    records = [report(1, sector="north"), report(2, sector="south")]
    with KoboServer(records, CONTENT) as server:
        told = ask(
            "kobo",
            f"{server.address}/#/forms/{UID}/summary",
            LET_IN,
            options={"query": {"sector": "south"}},
        )
    assert [one["source_id"] for one in told.records] == ["2"]


def test_a_trial_tells_rows_and_days():
    records = [report(1), report(2, _submission_time="2025-05-02T03:04:05")]
    with KoboServer(records, CONTENT) as server:
        found = checked("kobo", server.address, LET_IN, options={"asset": UID})
    assert found.reachable and found.authorised and found.rows == 2
    assert (found.first.isoformat(), found.last.isoformat()) == ("2025-03-01", "2025-05-02")


@pytest.mark.parametrize(
    "name, rows",
    [
        ("kobo_data_1", 5),
        ("kobo_data_2", 5),
        ("kobo_data_geodata_1", 1),
        ("kobo_data_group_names_1", 6),
        ("kobo_data_sm_labels_1", 5),
        ("kobo_data_validation_1", 3),
    ],
)
def test_real_replies_are_read_page_by_page(real_data, name, rows):
    path = real_data / "kobo_replies" / f"{name}.json"
    if not path.is_file():
        pytest.skip("these replies are not beside this repository")
    records = json.loads(path.read_text())["results"]
    with KoboServer(records, None, cap=2) as server:
        told = asked(server)
    assert len(told.records) == rows and told.outcome.snapshot
    made = incidents("kobo", told, {"occurred_from": "submission_time"})
    assert len(made) == rows
    given = {str(one["_id"]): one for one in records}
    for one in made.values():
        record = given[one.source_id]
        assert one.occurred_from.isoformat()[:16] == record["_submission_time"][:16]
        latitude, longitude = record["_geolocation"]
        assert (one.latitude, one.longitude) == (latitude, longitude)
        status = (record.get("_validation_status") or {}).get("uid", "")
        expected = {"approved": "confirmed", "not_approved": "could_not_verify"}
        expected["on_hold"] = "followed_up"
        assert one.verification == expected.get(status[18:], "unverified")
    names = {record.get("full_name") for record in records} - {None}
    written = json.dumps(told.records)
    assert not any(f'"{one}"' in written for one in names)
