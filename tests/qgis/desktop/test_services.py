"""The page in QGIS's Options, and the search from QGIS's locator."""

from __future__ import annotations

import pytest
from qgis.core import QgsLocator, QgsLocatorContext, QgsLocatorResult, QgsSettings
from qgis.PyQt.QtCore import QTime
from qgis.PyQt.QtWidgets import QComboBox, QWidget
from shapely.geometry import Point

from ceasefire_monitor.processing.feeds.client import OFFLINE_KEY
from ceasefire_monitor.ui.services.defaults import for_new_brief, for_new_ledger


@pytest.fixture
def page(plugin, desk):
    (factory,) = desk.options
    parent = QWidget(desk.window)
    made = factory.createWidget(parent)
    yield made
    parent.deleteLater()


def test_what_is_chosen_in_the_options_is_what_new_ledgers_and_briefs_begin_with(page, plugin):
    assert for_new_ledger() == {"TIMEZONE": None, "REPORTING_DAY_START": None}
    page.zone.setCurrentText("Africa/Nairobi")
    page.day.setTime(QTime(19, 30))
    page.release.setCurrentText("confidential")
    page.distance.setValue(3000)
    page.offline.setChecked(True)
    page.apply()
    assert for_new_ledger() == {"TIMEZONE": "Africa/Nairobi", "REPORTING_DAY_START": "19:30"}
    assert for_new_brief() == {"RELEASE": "confidential"}
    assert plugin.dock.distance.value() == 3000
    assert QgsSettings().value(OFFLINE_KEY, False, bool) is True


def test_a_time_zone_that_there_is_not_is_not_kept(page):
    page.zone.setCurrentText("Nowhere/Nothing")
    assert not page.isValid()
    page.apply()
    assert for_new_ledger()["TIMEZONE"] is None


def test_every_control_of_the_page_says_what_it_is(page):
    for widget in (page.zone, page.day, page.release, page.distance, page.offline, page.sound):
        assert widget.accessibleName() and widget.toolTip()
    assert isinstance(page.zone, QComboBox) and page.zone.count() > 300


def search(desk, wait, text):
    """What QGIS's own locator gives, each as title and description, with the results."""
    (own,) = desk.locators
    locator, found = QgsLocator(), []
    locator.registerFilter(own.clone())
    # What a signal carries is gone after it.
    locator.foundResult.connect(lambda result: found.append(QgsLocatorResult(result)))
    locator.fetchResults(text, QgsLocatorContext())
    wait(lambda: not locator.isRunning())
    return own, found


def test_the_locator_finds_incidents_by_words_and_goes_to_them(opened, desk, wait):
    own, found = search(desk, wait, 'cfm "village 44"')
    titles = [result.displayString for result in found]
    assert titles and all("Village 44" in title for title in titles)
    # The latest first.
    assert titles[0].split()[-2:] > titles[-1].split()[-2:]
    own.triggerResult(found[0])
    wait(lambda: len(opened.dock.link.selected_fids()) == 1)
    (fid,) = opened.dock.link.selected_fids()
    row = next(row for row in opened.session.rows if row.fid == fid)
    assert row.incident_id == found[0].userData and row.place == "Village 44"


def test_without_a_ledger_or_with_a_letter_the_locator_finds_nothing(plugin, desk, wait):
    assert search(desk, wait, "cfm village")[1] == []


def test_a_site_is_found_by_its_name_and_shown(plugin, desk, wait, tmp_path):
    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.incident import Incident
    from ceasefire_monitor.model.land import Site

    site = Site("s1", site_name="Old Mill Clinic", geometry=Point(12, 5))
    path = tmp_path / "vale.gpkg"
    with Ledger.create(path, {"theatre": "Vale"}) as made:
        made.write_records("incidents", [Incident("a:1", "a")], None, "test")
        made.write_records("sites", [site], None, "test")
    plugin.session.open(str(path))
    wait(lambda: plugin.session.layer() is not None)
    own, found = search(desk, wait, "cfm mill clinic")
    assert [result.displayString for result in found] == ["Old Mill Clinic"]
    own.triggerResult(found[0])
    assert desk.canvas.extent().center().x() == pytest.approx(12.0, abs=0.01)
