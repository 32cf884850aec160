"""How a cell of the table shows verification and workflow, with what was asked for just now."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QStyledItemDelegate

from ...model.vocabulary import label
from . import states


class VerificationCell(QStyledItemDelegate):
    """Marks what was reviewed; what is not written yet stands in italics."""

    def __init__(self, queue, table):
        super().__init__(table)
        self._queue, self._table = queue, table

    def initStyleOption(self, option, index):
        super().initStyleOption(option, index)
        row = self._table.model().row_at(index.row())
        state = self._queue.state(row)
        option.text = cell_text(state)
        if self._queue.is_unseen(row.incident_id):
            option.font.setItalic(True)


def cell_text(state: states.State) -> str:
    """A state in a few letters: a tick for what was reviewed, two for what was released."""
    workflow = state.get("workflow") or "recorded"
    if workflow == states.WITHDRAWN:
        return label("workflows", workflow)
    words = label("verifications", state.get("verification"))
    mark = {"reviewed": "✓ ", "released": "✓✓ "}.get(workflow, "")
    return f"{mark}{words}".strip()
