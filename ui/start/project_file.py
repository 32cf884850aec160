"""Where a ledger's project goes: beside it, under a name that is free."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.PyQt.QtCore import QStandardPaths

from ...processing.ledger.place import is_in_database

MOST = 100


def free_project(ledger: Optional[str]) -> Optional[str]:
    """The name of a project's file that is not there yet; None for no ledger."""
    if ledger is None:
        return None
    if is_in_database(ledger):
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder, stem = Path(QStandardPaths.writableLocation(documents)), ledger.rsplit("/", 1)[1]
    else:
        folder, stem = Path(ledger).parent, Path(ledger).stem
    for number in range(1, MOST):
        path = folder / (f"{stem}.qgz" if number == 1 else f"{stem}_{number}.qgz")
        if not path.exists():
            return str(path)
    return None
