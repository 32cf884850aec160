"""Shows on the map only what is in force at a moment: filters of lines and zones, taken back."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import List, Optional

from qgis.core import QgsProject, QgsProviderRegistry, QgsVectorLayer

from ...processing.ledger.place import ledger_and_table

LAYERS = ("contact_lines", "zones", "control_areas")
MOMENT = "%Y-%m-%dT%H:%M:%S.000Z"
OURS = (
    '("valid_from" IS NULL OR "valid_from" <= \'{0}\') AND '
    '("valid_to" IS NULL OR "valid_to" > \'{0}\')'
)
# What a project was saved with is known again by its form.
KNOWN = re.compile(
    r"^(?:\((?P<theirs>.*)\) AND )?"
    + re.escape(OURS).replace(re.escape("{0}"), r"[0-9TZ:.\-]+")
    + "$",
    re.DOTALL,
)


class MapDay:
    """Filters the ledger's layers of lines, zones and control; a user's own filter stays."""

    def show(self, ledger: Optional[str], moment: Optional[float]) -> int:
        """Show what is in force then, or all (None); how many layers could not be filtered."""
        refused = 0
        for layer in [layer for name in LAYERS for layer in layers_of(ledger, name)]:
            before = layer.subsetString()
            theirs = theirs_of(before)
            wanted = theirs
            if moment is not None:
                ours = OURS.format(datetime.fromtimestamp(moment, timezone.utc).strftime(MOMENT))
                wanted = f"({theirs}) AND {ours}" if theirs else ours
            if before == wanted:
                continue
            # A filter cannot change while features are edited: QGIS would lose their numbers.
            if layer.isEditable():
                refused += 1
                continue
            _set_filter(layer, wanted)
        return refused


def layers_of(ledger: Optional[str], name: str) -> List[QgsVectorLayer]:
    """All layers of the project that show this table of this ledger."""
    found = []
    for layer in QgsProject.instance().mapLayers().values():
        shown = ledger_and_table(layer)
        if ledger is None or shown is None or shown[1] != name:
            continue
        if shown[0] == ledger or Path(shown[0]).resolve() == Path(ledger).resolve():
            found.append(layer)
    return found


def _set_filter(layer: QgsVectorLayer, wanted: str) -> None:
    """Filter a layer; in a file the filter goes into the source.

    One that is set on an open file's layer reopens the file, and what QGIS opens of it after that
    has no CRS (3.40).
    """
    if layer.providerType() != "ogr":
        layer.setSubsetString(wanted)
        return
    registry = QgsProviderRegistry.instance()
    parts = registry.decodeUri("ogr", layer.source())
    parts["subset"] = wanted
    layer.setDataSource(registry.encodeUri("ogr", parts), layer.name(), "ogr", False)
    layer.triggerRepaint()


def theirs_of(subset: str) -> str:
    """A layer's filter without the part that is ours."""
    found = KNOWN.match(subset)
    return (found["theirs"] or "") if found else subset
