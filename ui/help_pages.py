"""F1 in a panel opens the page of ``docs/`` that fits."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QShortcut, QWidget


def make_help_shortcut(panel: QWidget, page: str) -> None:
    """F1 anywhere in ``panel`` shows ``docs/<page>.md`` through the panel's commands."""
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_F1), panel)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(lambda: panel.commands.help(f"{page}.md"))
