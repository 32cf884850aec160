"""The algorithms of feeds in real QGIS, against scripted servers on loopback."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sysconfig
import threading
import time
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

import pytest
from qgis.core import QgsApplication, QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.tests.feedservers.reports_server import ReportsServer, report

TOKEN = "s3cret token of the north/field"  # nosec B105  invented for this test
COUNTS = ("ADDED", "CHANGED", "WITHDRAWN", "REAPPEARED", "UNCHANGED", "REJECTED_ROWS")


class Listening(QgsProcessingFeedback):
    """A feedback that keeps all that it is told."""

    def __init__(self):
        super().__init__(False)
        self.told, self.warned, self.failed = [], [], []

    def pushInfo(self, text):
        self.told.append(text)

    def pushWarning(self, text):
        self.warned.append(text)

    def reportError(self, text, fatalError=False):  # noqa: N803  QGIS's own name
        self.failed.append(text)

    def text(self) -> str:
        return "\n".join([*self.told, *self.warned, *self.failed])


@pytest.fixture
def server():
    with ReportsServer() as serving:
        serving.reports = {f"r{number}": report(number) for number in range(1, 6)}
        yield serving


@pytest.fixture
def path(tmp_path):
    place = str(tmp_path / "Журнал 5.gpkg")
    with Ledger.create(place, {"timezone": "Africa/Nairobi"}):
        pass
    return place


@pytest.fixture
def listen(provider):
    """Run an algorithm by id; returns its results and what it said."""
    import processing

    def run_algorithm(identifier, **parameters):
        feedback = Listening()
        return processing.run(f"ceasefire:{identifier}", parameters, feedback=feedback), feedback

    return run_algorithm


@pytest.fixture
def add(listen, path, server):
    """Add a feed of the scripted server, or of what is given."""

    def add_feed(name="North field", **more):
        given = {"SOURCE": "ogcapi", "ADDRESS": server.collection, **more}
        return listen("addfeed", LEDGER=path, NAME=name, **given)[0]

    return add_feed


def counts(result) -> tuple:
    return tuple(result[name] for name in COUNTS)


def active(path) -> dict:
    """The descriptions of the incidents that are not withdrawn, by the source's id."""
    with Ledger.open(path, readonly=True) as ledger:
        return {
            one.source_id: one.description
            for one in ledger.read("incidents")
            if one.workflow != "withdrawn"
        }


def truth(server) -> dict:
    return {key: one["description"] for key, one in server.reports.items()}


def attributes(layer, *names) -> list:
    """Values of the features of an output."""
    if not isinstance(layer, QgsVectorLayer):
        layer = QgsVectorLayer(layer, "output", "ogr")
    assert layer.isValid()
    return sorted(tuple(feature[name] for name in names) for feature in layer.getFeatures())


def refused(listen, identifier, **parameters) -> str:
    with pytest.raises(QgsProcessingException) as caught:
        listen(identifier, **parameters)
    words = str(caught.value)
    assert "Traceback" not in words and "did not expect" not in words
    return words


def feeds(path) -> list:
    with Ledger.open(path, readonly=True) as ledger:
        return ledger.feeds()


# addfeed


def test_a_feed_takes_what_its_source_proposes_and_is_signed(add, path):
    from ceasefire_monitor.feeds.sources import SOURCES

    made = add(INTERVAL=15, BY="Ana Vale", WHY="asked for by the cell")
    (feed,) = feeds(path)
    source = SOURCES["ogcapi"]
    assert made["FEED_ID"] == feed.feed_id and made["FEED"] == "North field"
    assert (feed.preset, feed.redistribution) == (source.preset, source.redistribution)
    assert (feed.interval_minutes, feed.enabled, feed.keep_raw) == (15, True, False)
    with Ledger.open(path, readonly=True) as ledger:
        (state,) = ledger.history(feed.feed_id, "feeds")
    assert (state.who, state.why) == ("Ana Vale", "asked for by the cell")


def test_a_feed_of_that_name_is_changed_and_the_rest_stays(add, path, listen):
    first = add(NOTES="weekly", QUIET_FROM="22:00", QUIET_TO="06:00", SINCE="2025-03-02")
    second = listen(
        "addfeed", LEDGER=path, NAME="north FIELD", NOTES="-", ENABLED="no", KEEP_RAW="yes"
    )[0]
    assert second["FEED_ID"] == first["FEED_ID"]
    (feed,) = feeds(path)
    assert (feed.feed_name, feed.notes, feed.quiet_from) == ("North field", None, "22:00")
    assert (feed.enabled, feed.keep_raw) == (False, True)
    # Midnight of that day in Nairobi, the ledger's zone.
    assert feed.since == datetime(2025, 3, 1, 21, tzinfo=timezone.utc)


