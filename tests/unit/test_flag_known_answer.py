"""Real events against a real line: the counts that were computed apart from this project."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import shapely

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.flagging import FlagSettings, flag
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.nearest import nearest

pytestmark = pytest.mark.real_data

LIMITS_M = [1000, 2000, 5000, 10_000, 15_000, 20_000, 30_000]
ALL = [527, 635, 763, 995, 1069, 1109, 1229]
PRECISE = [192, 300, 428, 659, 731, 770, 800]
# Rows within 50 m of the limit, where the answer may rest on rounding.
TIES = [22, 9, 16, 0, 0, 0, 0]
RADIUS_M = {1: 1000, 2: 5000, 3: 10_000, 4: 25_000, 5: 25_000, 6: 100_000, 7: 100_000}


@pytest.fixture(scope="module")
def lines(real_data):
    path = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = [shapely.from_geojson(json.dumps(item["geometry"])) for item in features]
    return prepare_lines(LineColumns(np.array(shapes, dtype=object)))


@pytest.fixture(scope="module")
def events(real_data):
    path = real_data / "ucdp_ukraine" / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if "2015-02-18" <= row["date_start"][:10] <= "2022-02-23"]
    assert len(kept) == 1427
    return {
        "lon": np.array([float(row["longitude"]) for row in kept]),
        "lat": np.array([float(row["latitude"]) for row in kept]),
        "precision": np.array([int(row["where_prec"]) for row in kept]),
        "start": np.array([row["date_start"][:10] for row in kept], dtype="datetime64[us]"),
    }


def test_counts_within_each_distance_are_the_known_ones(lines, events):
    distance = nearest(lines, events["lon"], events["lat"]).distance_m
    precise = events["precision"] <= 2
    for limit, among_all, among_precise, ties in zip(LIMITS_M, ALL, PRECISE, TIES):
        assert abs(np.count_nonzero(distance <= limit) - among_all) <= ties
        assert abs(np.count_nonzero(distance[precise] <= limit) - among_precise) <= ties


def test_vague_events_are_hardly_ever_near_once_their_precision_is_respected(lines, events):
    radius = np.array([RADIUS_M[code] for code in events["precision"]], dtype=float)
    found = flag(
        IncidentColumns(events["lon"], events["lat"], events["start"], uncertainty_m=radius),
        lines,
        FlagSettings(5000.0),
    )
    vague = events["precision"] >= 4
    assert np.count_nonzero(vague) == 589
    assert np.count_nonzero(found.flag[vague] == "near") <= 5
    bare = flag(
        IncidentColumns(events["lon"], events["lat"], events["start"]), lines, FlagSettings(5000.0)
    )
    assert np.count_nonzero(bare.flag[vague] == "near") > 200
