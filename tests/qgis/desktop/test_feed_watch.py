"""The panel of feeds and its watch: real plugin, real ledger, a source on loopback."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QPushButton

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.alert import Alert, AlertRule
from ceasefire_monitor.model.feed import Feed
from ceasefire_monitor.processing.feeds.client import OFFLINE_KEY
from tests.feedservers.serving import Answer, Serving

HEADING = "id,date,latitude,longitude,category,description\n"
GIVEN_BACK: list = []


class Reports(Serving):
    """A table of reports; ``status`` other than 200 makes it fail."""

    def __init__(self, **more):
        self.rows = 3
        self.status = 200
        super().__init__(**more)

    def answer(self, request):
        if self.status != 200:
            return Answer(self.status, "out of order", {"Content-Type": "text/plain"})
        lines = [f"{i},2024-03-0{1 + i % 9},5.{i},10.{i},firing/shot,shot {i}" for i in self.all()]
        return Answer(200, HEADING + "\n".join(lines) + "\n", {"Content-Type": "text/csv"})

    def all(self):
        return range(1, self.rows + 1)


class Time:
    """A clock that a test puts forward."""

    def __init__(self):
        self.ahead = timedelta(0)

    def __call__(self):
        return datetime.now(timezone.utc) + self.ahead


@pytest.fixture
def source():
    with Reports() as server:
        yield server


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def ledger(tmp_path, source):
    path = tmp_path / "vale.gpkg"
    with Ledger.create(path, {"theatre": "Vale", "timezone": "Asia/Kathmandu"}) as made:
        made.write_records("feeds", [feed_of(source, "North desk")], None, "test")
    return str(path)


def feed_of(source, name, **more):
    values = {
        "feed_id": name.lower().replace(" ", "-"),
        "feed_name": name,
        "source": "url",
        "address": source.address + "/reports.csv",
        "mapping": '{"source_id": "id", "occurred_from": "date"}',
        "interval_minutes": 30,
    }
    return Feed(**{**values, **more})


@pytest.fixture
def plugin(desk, time):
    """The whole plugin on the desk, with Processing's provider of its own."""
    from processing.core.Processing import Processing

    from ceasefire_monitor.plugin import CeasefireMonitor
    from ceasefire_monitor.processing.provider import CeasefireProvider

    Processing.initialize()
    registry = QgsApplication.processingRegistry()
    shared = registry.providerById("ceasefire") is not None
    if shared:
        registry.removeProvider("ceasefire")
    made = CeasefireMonitor(desk)
    made.initGui()
    made.feeds.session.now = time
    # A test looks when it is ready to; the clock of the machine is not asked.
    made.feeds.watch._timer.stop()
    yield made
    made.unload()
    if shared:
        GIVEN_BACK.append(CeasefireProvider())
        registry.addProvider(GIVEN_BACK[-1])


@pytest.fixture
def opened(plugin, ledger, wait):
    return open_ledger(plugin, ledger, wait)


def open_ledger(plugin, path, wait):
    plugin.session.open(path, on_map=False)
    wait(lambda: plugin.feeds.session.read_at is not None)
    return plugin


def state(plugin, position=0):
    return plugin.feeds.dock.model.state_at(position).value


def text(plugin, column, position=0):
    from ceasefire_monitor.ui.feeds_model import Column

    return plugin.feeds.dock.model.text(position, Column[column])


def idle(plugin):
    """Whether nothing runs and all that was read is shown."""
    feeds = plugin.feeds
    return not (
        feeds.runner.busy()
        or feeds.session.is_reading()
        or plugin.runner.busy()
        or plugin.session.is_reading()
        or feeds.watch._soon.isActive()
        or feeds.watch.waiting()
    )


def look(plugin, wait):
    """What the timer does, and all that follows from it."""
    before = plugin.feeds.session.read_at
    plugin.feeds.watch.look()
    wait(lambda: idle(plugin))
    return before


def fetch_now(plugin, wait):
    plugin.feeds.commands.fetch()
    wait(lambda: idle(plugin))


# What it shows


def test_without_a_ledger_it_says_what_to_do(plugin):
    dock = plugin.feeds.dock
    assert dock.pages.currentWidget() is dock.without_ledger
    assert not plugin.feeds.commands.actions["feed_add"].isEnabled()


def test_a_ledger_without_feeds_asks_for_one(plugin, tmp_path, wait):
    Ledger.create(tmp_path / "new.gpkg", {"theatre": "Empty"}).close()
    open_ledger(plugin, str(tmp_path / "new.gpkg"), wait)
    dock = plugin.feeds.dock
    assert dock.pages.currentWidget() is dock.without_feeds
    assert "Add" in dock.without_feeds.sentence.text()
    assert plugin.feeds.commands.actions["feed_add"].isEnabled()