def test_a_feed_that_was_so_already_gets_no_revision(add, path):
    made = add()
    add()
    with Ledger.open(path, readonly=True) as ledger:
        assert len(ledger.history(made["FEED_ID"], "feeds")) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"OPTIONS": '{"colour": "red"}'}, "no option “colour”"),
        ({"OPTIONS": '{"limit": "many"}'}, "give a whole number"),
        ({"SOURCE": None}, "choose SOURCE"),
        ({"TIMEZONE": "Mars/Olympus"}, "Mars/Olympus"),
        ({"SINCE": "soon"}, "“soon” is not a date"),
        ({"QUIET_FROM": "22:00"}, "both ends"),
        ({"ADDRESS": "https://ana:geheim@x.example/"}, "holds a secret"),
        ({"ADDRESS": "https://x.example/?token=geheim"}, "the parameter “token”"),
        ({"OPTIONS": '{"password": "geheim"}'}, "looks like a secret"),
    ],
)
def test_what_is_wrong_with_a_feed_is_told_and_nothing_is_added(listen, path, server, wrong, words):
    given = {"SOURCE": "ogcapi", "ADDRESS": server.collection, **wrong}
    told = refused(listen, "addfeed", LEDGER=path, NAME="Bad", **given)
    assert words in told and "geheim" not in told
    assert feeds(path) == []
    assert b"geheim" not in Path(path).read_bytes()


def test_a_change_that_renames_every_incident_is_warned_of(add, path, listen):
    add(MAPPING='{"category": "what"}')

    def said(mapping):
        return listen("addfeed", LEDGER=path, NAME="North field", MAPPING=mapping)[1].warned

    assert said('{"category": "kind"}') == []
    (warned,) = said('{"category": "kind", "source": {"value": "mission"}}')
    assert "other ids" in warned and "North field" in warned


def test_credentials_that_the_environment_has_are_not_asked_for(add, path, listen, monkeypatch):
    def said(name, source):
        options = {"kobo": '{"asset": "aV4le"}', "firms": '{"bbox": "20,10,21,11"}'}[source]
        given = {"ADDRESS": "https://k.example", "OPTIONS": options}
        return listen("addfeed", LEDGER=path, NAME=name, SOURCE=source, **given)

    _, log = said("Forms, north", "kobo")
    (asked,) = log.warned
    assert "CEASEFIRE_FEED_FORMS__NORTH_TOKEN" in asked and "_PASSWORD" in asked
    for more in ("USERNAME", "PASSWORD"):
        assert said("Forms, north", "kobo")[1].warned == log.warned
        monkeypatch.setenv(f"CEASEFIRE_FEED_FORMS__NORTH_{more}", TOKEN)
    assert said("Forms, north", "kobo")[1].warned == []
    # A map key is a token: a user name with a password is none.
    monkeypatch.setenv("CEASEFIRE_FEED_FIRES_USERNAME", "ana")
    monkeypatch.setenv("CEASEFIRE_FEED_FIRES_PASSWORD", TOKEN)
    (asked,) = said("Fires", "firms")[1].warned
    assert "CEASEFIRE_FEED_FIRES_TOKEN" in asked and "_PASSWORD" not in asked
    monkeypatch.setenv("CEASEFIRE_FEED_FIRES_TOKEN", TOKEN)
    _, log = said("Fires", "firms")
    assert log.warned == [] and "CEASEFIRE_FEED_FIRES_TOKEN" in log.text()
    assert TOKEN not in log.text()


# fetchfeed


def test_first_fetch_then_only_what_changed(add, path, server, listen, tmp_path):
    add()
    output = str(tmp_path / "new.gpkg")
    first, log = listen("fetchfeed", LEDGER=path, FEED="North field", OUTPUT=output)
    assert counts(first) == (5, 0, 0, 0, 0, 0) and first["COMPLETE"] == 1
    assert first["ROWS"] == 5 and first["LEDGER"] == path
    assert active(path) == truth(server)
    assert len(attributes(output, "incident_id")) == 5
    assert "5 added" in log.text()

    server.reports["r2"]["description"] = "seen"
    del server.reports["r4"]
    server.reports["r9"] = report(9, lon=None)
    second, _ = listen("fetchfeed", LEDGER=path, FEED="North field", OUTPUT=output)
    assert counts(second) == (1, 1, 1, 0, 3, 0) and second["COMPLETE"] == 1
    assert attributes(output, "source_id", "change", "feed_name") == [
        ("r2", "changed", "North field"),
        ("r9", "added", "North field"),
    ]
    assert active(path) == truth(server)

    server.reports["r4"] = report(4)
    third, _ = listen("fetchfeed", LEDGER=path, FEED="North field", OUTPUT=output)
    assert counts(third) == (0, 0, 0, 1, 5, 0)
    assert attributes(output, "source_id", "change") == [("r4", "reappeared")]
    fourth, _ = listen("fetchfeed", LEDGER=path, FEED="North field", OUTPUT=output)
    assert counts(fourth) == (0, 0, 0, 0, 6, 0) and attributes(output, "source_id") == []


