"""The Processing provider ``ceasefire``."""

from __future__ import annotations

import importlib

from qgis.core import QgsProcessingModelAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .base import ROOT

PLACES = (
    (".incidents.importincidents", "ImportIncidents"),
    (".line.linefromcontrol", "LineFromControl"),
    (".line.flagincidents", "FlagIncidents"),
    (".ledger.createledger", "CreateLedger"),
    (".ledger.addtoledger", "AddToLedger"),
    (".reports.brief", "Brief"),
    (".demo.makedemo", "MakeDemo"),
)
ALGORITHMS = []
for _module, _name in PLACES:
    try:
        ALGORITHMS.append(getattr(importlib.import_module(_module, __package__), _name))
    except ImportError as error:
        print("provider, while others are being written:", error)


class CeasefireProvider(QgsProcessingProvider):
    """Algorithms and models of Ceasefire Monitor."""

    def id(self):
        return "ceasefire"

    def name(self):
        return "Ceasefire Monitor"

    def icon(self):
        return QIcon(str(ROOT / "resources" / "icons" / "ceasefire_monitor.svg"))

    def loadAlgorithms(self):  # noqa: N802
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
        for path in sorted((ROOT / "resources" / "models").glob("*.model3")):
            model = QgsProcessingModelAlgorithm()
            if model.fromFile(str(path)):
                self.addAlgorithm(model)
