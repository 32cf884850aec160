"""The timeline on a ledger of 10,000 incidents: counts, brush, effort, marks, the map's time."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from qgis.core import Qgis, QgsApplication, QgsDateTimeRange, QgsTemporalNavigationObject
from qgis.PyQt.QtCore import QDate, QDateTime, QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPalette, QWheelEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

START = datetime(2031, 3, 1, tzinfo=timezone.utc)
HOURS = 24 * 20


@pytest.fixture(scope="module")
def watched_ledger(tmp_path_factory):
    """Twenty days of an incident an hour, with effort, a line that changes, an agreement."""
    from ceasefire_monitor.ledger.geopackage import Ledger

    path = tmp_path_factory.mktemp("watched") / "watched.gpkg"
    settings = {"theatre": "Merrow Vale", "timezone": "UTC", "reporting_day_start": "06:00"}
    with Ledger.create(path, settings) as ledger:
        ledger.write_records("incidents", _incidents(), None, "test")
        ledger.write_records("effort", _effort(), None, "test")
        ledger.write_records("contact_lines", _lines(), None, "test")
        ledger.write_records("agreements", [_agreement()], None, "test")
    return str(path)


@pytest.fixture
def timeline(plugin, wait):
    """``timeline(path)``: the panel, with the ledger open, read and drawn."""

    def show(path):
        plugin.session.open(path)
        wait(lambda: plugin.session.path is not None)
        panel = plugin.panels["timeline"]
        panel.show()
        panel.show_now()
        panel.setFloating(True)
        panel.resize(1100, 260)
        wait(lambda: panel.chart.scene is not None and panel.chart.width() > 900)
        return panel

    return show


def _incidents():
    from ceasefire_monitor.model.incident import Incident

    for i in range(HOURS):
        when = START + timedelta(hours=i)
        if when.day == 7 and when.month == 3:
            continue
        yield Incident(
            incident_id=f"patrol:{i}",
            source="patrol",
            category="firing/explosion" if i % 2 else "firing/burst",
            count_low=None if i % 10 == 0 else 2,
            count_high=None if i % 10 == 0 else 2,
            count_qualifier="not_known" if i % 10 == 0 else "exact",
            occurred_from=when,
            time_precision="day" if i == 5 else "minute",
        )
    yield Incident(incident_id="patrol:timeless", source="patrol", category="clash/raid")
    yield Incident(
        incident_id="patrol:gone",
        source="patrol",
        category="clash/raid",
        occurred_from=START,
        workflow="withdrawn",
    )


def _effort():
    """Two posts; on the tenth of March nobody could observe, on the seventh both could."""
    from ceasefire_monitor.model.incident import Effort

    for day in range(20):
        start = START + timedelta(days=day, hours=6)
        for post in ("P1", "P2"):
            if post == "P2" and day == 3:
                continue
            yield Effort(
                effort_id=f"{post}-{day}",
                post_id=post,
                observed_from=start,
                observed_to=start + timedelta(days=1),
                status="down" if day == 9 else "operating",
                reason="fog" if day == 9 else None,
            )


def _lines():
    from shapely.geometry import LineString

    from ceasefire_monitor.model.land import ContactLine

    moved = START + timedelta(days=12)
    for name, begin, end in (("old", START, moved), ("new", moved, None)):
        yield ContactLine(
            line_id=name,
            line_name="Line of March",
            kind="agreed",
            valid_from=begin,
            valid_to=end,
            geometry=LineString([(10, 5), (10.2, 5.1)]),
        )


def _agreement():
    from ceasefire_monitor.model.stored_agreement import StoredAgreement

    return StoredAgreement(
        agreement_id="vale",
        title="Vale arrangement",
        text="{}",
        valid_from=START + timedelta(days=4),
    )


def step_of(panel, day, hour=12):
    """The place of the bar that holds an hour of a day in March."""
    moment = datetime(2031, 3, day, hour, tzinfo=timezone.utc).timestamp()
    return panel.chart.scene.step_at(moment)


def x_of(panel, day, hour=12):
    moment = datetime(2031, 3, day, hour, tzinfo=timezone.utc).timestamp()
    return round(panel.chart.scene.scale.x(moment))


def drag(panel, first, last):
    """Drag with the left button from one place to another."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    mouse(panel.chart, QEvent.Type.MouseButtonPress, first, left, left)
    mouse(panel.chart, QEvent.Type.MouseMove, (first + last) // 2, none, left)
    mouse(panel.chart, QEvent.Type.MouseMove, last, none, left)
    mouse(panel.chart, QEvent.Type.MouseButtonRelease, last, left, none)


def mouse(chart, kind, x, button, buttons):
    place = QPointF(x, 80)
    glob = QPointF(chart.mapToGlobal(QPoint(x, 80)))
    event = QMouseEvent(kind, place, glob, button, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(chart, event)


def use_days(panel):
    from ceasefire_monitor.ui.timeline.calendar import Step

    panel.bar.step.setCurrentIndex(panel.bar.step.findData(Step.DAY))


def test_without_a_ledger_the_timeline_says_what_to_do(plugin):
    panel = plugin.panels["timeline"]
    panel.show()
    panel.show_now()
    assert panel.pages.currentWidget() is panel.empty


def test_bars_sum_numbers_by_reporting_day_and_keep_the_unknown_apart(timeline, watched_ledger):
    panel = timeline(watched_ledger)
    use_days(panel)
    counts = panel.chart.scene.counts
    at = step_of(panel, 12)
    # From 06:00 to 06:00: 24 incidents, of which those with i % 10 == 0 have no number.
    assert counts.rows[at].sum() == 24
    unknown = sum(1 for i in range(11 * 24 + 6, 12 * 24 + 6) if i % 10 == 0)
    assert counts.undetermined[at].sum() == unknown
    assert counts.numbers[at].sum() == 2 * (24 - unknown)
    assert counts.without_time == 1 and counts.withdrawn == 1
    # What was withdrawn is in no bar, though it has a time.
    assert counts.rows.sum() == HOURS - 24
    said = panel.bar.summary.text()
    assert "1 without a time are not drawn" in said and "1 withdrawn are left out" in said


def test_what_is_known_only_to_the_day_is_told_of_its_hour(timeline, watched_ledger):
    from ceasefire_monitor.ui.timeline.calendar import Step
    from ceasefire_monitor.ui.timeline.words import of_step

    panel = timeline(watched_ledger)
    panel.bar.step.setCurrentIndex(panel.bar.step.findData(Step.HOUR))
    assert panel.chart.scene.step is Step.HOUR
    at = panel.chart.scene.step_at((START + timedelta(hours=5, minutes=1)).timestamp())
    assert panel.chart.scene.counts.coarse[at] == 1
    assert any("no finer in time" in line for line in of_step(panel.chart.scene, at))


def test_a_day_without_observation_is_hatched_and_never_called_zero(timeline, watched_ledger):
    from ceasefire_monitor.ui.timeline.words import of_step

    panel = timeline(watched_ledger)
    use_days(panel)
    scene = panel.chart.scene
    hatched = {at for first, after in scene.not_observed() for at in range(first, after)}
    assert step_of(panel, 10) in hatched
    assert step_of(panel, 8) not in hatched and step_of(panel, 7) not in hatched
    assert any("no post was able" in line for line in of_step(scene, step_of(panel, 10)))
    # Half of the posts on the fourth, all on the fifth.
    assert scene.watched.share[step_of(panel, 4)] == pytest.approx(0.5)
    assert scene.watched.share[step_of(panel, 5)] == pytest.approx(1.0)


def test_an_empty_day_is_a_zero_only_where_it_was_observed(timeline, watched_ledger, big_ledger):
    from ceasefire_monitor.ui.timeline.calendar import Step
    from ceasefire_monitor.ui.timeline.words import nothing

    panel = timeline(watched_ledger)
    panel.bar.step.setCurrentIndex(panel.bar.step.findData(Step.HOUR))
    scene = panel.chart.scene
    assert scene.counts.rows[step_of(panel, 7)].sum() == 0
    assert "while it was observed" in nothing(scene, step_of(panel, 7))
    assert "is not known" in nothing(scene, step_of(panel, 10))


def test_without_effort_nothing_is_hatched_and_that_is_said(timeline, big_ledger):
    panel = timeline(big_ledger)
    assert panel.chart.scene.watched is None
    assert panel.chart.scene.not_observed() == []
    assert "no effort is recorded" in panel.bar.summary.text()


def test_lines_and_agreements_stand_as_marks(timeline, watched_ledger):
    from ceasefire_monitor.ui.timeline.marks import MarkKind

    marks = timeline(watched_ledger).chart.scene.marks
    told = {(mark.kind, mark.moment): mark.sentences for mark in marks}
    moved = (START + timedelta(days=12)).timestamp()
    # The line goes on in another course: told once, as a beginning.
    assert told[MarkKind.LINE, moved] == ("Line in force from here: Line of March",)
    agreed = (START + timedelta(days=4)).timestamp()
    assert told[MarkKind.AGREEMENT, agreed] == ("In force from here: Vale arrangement",)


def test_nights_are_shaded_where_hours_can_be_told_apart(timeline, watched_ledger, wait):
    panel = timeline(watched_ledger)
    assert panel.chart.scene.nights == []
    for _ in range(6):
        QTest.keyClick(panel.chart, Qt.Key.Key_Plus)
    nights = panel.chart.scene.nights
    assert nights
    # At 10° east and 5° north the sun sets at about half past five, UTC.
    dusk = datetime.fromtimestamp(nights[-1][0], timezone.utc)
    assert (17, 0) <= (dusk.hour, dusk.minute) <= (17, 59)


def test_dragging_sets_the_period_of_table_and_map(timeline, watched_ledger, plugin, desk, wait):
    panel = timeline(watched_ledger)
    use_days(panel)
    drag(panel, x_of(panel, 4), x_of(panel, 6))
    assert plugin.dock.filter.period() == (QDate(2031, 3, 4), QDate(2031, 3, 6))
    wait(lambda: plugin.dock.model.rowCount() == 72 - 6)
    shown = desk.canvas.temporalRange()
    assert shown.begin().toUTC().toString("yyyy-MM-ddTHH:mm") == "2031-03-04T06:00"
    assert shown.end().toUTC().toString("yyyy-MM-ddTHH:mm") == "2031-03-07T06:00"
    assert not shown.includeEnd()
    assert plugin.session.layer().temporalProperties().isActive()
    # What the map shows is marked apart only where it is not the period.
    assert panel.chart.scene.map_range is None
    # The bars themselves do not follow their own brush.
    assert panel.chart.scene.counts.rows[step_of(panel, 12)].sum() == 24


def test_a_double_click_takes_the_period_off_everywhere(timeline, watched_ledger, plugin, desk):
    panel = timeline(watched_ledger)
    drag(panel, x_of(panel, 4), x_of(panel, 6))
    assert not desk.canvas.temporalRange().isInfinite()
    QTest.mouseDClick(panel.chart, Qt.MouseButton.LeftButton, pos=QPoint(x_of(panel, 9), 80))
    assert plugin.dock.filter.period() == (None, None)
    assert desk.canvas.temporalRange().isInfinite()


def test_an_edge_of_the_brush_can_be_moved(timeline, watched_ledger, plugin):
    panel = timeline(watched_ledger)
    use_days(panel)
    drag(panel, x_of(panel, 4), x_of(panel, 6))
    drag(panel, x_of(panel, 7, hour=6), x_of(panel, 10))
    assert plugin.dock.filter.period() == (QDate(2031, 3, 4), QDate(2031, 3, 10))


def test_the_keyboard_alone_chooses_and_clears_a_period(timeline, watched_ledger, plugin):
    panel = timeline(watched_ledger)
    use_days(panel)
    chart = panel.chart
    QTest.keyClick(chart, Qt.Key.Key_Home)
    # The first bar is the reporting day of the last of February: it ends at six.
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert "Reporting day 2031-03-01" in chart.accessibleDescription()
    for _ in range(2):
        QTest.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert plugin.dock.filter.period() == (QDate(2031, 3, 1), QDate(2031, 3, 3))
    QTest.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert plugin.dock.filter.period() == (QDate(2031, 3, 1), QDate(2031, 3, 2))
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert plugin.dock.filter.period() == (None, None)


def test_a_typed_period_is_the_panels_and_the_other_way_round(timeline, watched_ledger, plugin):
    panel = timeline(watched_ledger)
    panel.bar.first.setDate(QDate(2031, 3, 5))
    assert plugin.dock.filter.period() == (QDate(2031, 3, 5), None)
    plugin.dock.filter.last_day.setDate(QDate(2031, 3, 8))
    assert panel.bar.period() == (QDate(2031, 3, 5), QDate(2031, 3, 8))
    start, end = panel.chart.scene.period
    assert (end - start) == 4 * 86_400


def test_the_bars_follow_the_words_of_the_filter(timeline, watched_ledger, plugin, wait):
    panel = timeline(watched_ledger)
    plugin.dock.filter.text.setText("explosion")
    wait(lambda: panel.chart.scene.counts.rows.sum() == (HOURS - 24) // 2)
    assert list(panel.chart.scene.counts.kinds()) == [0]


def test_a_fixed_range_of_the_temporal_controller_becomes_the_period(
    timeline, watched_ledger, plugin, desk
):
    controller = QgsTemporalNavigationObject()
    desk.canvas.setTemporalController(controller)
    panel = timeline(watched_ledger)
    controller.setNavigationMode(Qgis.TemporalNavigationMode.FixedRange)
    controller.setTemporalExtents(utc_range("2031-03-08T06:00", "2031-03-10T06:00"))
    assert plugin.dock.filter.period() == (QDate(2031, 3, 8), QDate(2031, 3, 9))
    # And the other way round.
    drag(panel, x_of(panel, 12), x_of(panel, 12, hour=20))
    assert controller.navigationMode() == Qgis.TemporalNavigationMode.FixedRange
    assert controller.temporalExtents().begin().toUTC().date() == QDate(2031, 3, 12)
    QTest.keyClick(panel.chart, Qt.Key.Key_Escape)
    assert controller.navigationMode() == Qgis.TemporalNavigationMode.Disabled
    desk.canvas.setTemporalController(None)


def test_hours_chosen_in_the_temporal_controller_are_not_widened(
    timeline, watched_ledger, plugin, desk
):
    panel = timeline(watched_ledger)
    hours = utc_range("2031-03-08T08:00", "2031-03-08T10:00")
    desk.canvas.setTemporalRange(hours)
    assert plugin.dock.filter.period() == (QDate(2031, 3, 8), QDate(2031, 3, 8))
    assert desk.canvas.temporalRange() == hours
    assert panel.chart.scene.map_range[1] - panel.chart.scene.map_range[0] == 7200
    QTest.keyClick(panel.chart, Qt.Key.Key_Escape)
    assert desk.canvas.temporalRange().isInfinite()
    assert panel.chart.scene.map_range is None


def test_a_period_that_ends_before_it_begins_is_told_and_leaves_the_map(
    timeline, watched_ledger, plugin, desk
):
    panel = timeline(watched_ledger)
    panel.bar.last.setDate(QDate(2031, 3, 5))
    panel.bar.first.setDate(QDate(2031, 3, 8))
    assert "ends before it begins" in panel.bar.summary.text()
    assert desk.canvas.temporalRange().isInfinite()


def test_a_ledger_that_is_read_again_stays_in_view(timeline, watched_ledger, plugin, wait):
    panel = timeline(watched_ledger)
    for _ in range(4):
        QTest.keyClick(panel.chart, Qt.Key.Key_Plus)
    before, columns = panel.chart.scene.scale, panel.view.columns
    plugin.session.reload()
    wait(lambda: panel.view.columns is not columns)
    after = panel.chart.scene.scale
    assert (after.start, after.end) == (before.start, before.end)


def test_every_control_says_what_it_is(timeline, watched_ledger):
    panel = timeline(watched_ledger)
    bar = panel.bar
    for control in (bar.step, bar.unit, bar.first, bar.last, bar.clear, bar.show_all):
        assert control.toolTip() and control.accessibleName()
    assert panel.chart.accessibleName() and panel.chart.accessibleDescription()


def test_the_plugin_can_go_while_the_timeline_is_read(desk, big_ledger, wait):
    from ceasefire_monitor.plugin import CeasefireMonitor

    made = CeasefireMonitor(desk)
    made.initProcessing = lambda: None
    made.initGui()
    made.session.open(big_ledger)
    wait(lambda: made.session.path is not None)
    panel = made.panels["timeline"]
    panel.show_now()
    running, view = panel._running, panel.view
    assert len(running) == 1
    made.unload()
    wait(lambda: not running)
    assert view.columns is None
    wait(lambda: QgsApplication.taskManager().countActiveTasks() == 0)


def test_frames_of_an_animation_run_over_the_chart_and_leave_the_table(
    timeline, watched_ledger, plugin, desk
):
    controller = QgsTemporalNavigationObject()
    desk.canvas.setTemporalController(controller)
    panel = timeline(watched_ledger)
    controller.setTemporalExtents(utc_range("2031-03-08T06:00", "2031-03-10T06:00"))
    controller.setNavigationMode(Qgis.TemporalNavigationMode.Animated)
    controller.setCurrentFrameNumber(3)
    frame = desk.canvas.temporalRange().begin().toSecsSinceEpoch()
    assert panel.chart.scene.map_range[0] == frame
    assert plugin.dock.filter.period() == (None, None)
    desk.canvas.setTemporalController(None)


def test_the_wheel_zooms_about_the_place_under_it(timeline, watched_ledger):
    panel = timeline(watched_ledger)
    chart, x = panel.chart, x_of(panel, 12)
    before = chart.scene.scale
    wheel = QWheelEvent(
        QPointF(x, 80),
        QPointF(chart.mapToGlobal(QPoint(x, 80))),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(chart, wheel)
    after = chart.scene.scale
    assert after.end - after.start < before.end - before.start
    assert after.moment(x) == pytest.approx(before.moment(x), abs=2)
    QTest.keyClick(chart, Qt.Key.Key_0)
    assert chart.scene.scale.start == before.start


def test_too_short_a_step_gives_way_and_that_is_said(timeline, big_ledger):
    from ceasefire_monitor.ui.timeline.calendar import Step

    panel = timeline(big_ledger)
    panel.bar.step.setCurrentIndex(panel.bar.step.findData(Step.HOUR))
    assert panel.chart.scene.step is not Step.HOUR
    assert "zoom in" in panel.bar.summary.text()


def test_bars_have_other_colours_on_a_dark_ground(timeline, watched_ledger):
    from ceasefire_monitor.ui.timeline.colours import colour_of

    light, dark = QPalette(), QPalette()
    light.setColor(QPalette.ColorRole.Base, QColor("#ffffff"))
    dark.setColor(QPalette.ColorRole.Base, QColor("#1e1e1e"))
    for code in ("air_strike", "clash", "shelling", "detention"):
        assert colour_of(code, light).lightness() < 128 < colour_of(code, dark).lightness()
    panel = timeline(watched_ledger)
    panel.chart.setPalette(dark)
    picture = panel.chart.grab().toImage()
    assert QColor(picture.pixel(3, 3)).lightness() < 60
    colours = {picture.pixel(x, y) for x in range(0, picture.width(), 2) for y in range(40, 120, 3)}
    assert colour_of("explosion", dark).rgb() in colours


def test_the_brush_of_weeks_is_of_whole_weeks(timeline, big_ledger, plugin):
    from ceasefire_monitor.ui.timeline.calendar import Step

    panel = timeline(big_ledger)
    panel.bar.step.setCurrentIndex(panel.bar.step.findData(Step.WEEK))
    moment = datetime(2031, 5, 14, tzinfo=timezone.utc).timestamp()
    x = round(panel.chart.scene.scale.x(moment))
    drag(panel, x, x + 5)
    first, last = plugin.dock.filter.period()
    assert (first.dayOfWeek(), last.dayOfWeek()) == (1, 7)


def test_days_that_begin_after_noon_are_named_after_their_end():
    from ceasefire_monitor.ui.timeline.calendar import Calendar, Step

    calendar = Calendar("UTC", "19:30")
    start = datetime(2031, 3, 13, 19, 30, tzinfo=timezone.utc).timestamp()
    assert calendar.start_of(date(2031, 3, 14)) == start
    assert calendar.day_of(start) == date(2031, 3, 14)
    assert calendar.day_of(start - 1) == date(2031, 3, 13)
    assert calendar.edges(Step.DAY, start, start + 86_400) == [start, start + 86_400]


def test_the_hours_of_a_day_when_clocks_change_are_its_own():
    from ceasefire_monitor.ui.timeline.calendar import Calendar, Step

    calendar = Calendar("Europe/Vienna")
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        start, end = calendar.start_of(day), calendar.start_of(day + timedelta(days=1))
        assert len(calendar.edges(Step.HOUR, start, end)) == hours + 1


def test_hatching_is_segments_that_stay_in_their_rectangle():
    from qgis.PyQt.QtCore import QRectF

    from ceasefire_monitor.ui.timeline.painter import hatching

    area = QRectF(13, 7, 31, 90)
    segments = hatching(area)
    assert len(segments) > 10
    grown = area.adjusted(-0.01, -0.01, 0.01, 0.01)
    assert all(grown.contains(one) and grown.contains(other) for one, other in segments)


def utc_range(start, end):
    def moment(text):
        made = QDateTime.fromString(text, "yyyy-MM-ddTHH:mm")
        made.setTimeSpec(Qt.TimeSpec.UTC)
        return made

    return QgsDateTimeRange(moment(start), moment(end), True, False)
