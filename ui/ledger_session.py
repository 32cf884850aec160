"""The ledger that is open: where it is, what it holds, its layers on the map."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional

from qgis.core import Qgis, QgsApplication, QgsProject, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtCore import QFileSystemWatcher, QObject, QTimer, pyqtSignal

from ..processing.ledger.place import is_in_database, is_known_database
from .incident_row import IncidentRow
from .ledger_layers import add_layers, find_layer, find_ledger
from .ledger_reader import LedgerReader
from .local_time import LocalTime

RECENT = "ceasefire_monitor/recent_ledgers"
RECENT_KEPT = 8
QUIET_MS = 700


class LedgerSession(QObject):
    """One open ledger. ``changed`` says that path, rows, settings or layers are others now."""

    changed = pyqtSignal()
    reading = pyqtSignal(bool)

    def __init__(self, message_bar, parent=None):
        super().__init__(parent)
        self.path: Optional[str] = None
        self.rows: List[IncidentRow] = []
        self.settings: dict = {}
        self.clock = LocalTime("UTC")
        self._message_bar = message_bar
        self._reader: Optional[LedgerReader] = None
        # A task without a reference in Python loses its Python half, even while it is cancelled.
        self._running: set = set()
        self._layer: Optional[QgsVectorLayer] = None
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._file_changed)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self.reload)
        project = QgsProject.instance()
        project.readProject.connect(self._project_read)
        project.cleared.connect(self.close)
        project.layersAdded.connect(self._layers_changed)
        project.layersWillBeRemoved.connect(self._layers_will_go)

    # What it is

    def theatre(self) -> str:
        """The theatre's name, else the file's."""
        return self.settings.get("theatre") or Path(self.path or "").stem

    def layer(self) -> Optional[QgsVectorLayer]:
        """The project's layer of incidents; None where the map does not show them."""
        return self._layer

    def is_reading(self) -> bool:
        """Whether the ledger is being read."""
        return self._reader is not None

    def recent(self) -> List[str]:
        """Ledgers opened lately that are still there, the latest first."""
        return [path for path in self.remembered() if self.is_there(path)]

    def remembered(self) -> List[str]:
        """Ledgers opened lately, the latest first, those too that are gone or out of reach."""
        kept = QgsSettings().value(RECENT, []) or []
        return [kept] if isinstance(kept, str) else list(kept)

    def is_there(self, path: str) -> bool:
        """Whether a ledger's file is where it was, or QGIS knows its connection."""
        return Path(path).is_file() or is_known_database(path)

    def forget(self, path: str) -> None:
        """Take a ledger off the list of those opened lately; the ledger itself stays."""
        QgsSettings().setValue(RECENT, [other for other in self.remembered() if other != path])

    # What one does with it

    def open(self, path: str, on_map: bool = True) -> None:
        """Read a ledger and, once that has worked, show it; until then the former one stays."""
        self._start_reading(path if is_in_database(path) else str(Path(path)), on_map)

    def reload(self) -> None:
        """Read the open ledger again."""
        if self.path is not None:
            self._start_reading(self.path, False)

    def reload_soon(self) -> None:
        """Read the open ledger again once nobody has written to it for a moment."""
        if self.path is not None:
            self._quiet.start()

    def show_on_map(self) -> None:
        """Add the ledger's layers to the project where they are missing."""
        if self.path is not None:
            add_layers(QgsProject.instance(), self.path)
            self._take_layer()
            self.changed.emit()

    def close(self) -> None:
        """Have no ledger open; its layers stay in the project."""
        self._stop_reading()
        self._quiet.stop()
        if self.path is None:
            return
        self._watch(None)
        self.path, self.rows, self.settings = None, [], {}
        self._take_layer()
        self.changed.emit()

    def unload(self) -> None:
        """Take back every connection; the session is not used after that."""
        self.blockSignals(True)
        self.close()
        project = QgsProject.instance()
        project.readProject.disconnect(self._project_read)
        project.cleared.disconnect(self.close)
        project.layersAdded.disconnect(self._layers_changed)
        project.layersWillBeRemoved.disconnect(self._layers_will_go)

    # Reading

    def _start_reading(self, path: str, on_map: bool) -> None:
        self._stop_reading()
        reader = LedgerReader(path, lambda task: self._read(task, on_map))
        self._reader = reader
        self._running.add(reader)
        self.reading.emit(True)
        QgsApplication.taskManager().addTask(reader)

    def _stop_reading(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            self.reading.emit(False)

    def _read(self, reader: LedgerReader, on_map: bool) -> None:
        self._running.discard(reader)
        if reader is not self._reader:
            return
        self._reader = None
        self.reading.emit(False)
        if reader.rows is None:
            if reader.sentence:
                self._message_bar.pushMessage(
                    self.tr("Ceasefire Monitor"), reader.sentence, Qgis.MessageLevel.Critical, 0
                )
            return
        self.path, self.rows, self.settings = reader.path, reader.rows, reader.settings
        self.clock = LocalTime(
            self.settings.get("timezone"), self.settings.get("reporting_day_start")
        )
        self._watch(self.path)
        self._remember(self.path)
        if on_map:
            add_layers(QgsProject.instance(), self.path)
        self._take_layer()
        if self._layer is not None:
            self._layer.triggerRepaint()
        self.changed.emit()

    def _remember(self, path: str) -> None:
        others = [other for other in self.remembered() if other != path]
        QgsSettings().setValue(RECENT, [path, *others][:RECENT_KEPT])

    # What happens around it

    def _watch(self, path: Optional[str]) -> None:
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())
        if path is not None and not is_in_database(path):
            self._watcher.addPath(path)

    def _file_changed(self, path: str) -> None:
        # A program that writes the ledger does so many times: wait until it is quiet.
        self._quiet.start()

    def _project_read(self, *_) -> None:
        ledger = find_ledger(QgsProject.instance())
        if ledger is not None and ledger != self.path:
            self.open(ledger, on_map=False)

    def _layers_changed(self, *_) -> None:
        if self.path is not None and self._layer is None:
            self._take_layer()
            if self._layer is not None:
                self.changed.emit()

    def _layers_will_go(self, identifiers) -> None:
        if self._layer is not None and self._layer.id() in identifiers:
            self._set_layer(None)
            self.changed.emit()

    def _take_layer(self) -> None:
        found = None
        if self.path is not None:
            found = find_layer(QgsProject.instance(), self.path, "incidents")
        self._set_layer(found)

    def _set_layer(self, layer: Optional[QgsVectorLayer]) -> None:
        if layer is self._layer:
            return
        if self._layer is not None:
            self._layer.afterCommitChanges.disconnect(self.reload)
            self._layer.dataProvider().notify.disconnect(self._file_changed)
        self._layer = layer
        if layer is not None:
            layer.afterCommitChanges.connect(self.reload)
            # A team's database tells what somebody wrote; a file is watched.
            layer.dataProvider().notify.connect(self._file_changed)