def test_a_feed_that_was_never_fetched_says_so(opened):
    assert (text(opened, "NAME"), text(opened, "SOURCE")) == ("North desk", "url")
    assert (state(opened), text(opened, "SUCCESS")) == ("new", "never")
    assert text(opened, "NEXT") == "when you say so"


def test_each_state_has_a_light_of_its_own_shape(opened):
    from pathlib import Path

    from ceasefire_monitor.ui.feed_row import State
    from ceasefire_monitor.ui.icons import FOLDER

    drawn = {}
    for one in State:
        svg = (Path(FOLDER) / f"feed_{one.value}.svg").read_text(encoding="utf-8")
        drawn[one] = [part.split('"')[0] for part in svg.replace(' d="', "\0").split("\0")[1:]]
        assert not opened.feeds.dock.model._light(one).isNull()
    assert len({str(shape) for shape in drawn.values()}) == len(State)


# What its buttons do


def test_fetch_now_runs_the_algorithm_and_shows_what_came(opened, source, wait, desk):
    fetch_now(opened, wait)
    assert state(opened) == "in_step", text(opened, "REASON")
    assert text(opened, "TODAY") == "3"
    wait(lambda: len(opened.session.rows) == 3)
    assert any("3 added" in sentence for sentence in desk.sentences())


def test_a_failure_is_one_sentence_in_the_row_and_the_ledger_stays(opened, source, wait, desk):
    fetch_now(opened, wait)
    source.status = 403
    fetch_now(opened, wait)
    assert state(opened) == "failing"
    reason = text(opened, "REASON")
    assert reason and "\n" not in reason and "Traceback" not in reason
    assert reason in opened.feeds.dock.reason.text()
    wait(lambda: len(opened.session.rows) == 3)
    assert any(reason[:30] in sentence for sentence in desk.sentences())
    source.status = 200
    fetch_now(opened, wait)
    assert (state(opened), text(opened, "REASON")) == ("in_step", "")


def test_pausing_and_resuming_are_in_the_ledger(opened, ledger, wait):
    opened.feeds.session.set_watched(True)
    opened.feeds.commands.pause()
    wait(lambda: idle(opened) and state(opened) == "paused")
    with Ledger.open(ledger, readonly=True) as kept:
        assert kept.feed("North desk").enabled is False
    assert opened.feeds.commands.actions["feed_pause"].text() == "Resume"
    look(opened, wait)
    assert state(opened) == "paused"
    opened.feeds.commands.pause()
    # It is watched, and its turn has come.
    wait(lambda: idle(opened) and state(opened) == "in_step")


def test_testing_a_feed_tells_in_words_and_writes_nothing(opened, wait, desk):
    opened.feeds.commands.test()
    wait(lambda: idle(opened))
    assert desk.sentences()
    assert opened.session.rows == []


def test_fetch_all_takes_one_after_the_other_and_leaves_out_what_is_paused(
    plugin, tmp_path, source, wait
):
    path = tmp_path / "many.gpkg"
    feeds = [feed_of(source, f"Desk {i}", enabled=i != 2) for i in range(4)]
    with Ledger.create(path, {"theatre": "Vale"}) as made:
        made.write_records("feeds", feeds, None, "test")
    open_ledger(plugin, str(path), wait)
    running = []
    plugin.feeds.watch.changed.connect(lambda: running.append(plugin.feeds.watch.fetching))
    plugin.feeds.commands.fetch_all()
    wait(lambda: idle(plugin) and not plugin.feeds.watch.waiting())
    assert [state(plugin, i) for i in range(4)] == ["in_step", "in_step", "paused", "in_step"]
    assert list(dict.fromkeys(name for name in running if name)) == ["desk-0", "desk-1", "desk-3"]


# The watch


def test_feeds_of_a_ledger_that_is_only_opened_are_left_alone(opened, source, wait):
    look(opened, wait)
    assert source.log == []
    assert "Keep in step" in opened.feeds.dock.banner_words.text()


def test_a_watched_feed_is_fetched_when_due_and_not_before(opened, source, time, wait):
    opened.feeds.session.set_watched(True)
    look(opened, wait)
    assert (state(opened), len(source.log)) == ("in_step", 1)
    look(opened, wait)
    assert len(source.log) == 1
    time.ahead = timedelta(minutes=29)
    look(opened, wait)
    assert len(source.log) == 1
    # The first look after a long standstill waits for the network; see the test of sleep.
    source.rows = 5
    time.ahead = timedelta(minutes=31)
    look(opened, wait)
    time.ahead += timedelta(seconds=20)
    look(opened, wait)
    assert len(source.log) == 2
    wait(lambda: len(opened.session.rows) == 5)


