"""The map tool that draws how far weapons reach from a place: rings, or a fan."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsPalLayerSettings,
    QgsPointXY,
    QgsProcessingUtils,
    QgsProject,
    QgsSettings,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QPushButton

from ...model.errors import CeasefireError
from ...model.vocabulary import label, vocabulary
from ..job import Outcome
from .box import Box
from .from_line_tool import metres
from .map_tool import MapTool
from .marks import area, point

RANGES_KEY = "ceasefire_monitor/ring_ranges"
USUAL = "2000; 5 km"
WEAPONS = "weapon_types"
FILL_OPACITY = 0.35


class RingsBox(Box):
    """Which ranges, and in which direction. ``edited``: they are others; ``wanted``: draw them."""

    edited = pyqtSignal()
    wanted = pyqtSignal()

    def __init__(self, part):
        super().__init__(part, "rings", "")
        tr = self.tr
        self.ranges = self.row(
            tr("Ranges"),
            QLineEdit(QgsSettings().value(RANGES_KEY, USUAL), self.frame),
            tr("Metres, kilometres or weapons: 2000; 5 km; mortar_120; your own as hmg=1800"),
        )
        self.weapon = self.row(
            tr("Weapon"), QComboBox(self.frame), tr("Add the range of a weapon to the ranges")
        )
        self.weapon.addItem(tr("Add a weapon…"), "")
        for code, told in vocabulary(WEAPONS).items():
            if told.get("range_m"):
                words = f"{label(WEAPONS, code)}: {metres(told['range_m'])}"
                self.weapon.addItem(words, code)
        self.bearing = self._number(
            tr("Bearing"), 360.0, tr("The middle of a fan, from true north")
        )
        self.halfwidth = self._number(
            tr("Plus or minus"), 180.0, tr("Half of a fan's opening; 180° draws whole rings")
        )
        self.halfwidth.setMinimum(1.0)
        self.halfwidth.setValue(180.0)
        self.draw = QPushButton(tr("Draw"), self.frame)
        self.draw.setToolTip(tr("Draw the rings as a layer of the project"))
        self.draw.setEnabled(False)
        self.column.addWidget(self.draw)
        self.ranges.textChanged.connect(lambda *_: self.edited.emit())
        self.weapon.activated.connect(self._add_weapon)
        self.draw.clicked.connect(self.wanted)

    def _number(self, title: str, most: float, tip: str) -> QDoubleSpinBox:
        made = self.row(title, QDoubleSpinBox(self.frame), tip)
        made.setRange(0.0, most)
        made.setDecimals(1)
        made.setSuffix(" °")
        made.valueChanged.connect(lambda *_: self.edited.emit())
        return made

    def _add_weapon(self, *_) -> None:
        code = self.weapon.currentData()
        if code:
            told = self.ranges.text().strip().rstrip(";")
            self.ranges.setText(f"{told}; {code}" if told else code)
        self.weapon.setCurrentIndex(0)


class RingsTool(MapTool):
    """Click the middle; the rings are shown at once, and drawn as a layer on demand."""

    def __init__(self, part):
        super().__init__(part, RingsBox(part))
        self.middle: Optional[QgsPointXY] = None
        self._hint = self.tr("Click the place in the middle, then draw. Esc takes it back.")
        self.box.edited.connect(self._again)
        self.box.wanted.connect(self._draw)

    def opened(self) -> None:
        """Say what to do."""
        self.box.say(self._hint)

    def hovered(self, place, at) -> None:
        """Show what would be drawn about the cursor."""
        if self.middle is None:
            self.read_out(self._show(place), at)

    def pressed(self, place, at) -> None:
        """Put the middle there."""
        self.middle = place
        self.box.draw.setEnabled(True)
        self.label.hide()
        self._show(place)

    def reset(self) -> bool:
        """Forget the middle."""
        had, self.middle = self.middle is not None, None
        self.box.draw.setEnabled(False)
        self.marks.clear()
        self.label.hide()
        return had

    def _again(self) -> None:
        if self.middle is not None:
            self._show(self.middle)

    def _show(self, place: QgsPointXY) -> List[str]:
        """Draw the ranges about a place, and what is said of them."""
        from ...analysis.range_rings import fan, ranges_of

        try:
            ranges = ranges_of(self.box.ranges.text(), vocabulary(WEAPONS))
        except CeasefireError as error:
            self.box.say(str(error))
            self.marks.show([point(place)])
            return []
        self.box.say(self._hint)
        shape = place.x(), place.y(), self.box.bearing.value(), self.box.halfwidth.value(), 0.0
        areas = [area(fan(*shape, each.metres)) for each in reversed(ranges)]
        self.marks.show([*areas, point(place)])
        words = [label(WEAPONS, each.weapon) if each.weapon else "" for each in ranges]
        told = [metres(each.metres) for each in ranges]
        return [f"{name}: {far}" if name else far for name, far in zip(words, told)]

    def _draw(self) -> None:
        if self.middle is None:
            return
        parameters = {
            "POINT": f"{self.middle.x()!r},{self.middle.y()!r} [EPSG:4326]",
            "RANGES": self.box.ranges.text(),
            "BEARING": self.box.bearing.value(),
            "HALFWIDTH": self.box.halfwidth.value(),
            "OUTPUT": "TEMPORARY_OUTPUT",
        }
        self.part.runner.run("ceasefire:rangerings", parameters, self._drawn)

    def _drawn(self, run) -> None:
        """Put the rings into the project, their ranges beside them."""
        if run.outcome is not Outcome.DONE:
            return
        layer = QgsProcessingUtils.mapLayerFromString(run.results["OUTPUT"], run.context)
        made = run.context.takeResultLayer(layer.id()) if layer is not None else None
        if made is None:
            made = QgsVectorLayer(run.results["OUTPUT"], self.tr("Range rings"), "ogr")
        made.setName(self.tr("Range rings"))
        made.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
        _style(made)
        QgsProject.instance().addMapLayer(made)
        QgsSettings().setValue(RANGES_KEY, self.box.ranges.text())
        self.reset()


def _style(layer: QgsVectorLayer) -> None:
    """Light areas, and the weapon and its range as a label."""
    symbol = layer.renderer().symbol()
    symbol.setOpacity(FILL_OPACITY)
    settings = QgsPalLayerSettings()
    settings.fieldName = "label"
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
