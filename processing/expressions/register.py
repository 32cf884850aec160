"""The functions made known to QGIS, and taken back."""

from __future__ import annotations

from qgis.core import QgsExpression

from .clause_function import AgreementClause
from .line_functions import LineChainage, LineDistance, LineInForce, LineSide
from .store import SnapshotStore

# A map that is being drawn while the plugin is unloaded still calls them: they are never deleted.
TAKEN_BACK: list = []
FUNCTIONS = (LineDistance, LineSide, LineChainage, LineInForce, AgreementClause)


class ExpressionFunctions:
    """The registered functions and the store that they ask."""

    def __init__(self):
        self._store = SnapshotStore()
        self._functions = [function(self._store) for function in FUNCTIONS]
        # QGIS refuses a name that is there already: that one is somebody else's to take back.
        self._registered = [
            function for function in self._functions if QgsExpression.registerFunction(function)
        ]

    def unregister(self) -> None:
        """Take back what was registered; the other way round, for QGIS keeps them by position."""
        for function in reversed(self._registered):
            QgsExpression.unregisterFunction(function.name())
        TAKEN_BACK.extend(self._registered)
        self._registered = []
        self._store.close()
