"""Drawing and splitting lines and setting their parties, on QGIS's edit buffer with its undo."""

from __future__ import annotations

import uuid
from typing import Callable, Optional

from qgis.core import (
    Qgis,
    QgsCoordinateTransform,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.gui import QgsMapToolEmitPoint
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtWidgets import QInputDialog, QLabel

from ...model.errors import CeasefireError
from ..review.editing import EditBar, refusal_in
from .line_shapes import Hit, count_in_force, cut, nearest
from .map_day import layers_of

PARTIES = ("left_party", "right_party")


class ClickTool(QgsMapToolEmitPoint):
    """Tells a click's place to whoever asked for one; Esc ends it."""

    def __init__(self, canvas, button, clicked: Callable[[QgsPointXY], None]):
        super().__init__(canvas)
        self._clicked = clicked
        self.setAction(button)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def canvasReleaseEvent(self, event):
        self._clicked(event.mapPoint())

    def keyPressEvent(self, event):
        if event.key() == Qt.Key.Key_Escape:
            self.canvas().unsetMapTool(self)
            event.ignore()


class LineEditBar(EditBar):
    """Says that edits of lines are not saved yet."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.findChild(QLabel).setText(self.tr("Edits of lines are not saved yet."))


class LineEditor(QObject):
    """What the panel edits; ``layer`` is looked up whenever the session changes."""

    def __init__(self, panel, actions: dict):
        super().__init__(panel)
        self._panel, self._iface = panel, panel.iface
        self._layer: Optional[QgsVectorLayer] = None
        self.moment: Optional[float] = None
        canvas = panel.iface.mapCanvas()
        self.tools = {
            "split": ClickTool(canvas, actions["split"], self.split_at),
            "parties": ClickTool(canvas, actions["parties"], self.ask_party_at),
        }
        self.bar = LineEditBar(panel)
        self.bar.save.clicked.connect(self.save)
        self.bar.undo.clicked.connect(self.undo)
        self.bar.give_up.clicked.connect(self.give_up)
        self._show_bar()

    # Following the layer

    def follow(self, ledger: Optional[str]) -> None:
        """Edit the layer of lines of this ledger, where the map shows it.

        Where it shows several, such as earlier lines apart, the one with most lines in force.
        """
        layers = layers_of(ledger, "contact_lines")
        if self._layer in layers and self._layer.isModified():
            return
        best = max(layers, key=lambda each: count_in_force(each, self.moment), default=None)
        self._set_layer(best)

    def unload(self) -> None:
        """Let go of layer and map."""
        self._set_layer(None)
        for tool in self.tools.values():
            self._iface.mapCanvas().unsetMapTool(tool)
            tool.deleteLater()
        self.tools = {}

    def _set_layer(self, layer: Optional[QgsVectorLayer]) -> None:
        if layer is self._layer:
            return
        if self._layer is not None:
            if self._layer.isEditable() and not self._layer.isModified():
                self._layer.rollBack()
            self._layer.layerModified.disconnect(self._show_bar)
            self._layer.editingStopped.disconnect(self._show_bar)
            self._layer.afterCommitChanges.disconnect(self._panel.read_again)
            self._layer.willBeDeleted.disconnect(self._gone)
        self._layer = layer
        if layer is not None:
            layer.layerModified.connect(self._show_bar)
            layer.editingStopped.connect(self._show_bar)
            layer.afterCommitChanges.connect(self._panel.read_again)
            layer.willBeDeleted.connect(self._gone)
        self._show_bar()

    def _gone(self) -> None:
        # Its connections go with the layer.
        self._layer = None
        self._show_bar()

    # What one does

    def draw(self) -> None:
        """Begin to draw a line with QGIS's own tool; its form asks for the rest."""
        layer = self._editable()
        if layer is not None:
            self._iface.setActiveLayer(layer)
            self._iface.actionAddFeature().trigger()

    def use(self, name: str, wanted: bool) -> None:
        """Take one of the tools, or put it down."""
        canvas, tool = self._iface.mapCanvas(), self.tools[name]
        if not wanted:
            canvas.unsetMapTool(tool)
        elif self._editable() is None:
            tool.action().setChecked(False)
        else:
            canvas.setMapTool(tool)

    def split_at(self, place: QgsPointXY) -> bool:
        """Cut the line in force that is nearest to a place of the map in two."""
        hit = self._hit(place)
        if hit is None:
            return False
        try:
            first, second = cut(hit.feature.geometry(), hit.place, hit.next_vertex)
        except CeasefireError as error:
            self._say(str(error))
            return False
        layer = self._layer
        names = layer.fields().names()
        values = {
            index: hit.feature.attribute(name)
            for index, name in enumerate(names)
            if name not in ("fid", "line_id")
        }
        values[names.index("line_id")] = f"line:{uuid.uuid4().hex[:20]}"
        layer.beginEditCommand(self.tr("Split a contact line"))
        made = QgsVectorLayerUtils.createFeature(layer, second, values)
        if layer.changeGeometry(hit.feature.id(), first) and layer.addFeature(made):
            layer.endEditCommand()
            layer.triggerRepaint()
            return True
        layer.destroyEditCommand()
        self._say(self.tr("The line could not be split: its layer refuses the change."))
        return False

    def ask_party_at(self, place: QgsPointXY) -> None:
        """Ask whose side of the nearest line was clicked, and set it."""
        hit = self._hit(place)
        if hit is None:
            return
        field = PARTIES[0] if hit.left else PARTIES[1]
        known = self._known_parties()
        now = str(hit.feature[field] or "")
        name, chosen = QInputDialog.getItem(
            self._iface.mainWindow(),
            self.tr("Party on this side"),
            self.tr("On this side of “%1” (the line's %2):")
            .replace("%1", str(hit.feature["line_name"] or hit.feature["line_id"]))
            .replace("%2", self.tr("left") if hit.left else self.tr("right")),
            known,
            known.index(now) if now in known else -1,
            True,
        )
        if chosen:
            self.set_party(hit, name)

    def set_party(self, hit: Hit, name: str) -> bool:
        """Set the party of the side that was hit; an empty name means not known."""
        layer, field = self._layer, PARTIES[0] if hit.left else PARTIES[1]
        index = layer.fields().lookupField(field)
        layer.beginEditCommand(self.tr("Set the party on a side of a line"))
        if layer.changeAttributeValue(hit.feature.id(), index, name.strip() or None):
            layer.endEditCommand()
            return True
        layer.destroyEditCommand()
        self._say(self.tr("The party could not be set: the layer refuses the change."))
        return False

    def save(self) -> bool:
        """Write the edits to the ledger; what it refuses is said, and stays in the buffer."""
        layer = self._layer
        if layer is None or not layer.isEditable():
            return False
        if layer.commitChanges():
            return True
        self._say(refusal_in(layer.commitErrors()))
        return False

    def undo(self) -> None:
        """Undo the latest edit that is not saved."""
        if self._layer is not None:
            self._layer.undoStack().undo()

    def give_up(self) -> None:
        """Drop every edit that is not saved."""
        if self._layer is not None and self._layer.isEditable():
            self._layer.rollBack()

    def _hit(self, place: QgsPointXY) -> Optional[Hit]:
        layer = self._editable()
        if layer is None:
            return None
        project = QgsProject.instance()
        source = self._iface.mapCanvas().mapSettings().destinationCrs()
        degrees = layer.crs()
        place = QgsCoordinateTransform(source, degrees, project).transform(place)
        hit = nearest(layer, place, self.moment)
        if hit is None:
            self._say(self.tr("No line was in force on this date: choose another one."))
        return hit

    def _editable(self) -> Optional[QgsVectorLayer]:
        self.follow(self._panel.session.path)
        layer = self._layer
        if layer is None:
            self._say(
                self.tr("The map does not show the contact lines: choose “Show on the map” first.")
            )
            return None
        if not layer.isEditable() and not layer.startEditing():
            self._say(self.tr("The ledger cannot be written to: it is open for reading only."))
            return None
        return layer

    def _known_parties(self) -> list:
        names = {line.left for line in self._panel.lines} | {
            line.right for line in self._panel.lines
        }
        return ["", *sorted(name for name in names if name)]

    def _say(self, sentence: str) -> None:
        self._panel.commands.say(sentence, Qgis.MessageLevel.Warning)

    def _show_bar(self) -> None:
        layer = self._layer
        modified = layer is not None and layer.isEditable() and layer.isModified()
        self.bar.setVisible(modified)
        if modified:
            self.bar.undo.setEnabled(layer.undoStack().canUndo())
