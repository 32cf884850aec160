"""Reads one incident's record in a task, so that going through the table never waits for it."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsTask
from qgis.PyQt.QtCore import QCoreApplication

from ..model.errors import CeasefireError
from ..processing.ledger.place import ledger_place
from .incident_record import IncidentRecord, read_record


class IncidentRecordReader(QgsTask):
    """``ended`` gets the reader, in the main thread: ``record``, or ``sentence`` on why not."""

    def __init__(self, path: str, incident_id: str, ended: Callable[[IncidentRecordReader], None]):
        super().__init__(
            QCoreApplication.translate("IncidentRecordReader", "Reading one incident"),
            QgsTask.Flag.CanCancel | QgsTask.Flag.Silent | QgsTask.Flag.Hidden,
        )
        self.incident_id = incident_id
        self.record: Optional[IncidentRecord] = None
        self.sentence = ""
        self._ended = ended
        self._place = None
        try:
            # What QGIS knows of connections belongs to the main thread.
            self._place = ledger_place(path)
        except CeasefireError as error:
            self.sentence = str(error)

    def run(self):
        if self.sentence or self.isCanceled():
            return False
        try:
            from ..ledger.opening import open_ledger

            with open_ledger(self._place, readonly=True) as ledger:
                self.record = read_record(ledger, self.incident_id)
        except CeasefireError as error:
            self.sentence = str(error)
        except Exception as error:  # a task that raises takes QGIS down with it
            self.sentence = QCoreApplication.translate(
                "IncidentRecordReader", "The rest of this incident could not be read (%1)."
            ).replace("%1", type(error).__name__)
        return self.record is not None

    def finished(self, result):
        self._ended(self)
