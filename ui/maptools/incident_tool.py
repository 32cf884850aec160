"""The map tool that records an incident at a place: category, time, how surely the place is known.

It goes through QGIS's edit buffer of the layer of incidents, so that QGIS can undo it and the
ledger's triggers record it.
"""

from __future__ import annotations

import uuid
from typing import Dict, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorLayerUtils,
)
from qgis.PyQt.QtCore import QDateTime, QTimeZone, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDateTimeEdit,
    QDoubleSpinBox,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
)

from ...model.incident import incident_id
from ...model.vocabulary import label, vocabulary
from ...processing.fields import WGS84
from .box import Box
from .map_tool import MapTool
from .marks import area, point

SOURCE = "desktop"
COLUMNS = 4


class IncidentBox(Box):
    """What happened, when, and how surely the place is known; ``wanted``: record it."""

    edited = pyqtSignal()
    wanted = pyqtSignal()

    def __init__(self, part):
        super().__init__(part, "incident", "")
        tr = self.tr
        self.groups = QButtonGroup(self)
        self._add_groups()
        self.category = self.row(tr("Category"), QComboBox(self.frame), tr("What it was"))
        self.when = self.row(
            tr("When"), QDateTimeEdit(self.frame), tr("When it began, in the theatre's time")
        )
        self.when.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.off = self.row(
            tr("Place ±"),
            QDoubleSpinBox(self.frame),
            tr("The radius that holds the place with a probability of 95 %, metres; 0: not known"),
        )
        self.off.setRange(0.0, 1_000_000.0)
        self.off.setDecimals(0)
        self.off.setSingleStep(100.0)
        self.off.setSuffix(" m")
        self.off.setSpecialValueText(tr("not known"))
        self.words = self.row(tr("Description"), QLineEdit(self.frame), tr("What is told of it"))
        self.save = QPushButton(tr("Record"), self.frame)
        self.save.setToolTip(tr("Add the incident to the ledger's layer; it can be undone there"))
        self.save.setEnabled(False)
        self.column.addWidget(self.save)
        self.groups.buttonClicked.connect(lambda button: self._show_group(button.objectName()))
        self.off.valueChanged.connect(lambda *_: self.edited.emit())
        self.save.clicked.connect(self.wanted)
        self.groups.buttons()[0].setChecked(True)
        self._show_group(self.groups.buttons()[0].objectName())

    def _add_groups(self) -> None:
        """A button for each group of categories."""
        grid = QGridLayout()
        grid.setSpacing(3)
        groups = list(dict.fromkeys(code.partition("/")[0] for code in vocabulary("categories")))
        for number, group in enumerate(groups):
            button = QToolButton(self.frame)
            name = group.replace("_", " ")
            button.setObjectName(group)
            button.setText(name)
            button.setAccessibleName(name)
            button.setToolTip(self.tr("Categories of “%1”").replace("%1", name))
            button.setCheckable(True)
            policy = button.sizePolicy()
            policy.setHorizontalPolicy(policy.Policy.Expanding)
            button.setSizePolicy(policy)
            self.groups.addButton(button)
            grid.addWidget(button, number // COLUMNS, number % COLUMNS)
        self.inner.insertLayout(1, grid)

    def _show_group(self, group: str) -> None:
        self.category.clear()
        for code in vocabulary("categories"):
            if code.partition("/")[0] == group:
                self.category.addItem(label("categories", code), code)

    def moment(self, zone: QTimeZone) -> QDateTime:
        """When it began, in UTC."""
        told = self.when.dateTime()
        return QDateTime(told.date(), told.time(), zone).toUTC()


class IncidentTool(MapTool):
    """Click the place, choose what it was, record."""

    def __init__(self, part):
        super().__init__(part, IncidentBox(part))
        self.place: Optional[QgsPointXY] = None
        self.box.edited.connect(self._draw)
        self.box.wanted.connect(self._record)

    def opened(self) -> None:
        """Say what to do, and what is missing."""
        if self.part.session.layer() is None:
            self.box.say(self.tr("Open a ledger and show it on the map: it keeps the incident."))
            return
        self.box.say(self.tr("Click where it was, choose what it was, and record it."))
        local = QDateTime.currentDateTimeUtc().toTimeZone(self.part.session.clock.zone)
        self.box.when.setDateTime(QDateTime(local.date(), local.time()))

    def hovered(self, place, at) -> None:
        """Say where the cursor is."""
        if self.place is None:
            self.read_out([f"{place.y():.5f}, {place.x():.5f}"], at)

    def pressed(self, place, at) -> None:
        """Put the incident there."""
        self.place = place
        self.label.hide()
        self.box.save.setEnabled(True)
        self._draw()

    def reset(self) -> bool:
        """Forget the place."""
        had, self.place = self.place is not None, None
        self.box.save.setEnabled(False)
        self.marks.clear()
        self.label.hide()
        return had

    def _draw(self) -> None:
        if self.place is None:
            return
        from ...analysis.range_rings import fan

        shapes, off = [point(self.place)], self.box.off.value()
        if off:
            shapes.insert(0, area(fan(self.place.x(), self.place.y(), 0.0, 180.0, 0.0, off)))
        self.marks.show(shapes)

    def _record(self) -> None:
        """Add it to the layer; where nobody was editing, commit it at once."""
        layer = self.part.session.layer()
        if layer is None or self.place is None:
            self.warn(self.tr("Open a ledger and show it on the map first: it keeps the incident."))
            return
        editing = layer.isEditable()
        if not editing and not layer.startEditing():
            self.warn(self.tr("The layer of incidents cannot be edited; the ledger may be locked."))
            return
        layer.beginEditCommand(self.tr("Incident here"))
        added = layer.addFeature(self._feature(layer))
        if not added:
            layer.destroyEditCommand()
        else:
            layer.endEditCommand()
        if not editing and not (added and layer.commitChanges()):
            why = "; ".join(layer.commitErrors()) or self.tr("the layer refused it")
            layer.rollBack()
            added = False
            self.warn(self.tr("The incident was not recorded: %1").replace("%1", why))
        if added:
            self.reset()
            self._say_recorded(editing)

    def _say_recorded(self, editing: bool) -> None:
        sentence = self.tr("The incident is recorded.")
        if editing:
            sentence = self.tr("The incident is among your edits: save the layer's edits.")
        self.part.commands.say(sentence, Qgis.MessageLevel.Success)

    def _feature(self, layer):
        """The incident as a feature of the layer, with the form's own defaults."""
        geometry = QgsGeometry.fromPointXY(self.place)
        turn = QgsCoordinateTransform(WGS84, layer.crs(), QgsProject.instance())
        geometry.transform(turn)
        by_index: Dict[int, object] = {}
        for name, value in self._values().items():
            index = layer.fields().lookupField(name)
            if index >= 0 and value is not None:
                by_index[index] = value
        context = layer.createExpressionContext()
        return QgsVectorLayerUtils.createFeature(layer, geometry, by_index, context)

    def _values(self) -> Dict[str, object]:
        box, source_id = self.box, uuid.uuid4().hex
        moment, off = box.moment(self.part.session.clock.zone), box.off.value()
        return {
            "incident_id": incident_id(SOURCE, source_id),
            "source": SOURCE,
            "source_id": source_id,
            "category": box.category.currentData(),
            "occurred_from": moment,
            "occurred_to": moment,
            "time_precision": "minute",
            "point_role": "event",
            "uncertainty_m": off or None,
            "uncertainty_kind": "gauss" if off else None,
            "description": box.words.text().strip() or None,
            "verification": "unverified",
            "workflow": "recorded",
            "sensitivity": "restricted",
        }
