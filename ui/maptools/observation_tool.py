"""The map tool that records an observation: click the observer, drag bearing and distance."""

from __future__ import annotations

from typing import List, Optional, Tuple

from qgis.core import Qgis, QgsFeatureRequest, QgsPointXY, QgsProject, QgsRectangle

from ...model.errors import CeasefireError
from ...processing.fields import python_value
from ..job import Outcome
from ..ledger_layers import find_layer
from .from_line_tool import metres
from .map_tool import MapTool, to_degrees
from .marks import area, geodesic, point
from .observation_box import ObservationBox

REACH_PX = 12
DRAGGED_PX = 6


class ObservationTool(MapTool):
    """Press at the observer and drag to where it was, or click both; then record."""

    def __init__(self, part):
        super().__init__(part, ObservationBox(part))
        self._aiming = False
        self._pressed_at = None
        self._hint = self.tr(
            "Click the observer (a post is snapped to), then drag or click to where it was. "
            "Everything can be typed, too."
        )
        self.box.edited.connect(self._draw)
        self.box.wanted.connect(self._record)

    def opened(self) -> None:
        """Say what to do, and what is missing."""
        if self.part.session.path is None:
            self.box.say(self.tr("Open a ledger: it keeps the observation."))
            return
        self.box.say(self._hint)
        self.box.show_now(self.part.session.clock.zone)

    def hovered(self, place, at) -> None:
        """Show where one would aim, or on which post one would stand."""
        if self._aiming:
            bearing, distance = self._aim(place)
            self.box.show_aim(bearing, distance)
            self.read_out(self._words(bearing, distance), at)
            return
        post = self._post_near(place)
        self.read_out([self.tr("post %1").replace("%1", post[0])] if post else [], at)

    def pressed(self, place, at) -> None:
        """The first press stands the observer there; a later one ends the aiming."""
        if self._aiming:
            return
        post = self._post_near(place)
        self.box.show_observer(*((post[1], post[0]) if post else (place, None)))
        self._aiming, self._pressed_at = True, at
        self._draw()

    def released(self, place, at) -> None:
        """After a drag, or the second click, bearing and distance stand."""
        if not self._aiming:
            return
        if self._pressed_at is not None and _near(at, self._pressed_at):
            # A click, not a drag: the next one says where it was.
            self._pressed_at = None
            return
        self.hovered(place, at)
        self._aiming, self._pressed_at = False, None
        self.label.hide()

    def reset(self) -> bool:
        """Forget the observer and where it was."""
        had = self.box.observer is not None
        self._aiming, self._pressed_at = False, None
        self.box.show_observer(None, None)
        self.marks.clear()
        self.label.hide()
        return had

    def _aim(self, place: QgsPointXY) -> Tuple[float, float]:
        from ...analysis.geodesy import inverse

        observer = self.box.observer
        return inverse(observer.x(), observer.y(), place.x(), place.y())

    def _words(self, bearing: float, distance: float) -> List[str]:
        unit = self.box.unit.currentText()
        told = self.box.bearing.text()
        lines = [f"{told} {unit}" if self.box.unit.currentData() != "winds" else told]
        lines[0] += " " + self.box.north.currentText()
        if self.box.unit.currentData() != "degrees" or self.box.north.currentData() != "true":
            lines.append(self.tr("%1° true").replace("%1", f"{bearing:.1f}"))
        return [*lines, metres(distance)]

    def _post_near(self, place: QgsPointXY) -> Optional[Tuple[str, QgsPointXY]]:
        """The post within reach of the cursor: its id and place in degrees."""
        path = self.part.session.path
        layer = path and find_layer(QgsProject.instance(), path, "posts")
        if not layer:
            return None
        at = self.map.getCoordinateTransform().transform(
            to_degrees(self.map).transform(place, Qgis.TransformDirection.Reverse)
        )
        turn = self.map.getCoordinateTransform()
        corners = [
            to_degrees(self.map).transform(
                turn.toMapCoordinates(round(at.x() + step), round(at.y() + step))
            )
            for step in (-REACH_PX, REACH_PX)
        ]
        request = QgsFeatureRequest(QgsRectangle(*corners))
        best = None
        for feature in layer.getFeatures(request):
            there = feature.geometry().asPoint()
            identifier = python_value(feature["post_id"])
            if identifier and (best is None or place.sqrDist(there) < place.sqrDist(best[1])):
                best = identifier, there
        return best

    def _draw(self) -> None:
        """The observer, and the sector in which it was."""
        observer = self.box.observer
        if observer is None:
            self.marks.clear()
            return
        shapes = [point(observer)]
        try:
            bearing, halfwidth = self.box.direction()
        except CeasefireError as error:
            self.box.say(str(error))
            self.marks.show(shapes)
            return
        self.box.say(self._hint)
        near, far = self.box.ranges()
        if far:
            shapes += self._sector(observer, bearing, halfwidth, near, far)
        self.marks.show(shapes)

    def _sector(self, observer, bearing, halfwidth, near, far) -> list:
        from ...analysis.geodesy import direct
        from ...analysis.range_rings import fan

        place = observer.x(), observer.y()
        shapes = [area(fan(*place, bearing or 0.0, max(halfwidth, 0.05), near, far))]
        if bearing is not None:
            end = direct(*place, bearing, (near + far) / 2.0)
            shapes.append(geodesic(observer, QgsPointXY(*end)))
        return shapes

    def _record(self) -> None:
        """Run the algorithm; what was typed stays until it has succeeded."""
        ledger = self.part.session.path
        if ledger is None:
            self.warn(self.tr("Open a ledger first: it keeps the observation."))
            return
        if self.box.observer is None:
            return
        parameters = {**self.box.parameters(), "LEDGER": ledger}
        parameters["TIMEZONE"] = self.part.session.clock.name
        self.part.runner.run("ceasefire:addobservation", parameters, self._recorded)

    def _recorded(self, run) -> None:
        if run.outcome is not Outcome.DONE:
            return
        self.box.remember()
        self.reset()
        self.part.session.reload()
        sentence = self.tr("The observation is recorded.")
        if run.results.get("INCIDENT_ID"):
            sentence = self.tr("The observation is recorded with its incident.")
        self.part.commands.say(sentence, Qgis.MessageLevel.Success)


def _near(at, other) -> bool:
    return (at - other).manhattanLength() <= DRAGGED_PX
