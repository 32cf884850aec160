"""Processing's own dialogs, opened with what is known filled in."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from qgis.core import Qgis, QgsApplication
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QDialog


class AlgorithmDialogs(QObject):
    """The dialogs that are open; ``unload`` closes them."""

    def __init__(self, iface, parent: QObject):
        super().__init__(parent)
        self._message_bar = iface.messageBar()
        self._open: List[QDialog] = []

    def show(
        self,
        algorithm_id: str,
        parameters: Dict[str, Any],
        then: Callable[[Dict[str, Any]], None],
    ) -> Optional[QDialog]:
        """Open an algorithm's dialog; ``then`` gets the results of each run that went well.

        Parameters that the algorithm does not have are left out.
        """
        import processing

        algorithm = QgsApplication.processingRegistry().algorithmById(algorithm_id)
        if algorithm is None:
            self._message_bar.pushMessage(
                self.tr("Ceasefire Monitor"),
                self.tr(
                    "The algorithm “%1” is not there. Switch on the plugin “Processing”, and this "
                    "plugin again."
                ).replace("%1", algorithm_id),
                Qgis.MessageLevel.Critical,
                0,
            )
            return None
        known = {
            name: value
            for name, value in parameters.items()
            if value is not None and algorithm.parameterDefinition(name) is not None
        }
        dialog = processing.createAlgorithmDialog(algorithm_id, known)
        if dialog is None:
            return None
        dialog.algorithmFinished.connect(lambda well, results: then(results) if well else None)
        dialog.destroyed.connect(lambda: self._forget(dialog))
        self._open.append(dialog)
        dialog.show()
        return dialog

    def unload(self) -> None:
        """Close all of them."""
        for dialog in list(self._open):
            dialog.close()
            dialog.deleteLater()
        self._open.clear()

    def _forget(self, dialog: QDialog) -> None:
        if dialog in self._open:
            self._open.remove(dialog)
