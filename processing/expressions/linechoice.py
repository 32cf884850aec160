"""Which contact lines an expression means: layers of the project, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Optional

from qgis.core import Qgis, QgsMapLayer, QgsProject, QgsProviderRegistry, QgsVectorLayer

from ...model.errors import CeasefireError
from ..ledger.place import is_known_database

# What tells a layer of contact lines from other lines: these of the model's fields.
FIELDS = {"kind", "left_party", "right_party", "valid_from", "valid_to"}
KINDS = ("agreed", "claimed", "de_facto", "marked", "historical")
KIND = "|kind="
VARIABLE = "ceasefire_lines"
ADDRESS = ("path", "layerName", "host", "port", "service", "dbname", "schema", "table")


class LineChoice(NamedTuple):
    """Either layers of the project, all of one table, or a file or a team's ledger (its text in
    ``path``); and the kind that counts."""

    layers: tuple[QgsVectorLayer, ...]
    path: Optional[str]
    kind: Optional[str]


def choose_lines(asked: Optional[str], folder: Optional[str], project: QgsProject) -> LineChoice:
    """What the text names: a layer (id or name), a file, or a kind of the project's own lines.

    ``|kind=…`` at its end chooses a kind of line of that layer or file; nothing at all means the
    project's layer of contact lines. Main thread only. Raises CeasefireError where it names
    nothing, or several things.
    """
    name, _, kind = (asked or "").strip().partition(KIND)
    if name in KINDS and not kind and not _named(name, project):
        name, kind = "", name
    if not name:
        return LineChoice(_usual(project), None, kind or None)
    layers = _named(name, project)
    if len(layers) > 1 and len({_address(layer) for layer in layers}) > 1:
        raise CeasefireError(
            f"The project has {len(layers)} layers of lines called “{name}”. Rename one of them, "
            "or name the layer by its id."
        )
    if layers:
        return LineChoice(layers, None, kind or None)
    path = file_named(name, folder or project.absolutePath())
    if path is None and is_known_database(name):
        path = name
    if path is None:
        raise CeasefireError(
            f"“{name}” is neither a layer of lines in this project, nor a file, nor a kind of line "
            f"({', '.join(KINDS)}). Name one of these."
        )
    return LineChoice((), path, kind or None)


def _usual(project: QgsProject) -> tuple[QgsVectorLayer, ...]:
    """The project's layers of contact lines, where all of them show one table."""
    layers = usual_layers(project)
    tables = {_address(layer) for layer in layers}
    if not layers:
        raise CeasefireError(
            "The project has no layer of contact lines. Add one, or name it: as the argument "
            f"“lines”, or in the project variable “{VARIABLE}” (a layer or a ledger's path)."
        )
    if len(tables) > 1:
        names = ", ".join(f"“{name}”" for name in sorted({layer.name() for layer in layers}))
        raise CeasefireError(
            f"The project has several layers of contact lines: {names}. Name one of them: as the "
            f"argument “lines”, or in the project variable “{VARIABLE}”."
        )
    return tuple(layers)


def usual_layers(project: QgsProject) -> list[QgsVectorLayer]:
    """The project's layers that look like contact lines."""
    layers = project.mapLayers().values()
    return [layer for layer in layers if _is_lines(layer) and _has_fields(layer)]


def _is_lines(layer: Optional[QgsMapLayer]) -> bool:
    return (
        isinstance(layer, QgsVectorLayer)
        and layer.isValid()
        and layer.geometryType() == Qgis.GeometryType.Line
    )


def _has_fields(layer: QgsVectorLayer) -> bool:
    return {name.lower() for name in layer.fields().names()} >= FIELDS


def _named(name: str, project: QgsProject) -> tuple[QgsVectorLayer, ...]:
    layer = project.mapLayer(name)
    found = [layer] if layer is not None else project.mapLayersByName(name)
    return tuple(layer for layer in found if _is_lines(layer))


def _address(layer: QgsVectorLayer) -> tuple:
    """Where a layer's table lies, whatever is filtered; two layers of one table are alike."""
    provider = layer.providerType()
    parts = QgsProviderRegistry.instance().decodeUri(provider, layer.source())
    address = tuple(str(parts.get(name) or "") for name in ADDRESS)
    return (provider, *address) if any(address) else (layer.id(),)


def file_named(name: str, folder: str) -> Optional[str]:
    """A file's full path, with what follows “|”; None where there is none."""
    path, bar, rest = name.partition("|")
    try:
        place = Path(path).expanduser()
        place = place if place.is_absolute() else Path(folder) / place
        return f"{place}{bar}{rest}" if place.is_file() else None
    except (OSError, ValueError, RuntimeError):
        # A text that cannot be a path at all: too long, or with a zero byte.
        return None
