"""Buttons, one a flag, each with its count: which flags the table shows."""

from __future__ import annotations

from collections import Counter
from typing import FrozenSet, List

from qgis.PyQt.QtCore import QObject, QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QToolButton, QWidget

from .icons import icon
from .incident_words import FLAGS, flag_label, short_label


class FlagChips(QObject):
    """No button pressed shows all flags; pressed ones show only theirs."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._chips = {flag: self._chip(flag, parent) for flag in FLAGS}
        self.set_counts(Counter())

    def buttons(self) -> List[QToolButton]:
        """The buttons, in the order of the flags."""
        return list(self._chips.values())

    def chosen(self) -> FrozenSet[str]:
        """The flags asked for; empty for all."""
        return frozenset(flag for flag, chip in self._chips.items() if chip.isChecked())

    def choose(self, flags: FrozenSet[str]) -> None:
        """Ask for these flags."""
        for flag, chip in self._chips.items():
            chip.setChecked(flag in flags)

    def clear(self) -> None:
        """Ask for all flags."""
        for chip in self._chips.values():
            chip.setChecked(False)

    def set_counts(self, counts: Counter) -> None:
        """Write how many incidents have each flag; flags that none has are hidden."""
        for flag, chip in self._chips.items():
            count = counts.get(flag, 0)
            chip.setText(f"{short_label(flag)} {count:,}")
            chip.setVisible(count > 0 or chip.isChecked())

    def _chip(self, flag: str, parent: QWidget) -> QToolButton:
        chip = QToolButton(parent)
        chip.setObjectName(f"flag_{flag}")
        chip.setCheckable(True)
        chip.setAutoRaise(True)
        chip.setIcon(icon(f"flag_{flag}"))
        chip.setIconSize(QSize(14, 14))
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        name = self.tr("Show only incidents that are “%1”").replace("%1", flag_label(flag))
        chip.setToolTip(name)
        chip.setAccessibleName(name)
        chip.toggled.connect(lambda *_: self.changed.emit())
        return chip
