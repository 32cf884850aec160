"""Finds incidents, sites and zones of the open ledger from QGIS's locator: ``cfm`` and words."""

from __future__ import annotations

import dataclasses
from typing import List, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsLocatorFilter,
    QgsLocatorResult,
    QgsProject,
    QgsRectangle,
)

from .. import incident_words as words
from ..icons import icon
from ..incident_filter import words_of
from ..ledger_layers import find_layer

PREFIX = "cfm"
AT_MOST = 30
PLACES = (("sites", "site_name"), ("zones", "zone_name"))
AROUND_DEG = 0.03


@dataclasses.dataclass(frozen=True)
class Place:
    """A site or zone by its name: where it is, in degrees."""

    name: str
    kind: str
    bounds: Tuple[float, float, float, float]


class LedgerLocator(QgsLocatorFilter):
    """QGIS searches with clones in other threads; each works on what was there when it began."""

    def __init__(self, dock, canvas):
        super().__init__()
        self._dock = dock
        self._canvas = canvas
        self._rows: list = []
        self._clock = None
        self._places: List[Place] = []
        # A clone without a reference in Python would lose its Python half.
        self._clone: Optional[LedgerLocator] = None

    def name(self):
        return "ceasefire_monitor"

    def displayName(self):
        return self.tr("Ceasefire Monitor: incidents, sites, zones")

    def prefix(self):
        return PREFIX

    def clone(self):
        self._clone = LedgerLocator(self._dock, self._canvas)
        return self._clone

    def prepare(self, string, context):
        """In the main thread: take the rows, and read the names of sites and zones."""
        session = self._dock.session
        self._rows, self._clock = session.rows, session.clock
        self._places = [] if session.path is None else _places(session.path)
        return []

    def fetchResults(self, string, context, feedback):
        """In another thread: what holds all words, the latest incidents first."""
        wanted = words_of(string)
        if not wanted or (len(string.strip()) < 3 and not context.usingPrefix):
            return
        for place in self._places:
            if all(word in place.name.lower() for word in wanted):
                self._tell(place.name, place.kind, place, "incidents")
        found = []
        for row in self._rows:
            if feedback.isCanceled():
                return
            if all(word in row.search for word in wanted):
                found.append(row)
        found.sort(key=lambda row: (row.occurred_from is None, -(row.occurred_from or 0.0)))
        for row in found[:AT_MOST]:
            when = self._clock.text(row.occurred_from, row.time_precision)
            title = ", ".join(part for part in (words.what(row), words.place(row)) if part)
            flag = words.short_label(words.flag_of(row))
            self._tell(
                f"{title} {when}".strip(), flag, row.incident_id, f"flag_{words.flag_of(row)}"
            )

    def triggerResult(self, result):
        """Show what was chosen."""
        chosen = result.userData
        if isinstance(chosen, Place):
            self._zoom(chosen)
        elif chosen:
            self._dock.setUserVisible(True)
            self._dock.show_incident(chosen)

    def _tell(self, title: str, description: str, chosen, picture: str) -> None:
        result = QgsLocatorResult()
        result.filter = self
        result.displayString = title
        result.description = description
        result.icon = icon(picture)
        result.setUserData(chosen)
        self.resultFetched.emit(result)

    def _zoom(self, place: Place) -> None:
        around = QgsRectangle(*place.bounds)
        around.grow(AROUND_DEG)
        to_canvas = QgsCoordinateTransform(
            QgsCoordinateReferenceSystem("EPSG:4326"),
            self._canvas.mapSettings().destinationCrs(),
            QgsProject.instance(),
        )
        self._canvas.setExtent(to_canvas.transformBoundingBox(around))
        self._canvas.refresh()


def _places(ledger: str) -> List[Place]:
    """Named sites and zones of the ledger's layers that the project shows."""
    found = []
    for name, field in PLACES:
        layer = find_layer(QgsProject.instance(), ledger, name)
        if layer is None or layer.fields().lookupField(field) < 0:
            continue
        for feature in layer.getFeatures():
            title, shape = feature[field], feature.geometry()
            if title and not shape.isNull():
                box = shape.boundingBox()
                bounds = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
                found.append(Place(str(title), layer.name(), bounds))
    return found