def test_after_sleep_it_fetches_once_after_the_network_had_a_moment(opened, source, time, wait):
    opened.feeds.session.set_watched(True)
    look(opened, wait)
    time.ahead = timedelta(hours=9)
    look(opened, wait)
    assert len(source.log) == 1
    time.ahead += timedelta(seconds=20)
    for _ in range(3):
        look(opened, wait)
    assert len(source.log) == 2


def test_quiet_hours_pass_midnight_in_the_theatres_time(plugin, tmp_path, source, time, wait):
    path = tmp_path / "quiet.gpkg"
    # Kathmandu is 5 h 45 min ahead of UTC, all year.
    local = time() + timedelta(hours=5, minutes=45)
    began, ends = local - timedelta(hours=1), local + timedelta(hours=2)
    quiet = feed_of(source, "Quiet", quiet_from=f"{began:%H:%M}", quiet_to=f"{ends:%H:%M}")
    with Ledger.create(path, {"theatre": "Vale", "timezone": "Asia/Kathmandu"}) as made:
        made.write_records("feeds", [quiet], None, "test")
    open_ledger(plugin, str(path), wait)
    plugin.feeds.session.set_watched(True)
    look(plugin, wait)
    assert source.log == []
    assert text(plugin, "NEXT").endswith(f"{ends:%H:%M}")
    for seconds in (60, 80):
        time.ahead = timedelta(hours=2, seconds=seconds)
        look(plugin, wait)
    assert len(source.log) == 1


def test_after_failures_it_waits_longer_each_time(opened, source, time, wait):
    opened.feeds.session.set_watched(True)
    source.status = 403
    look(opened, wait)
    asked = len(source.log)
    assert state(opened) == "failing"
    status = opened.feeds.session.rows[0].status
    assert status.failures == 1
    time.ahead = timedelta(minutes=45)
    look(opened, wait)
    time.ahead += timedelta(seconds=30)
    look(opened, wait)
    # The interval is over, the wait after a failure is not.
    assert len(source.log) == asked
    time.ahead = timedelta(minutes=61)
    for _ in range(2):
        look(opened, wait)
        time.ahead += timedelta(seconds=30)
    assert len(source.log) > asked


def test_offline_fetches_nothing_and_says_so(opened, source, wait):
    opened.feeds.session.set_watched(True)
    opened.feeds.commands.actions["offline"].setChecked(True)
    assert QgsSettings().value(OFFLINE_KEY, False, bool)
    look(opened, wait)
    assert source.log == []
    assert "Offline" in opened.feeds.dock.banner_words.text()
    assert text(opened, "NEXT") == "offline"
    assert not opened.feeds.commands.actions["feed_fetch"].isEnabled()
    opened.feeds.commands.actions["offline"].setChecked(False)
    look(opened, wait)
    assert len(source.log) == 1


def test_nothing_is_fetched_while_the_ledger_is_being_written(opened, source, wait, monkeypatch):
    opened.feeds.session.set_watched(True)
    monkeypatch.setattr(opened.runner, "busy", lambda: True)
    opened.feeds.watch.look()
    assert opened.feeds.watch.fetching is None
    monkeypatch.undo()
    look(opened, wait)
    assert len(source.log) == 1


def test_a_fetch_by_itself_leaves_no_entry_in_the_history_and_no_message(opened, wait, desk):
    from qgis.gui import QgsGui

    history = QgsGui.historyProviderRegistry()

    def entries():
        found = history.queryEntries(providerId="processing")
        return sum(1 for one in found if one.entry.get("algorithm_id") == "ceasefire:fetchfeed")

    before = entries()
    opened.feeds.session.set_watched(True)
    look(opened, wait)
    assert (entries(), desk.sentences()) == (before, [])
    fetch_now(opened, wait)
    assert entries() == before + 1


def test_a_login_in_a_locked_database_waits_and_offers_to_unlock(plugin, tmp_path, source, wait):
    path = tmp_path / "locked.gpkg"
    with Ledger.create(path, {"theatre": "Vale"}) as made:
        made.write_records("feeds", [feed_of(source, "Login", authcfg="abc1234")], None, "test")
    QgsApplication.authManager().clearMasterPassword()
    open_ledger(plugin, str(path), wait)
    plugin.feeds.session.set_watched(True)
    look(plugin, wait)
    assert source.log == []
    dock = plugin.feeds.dock
    assert "locked" in dock.banner_words.text()
    assert dock.banner_button.isVisibleTo(dock.banner)
    # Asked for, it fails in a sentence, and no window opens.
    fetch_now(plugin, wait)
    assert state(plugin) == "failing"
    assert "locked" in text(plugin, "REASON")


