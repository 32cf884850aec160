"""Reads a ledger for the panel in a task, so that QGIS never waits for it."""

from __future__ import annotations

from typing import Callable, List, Optional

from qgis.core import QgsTask
from qgis.PyQt.QtCore import QCoreApplication

from ..model.errors import Cancelled, CeasefireError
from ..processing.ledger.place import ledger_place
from .incident_row import IncidentRow, read_rows


class LedgerReader(QgsTask):
    """Reads settings and incidents; ``ended`` gets the reader, in the main thread.

    After it: ``rows`` and ``settings``, or ``sentence`` that says why not (empty if cancelled).
    """

    def __init__(self, path: str, ended: Callable[[LedgerReader], None]):
        super().__init__(
            QCoreApplication.translate("LedgerReader", "Reading the ledger"),
            QgsTask.Flag.CanCancel | QgsTask.Flag.Silent | QgsTask.Flag.Hidden,
        )
        self.path = path
        self.rows: Optional[List[IncidentRow]] = None
        self.settings: dict = {}
        self.sentence = ""
        self._ended = ended
        self._place = None
        try:
            # What QGIS knows of connections belongs to the main thread.
            self._place = ledger_place(path)
        except CeasefireError as error:
            self.sentence = str(error)

    def run(self):
        try:
            self._read()
        except Cancelled:
            return False
        except CeasefireError as error:
            self.sentence = str(error)
            return False
        except Exception as error:  # a task that raises takes QGIS down with it
            self.sentence = QCoreApplication.translate(
                "LedgerReader",
                "“%1” could not be read as a ledger (%2). Choose another file, or look into "
                "this one with QGIS's Browser.",
            )
            self.sentence = self.sentence.replace("%1", self.path).replace(
                "%2", type(error).__name__
            )
            return False
        return True

    def _read(self) -> None:
        # GDAL's bindings and the ledger's code are loaded at the first ledger, not with QGIS.
        from ..ledger.opening import open_ledger

        if self.sentence:
            raise CeasefireError(self.sentence)
        with open_ledger(self._place, readonly=True) as ledger:
            self.settings = ledger.settings()
            self.rows = read_rows(ledger._connection, self.isCanceled)

    def finished(self, result):
        self._ended(self)
