"""Opening the import's dialog for a file or for pasted rows, and what comes after it."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List, Optional, Tuple

from qgis.core import Qgis, QgsApplication, QgsProcessingUtils
from qgis.PyQt.QtCore import QObject

from ...model.errors import CeasefireError
from ..job import Outcome, Run
from ..runner import Runner
from .dialog import ALGORITHM, ImportDialog
from .outcome_dialog import OutcomeDialog
from .paste import SOURCE, write_rows


class Imports(QObject):
    """One dialog at a time. ``written`` gets the results of an import that went well.

    ``plain`` opens the algorithm's own dialog with parameters; ``say`` says a sentence.
    """

    def __init__(self, window, session, runner: Runner, plain: Callable, say: Callable, written):
        super().__init__(window)
        self._window, self._session, self._runner = window, session, runner
        self._plain, self._say, self._written = plain, say, written
        self.dialog: Optional[ImportDialog] = None
        self.outcome: Optional[OutcomeDialog] = None

    def open(self, path: str, name: str = "", source: str = "") -> ImportDialog:
        """Open the dialog for a file; ``source`` is the name of the source where it is known."""
        self._drop("dialog")
        self.dialog = ImportDialog(
            path,
            name or Path(path).name,
            self._session.path,
            self._session.clock.name,
            self._window,
        )
        if source:
            self.dialog.source.setText(source)
        self.dialog.wanted.connect(self._run)
        self.dialog.plain_wanted.connect(self._open_plain)
        self.dialog.show()
        return self.dialog

    def paste(self) -> None:
        """Open the dialog for the rows on the clipboard; they are kept in the user's profile."""
        folder = Path(QgsApplication.qgisSettingsDirPath()) / "ceasefire_monitor" / "pasted"
        try:
            path = write_rows(QgsApplication.clipboard().text(), folder)
        except CeasefireError as error:
            self._say(str(error), Qgis.MessageLevel.Warning)
            return
        except OSError:
            self._say(
                self.tr("The pasted rows could not be kept in the profile: free some room there."),
                Qgis.MessageLevel.Critical,
            )
            return
        self.open(str(path), self.tr("pasted rows"), SOURCE)

    def unload(self) -> None:
        """Close what is open."""
        self._drop("dialog")
        self._drop("outcome")
        self.deleteLater()

    def _run(self) -> None:
        # The dialog stays until the import has gone well: a failure loses nothing that was set.
        self.dialog.run_button.setEnabled(False)
        if not self._runner.run(ALGORITHM, self.dialog.parameters(), self._ended):
            self.dialog.run_button.setEnabled(True)

    def _ended(self, run: Run) -> None:
        if run.outcome is not Outcome.DONE:
            if self.dialog is not None:
                self.dialog.run_button.setEnabled(True)
            return
        self._drop("dialog")
        rejected = rejected_rows(run)
        self._written(run.results)
        sentence = self._sentence(run.results)
        if not rejected:
            self._say(sentence, Qgis.MessageLevel.Success)
            return
        self._drop("outcome")
        self.outcome = OutcomeDialog(sentence, rejected, self._window)
        self.outcome.show()

    def _sentence(self, results: dict) -> str:
        figures = ("ROWS", "IMPORTED", "EFFORT_ROWS", "REJECTED_ROWS", "ADDED", "CHANGED")
        sentence = self.tr(
            "Of %1 rows, %2 are incidents, %3 are effort and %4 were set aside. In the ledger: "
            "%5 added, %6 changed, %7 unchanged."
        )
        for place, name in enumerate((*figures, "UNCHANGED"), 1):
            sentence = sentence.replace(f"%{place}", f"{results.get(name, 0):,}")
        return sentence

    def _open_plain(self) -> None:
        parameters = self.dialog.parameters()
        self._drop("dialog")
        self._plain(parameters)

    def _drop(self, name: str) -> None:
        dialog = getattr(self, name)
        setattr(self, name, None)
        if dialog is not None:
            dialog.close()
            dialog.deleteLater()


def rejected_rows(run: Run) -> List[Tuple[str, ...]]:
    """The rows that a run set aside: number, column, value and reason, as texts."""
    layer = QgsProcessingUtils.mapLayerFromString(run.results.get("REJECTED") or "", run.context)
    if layer is None:
        return []
    names = ("row_number", "column", "value", "reason")
    places = [layer.fields().indexOf(name) for name in names]
    return [
        tuple(cell(feature.attributes()[place]) if place >= 0 else "" for place in places)
        for feature in layer.getFeatures()
    ]


def cell(value) -> str:
    """An attribute as text; empty where it is NULL."""
    from ...processing.fields import python_value

    value = python_value(value)
    return "" if value is None else str(value)