def test_unloading_while_a_feed_is_fetched_is_clean(opened, source, wait, desk):
    opened.feeds.commands.fetch()
    source.lock.acquire()
    source.lock.release()
    opened.feeds.runner.cancel()
    wait(lambda: idle(opened))
    assert opened.feeds.watch.fetching is None


# Alerts


def alert_of(number, **more):
    values = {
        "alert_id": f"alert-{number}",
        "rule_id": "rule-1",
        "rule_name": "Near the line",
        "sentence": f"Shelling {number} km from the Line of March at Village 07.",
        "public_text": "1 incident of kind shelling.",
        "raised_at": datetime(2031, 3, 1, 12, number, tzinfo=timezone.utc),
        "longitude": 10.0 + number / 10,
        "latitude": 5.0,
    }
    return Alert(**{**values, **more})


def write_alerts(path, *alerts):
    with Ledger.open(path) as ledger:
        ledger.write_records("alerts", alerts, None, "test")


def read_again(plugin, wait):
    plugin.feeds.session.read()
    wait(lambda: idle(plugin))


def test_alerts_that_were_there_are_listed_and_not_told_again(plugin, ledger, wait, desk):
    write_alerts(ledger, alert_of(1), alert_of(2))
    open_ledger(plugin, ledger, wait)
    shown = plugin.feeds.dock.alerts
    assert shown.tree.topLevelItemCount() == 2
    assert shown.tree.topLevelItem(0).text(0) == "2031-03-01 17:47"
    assert desk.sentences() == []


def test_a_new_alert_is_told_in_the_message_bar_and_flashes(opened, ledger, wait, desk):
    flashed = []
    desk.canvas.flashGeometries = lambda *given, **more: flashed.append(given)
    write_alerts(ledger, alert_of(1), alert_of(3))
    read_again(opened, wait)
    sentences = desk.sentences()
    assert len(sentences) == 1
    assert "2 new alerts" in sentences[0] and "Shelling 3 km" in sentences[0]
    button = next(
        one for one in desk.bar.items()[0].findChildren(QPushButton) if one.text() == "Show"
    )
    assert len(flashed[0][0]) == 2
    button.click()
    assert len(opened.feeds.dock.alerts.chosen()) == 2
    assert desk.canvas.extent().width() > 0
    # Read again, it is not told again.
    read_again(opened, wait)
    assert len(flashed) == 2


def test_what_others_may_see_names_no_place(opened):
    notices = opened.feeds.dock.notices
    assert "Village" not in notices.public_words([alert_of(1)])
    assert "Village" not in notices.public_words([alert_of(1), alert_of(2)])


def test_an_alert_stays_until_it_is_acknowledged(opened, ledger, wait):
    if QgsApplication.processingRegistry().algorithmById("ceasefire:acknowledgealerts") is None:
        pytest.skip("the algorithm is not there yet")
    write_alerts(ledger, alert_of(1), alert_of(2))
    read_again(opened, wait)
    shown = opened.feeds.dock.alerts
    shown.choose([alert_of(1)])
    shown.one_button.click()
    wait(lambda: idle(opened) and shown.tree.topLevelItemCount() == 1)
    assert shown.tree.topLevelItem(0).text(2).startswith("Shelling 2")
    with Ledger.open(ledger, readonly=True) as kept:
        stored = {one.alert_id: one.acknowledged_at for one in kept.read("alerts")}
    assert stored["alert-1"] is not None and stored["alert-2"] is None
    shown.all_button.click()
    wait(lambda: idle(opened) and shown.tree.topLevelItemCount() == 0)


def test_what_a_fetch_brings_raises_the_alerts_of_the_rules(opened, ledger, source, wait, desk):
    if QgsApplication.processingRegistry().algorithmById("ceasefire:raisealerts") is None:
        pytest.skip("the algorithm is not there yet")
    rule = AlertRule(
        rule_id="r1", rule_name="Shots", categories="firing", max_age_hours=24 * 365 * 100
    )
    with Ledger.open(ledger) as kept:
        kept.write_records("alert_rules", [rule], None, "test")
    read_again(opened, wait)
    fetch_now(opened, wait)
    wait(lambda: opened.feeds.session.alerts)
    assert any("Alert" in sentence or "alert" in sentence for sentence in desk.sentences())


def test_unloading_leaves_no_tray_no_dock_and_no_message(plugin, ledger, wait, desk):
    open_ledger(plugin, ledger, wait)
    write_alerts(ledger, alert_of(1))
    read_again(plugin, wait)
    assert len(desk.sentences()) == 1
    plugin.feeds.dock.notices.unload()
    wait(lambda: desk.sentences() == [])
    assert plugin.feeds.dock.windowTitle().endswith("feeds and alerts")
    assert Qt.DockWidgetArea.BottomDockWidgetArea == desk.window.dockWidgetArea(plugin.feeds.dock)
