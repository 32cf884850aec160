"""What the plugin has in QGIS beside its panels: a page of options, and a search."""

from __future__ import annotations


class ServicesPart:
    """Registers them; ``unload`` takes them back. ``actions`` has nothing for the toolbar."""

    def __init__(self, iface, session, commands, runner, dock):
        from .locator import LedgerLocator
        from .options_page import OptionsFactory

        self.actions = []
        self._iface = iface
        self.options = OptionsFactory(dock.take_options)
        iface.registerOptionsWidgetFactory(self.options)
        self.locator = LedgerLocator(dock, iface.mapCanvas())
        iface.registerLocatorFilter(self.locator)

    def unload(self) -> None:
        """Take back the page and the search; QGIS deletes the locator's filter."""
        self._iface.unregisterOptionsWidgetFactory(self.options)
        self._iface.deregisterLocatorFilter(self.locator)
        self.options = self.locator = None
