"""Colours of the kinds on a light and on a dark ground, in step with the map's symbols."""

from __future__ import annotations

from qgis.PyQt.QtGui import QColor, QPalette

from ...reports.symbol_class import CLASSES

# The map's colours, where they would be the same for two kinds made different.
LIGHT = {
    **{kind.code: kind.colour for kind in CLASSES},
    "movement": "#56b4e9",
    "fortification": "#00486f",
    "overflight": "#00866a",
    "maritime": "#44aa99",
    "damage": "#d678ad",
    "other": "#8a8a8a",
}
# The dark ones of fire and clashes cannot be seen on a dark ground.
DARK = {
    "explosion": "#e0662b",
    "burst": "#f39a52",
    "shot": "#f8c695",
    "in_flight": "#e3c341",
    "shelling": "#b4785a",
    "air_strike": "#ffe3d1",
    "firing": "#c9a583",
    "clash": "#e6e6e6",
    "weapon": "#4aa8e0",
    "movement": "#8fd0f5",
    "fortification": "#4f8fc0",
    "mine_uxo": "#b39ac9",
    "overflight": "#3fc39e",
    "maritime": "#7fd0c4",
    "civilian": "#e070aa",
    "damage": "#efb3d2",
    "detention": "#a8a8a8",
    "thermal": "#c9a13a",
    "other": "#bdbdbd",
}
HALF = 128


def is_dark(palette: QPalette) -> bool:
    """Whether the ground on which is drawn is dark."""
    return palette.color(QPalette.ColorRole.Base).lightness() < HALF


def colour_of(code: str, palette: QPalette) -> QColor:
    """The colour of a kind, by its code."""
    return QColor((DARK if is_dark(palette) else LIGHT)[code])


def faint(palette: QPalette, alpha: int) -> QColor:
    """The colour of text, so faint: 0 is not seen, 255 is the text's own."""
    colour = QColor(palette.color(QPalette.ColorRole.Text))
    colour.setAlpha(alpha)
    return colour


def night_tint(palette: QPalette) -> QColor:
    """What lies over the hours of darkness."""
    return QColor(150, 175, 255, 30) if is_dark(palette) else QColor(30, 45, 110, 30)
