"""The actions of the panel of lines and rules."""

from __future__ import annotations

from typing import Dict

from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtWidgets import QAction

CHECKABLE = ("split", "parties")


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("LinePanelActions", text)


def make_actions(panel) -> Dict[str, QAction]:
    """The actions by name; the tools among them stay pressed while they are in use."""
    made = {}
    for name, text, tip, slot in (
        (
            "draw",
            tr("Draw"),
            tr("Draw a contact line with QGIS's own tool; its form asks for parties and dates"),
            lambda: panel.editor.draw(),
        ),
        (
            "coordinates",
            tr("From coordinates…"),
            tr("Make a line or zone of coordinates that are typed or pasted"),
            lambda: panel.coordinates(),
        ),
        (
            "import",
            tr("Import…"),
            tr("Add the lines of a layer to the ledger"),
            lambda: panel.import_lines(),
        ),
        (
            "split",
            tr("Split"),
            tr("Click a place on a line in force: it is cut in two there; Esc ends"),
            None,
        ),
        (
            "parties",
            tr("Set parties"),
            tr("Click beside a line in force and name the party of that side; Esc ends"),
            None,
        ),
        (
            "compare",
            tr("Compare dates…"),
            tr("What changed between the lines of two dates: land, stretches, sums by side"),
            lambda: panel.compare(),
        ),
        (
            "zones",
            tr("Zones as a layer…"),
            tr("Draw the zones and limits of the agreement on this date as a layer"),
            lambda: panel.zones(),
        ),
        (
            "check",
            tr("Check the rules…"),
            tr("Hold the ledger's incidents against the clauses and keep what is found"),
            lambda: panel.check(),
        ),
    ):
        action = QAction(text, panel)
        action.setObjectName(f"ceasefire_monitor_line_{name}")
        action.setToolTip(tip)
        action.setStatusTip(tip)
        if name in CHECKABLE:
            action.setCheckable(True)
            action.triggered.connect(lambda wanted, name=name: panel.editor.use(name, wanted))
        else:
            action.triggered.connect(lambda *_, slot=slot: slot())
        made[name] = action
    return made
