"""The benchmark's own code, on tiny sizes: no times are asserted."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from pyproj import Geod

from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.tests.benchmarks import theatre
from ceasefire_monitor.tests.benchmarks.kernel import Kernel
from ceasefire_monitor.tests.benchmarks.racer import Racer, RacerFailed, of_package
from ceasefire_monitor.tests.benchmarks.report import Race, Report, Step, Turns


@pytest.fixture(scope="module")
def incidents():
    return theatre.incidents(5_000)


def test_the_theatre_falls_the_same_each_time_and_a_larger_one_begins_with_the_smaller(incidents):
    again = theatre.incidents(300)
    assert (again.lon == incidents.lon[:300]).all()
    assert (again.occurred_from == incidents.occurred_from[:300]).all()
    several = list(theatre.blocks(theatre.BLOCK + 7))
    assert [len(block) for block in several] == [theatre.BLOCK, 7]
    assert not np.isin(several[1].lon, several[0].lon[:1000]).all()


def test_the_line_is_long_and_simple_and_its_versions_follow_each_other():
    lines = theatre.contact_lines()
    assert len(lines) == 10
    assert (lines.valid_to[:-1] == lines.valid_from[1:]).all()
    for shape in lines.geometry:
        vertices = np.array(shape.coords)
        assert len(vertices) == 20_001
        assert 900_000 < Geod(ellps="WGS84").line_length(*vertices.T) < 1_100_000
        assert shape.is_simple
    assert len({shape.wkb for shape in lines.geometry}) == 10


def test_the_incidents_are_as_real_ones_are(incidents):
    assert 700 < np.nanmedian(incidents.uncertainty_m) < 1400
    assert 0.07 < np.isnan(incidents.uncertainty_m).mean() < 0.13
    kinds = {kind: (incidents.uncertainty_kind == kind).mean() for kind in ("gauss", "disc")}
    assert min(kinds.values()) > 0.1
    assert incidents.has_sector().mean() > 0.1
    places = np.unique(np.column_stack([incidents.lon, incidents.lat]), axis=0)
    assert len(places) < 0.95 * len(incidents)
    last = theatre.contact_lines(60).valid_to[-1]
    assert (incidents.occurred_from < last).all()


def test_the_kernel_holds_each_incident_against_the_version_of_its_day():
    columns = theatre.contact_lines(60, 3)
    incidents = theatre.incidents(40, 3)
    kernel = Kernel(columns)
    found = kernel.measure(incidents)
    for row in range(len(incidents)):
        moment = incidents.occurred_from[row]
        in_force = np.flatnonzero((columns.valid_from <= moment) & (moment < columns.valid_to))
        place = incidents.lon[row : row + 1], incidents.lat[row : row + 1]
        alone = nearest(kernel.lines, *place, in_force.tolist())
        assert found.distance_m[row] == pytest.approx(alone.distance_m[0], abs=1e-6)
    assert (np.isnan(found.probability) == np.isnan(incidents.uncertainty_m)).all()
    assert (found.probability[~np.isnan(found.probability)] <= 1.0).all()


def test_the_kernel_in_a_process_of_its_own_tells_time_and_memory(tmp_path):
    with of_package("kernel_racer", tmp_path, 60.0, 60, 3) as racer:
        told = racer.run("run", 20)
        assert told["measured"] == 20
        assert told["seconds"] > 0.0
        assert 1e7 < told["peak_bytes"] < 3e9
        with pytest.raises(RacerFailed, match="ValueError"):
            racer.run("run", "many")
        assert racer.run("run", 10)["measured"] == 10


def test_a_process_that_ends_or_hangs_is_a_reason_and_no_hang(tmp_path):
    ending = [sys.executable, "-c", "raise SystemExit('no such peer here')"]
    with pytest.raises(RacerFailed, match="no such peer here"), Racer(ending, tmp_path, 30.0):
        pass
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(RacerFailed, match="did not finish"), Racer(hanging, tmp_path, 0.5):
        pass


def test_the_report_holds_ratios_against_their_targets(tmp_path):
    ours = Turns("ours", 1_000_000, [5.0, 4.0, 90.0])
    peer = Turns("theirs", 20_000, [2.0, 2.0, 2.0])
    gone = Turns("gone", 10, missing="it is not installed")
    races = [
        Race("faster", ours, peer, at_most=0.1),
        Race("slower", peer, ours, at_most=0.1),
        Race("times as fast", ours, peer, at_least=19.0),
        Race("alone", ours, gone, at_most=1.0),
    ]
    steps = [Step(1_000, 1.0, int(1e9), {"nearest": 1.0}), Step(10_000, 20.0, int(2e9))]
    report = Report({"Run": "test"}, races, [*steps, Step(5, missing="stopped")], [peer, gone])
    assert [race.verdict for race in races] == ["met", "missed", "met", "not measured"]
    assert races[0].ratio == pytest.approx(5.0 / 100.0)
    assert races[2].ratio == pytest.approx(20.0)
    assert report.growth() == pytest.approx(2.0)
    # What only gets cheaper grows by less than 1.
    dear_at_first = [Step(10, 1.0), Step(1_000, 20.0), Step(100, 5.0)]
    assert Report({}, [], dear_at_first, []).growth() == pytest.approx(0.5)
    report.write(tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "missing: it is not installed" in text
    assert "(from 20,000)" in text
    stored = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [race["verdict"] for race in stored["races"]] == [race.verdict for race in races]
