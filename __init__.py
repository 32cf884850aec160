"""Ceasefire Monitor, a QGIS plugin for people who watch a ceasefire."""


def classFactory(iface):  # noqa: N802 (QGIS calls this name)
    """What QGIS calls to make the plugin."""
    from .plugin import CeasefireMonitor

    return CeasefireMonitor(iface)