def test_what_was_withdrawn_keeps_its_history_and_says_why(add, path, server, listen):
    add()
    listen("fetchfeed", LEDGER=path, FEED="North field")
    del server.reports["r1"]
    assert listen("fetchfeed", LEDGER=path, FEED="North field")[0]["WITHDRAWN"] == 1
    with Ledger.open(path, readonly=True) as ledger:
        gone = next(one for one in ledger.read("incidents") if one.source_id == "r1")
        assert gone.workflow == "withdrawn" and gone.description == "heard"
        states = ledger.history(gone.incident_id)
    assert len(states) == 2 and "North field" in f"{states[-1].who} {states[-1].why}"


def test_a_row_that_cannot_be_read_is_set_aside_with_its_reason(
    add, path, server, listen, tmp_path
):
    server.reports["odd"] = report(1, date="the day before")
    add()
    aside = str(tmp_path / "aside.csv")
    result, log = listen("fetchfeed", LEDGER=path, FEED="North field", REJECTED=aside)
    assert (result["ADDED"], result["REJECTED_ROWS"], result["ROWS"]) == (5, 1, 6)
    assert "the day before" in Path(aside).read_text(encoding="utf-8")
    assert "set aside" in log.text()


def test_a_short_reading_is_told_and_nothing_is_withdrawn(add, path, server, listen):
    add(OPTIONS='{"limit": 2}')
    assert listen("fetchfeed", LEDGER=path, FEED="North field")[0]["ADDED"] == 5
    server.page, server.fault = 2, "short"
    result, log = listen("fetchfeed", LEDGER=path, FEED="North field")
    assert (result["COMPLETE"], result["WITHDRAWN"]) == (0, 0)
    assert "incomplete" in log.text().lower()
    assert set(active(path)) == set(server.reports)


def test_an_empty_source_is_a_fault_unless_it_is_meant(add, path, server, listen):
    add()
    listen("fetchfeed", LEDGER=path, FEED="North field")
    server.reports.clear()
    kept, log = listen("fetchfeed", LEDGER=path, FEED="North field")
    assert kept["WITHDRAWN"] == 0 and len(active(path)) == 5 and log.warned
    meant, _ = listen("fetchfeed", LEDGER=path, FEED="North field", ALLOW_EMPTY=True)
    assert meant["WITHDRAWN"] == 5 and active(path) == {}


def test_since_is_in_the_theatres_time(add, path, server, listen):
    add(OPTIONS='{"datetime_filter": true}')
    for zone, sent in (("", "2025-03-02T21:00:00Z/.."), ("Asia/Tokyo", "2025-03-02T15:00:00Z/..")):
        server.log.clear()
        listen(
            "fetchfeed", LEDGER=path, FEED="North field", SINCE="2025-03-03", TIMEZONE=zone, FULL=1
        )
        assert sent in [request.one("datetime") for request in server.log]


def test_full_asks_for_everything_again(add, path, server, listen, monkeypatch):
    from ceasefire_monitor.tests.feedservers.serving import with_validator

    plain = server.answer
    monkeypatch.setattr(server, "answer", lambda request: with_validator(request, plain(request)))
    add()
    listen("fetchfeed", LEDGER=path, FEED="North field")
    again, log = listen("fetchfeed", LEDGER=path, FEED="North field")
    assert (again["ROWS"], again["COMPLETE"]) == (0, 1) and "nothing new" in log.text()
    full, _ = listen("fetchfeed", LEDGER=path, FEED="North field", FULL=True)
    assert (full["ROWS"], full["UNCHANGED"]) == (5, 5)


def test_a_feed_in_json_is_kept_in_step_without_being_kept(listen, path, server):
    said = json.dumps({"name": "Passing", "source": "ogcapi", "address": server.collection})
    assert listen("fetchfeed", LEDGER=path, FEED=said)[0]["ADDED"] == 5
    del server.reports["r3"]
    assert counts(listen("fetchfeed", LEDGER=path, FEED=said)[0]) == (0, 0, 1, 0, 4, 0)
    assert feeds(path) == []


def test_a_feed_in_json_is_read_once_without_a_ledger(listen, server):
    said = json.dumps({"source": "ogcapi", "address": server.collection})
    result, _ = listen("fetchfeed", FEED=said, OUTPUT="TEMPORARY_OUTPUT")
    assert result["ADDED"] == 5 and result["OUTPUT"].featureCount() == 5
    assert result["LEDGER"] is None


