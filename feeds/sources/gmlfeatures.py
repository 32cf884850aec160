"""Features of a GML reply (2 to 3.2): id, properties, and the geometry with its axes in order."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Iterator, Mapping, Optional
from xml.etree.ElementTree import Element, tostring

from ..reference import latitude_first, named_reference, to_degrees
from ..shapes import NOWHERE, Shapes

MEMBERS = {"member", "featureMember", "featureMembers"}
GEOMETRIES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Curve",
    "MultiCurve",
    "CompositeCurve",
    "OrientableCurve",
    "Polygon",
    "MultiPolygon",
    "Surface",
    "MultiSurface",
    "CompositeSurface",
    "PolyhedralSurface",
    "MultiGeometry",
    "Envelope",
    "Box",
}
GML = ("{http://www.opengis.net/gml/3.2}", "{http://www.opengis.net/gml}")
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@dataclasses.dataclass
class Feature:
    """One feature: its own id, its properties, and three cells of place."""

    own_id: Optional[str]
    properties: dict[str, Any]
    place: list


class GmlFeatures:
    """Reads replies; ``axes`` is auto (by each geometry's srsName), lonlat or latlon.

    ``asked_srs`` is the system of geometries that name none, nor their collection.
    """

    def __init__(self, axes: str = "auto", asked_srs: str = ""):
        self.axes = axes
        self.asked_srs = asked_srs
        self.lost = 0
        self._shapes: dict[str, tuple[Shapes, bool]] = {}

    def read(self, root: Element) -> list[Feature]:
        """All features of a collection, in order."""
        common = srs_of_bounds(root) or self.asked_srs
        features = [self._feature(one, srs_of_bounds(one) or common) for one in members(root)]
        self.lost = sum(shapes.lost for shapes, _ in self._shapes.values())
        return features

    def _feature(self, element: Element, srs: str) -> Feature:
        own = next(
            (value for key, value in element.attrib.items() if local(key) in ("id", "fid")), None
        )
        properties: dict[str, Any] = {}
        place = list(NOWHERE)
        for child in element:
            name = local(child.tag)
            if name in ("boundedBy", "metaDataProperty"):
                continue
            shape = geometry_in(child)
            if shape is not None:
                if place[0] is None:
                    place = self._place(shape, srs)
                continue
            value = value_of(child)
            if name in properties:
                before = properties[name]
                value = [*(before if isinstance(before, list) else [before]), value]
            properties[name] = value
        return Feature(own, properties, place)

    def _place(self, shape: Element, srs: str) -> list:
        named = next((e.get("srsName") for e in shape.iter() if e.get("srsName")), None) or srs
        if named not in self._shapes:
            transform = to_degrees(named_reference(named))
            self._shapes[named] = (Shapes(transform, "the layer"), self._latitude_first(named))
        shapes, swapped = self._shapes[named]
        return shapes.gml(tostring(shape, encoding="unicode"), swapped)

    def _latitude_first(self, name: str) -> bool:
        if self.axes == "auto":
            return latitude_first(name)
        return self.axes == "latlon"


def local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def members(root: Element) -> Iterator[Element]:
    """The features of a collection, whichever way it wraps them."""
    for child in root:
        if local(child.tag) not in MEMBERS:
            continue
        for one in child:
            inner = local(one.tag) in ("FeatureCollection", "Tuple", "SimpleFeatureCollection")
            if inner:
                yield from members(one)
            else:
                yield one


def srs_of_bounds(element: Element) -> str:
    """The system that an element's boundedBy names; "" where none."""
    for child in element:
        if local(child.tag) == "boundedBy":
            for inner in child.iter():
                if inner.get("srsName"):
                    return str(inner.get("srsName"))
    return ""


def geometry_in(element: Element) -> Optional[Element]:
    """The GML geometry that a property holds, if it holds one."""
    for child in element:
        if child.tag.startswith(GML) and local(child.tag) in GEOMETRIES:
            return child
    return None


def value_of(element: Element) -> Any:
    """A property's text; nested elements as JSON text by their names; None where it is nil."""
    if element.get(NIL) in ("true", "1"):
        return None
    if len(element):
        return json.dumps(nested(element), ensure_ascii=False)
    return (element.text or "").strip() or None


def nested(element: Element) -> Any:
    """Nested elements as an object of texts."""
    if not len(element):
        return (element.text or "").strip() or None
    return {local(child.tag): nested(child) for child in element}


def names_in_schema(root: Element, type_name: str) -> list[str]:
    """The properties, without geometries, that an XML schema gives a feature type.

    Where the schema describes several types, that of ``type_name`` (its local name).
    """
    wanted = type_name.rpartition(":")[2]
    bodies = {e.get("name"): e for e in root if local(e.tag) == "complexType"}
    element = next((e for e in root if local(e.tag) == "element" and e.get("name") == wanted), None)
    if element is None:
        return []
    body = bodies.get((element.get("type") or "").rpartition(":")[2], element)
    return [
        str(one.get("name"))
        for one in body.iter()
        if local(one.tag) == "element" and one.get("name") and one is not element
        if not is_geometry_type(one)
    ]


def is_geometry_type(element: Element) -> bool:
    """Whether a schema's element holds a GML geometry."""
    kind = element.get("type") or ""
    return kind.startswith("gml:") and kind.endswith("PropertyType")


def attribute_number(attributes: Mapping[str, str], *names: str) -> Optional[int]:
    """The first of these attributes that is a whole number ("unknown" is none)."""
    for name in names:
        value = (attributes.get(name) or "").strip()
        if value.isdigit():
            return int(value)
    return None
