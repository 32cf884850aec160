"""Plain symbols for the layers that have no drawn ones, as QGIS's QML.

Colours are of Okabe and Ito's palette, told apart by people with a colour deficiency; none is a
party's.
"""

from __future__ import annotations

# Shape of the marker, fill, outline.
_MARKERS = {
    "observations": ("arrow", "#56b4e9", "#1f4e66"),
    "alerts": ("triangle", "#e69f00", "#000000"),
    "claims": ("diamond", "#ffffff", "#5b4a8a"),
    "restrictions": ("cross_fill", "#e69f00", "#5c3f00"),
    "weapon_sightings": ("pentagon", "#ffffff", "#8a3d00"),
    "storage_sites": ("square", "#ffffff", "#8a3d00"),
}
# An observation's arrow points where the observer looked.
_TURNED = (
    '<data_defined_properties><Option type="Map">'
    '<Option name="name" type="QString" value=""/><Option name="properties" type="Map">'
    '<Option name="angle" type="Map"><Option name="active" type="bool" value="true"/>'
    '<Option name="field" type="QString" value="bearing_deg"/>'
    '<Option name="type" type="int" value="2"/></Option></Option>'
    '<Option name="type" type="QString" value="collection"/></Option></data_defined_properties>'
)


def plain_symbol(name: str) -> str:
    """The renderer of one layer of points; raises KeyError for a layer that has drawn ones."""
    shape, fill, outline = _MARKERS[name]
    settings = {
        "name": shape,
        "color": fill,
        "outline_color": outline,
        "outline_width": "0.5",
        "outline_width_unit": "MM",
        "size": "3.2",
        "size_unit": "MM",
    }
    options = "".join(
        f'<Option name="{key}" type="QString" value="{value}"/>' for key, value in settings.items()
    )
    turned = _TURNED if name == "observations" else ""
    return (
        '<renderer-v2 type="singleSymbol" symbollevels="0" forceraster="0" enableorderby="0">'
        '<symbols><symbol name="0" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">'
        '<layer class="SimpleMarker" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{options}</Option>{turned}</layer></symbol></symbols></renderer-v2>'
    )
