"""The Processing provider ``ceasefire``."""

from __future__ import annotations

from qgis.core import QgsProcessingModelAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .base import ROOT
from .demo.makedemo import MakeDemo
from .incidents.importincidents import ImportIncidents
from .ledger.addtoledger import AddToLedger
from .ledger.createledger import CreateLedger
from .line.flagincidents import FlagIncidents
from .line.linefromcontrol import LineFromControl
from .reports.brief import Brief

ALGORITHMS = (
    ImportIncidents,
    LineFromControl,
    FlagIncidents,
    CreateLedger,
    AddToLedger,
    Brief,
    MakeDemo,
)


class CeasefireProvider(QgsProcessingProvider):
    """Algorithms and models of Ceasefire Monitor."""

    def id(self):
        return "ceasefire"

    def name(self):
        return "Ceasefire Monitor"

    def icon(self):
        return QIcon(str(ROOT / "resources" / "icons" / "ceasefire_monitor.svg"))

    def loadAlgorithms(self):
        """QGIS asks for the algorithms and the models that ship with the plugin."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
        for path in sorted((ROOT / "resources" / "models").glob("*.model3")):
            model = QgsProcessingModelAlgorithm()
            if model.fromFile(str(path)):
                self.addAlgorithm(model)
