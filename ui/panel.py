"""A panel of the desktop: a dock whose content is made when it is first seen."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QWidget

from .commands import Commands
from .help_pages import make_help_shortcut
from .icons import icon
from .ledger_session import LedgerSession
from .runner import Runner


class Panel(QgsDockWidget):
    """Base of the panels. A subclass sets the constants and writes ``build`` and ``refresh``.

    Loading the plugin makes an empty dock; ``build`` is called once, when somebody looks, and
    ``refresh`` then and whenever the session changes while the panel can be seen. QGIS keeps the
    place and size of a dock by its object's name.
    """

    NAME = "panel"
    ICON = "incidents"
    HELP_PAGE = "desktop"
    AREA = Qt.DockWidgetArea.RightDockWidgetArea

    def __init__(self, iface, session: LedgerSession, commands: Commands, runner: Runner):
        super().__init__()
        self.iface, self.session, self.commands, self.runner = iface, session, commands, runner
        self.built = False
        self._stale = True
        self.setObjectName(f"ceasefire_monitor_{self.NAME}")
        self.setWindowTitle(self.title())
        self.setAccessibleName(self.title())
        self.toggle = self.toggleViewAction()
        self.toggle.setIcon(icon(self.ICON))
        self.toggle.setText(self.short_title())
        self.toggle.setToolTip(self.tip())
        session.changed.connect(self._changed)

    def title(self) -> str:
        """What stands over the dock."""
        raise NotImplementedError

    def short_title(self) -> str:
        """What stands on its button and in the menu."""
        raise NotImplementedError

    def tip(self) -> str:
        """What its button's tooltip says."""
        raise NotImplementedError

    def build(self) -> QWidget:
        """The content, made once."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what the session holds now."""
        raise NotImplementedError

    def take_back(self) -> None:
        """Undo what ``build`` connected outside the dock; called only if it was built."""

    def show_now(self) -> None:
        """Show the panel, built and up to date, before others."""
        self.setUserVisible(True)
        self._make()

    def showEvent(self, event):
        """Make the content at the first sight; bring it up to date at any other."""
        super().showEvent(event)
        self._make()

    def unload(self) -> None:
        """Let go of everything, so that the dock can be deleted."""
        self.session.changed.disconnect(self._changed)
        if self.built:
            self.take_back()

    def _make(self) -> None:
        if not self.built:
            self.built = True
            QgsApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
            try:
                self.setWidget(self.build())
            finally:
                QgsApplication.restoreOverrideCursor()
            make_help_shortcut(self, self.HELP_PAGE)
        if self._stale:
            self._stale = False
            self.refresh()

    def _changed(self) -> None:
        self._stale = True
        if self.built and self.isVisible():
            self._make()
