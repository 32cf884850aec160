"""Where an item of a feed is: GeoRSS Simple and GML, W3C's vocabulary; latitude stands first."""

from __future__ import annotations

import re
from typing import Optional
from xml.etree.ElementTree import Element, tostring

from ..shapes import NOWHERE, Shapes, number_of
from .gmlfeatures import GML, local

GEORSS = ("{http://www.georss.org/georss}", "{http://www.georss.org/georss/10}")
W3C = "{http://www.w3.org/2003/01/geo/wgs84_pos#}"
SIMPLE = ("point", "line", "polygon", "box", "circle")


def place_of_item(item: Element, shapes: Shapes) -> list:
    """[longitude, latitude, radius] of an item; a georss:radius widens a point."""
    for element in item.iter():
        if not element.tag.startswith(GEORSS):
            continue
        name = local(element.tag)
        if name in SIMPLE:
            found = simple(name, element.text, shapes)
        elif name == "where":
            found = from_gml(element, shapes)
        else:
            continue
        if found[0] is not None:
            return [found[0], found[1], widened(item, found[2])]
    return w3c(item)


def simple(name: str, text: Optional[str], shapes: Shapes) -> list:
    """A GeoRSS Simple value: latitudes and longitudes by turns, with blanks or commas between."""
    numbers = [number_of(part) for part in re.split(r"[\s,]+", (text or "").strip()) if part]
    if len(numbers) < 2 or None in numbers:
        return list(NOWHERE)
    if name == "circle" and len(numbers) >= 3:
        return [numbers[1], numbers[0], numbers[2]]
    pairs = [[lon, lat] for lat, lon in zip(numbers[::2], numbers[1::2])]
    if name == "point" or len(pairs) == 1:
        return shapes.point(pairs[0])
    if name == "box":
        (west, south), (east, north) = pairs[0], pairs[1]
        pairs = [[west, south], [east, south], [east, north], [west, north]]
    if name in ("polygon", "box"):
        ring = pairs if pairs[0] == pairs[-1] else [*pairs, pairs[0]]
        return shapes.geojson({"type": "Polygon", "coordinates": [ring]})
    return shapes.geojson({"type": "LineString", "coordinates": pairs})


def from_gml(where: Element, shapes: Shapes) -> list:
    """The GML geometry in a georss:where; WGS 84 with latitude first, as GeoRSS has it."""
    for child in where:
        if child.tag.startswith(GML):
            return shapes.gml(tostring(child, encoding="unicode"), latitude_is_first=True)
    return list(NOWHERE)


def w3c(item: Element) -> list:
    """geo:lat and geo:long, on the item or within a geo:Point."""
    found = {local(e.tag): number_of(e.text) for e in item.iter() if e.tag.startswith(W3C)}
    lat, lon = found.get("lat"), found.get("long", found.get("lon"))
    return list(NOWHERE) if lat is None or lon is None else [lon, lat, None]


def widened(item: Element, radius: Optional[float]) -> Optional[float]:
    """The radius of a place, with a georss:radius (metres) where the item has one."""
    for element in item.iter():
        if element.tag.startswith(GEORSS) and local(element.tag) == "radius":
            metres = number_of(element.text)
            if metres is not None and metres > 0:
                return max(metres, radius or 0.0)
    return radius
