"""What the tests of the expression functions share: the functions, a theatre, and how to ask."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication, QDateTime, QEvent, Qt

LINE_FIELDS = (
    "field=line_name:string&field=kind:string&field=front:string&field=left_party:string"
    "&field=right_party:string&field=valid_from:datetime&field=valid_to:datetime"
    "&field=uncertainty_m:double"
)
WGS84 = QgsCoordinateReferenceSystem("EPSG:4326")
SHARED = (
    "LINE_FIELDS",
    "WGS84",
    "utc",
    "moment",
    "add_layer",
    "wandering",
    "three_versions",
    "incidents_of",
    "scopes",
    "evaluated",
    "values_of",
    "none",
    "ledger_with",
    "two_dated",
)


def utc(text: str) -> QDateTime:
    return QDateTime.fromString(text, Qt.DateFormat.ISODate).toUTC()


def moment(day: datetime) -> QDateTime:
    return utc(day.strftime("%Y-%m-%dT%H:%M:%SZ"))


def add_layer(kind, fields, rows, name, crs="EPSG:4326"):
    """A memory layer in the project from rows of (geometry as WKT or None, attributes…)."""
    made = QgsVectorLayer(f"{kind}?crs={crs}&{fields}", name, "memory")
    assert made.isValid()
    features = []
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        features.append(feature)
    assert made.dataProvider().addFeatures(features)[0]
    QgsProject.instance().addMapLayer(made)
    return made


def wandering(rng, lat: float, count: int = 80) -> str:
    """A line from 30 to 33 degrees east that wanders about a parallel, as WKT."""
    lons = np.linspace(30.0, 33.0, count)
    lats = lat + np.cumsum([rng.gauss(0.0, 0.004) for _ in lons])
    return shapely.to_wkt(shapely.linestrings(np.column_stack([lons, lats])))


def three_versions(rng, kind="agreed"):
    """A front of two parties in three dated versions with a gap, forward lines, and a third one."""
    versions = []
    spans = (("2025-01-01", "2025-03-01"), ("2025-03-01", "2025-06-01"), ("2025-07-01", None))
    for number, (start, end) in enumerate(spans):
        ends = utc(f"{end}T00:00:00Z") if end else None
        begins = utc(f"{start}T00:00:00Z")
        lat = 50.0 + 0.1 * number
        versions += [
            (
                wandering(rng, lat),
                f"Main {number}",
                kind,
                "A – B",
                "Aster",
                "Borea",
                begins,
                ends,
                80.0,
            ),
            (
                wandering(rng, lat + 0.2),
                f"North {number}",
                kind,
                "A – B",
                "Aster",
                None,
                begins,
                ends,
                None,
            ),
            (
                wandering(rng, lat - 0.2),
                f"South {number}",
                kind,
                "A – B",
                None,
                "Borea",
                begins,
                ends,
                None,
            ),
        ]
    versions.append(
        (wandering(rng, 51.5), "Calder line", kind, "A – C", "Aster", "Calder", None, None, 20.0)
    )
    return versions


def incidents_of(count, crs="EPSG:4326"):
    """Random incidents, every twentieth without a place, every fifteenth without a time."""
    rng = random.Random(11)
    start = datetime(2024, 12, 1, tzinfo=timezone.utc)
    to_layer = QgsCoordinateTransform(
        WGS84, QgsCoordinateReferenceSystem(crs), QgsProject.instance()
    )
    rows = []
    for index in range(count):
        point = to_layer.transform(QgsPointXY(rng.uniform(29.5, 33.5), rng.uniform(49.3, 52.0)))
        wkt = None if index % 20 == 7 else f"Point ({point.x():.12g} {point.y():.12g})"
        when = moment(start + timedelta(hours=rng.randrange(300 * 24)))
        rows.append((wkt, str(index), None if index % 15 == 4 else when))
    fields = "field=incident_id:string&field=occurred_from:datetime"
    return add_layer("Point", fields, rows, "Incidents", crs)


def scopes(layer):
    return QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))


def evaluated(text, layer=None, feature=None):
    """The value of an expression and what it complains of."""
    expression = QgsExpression(text)
    assert not expression.hasParserError(), expression.parserErrorString()
    context = QgsExpressionContext()
    if layer is not None:
        context = scopes(layer)
        context.setFeature(feature or next(layer.getFeatures()))
    expression.prepare(context)
    value = expression.evaluate(context)
    return value, expression.evalErrorString()


def values_of(text, layer):
    """The values of an expression for every feature, by ``incident_id``."""
    expression, context = QgsExpression(text), scopes(layer)
    assert expression.prepare(context)
    found = {}
    for feature in layer.getFeatures():
        context.setFeature(feature)
        found[feature["incident_id"]] = none(expression.evaluate(context))
        assert not expression.hasEvalError(), expression.evalErrorString()
    return found


def none(value):
    return None if value is None or str(value) == "NULL" else value


def ledger_with(path, rows):
    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.land import ContactLine

    with Ledger.create(path, {"timezone": "Europe/Athens"}) as ledger:
        ledger.write_records(
            "contact_lines",
            [
                ContactLine(
                    line_id=f"line:{name}",
                    line_name=name,
                    kind="agreed",
                    left_party="Aster",
                    right_party="Borea",
                    valid_from=start,
                    valid_to=end,
                    geometry=shapely.from_wkt(wkt),
                )
                for name, wkt, start, end in rows
            ],
            None,
            "test",
        )
    return path


def two_dated(path):
    change = datetime(2025, 1, 31, 22, tzinfo=timezone.utc)
    return ledger_with(
        path,
        [
            ("Old", "LINESTRING (30 50, 33 50)", None, change),
            ("New", "LINESTRING (30 50.1, 33 50.1)", change, None),
        ],
    )


@pytest.fixture
def ask():
    """The functions of this file, for the tests beside it."""
    return SimpleNamespace(**{each: globals()[each] for each in SHARED})


@pytest.fixture
def functions(qgis_app):
    """The functions, registered, and an empty project around them."""
    from ceasefire_monitor.processing.expressions.register import ExpressionFunctions

    QgsProject.instance().clear()
    made = ExpressionFunctions()
    yield made
    made.unregister()
    QgsProject.instance().clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def lines(functions):
    return add_layer("LineString", LINE_FIELDS, three_versions(random.Random(3)), "Contact lines")


@pytest.fixture
def wait_until():
    """``wait_until(holds)``: let QGIS work until something holds; fails where it never does."""

    def wait(holds, seconds=20.0):
        end = time.monotonic() + seconds
        while not holds():
            QCoreApplication.processEvents()
            assert time.monotonic() < end, "it did not come to pass"

    return wait
