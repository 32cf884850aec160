"""The button that opens the facets, and its menu of filters that are kept by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtWidgets import QInputDialog, QMenu, QToolButton

from .filter_store import forget_filter, keep_filter, kept_filter, kept_filters

if TYPE_CHECKING:
    from .filter_bar import FilterBar


class FilterMenu(QToolButton):
    """Pressed, the facets are shown; its arrow opens the list of filters."""

    def __init__(self, bar: FilterBar):
        super().__init__(bar)
        self._bar = bar
        self.setText(self.tr("Narrow…"))
        self.setCheckable(True)
        self.setAutoRaise(True)
        name = self.tr("Narrow the table by category, weapon, side, source, area…, with counts")
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.filters = QMenu(self)
        self.filters.aboutToShow.connect(self.list_filters)
        self.setMenu(self.filters)

    def list_filters(self) -> None:
        """Write the menu anew."""
        menu = self.filters
        menu.clear()
        for name in kept_filters():
            menu.addAction(name).triggered.connect(
                lambda *_, chosen=name: self._bar.take(kept_filter(chosen))
            )
        if not kept_filters():
            menu.addAction(self.tr("No filter is kept yet")).setEnabled(False)
        menu.addSeparator()
        keep = menu.addAction(self.tr("Keep this filter…"), self._keep)
        keep.setEnabled(self._bar.is_set())
        remove = menu.addMenu(self.tr("Remove"))
        for name in kept_filters():
            remove.addAction(name).triggered.connect(lambda *_, gone=name: forget_filter(gone))
        remove.setEnabled(bool(kept_filters()))

    def _keep(self) -> None:
        name, said = QInputDialog.getText(
            self, self.tr("Keep this filter"), self.tr("Name (one of that name is replaced):")
        )
        if said and name.strip():
            keep_filter(name.strip(), self._bar.kept())
