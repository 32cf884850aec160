"""The shipped styles, given to a layer: symbols of incidents, lines, zones, sites, posts, areas."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeatureRenderer,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from ...ledger.form_styles import style_of
from ...model.errors import CeasefireError

FOLDER = Path(__file__).resolve().parent.parent.parent / "resources" / "styles"
STYLES = (
    *("incidents", "contact_lines", "zones", "sites", "posts", "control_areas"),
    *("line_change", "line_positions", "sectors", "agreement_zones"),
)
# Pale tints, told apart by people with a colour deficiency; none is a flag's or a party's colour.
HOLDER_TINTS = ("#cddbe9", "#faefdc", "#ddd5c6", "#efe4f1", "#c9e0d6", "#f7ddd8", "#e6eac6")
OWN_SYMBOL = ("contested", "no_party", "unknown", "")


def apply_style(layer: QgsVectorLayer, name: str) -> None:
    """Give ``layer`` the shipped style ``name``, one of ``STYLES``.

    Areas of control are tinted by holder, in the order of the holders' names, so that no party's
    tint depends on the order of the features. Raises CeasefireError for a style that is missing.
    """
    path = FOLDER / f"{name}.qml"
    if not path.is_file():
        raise CeasefireError(
            f"The style “{name}” is missing from {FOLDER}. Install the plugin again."
        )
    message, loaded = layer.loadNamedStyle(str(path))
    if not loaded:
        raise CeasefireError(f"The style “{name}” could not be read: {message}.")
    if name == "control_areas":
        tint_holders(layer)
    layer.triggerRepaint()


def style_of_ledger(layer: QgsVectorLayer, name: str) -> None:
    """Leave a ledger's layer in the style that is kept in the ledger, or give it the shipped one.

    A ledger file of an earlier version keeps none; those of a team's ledger may lie where QGIS
    does not look, and are made anew.
    """
    _, stored = layer.loadDefaultStyle()
    if not stored and layer.providerType() == "postgres":
        _apply_stored(layer, name)
    elif not stored and name in STYLES:
        apply_style(layer, name)
    elif name == "control_areas":
        tint_holders(layer)


def _apply_stored(layer: QgsVectorLayer, name: str) -> None:
    """Give a layer the style that a ledger keeps for it."""
    document = QDomDocument()
    document.setContent(style_of(name))
    applied, message = layer.importNamedStyle(document)
    if not applied:
        raise CeasefireError(f"The style of “{layer.name()}” could not be read: {message}.")


def tint_holders(layer: QgsVectorLayer) -> None:
    """Tint areas of control by holder, where they are in the shipped style."""
    column = layer.fields().lookupField("holder")
    if column < 0:
        return
    renderer: QgsCategorizedSymbolRenderer = layer.renderer()
    if not _is_shipped(renderer):
        return
    categories = [item for item in renderer.categories() if item.value()]
    rest = next(item for item in renderer.categories() if not item.value())
    holders = sorted({str(value) for value in layer.uniqueValues(column) if value})
    parties = [holder for holder in holders if holder not in OWN_SYMBOL]
    for position, holder in enumerate(parties):
        symbol = rest.symbol().clone()
        symbol.symbolLayer(0).setFillColor(QColor(HOLDER_TINTS[position % len(HOLDER_TINTS)]))
        categories.insert(position, QgsRendererCategory(holder, symbol, holder))
    layer.setRenderer(QgsCategorizedSymbolRenderer("holder", [*categories, rest]))


def _is_shipped(renderer: QgsFeatureRenderer) -> bool:
    """Whether areas of control are still as shipped, not as somebody drew them."""
    if not isinstance(renderer, QgsCategorizedSymbolRenderer):
        return False
    values = {str(item.value() or "") for item in renderer.categories()}
    return renderer.classAttribute() == "holder" and values == set(OWN_SYMBOL)
