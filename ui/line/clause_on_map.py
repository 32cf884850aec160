"""Shows a chosen clause: its text, what it draws on the map, and the incidents held against it."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsProcessingUtils,
    QgsProject,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QDateTime, QObject, Qt, pyqtSignal

from ..job import Outcome, Run
from ..maptools.marks import Marks

ALGORITHM = "ceasefire:zonesfromagreement"
ROOM = 1.15
Drawn = Dict[str, List[QgsGeometry]]


class ClauseOnMap(QObject):
    """Draws what ``ceasefire:zonesfromagreement`` draws for a clause on a date.

    ``told`` carries a sentence on it. Each agreement and date is drawn once until the ledger
    changes.
    """

    told = pyqtSignal(str)

    def __init__(self, panel):
        super().__init__(panel)
        self._panel = panel
        # A glance at a clause must not have to wait until a long import has ended.
        self._runner = panel.runner.beside()
        self._canvas = panel.iface.mapCanvas()
        self._marks = Marks(self._canvas)
        self._drawn: Dict[Tuple[str, float], Drawn] = {}
        self._wanted: Optional[Tuple[str, str, float]] = None
        self._zoom = False

    def forget(self) -> None:
        """The ledger is another, or in another state."""
        self._drawn.clear()
        self.clear()

    def clear(self) -> None:
        """Draw nothing."""
        self._wanted = None
        self._marks.clear()

    def unload(self) -> None:
        """Stop what runs and take everything off the map."""
        self._runner.close()
        self._runner.deleteLater()
        self.clear()

    def show(self, agreement: str, clause: str, moment: float, zoom: bool) -> None:
        """Draw a clause as of a moment; what is not known yet is asked of the algorithm."""
        self._wanted, self._zoom = (agreement, clause, moment), zoom
        if (agreement, moment) in self._drawn:
            self._draw()
        elif not self._runner.busy():
            self._ask(agreement, moment)

    def zoom_to(self, shapes: List[QgsGeometry]) -> None:
        """Bring shapes (EPSG:4326) into view."""
        whole = QgsRectangle()
        for shape in shapes:
            whole.combineExtentWith(shape.boundingBox())
        if whole.isNull():
            return
        degrees = QgsCoordinateReferenceSystem("EPSG:4326")
        crs = self._canvas.mapSettings().destinationCrs()
        project = QgsProject.instance()
        extent = QgsCoordinateTransform(degrees, crs, project).transformBoundingBox(whole)
        extent.scale(ROOM)
        self._canvas.setExtent(extent)
        self._canvas.refresh()

    def count(self) -> int:
        """How many shapes are drawn."""
        return self._marks.count()

    def _ask(self, agreement: str, moment: float) -> None:
        utc = QDateTime.fromSecsSinceEpoch(int(moment), Qt.TimeSpec.UTC)
        parameters = {
            "AGREEMENT": agreement,
            "LEDGER": self._panel.session.path,
            "DATE": utc.toString("yyyy-MM-ddTHH:mm:ss") + "Z",
            "OUTPUT": QgsProcessingUtils.generateTempFilename("clauses.gpkg"),
        }
        self.told.emit(self.tr("Drawing what the agreement draws…"))
        self._runner.run(ALGORITHM, parameters, lambda run: self._ran(run, agreement, moment))

    def _ran(self, run: Run, agreement: str, moment: float) -> None:
        drawn: Drawn = {}
        if run.outcome is Outcome.DONE:
            drawn = _by_clause(run.results["OUTPUT"])
        self._drawn[agreement, moment] = drawn
        if run.outcome is not Outcome.DONE:
            self.told.emit(run.sentence)
            self._marks.clear()
            return
        if self._wanted is None:
            return
        code, clause, when = self._wanted
        # Another clause or date may have been chosen while this ran.
        self.show(code, clause, when, self._zoom)

    def _draw(self) -> None:
        agreement, clause, moment = self._wanted
        shapes = self._drawn[agreement, moment].get(clause, [])
        self._marks.show(shapes)
        if not shapes:
            self.told.emit(self.tr("This clause draws nothing on the map on this date."))
            return
        self.told.emit(
            self.tr("Areas that this clause draws on this date: %1.").replace(
                "%1", str(len(shapes))
            )
        )
        if self._zoom:
            self.zoom_to(shapes)


def _by_clause(path: str) -> Drawn:
    from qgis.core import QgsVectorLayer

    drawn: Drawn = {}
    for feature in QgsVectorLayer(path, "clauses", "ogr").getFeatures():
        if not feature.geometry().isEmpty():
            drawn.setdefault(str(feature["clause"]), []).append(QgsGeometry(feature.geometry()))
    return drawn
