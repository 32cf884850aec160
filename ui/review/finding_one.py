"""Going to one incident of the panel by its id, from wherever it was named."""

from __future__ import annotations

from typing import Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QCoreApplication, QItemSelectionModel

from ..incident_row import IncidentRow


def tr(text: str) -> str:
    """A sentence in the user's language."""
    return QCoreApplication.translate("FindingOne", text)


def row_of(dock, incident_id: str) -> Optional[IncidentRow]:
    """The incident of the open ledger with that id; None where there is none."""
    return next((row for row in dock.session.rows if row.incident_id == incident_id), None)


def show_incident(dock, incident_id: str, zoom: bool = True) -> bool:
    """Select an incident, bring it into view and zoom to it; False where the ledger has it not.

    A filter that hides it is taken off, and that is said.
    """
    row = row_of(dock, incident_id)
    if row is None:
        dock.say(
            tr("The open ledger has no incident “%1”.").replace("%1", incident_id),
            Qgis.MessageLevel.Warning,
        )
        return False
    dock.setUserVisible(True)
    position = dock.model.position_of(row.fid)
    if position is None:
        dock.show_all()
        position = dock.model.position_of(row.fid)
        dock.say(
            tr("The filter hid “%1” and was taken off to show it.").replace("%1", incident_id),
            Qgis.MessageLevel.Info,
        )
    if position is None:
        return False
    go_to(dock.table, position)
    if zoom:
        dock.link.zoom_to(row)
    return True


def go_to(table, position: int) -> None:
    """Make a row of the table the current and only selected one, in view."""
    flags = QItemSelectionModel.SelectionFlag
    index = table.model().index(position, 0)
    table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
    table.scrollTo(index)