def put_long_ago(place, text: str) -> None:
    """A file that nobody is writing to any more."""
    place.write_text(text, encoding="utf-8")
    then = time.time() - 3600
    os.utime(place, (then, then))


def test_a_folder_of_files_is_a_feed(listen, path, tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    header = "id,date,category,lat,lon,description\n"
    for number in (1, 2):
        row = f"a{number},2025-03-0{number} 10:00,firing/burst,10,20,heard\n"
        put_long_ago(folder / f"day{number}.csv", header + row)
    listen("addfeed", LEDGER=path, NAME="Files", SOURCE="url", ADDRESS=str(folder / "*.csv"))
    first, log = listen("fetchfeed", LEDGER=path, FEED="Files")
    assert first["ADDED"] == 2, log.text()
    text = (folder / "day1.csv").read_text(encoding="utf-8").replace("heard", "seen")
    put_long_ago(folder / "day1.csv", text)
    result, _ = listen("fetchfeed", LEDGER=path, FEED="Files")
    assert (result["ADDED"], result["CHANGED"]) == (0, 1)
    assert sorted(active(path).values()) == ["heard", "seen"]


@pytest.mark.parametrize(
    ("feed", "ledger", "words"),
    [
        ("South field", True, "no feed “South field”: it has “North field”"),
        ("", True, "FEED"),
        ("South field", False, "give LEDGER"),
        ('{"source": "ogcapi"', True, "FEED is not JSON"),
        ('{"source": "ogcapi", "colour": 1}', True, "a key “colour”"),
        ('{"source": "ogcapi", "address": "https://a:geheim@b/"}', True, "holds a secret"),
    ],
)
def test_a_feed_that_is_not_there_or_not_said_is_told(add, listen, path, feed, ledger, words):
    add()
    told = refused(listen, "fetchfeed", FEED=feed, **({"LEDGER": path} if ledger else {}))
    assert words in told and "geheim" not in told


# Failures and secrets


@pytest.fixture
def secret(monkeypatch, server):
    """The server asks for a token, and the environment has it for the feed “North field”."""
    server.token = TOKEN
    monkeypatch.setenv("CEASEFIRE_FEED_NORTH_FIELD_TOKEN", TOKEN)
    encoded = base64.b64encode(TOKEN.encode()).decode()
    return [TOKEN, quote(TOKEN), quote(TOKEN, safe=""), encoded, TOKEN.encode().hex()]


@pytest.fixture
def message_log(qgis_app):
    """All that goes to QGIS's message log meanwhile."""
    lines: list = []
    log = QgsApplication.messageLog()

    def note(text, tag, level):
        lines.append(f"{tag}: {text}")

    log.messageReceived.connect(note)
    yield lines
    log.messageReceived.disconnect(note)


def written(path) -> bytes:
    folder = Path(path).parent
    return b"".join(place.read_bytes() for place in folder.rglob("*") if place.is_file())


def test_a_failure_is_one_sentence_without_a_secret(add, path, server, listen, secret, message_log):
    import processing

    add(KEEP_RAW="yes")
    feedback = Listening()
    parameters = {"LEDGER": path, "FEED": "North field"}
    assert processing.run("ceasefire:fetchfeed", parameters, feedback=feedback)["ADDED"] == 5
    server.fault = "refuse"
    with pytest.raises(QgsProcessingException) as caught:
        processing.run("ceasefire:fetchfeed", parameters, feedback=feedback)
    words = str(caught.value)
    assert "Traceback" not in words and "\n" not in words.strip()
    server.fault = None
    listed, log = listen("listfeeds", LEDGER=path, OUTPUT="TEMPORARY_OUTPUT")
    assert listed["FAILING"] == 1
    assert set(active(path)) == set(server.reports)
    history = "\n".join(json.dumps(one.entry, default=str) for one in history_entries())
    everything = "\n".join(
        [words, feedback.text(), feedback.htmlLog(), log.text(), *message_log, history]
    )
    for form in secret:
        assert form not in everything
        assert form.encode() not in written(path)
    assert any(request.headers.get("authorization") == f"Bearer {TOKEN}" for request in server.log)


def history_entries() -> list:
    """The entries of QGIS's history, Processing's among them."""
    from qgis.gui import QgsGui

    return QgsGui.historyProviderRegistry().queryEntries()


def test_a_wrong_token_is_told_and_the_status_says_so(add, path, server, listen, monkeypatch):
    server.token = TOKEN
    monkeypatch.setenv("CEASEFIRE_FEED_NORTH_FIELD_TOKEN", "another-one-entirely")
    add()
    words = refused(listen, "fetchfeed", LEDGER=path, FEED="North field")
    assert "another-one-entirely" not in words
    assert words.startswith("“North field” failed: ")
    assert "AUTHCFG" in words and "CEASEFIRE_FEED_" in words
    listed, _ = listen("listfeeds", LEDGER=path, OUTPUT="TEMPORARY_OUTPUT")
    ((state, failures, message),) = attributes(listed["OUTPUT"], "state", "failures", "message")
    assert (state, failures) == ("failing", 1) and message
    assert b"another-one-entirely" not in written(path)


def test_credentials_that_cannot_be_read_are_told_and_the_status_says_so(add, path, listen):
    add(AUTHCFG="zz99zz9")
    words = refused(listen, "fetchfeed", LEDGER=path, FEED="North field")
    assert "authentication" in words
    assert listen("listfeeds", LEDGER=path)[0]["FAILING"] == 1
    found = listen("testfeed", LEDGER=path, FEED="North field")[0]
    assert found["WORKS"] == 0 and "was not asked" in found["REPORT"]


def test_cancel_ends_it_within_a_second_and_writes_nothing(add, path, server, provider):
    import processing

    add()
    server.fault = "stall"
    feedback = Listening()
    moments = {}

    def stop():
        server.stalled.wait(20)
        moments["asked"] = time.monotonic()
        feedback.cancel()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(QgsProcessingException):
        processing.run(
            "ceasefire:fetchfeed", {"LEDGER": path, "FEED": "North field"}, feedback=feedback
        )
    ended = time.monotonic()
    thread.join()
    assert ended - moments["asked"] < 1.0
    assert active(path) == {}


def test_offline_nothing_is_asked(add, path, server, listen, monkeypatch):
    add()
    monkeypatch.setenv("CEASEFIRE_OFFLINE", "1")
    server.log.clear()
    words = refused(listen, "fetchfeed", LEDGER=path, FEED="North field")
    assert "offline" in words.lower() and server.log == []


@pytest.mark.parametrize("identifier", ["fetchfeed", "fetchallfeeds", "testfeed"])
def test_offline_no_login_is_read(add, path, listen, monkeypatch, identifier):
    add(AUTHCFG="zz99zz9")
    monkeypatch.setenv("CEASEFIRE_OFFLINE", "1")
    given = {} if identifier == "fetchallfeeds" else {"FEED": "North field"}
    try:
        words = listen(identifier, LEDGER=path, **given)[0]["REPORT"]
    except QgsProcessingException as error:
        words = str(error)
    assert "offline" in words.lower() and "zz99zz9" not in words


# fetchallfeeds, listfeeds


def test_warnings_name_their_feed_and_are_reported(add, path, server, listen):
    with ReportsServer() as short, ReportsServer() as odd:
        short.reports, short.page = dict(server.reports), 2
        odd.reports = {"z1": report(20), "z2": report(1, date="the day before")}
        add("A whole")
        add("B short", ADDRESS=short.collection, OPTIONS='{"limit": 2}')
        add("C odd", ADDRESS=odd.collection)
        short.fault = "short"
        result, log = listen("fetchallfeeds", LEDGER=path)
    lines = result["REPORT"].splitlines()
    of = {
        name: [line for line in lines if line.startswith(f"“{name}”: ")]
        for name in ("A whole", "B short", "C odd")
    }
    assert sum(map(len, of.values())) == len(lines) == len(of["A whole"]) + len(log.warned) + 2
    assert len(of["A whole"]) == 1 and len(of["B short"]) >= 2
    assert "Row 2 was set aside: the date" in of["C odd"][1]
    assert log.warned == of["B short"][1:] + of["C odd"][1:]


def test_cancel_among_the_feeds_keeps_what_the_first_brought(add, path, server, provider):
    import processing

    with ReportsServer() as stalling, ReportsServer() as last:
        stalling.reports = {"y1": report(10)}
        stalling.fault = "stall"
        add("A first")
        add("B in the middle", ADDRESS=stalling.collection)
        add("C last", ADDRESS=last.collection)
        feedback = Listening()
        moments = {}

        def stop():
            stalling.stalled.wait(20)
            moments["asked"] = time.monotonic()
            feedback.cancel()

        thread = threading.Thread(target=stop)
        thread.start()
        with pytest.raises(QgsProcessingException, match="Stopped after 1 of 3 feeds") as caught:
            processing.run("ceasefire:fetchallfeeds", {"LEDGER": path}, feedback=feedback)
        assert time.monotonic() - moments["asked"] < 1.0
        thread.join()
        assert "is kept" in str(caught.value)
        assert active(path) == truth(server) and last.log == []
        with Ledger.open(path, readonly=True) as ledger:
            runs = [ledger.feed_status(feed.feed_id).run for feed in ledger.feeds()]
            assert sorted(runs) == [0, 0, 1] and ledger.verify().holds


def test_a_feed_that_another_run_fetched_meanwhile_has_not_failed(add, path, server, listen):
    from ceasefire_monitor.feeds.http.client import Client
    from ceasefire_monitor.feeds.http.credentials import Credentials
    from ceasefire_monitor.feeds.sources import source_named
    from ceasefire_monitor.ledger.feedsync import synchronise

    add()
    plain, others = server.respond, []

    def respond(request, handler):
        if not others and request.path.endswith("/items"):
            others.append(None)
            with Ledger.open(path) as ledger, Client() as client:
                feed, source = ledger.feed("North field"), source_named("ogcapi")
                others.append(synchronise(ledger, feed, source, client, Credentials(), "Boris"))
        plain(request, handler)

    server.respond = respond
    result, log = listen("fetchallfeeds", LEDGER=path, STRICT=True)
    assert others[1].added == 5 and active(path) == truth(server)
    assert (result["FETCHED"], result["FAILED"], result["SKIPPED"]) == (0, 0, 1)
    assert result["COMPLETE"] == 1 and log.failed == []
    assert result["REPORT"].startswith("“North field”: Another program fetched")
    assert listen("listfeeds", LEDGER=path)[0]["FAILING"] == 0


def test_a_first_fetch_without_any_category_says_so_once(add, path, server, listen):
    def kind_only(number):
        one = report(number)
        one["kind"] = one.pop("category")
        return one

    server.reports = {f"r{number}": kind_only(number) for number in range(1, 4)}
    add()
    _, log = listen("testfeed", LEDGER=path, FEED="North field")
    assert "No column was taken for the category" in log.text()
    told = [line for line in log.told if line.startswith("No column was taken")]
    assert len(told) == 1
    result, log = listen("fetchfeed", LEDGER=path, FEED="North field")
    assert result["ADDED"] == 3
    (warned,) = log.warned
    assert "“North field”: No category was recognised" in warned and "MAPPING" in warned
    server.reports["r9"] = kind_only(9)
    assert listen("fetchfeed", LEDGER=path, FEED="North field")[1].warned == []
    add(MAPPING='{"category": "kind"}')
    found = listen("testfeed", LEDGER=path, FEED="North field")[0]
    assert "No column was taken" not in found["REPORT"]
    listen("fetchfeed", LEDGER=path, FEED="North field", FULL=True)
    with Ledger.open(path, readonly=True) as ledger:
        assert {one.category for one in ledger.read("incidents")} == {"firing/shelling"}


def test_one_that_fails_in_the_middle_does_not_stop_the_others(add, path, server, listen):
    with ReportsServer() as broken, ReportsServer() as last:
        broken.fault = "refuse"
        last.reports = {"z1": report(20)}
        add("A first")
        add("B in the middle", ADDRESS=broken.collection)
        add("C last", ADDRESS=last.collection)
        add("D paused", ENABLED="no")
        result, log = listen("fetchallfeeds", LEDGER=path, OUTPUT="TEMPORARY_OUTPUT")
        assert (result["FETCHED"], result["FAILED"], result["SKIPPED"]) == (2, 1, 1)
        assert (result["ADDED"], result["COMPLETE"]) == (6, 0)
        lines = result["REPORT"].splitlines()
        assert [line.split("”")[0] for line in lines] == ["“A first", "“B in the middle", "“C last"]
        assert "failed" in lines[1] and log.failed == [lines[1]]
        found = attributes(result["OUTPUT"], "feed_name", "source_id")
        assert found == [("A first", f"r{number}") for number in range(1, 6)] + [("C last", "z1")]
        words = refused(listen, "fetchallfeeds", LEDGER=path, STRICT=True)
        assert "1 of 3 feeds failed" in words and "“B in the middle”" in words


def test_only_those_that_are_due_are_fetched(add, path, server, listen):
    add("Hourly", INTERVAL=60)
    with ReportsServer() as quiet:
        add("Always quiet", ADDRESS=quiet.collection, QUIET_FROM="00:00", QUIET_TO="23:59")
        first = listen("fetchallfeeds", LEDGER=path, ONLY_DUE=True)[0]
        assert (first["FETCHED"], first["SKIPPED"], quiet.log) == (1, 1, [])
        server.log.clear()
        second, log = listen("fetchallfeeds", LEDGER=path, ONLY_DUE=True)
        assert (second["FETCHED"], second["SKIPPED"], server.log) == (0, 2, [])
        assert "interval" in log.text() and "quiet" in log.text()
        assert listen("fetchallfeeds", LEDGER=path)[0]["FETCHED"] == 2


def test_a_failing_feed_waits_before_its_next_turn(add, path, server, listen):
    add(INTERVAL=1)
    server.fault = "refuse"
    assert listen("fetchallfeeds", LEDGER=path, ONLY_DUE=True)[0]["FAILED"] == 1
    result, log = listen("fetchallfeeds", LEDGER=path, ONLY_DUE=True)
    assert (result["FAILED"], result["SKIPPED"]) == (0, 1) and "after a failure" in log.text()


def test_a_ledger_without_feeds_says_so(listen, path):
    result, log = listen("fetchallfeeds", LEDGER=path)
    assert result["FETCHED"] == 0 and "no feed yet" in log.text()
    assert "no feed yet" in listen("listfeeds", LEDGER=path)[1].text()


def test_the_list_says_how_each_feed_stands(add, path, server, listen):
    add("New one")
    add("Paused", ENABLED="no")
    add("In step")
    listen("fetchfeed", LEDGER=path, FEED="In step")
    with ReportsServer() as broken:
        broken.fault = "refuse"
        add("Failing", ADDRESS=broken.collection)
        refused(listen, "fetchfeed", LEDGER=path, FEED="Failing")
    result, _ = listen("listfeeds", LEDGER=path, OUTPUT="TEMPORARY_OUTPUT")
    assert attributes(result["OUTPUT"], "feed_name", "state") == [
        ("Failing", "failing"),
        ("In step", "in step"),
        ("New one", "new"),
        ("Paused", "paused"),
    ]
    assert (result["FEEDS"], result["FAILING"], result["DUE"]) == (4, 1, 1)
    assert "“Paused” (ogcapi): it is paused." in result["REPORT"]


# testfeed


def test_a_trial_tells_in_words_and_writes_nothing(add, path, server, listen, tmp_path):
    server.reports["r8"] = report(8, lon=None, category="movement/vehicle")
    server.reports["odd"] = report(1, date="the day before")
    add()
    before = Path(path).read_bytes()
    result, log = listen("testfeed", LEDGER=path, FEED="North field", OUTPUT="TEMPORARY_OUTPUT")
    assert (result["WORKS"], result["REACHABLE"], result["AUTHORISED"]) == (1, 1, 1)
    assert (result["ROWS"], result["FIRST"], result["LAST"]) == (7, "2025-03-01", None)
    assert (result["INCIDENTS"], result["NOT_LOCATED"], result["REJECTED_ROWS"]) == (6, 1, 1)
    for words in (
        "“North field” can be reached and lets you in.",
        "Rows: 7.",
        "from 2025-03-01 to not known",
        "6 incidents (1 without a place)",
        "firing/shelling 5",
        "would be set aside",
    ):
        assert words in result["REPORT"] and words in log.text()
    assert result["OUTPUT"].featureCount() == 6
    assert Path(path).read_bytes() == before


def test_a_trial_of_a_feed_that_does_not_work_says_why(add, path, server, listen, monkeypatch):
    add()
    server.token = TOKEN
    result, log = listen("testfeed", LEDGER=path, FEED="North field")
    assert (result["WORKS"], result["REACHABLE"], result["AUTHORISED"]) == (0, 1, 0)
    assert "does not let you in" in result["REPORT"] and log.warned
    address = server.collection
    server.close()
    said = json.dumps({"source": "ogcapi", "address": address})
    result, _ = listen("testfeed", FEED=said)
    assert (result["WORKS"], result["REACHABLE"]) == (0, 0)
    assert "cannot be reached" in result["REPORT"]
    assert listen("listfeeds", LEDGER=path)[0]["FAILING"] == 0


def test_a_trial_tells_the_first_incident_in_a_sentence(add, path, server, listen):
    server.reports = {"r1": report(1, description="heard  north\nof the post " + "x" * 400)}
    add()
    _, log = listen("testfeed", LEDGER=path, FEED="North field")
    (first,) = [line for line in log.told if line.startswith("The first of them:")]
    # Ten in the morning UTC, as the ledger's people in Nairobi read it.
    assert "(firing/shelling); 1 Mar 2025, 13:00 local; Post 1 (latitude 10.00000" in first
    assert "It says: “heard north of the post xxx" in first and len(first) < 300
    server.reports = {"r1": report(1, lon=None, place=None, description=None)}
    first = listen("testfeed", LEDGER=path, FEED="North field")[0]["REPORT"]
    assert "13:00 local; place not known." in first and "It says" not in first


def test_a_trial_of_monthly_numbers_reads_as_sentences(listen):
    from ceasefire_monitor.tests.feedservers.hapi_server import PATH, HapiServer, month

    with HapiServer([month("VAL0101", "2025-03-01", 4)], identifier=None) as hapi:
        said = json.dumps({"source": "hapi", "address": hapi.address + PATH})
        result, log = listen("testfeed", FEED=said)
    assert result["INCIDENTS"] == 1 and "{" not in result["REPORT"]
    (first,) = [line for line in log.told if line.startswith("The first of them:")]
    assert first.startswith("The first of them: 4 ") and "District VAL0101" in first
    assert "1 Mar 2025 – 31 Mar 2025 local, time of day not known" in first


def test_a_trial_says_a_warning_once(monkeypatch):
    """The check and the first rows meet the same; both hand it to the one trial."""
    from ceasefire_monitor.feeds import sources
    from ceasefire_monitor.feeds.source import Checked, Source
    from ceasefire_monitor.model.feed import Feed
    from ceasefire_monitor.processing.feeds.trial import try_feed

    def check(asked):
        asked.warn("The source does not say which days it has.")
        return Checked(reachable=True, authorised=True)

    def read(asked):
        asked.warn("The source does not say which days it has.")
        asked.warn("It has no more.")
        yield from ()

    scripted = Source("scripted", "Scripted", "Says what it is told to say.", read, check)
    monkeypatch.setattr(sources, "source_named", lambda _name: scripted)
    found = try_feed(Feed(feed_name="North field", source="scripted"), {}, None, None)
    assert found.warnings == ["The source does not say which days it has.", "It has no more."]


def test_a_trial_of_a_feed_in_json_needs_no_ledger(server, listen):
    said = json.dumps({"source": "ogcapi", "address": server.collection})
    result, _ = listen("testfeed", FEED=said)
    assert (result["WORKS"], result["INCIDENTS"]) == (1, 5)


# From the command line, and as a step of the model


@pytest.mark.skipif(shutil.which("qgis_process") is None, reason="qgis_process is not here")
def test_the_command_line_adds_tries_and_fetches_without_a_trace_of_the_secret(
    path, server, secret, tmp_path
):
    from ceasefire_monitor.processing.base import ROOT

    profile, plugins = tmp_path / "profile", tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "ceasefire_monitor").symlink_to(ROOT)
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QGIS_CUSTOM_CONFIG_PATH": str(profile),
        "QGIS_PLUGINPATH": str(plugins),
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }
    said = []

    def process(*words, fails=False):
        done = subprocess.run(
            ["qgis_process", *words], env=environment, capture_output=True, timeout=240
        )
        said.append((done.stdout + done.stderr).decode("utf-8", "replace"))
        assert (done.returncode != 0) == fails, said[-1][-2000:]
        return said[-1]

    def run(name, *words, fails=False):
        process_words = ["run", f"ceasefire:{name}", "--", f"LEDGER={path}", *words]
        return process(*process_words, fails=fails)

    process("plugins", "enable", "ceasefire_monitor")
    feed = "NAME=North field", "SOURCE=ogcapi", f"ADDRESS={server.collection}"
    run("addfeed", *feed)
    assert "lets you in" in run("testfeed", "FEED=North field")
    assert "5 added" in run("fetchfeed", "FEED=North field")
    del server.reports["r2"]
    told = run("fetchallfeeds", "STRICT=true")
    assert "1 withdrawn" in told
    assert active(path) == truth(server)
    server.fault = "refuse"
    words = run("fetchfeed", "FEED=North field", fails=True)
    assert "Traceback" not in words
    places = [place for place in profile.rglob("*") if place.is_file()]
    kept = written(path) + b"".join(place.read_bytes() for place in places)
    for form in secret:
        assert form not in "\n".join(said)
        assert form.encode() not in kept


def test_the_model_fetches_flags_and_prints(add, path, server, provider, tmp_path):
    import processing

    add()
    add("Broken", ADDRESS=server.address + "/nowhere")
    model = provider.algorithm("feeds_to_brief")
    assert [child.algorithmId() for child in model.childAlgorithms().values()] == [
        "ceasefire:brief",
        "ceasefire:fetchallfeeds",
        "ceasefire:flagincidents",
    ]
    assert model.validate()[0]
    output, folder = tmp_path / "new.gpkg", tmp_path / "brief"
    parameters = {
        "ledger": path,
        "distance": 5000,
        "period_from": "2025-03-01",
        "period_to": "2025-03-31",
        "new_and_changed": str(output),
        "brief_folder": str(folder),
    }
    processing.run("ceasefire:feeds_to_brief", parameters, feedback=Listening())
    assert (folder / "brief.pdf").stat().st_size > 10_000
    assert len(attributes(str(output), "incident_id")) == 5
    with Ledger.open(path, readonly=True) as ledger:
        assert len(ledger.latest_findings()) == 5
