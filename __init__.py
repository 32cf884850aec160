"""Ceasefire Monitor, a QGIS plugin for people who watch a ceasefire."""


def classFactory(iface):
    """What QGIS calls to make the plugin."""
    from .plugin import CeasefireMonitor

    return CeasefireMonitor(iface)
