"""What the colours and marks of the timeline mean, in one line of text."""

from __future__ import annotations

from html import escape
from typing import List

from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtWidgets import QLabel

from .colours import colour_of
from .columns import KINDS
from .marks import MarkKind
from .scene import Scene, Unit


class TimelineLegend(QLabel):
    """Names what occurs in a scene, and nothing else."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self._scene = None
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setMargin(4)
        self.setAccessibleName(self.tr("Legend of the timeline"))

    def show_scene(self, scene: Scene) -> None:
        """Name what this scene draws."""
        self._scene = scene
        text = " &nbsp; ".join(self._kinds(scene) + self._signs(scene))
        if text != self.text():
            self.setText(text)

    def changeEvent(self, event):
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._scene is not None:
            self.show_scene(self._scene)

    def _kinds(self, scene: Scene) -> List[str]:
        entries = []
        for place in scene.counts.kinds():
            kind = KINDS[place]
            colour = colour_of(kind.code, self.palette()).name()
            entries.append(f'<span style="color:{colour}">■</span>&nbsp;{_whole(kind.label)}')
        return entries

    def _signs(self, scene: Scene) -> List[str]:
        """The signs that are not colours."""
        signs = []
        if scene.unit is Unit.NUMBERS and scene.counts.undetermined.any():
            signs.append(("○", self.tr("and an undetermined number")))
        if scene.not_observed():
            signs.append(("▨", self.tr("not observed")))
        if scene.nights:
            signs.append(("☾", self.tr("shaded: sun below the horizon")))
        kinds = {mark.kind for mark in scene.marks}
        if MarkKind.AGREEMENT in kinds:
            signs.append(("◆", self.tr("agreement")))
        if MarkKind.LINE in kinds:
            signs.append(("▼", self.tr("change of a line")))
        return [f"{sign}&nbsp;{_whole(text)}" for sign, text in signs]


def _whole(text: str) -> str:
    """A text that no line break parts."""
    return escape(text).replace(" ", "&nbsp;")
