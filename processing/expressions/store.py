"""The snapshots that expressions ask: made on the main thread, kept up to date, asked anywhere."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple, Optional

from qgis.core import Qgis, QgsExpressionContext, QgsMessageLog, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QObject, Qt, QTimer, pyqtSignal

from ...model.errors import CeasefireError
from ..base import LOG, log_unexpected
from .reading import Reading
from .watch import Watch

QUIET_MS = 500
PATIENCE_S = 20.0
MOST = 16


class _Kept(NamedTuple):
    """A reading, and how many changes had been seen when it was made."""

    reading: Reading
    changes: int


class SnapshotStore(QObject):
    """What was read for each question, by the question.

    A question (``LinesAsked``, ``AgreementAsked``) is a hashable value with ``read(project,
    former)``. On the main thread an answer is read at once where it is missing or old. A worker
    thread never reads: while a map is drawn it goes without and the layer is drawn again when the
    answer is there; elsewhere it waits for the main thread.
    """

    wanted = pyqtSignal(object)

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._main = threading.get_ident()
        self._kept: dict[Any, _Kept] = {}
        self._changes = 0
        self._busy = False
        self._closed = False
        self._drawn: set[str] = set()
        self._asked: set = set()
        self._given_up: set = set()
        self._arrived = threading.Condition()
        self._variables: Optional[dict] = None
        self._watch = Watch(self.changed)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self._refresh)
        self.wanted.connect(self._read_wanted, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        """Take back every connection; whoever still asks gets a sentence."""
        self._closed = True
        self._quiet.stop()
        self._watch.close()
        self._kept = {}
        self.wanted.disconnect(self._read_wanted)
        self.deleteLater()

    def prepare(self, question, context: Optional[QgsExpressionContext]) -> None:
        """Have the answer ready before the first feature, where that can be done here."""
        layer = None if context is None else context.variable("layer_id")
        if layer:
            self._drawn.add(layer)
        if threading.get_ident() != self._main:
            self._want(question)
            return
        kept = self._kept.get(question)
        if not self._is_fresh(kept) or kept.reading.problem is not None:
            self._read(question)

    def reading(self, question, context: Optional[QgsExpressionContext]) -> Optional[Reading]:
        """The answer; None where there is none yet and a map is being drawn."""
        kept = self._kept.get(question)
        if self._is_fresh(kept):
            return kept.reading
        if self._closed:
            return Reading(problem=self.tr("Ceasefire Monitor was switched off."))
        if threading.get_ident() == self._main:
            return self._read(question)
        self._want(question)
        if _draws(context):
            return None if kept is None else kept.reading
        return self._await(question)

    def changed(self, *_) -> None:
        """Something that answers stand on is another now: read again once it is quiet."""
        self._changes += 1
        self._quiet.start()

    def _is_fresh(self, kept: Optional[_Kept]) -> bool:
        return kept is not None and kept.changes == self._changes

    # The main thread

    def _read(self, question) -> Optional[Reading]:
        if self._busy:
            # A layer of lines with a field that is computed by these very functions.
            return None
        former = self._kept.pop(question, None)
        changes = self._changes
        self._busy = True
        try:
            usable = former is not None and former.reading.problem is None
            reading = question.read(QgsProject.instance(), former.reading if usable else None)
        except CeasefireError as error:
            reading = Reading(problem=str(error))
        except Exception as error:
            log_unexpected("expressions", error)
            reading = Reading(problem=self._unexpected(error))
        finally:
            self._busy = False
        self._put(question, _Kept(reading, changes))
        if former is None or former.reading is not reading:
            for note in reading.notes:
                QgsMessageLog.logMessage(note, LOG, Qgis.MessageLevel.Info)
        return reading

    def _put(self, question, kept: _Kept) -> None:
        if self._variables is None:
            self._variables = _variables()
        self._kept[question] = kept
        while len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        self._watch.follow([each.reading for each in self._kept.values()])
        with self._arrived:
            self._asked.discard(question)
            self._given_up.discard(question)
            self._arrived.notify_all()

    def _read_wanted(self, question) -> None:
        if self._closed:
            return
        if not self._is_fresh(self._kept.get(question)):
            self._read(question)
        with self._arrived:
            self._asked.discard(question)
            self._arrived.notify_all()
        self._repaint()

    def _refresh(self) -> None:
        """Read again what is kept; draw again only if something came out differently."""
        variables = _variables()
        another, self._variables = variables != self._variables, variables
        for question, kept in list(self._kept.items()):
            if not self._is_fresh(kept):
                reading = self._read(question)
                another |= reading is None or reading.told() != kept.reading.told()
        if another:
            self._repaint()

    def _repaint(self) -> None:
        for identifier in list(self._drawn):
            layer = QgsProject.instance().mapLayer(identifier)
            if isinstance(layer, QgsVectorLayer):
                layer.triggerRepaint()
            else:
                self._drawn.discard(identifier)

    def _unexpected(self, error: Exception) -> str:
        return self.tr(
            "Something unexpected was met (%1); the message log says where, under “Ceasefire "
            "Monitor”. Please report it."
        ).replace("%1", type(error).__name__)

    def tr(self, text: str) -> str:
        return QCoreApplication.translate("SnapshotStore", text)

    # Worker threads

    def _want(self, question) -> None:
        with self._arrived:
            if question in self._asked or self._is_fresh(self._kept.get(question)):
                return
            self._asked.add(question)
        self.wanted.emit(question)

    def _await(self, question) -> Reading:
        """Wait until the main thread has read it; a sentence where that takes too long."""
        with self._arrived:
            if question not in self._given_up:
                self._arrived.wait_for(lambda: self._is_fresh(self._kept.get(question)), PATIENCE_S)
            kept = self._kept.get(question)
            if self._is_fresh(kept):
                return kept.reading
            self._given_up.add(question)
        return Reading(
            problem=self.tr(
                "QGIS was too busy to read what this function needs. Open the expression once in "
                "the expression dialog, then run it again."
            )
        )


def _variables() -> dict:
    """The project's variables that say what expressions stand on."""
    given = QgsProject.instance().customVariables()
    return {name: value for name, value in given.items() if name.startswith("ceasefire_")}


def _draws(context: Optional[QgsExpressionContext]) -> bool:
    """Whether a map is being drawn, where nobody may wait; Processing knows a map's scale too."""
    return (
        context is not None
        and context.hasVariable("map_scale")
        and not context.hasVariable("algorithm_id")
    )
