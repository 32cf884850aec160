"""One feature type of a WFS: its requests, its exceptions, its pages as GeoJSON or GML."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional
from xml.etree.ElementTree import Element

from ..http.errors import FeedError, Reason
from ..reference import named_reference, to_degrees
from ..shapes import Shapes
from ..source import Asked
from .boxes import box
from .gmlfeatures import GmlFeatures, attribute_number, local, names_in_schema

XML_TYPES = "application/gml+xml, application/xml, text/xml"
JSON_TYPES = f"application/json, {XML_TYPES};q=0.5"
GML_FORMATS = {
    "2.0.0": "application/gml+xml; version=3.2",
    "1.1.0": "text/xml; subtype=gml/3.1.1",
}
REASONS = {
    "InvalidParameterValue": Reason.REFUSED,
    "MissingParameterValue": Reason.REFUSED,
    "OperationProcessingFailed": Reason.BROKEN,
    "NotFound": Reason.NOT_FOUND,
}


@dataclasses.dataclass
class Page:
    """One reply: (own id, properties, place) of its features, and how many there are in all."""

    reply: Any
    features: list
    matched: Optional[int]
    notes: tuple = ()


class WFS:
    """Asks one service for one feature type."""

    def __init__(self, asked: Asked):
        self.asked = asked
        self.options = asked.options
        self.version = str(self.options.get("version") or "2.0.0")
        self.address, _, query = asked.address.partition("?")
        own = {"service", "request", "version", "typename", "typenames", "outputformat"}
        self.fixed = [
            (key, value)
            for key, _, value in (part.partition("=") for part in query.split("&") if part)
            if key.lower() not in own
        ]
        self.type_name = str(self.options.get("type_name") or "")
        self.axes = str(self.options.get("axes") or "auto")
        self.as_json: Optional[bool] = {"geojson": True, "gml": False}.get(
            str(self.options.get("output"))
        )

    def ask(self, request: str, accept: str = XML_TYPES, **params: Any):
        """The reply to one request; raises FeedError for a service exception."""
        given = [
            *self.fixed,
            ("service", "WFS"),
            ("version", self.version),
            ("request", request),
            *((name, str(value)) for name, value in params.items() if value not in (None, "")),
        ]
        reply = self.asked.client.get(self.address, params=given, accept=accept)
        with reply.open() as file:
            start = file.read(4096).lstrip(b"\xef\xbb\xbf \r\n\t")
        if start[:1] == b"<" and b"ExceptionReport" in start:
            raise self._exception(reply.xml())
        return reply

    def _exception(self, root: Element) -> FeedError:
        code = next((e.get("exceptionCode") or e.get("code") for e in root.iter() if e.attrib), "")
        words = " ".join(
            " ".join("".join(e.itertext()).split())
            for e in root.iter()
            if local(e.tag) in ("ExceptionText", "ServiceException")
        )
        said = self.asked.client.hide(words)[:300].rstrip(". ") or "no reason given"
        return FeedError(
            f"The WFS refused the request ({code or 'no code'}: {said}): check the feed's options "
            "(type_name, version, output, filter).",
            REASONS.get(code or "", Reason.REFUSED),
        )

    def types(self) -> dict[str, str]:
        """Feature types by name with their titles; settles the output where it is left to us."""
        root = self.ask("GetCapabilities").xml()
        if self.as_json is None:
            words = " ".join("".join(e.itertext()) for e in root.iter() if is_output(e))
            self.as_json = "json" in words.lower()
        found = {}
        for element in root.iter():
            if local(element.tag) == "FeatureType":
                parts = {local(child.tag): (child.text or "").strip() for child in element}
                if parts.get("Name"):
                    found[parts["Name"]] = parts.get("Title") or parts["Name"]
        return found

    def settle(self) -> dict[str, str]:
        """Check the type's name against the service's; raises FeedError where it is none."""
        types = self.types()
        if self.type_name in types:
            return types
        by_local = [name for name in types if name.rpartition(":")[2] == self.type_name]
        if len(by_local) != 1:
            known = ", ".join(list(types)[:20]) or "none"
            raise FeedError(
                f"The WFS has no feature type “{self.type_name}”: set the option type_name to one "
                f"of {known}.",
                Reason.NOT_FOUND,
            )
        self.type_name = by_local[0]
        return types

    def names(self) -> list[str]:
        """The properties' names from DescribeFeatureType; none where it does not answer."""
        try:
            reply = self.ask("DescribeFeatureType", **{self._type_key: self.type_name})
            return names_in_schema(reply.xml(), self.type_name)
        except FeedError as error:
            if error.reason in (Reason.UNAUTHORISED, Reason.FORBIDDEN, Reason.OFFLINE):
                raise
            return []

    def hits(self) -> Optional[int]:
        """How many features match; None where the server does not say."""
        try:
            root = self.ask("GetFeature", **self._question(), resultType="hits").xml()
        except FeedError as error:
            if error.reason not in (Reason.REFUSED, Reason.BROKEN):
                raise
            return None
        return attribute_number(root.attrib, "numberMatched", "numberOfFeatures")

    def page(self, start: int, names: GmlFeatures) -> Page:
        """The features from the one with number ``start`` on."""
        sizes = {self._count_key: int(self.options.get("page_size") or 1000), "startIndex": start}
        output = "application/json" if self.as_json else GML_FORMATS.get(self.version)
        accept = JSON_TYPES if self.as_json else XML_TYPES
        asked = {**self._question(), **sizes, "outputFormat": self.options.get("format") or output}
        reply = self.ask("GetFeature", accept, **asked)
        return self._json_page(reply) if self.as_json else gml_page(reply, names)

    def _json_page(self, reply) -> Page:
        value = reply.json()
        if not isinstance(value, dict) or not isinstance(value.get("features"), list):
            raise FeedError("The reply is no collection of features: check the address.")
        crs = ((value.get("crs") or {}).get("properties") or {}).get("name")
        shapes = Shapes(to_degrees(named_reference(crs)), "the layer")
        swapped = self.axes == "latlon"
        features = [
            (
                one.get("id"),
                one.get("properties") or {},
                shapes.geojson(one.get("geometry"), swapped),
            )
            for one in value["features"]
        ]
        told = [value.get(key) for key in ("numberMatched", "totalFeatures")]
        matched = next((n for n in told if isinstance(n, int) and not isinstance(n, bool)), None)
        return Page(reply, features, matched, shapes.sentence())

    @property
    def srs(self) -> str:
        """The system that is asked for."""
        return str(self.options.get("srs") or "") or (
            "EPSG:4326" if self.as_json else "urn:ogc:def:crs:EPSG::4326"
        )

    @property
    def _type_key(self) -> str:
        return "typeNames" if self.version.startswith("2") else "typeName"

    @property
    def _count_key(self) -> str:
        return "count" if self.version.startswith("2") else "maxFeatures"

    def _question(self) -> dict[str, Any]:
        bbox = self.options.get("bbox")
        return {
            self._type_key: self.type_name,
            "srsName": self.srs,
            "sortBy": self.options.get("sort_by"),
            "bbox": f"{box(bbox)},EPSG:4326" if bbox else None,
            "cql_filter": self.options.get("cql_filter"),
        }


def gml_page(reply, reader: GmlFeatures) -> Page:
    """A page of GML."""
    root = reply.xml()
    lost = reader.lost
    features = [(one.own_id, one.properties, one.place) for one in reader.read(root)]
    lost = reader.lost - lost
    notes = Shapes(None)
    notes.lost = lost
    matched = attribute_number(root.attrib, "numberMatched")
    return Page(reply, features, matched, notes.sentence())


def is_output(element: Element) -> bool:
    """Whether an element of the capabilities lists output formats of GetFeature."""
    return local(element.tag) in ("Parameter", "ResultFormat") and (
        element.get("name") == "outputFormat" or local(element.tag) == "ResultFormat"
    )
