"""A WFS 2.0 and 1.1: capabilities, schema, hits, pages as GeoJSON or GML, and odd manners.

``features`` are (id, longitude, latitude, properties). ``axes`` says how GML writes a position:
formal (latitude first under a urn), or always lonlat or latlon.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Optional
from xml.sax.saxutils import escape

from tests.feedservers.serving import Answer, Request, Serving

WFS2 = 'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"'
WFS1 = 'xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml"'
XML = {"Content-Type": "text/xml; charset=UTF-8"}
EXCEPTION = (
    '<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1">'
    '<ows:Exception exceptionCode="{}"><ows:ExceptionText>{}</ows:ExceptionText></ows:Exception>'
    "</ows:ExceptionReport>"
)


class WfsServer(Serving):
    """One feature type, vale:reports."""

    def __init__(self, features: Optional[list] = None, **manners: Any):
        self.features = list(features or [])
        self.most = 5
        self.offers_json = True
        self.knows_start = True
        self.knows_hits = True
        self.axes = "formal"
        self.matched: Callable[[int], Any] = lambda count: count
        self.body: Optional[str] = None
        self.srs_on = "geometry"
        for name, value in manners.items():
            setattr(self, name, value)
        super().__init__()

    @property
    def service(self) -> str:
        """The service's address."""
        return self.address + "/ows"

    def answer(self, request: Request) -> Answer:
        """The reply to a request by its name."""
        given = {key.lower(): one[0] for key, one in request.query.items()}
        kind = given.get("request", "").lower()
        if kind == "getcapabilities":
            return Answer(200, self.capabilities(), XML)
        if kind == "describefeaturetype":
            return Answer(200, SCHEMA, XML)
        if given.get("typenames", given.get("typename")) != "vale:reports":
            return Answer(200, EXCEPTION.format("InvalidParameterValue", "No such type"), XML)
        if self.body is not None:
            return Answer(200, self.body, XML)
        if given.get("resulttype") == "hits":
            return self.hits(given["version"])
        start = int(given.get("startindex", 0)) if self.knows_start else 0
        count = int(given.get("count", given.get("maxfeatures", 10**6)))
        page = self.features[start : start + min(count, self.most)]
        if "json" in given.get("outputformat", ""):
            return Answer(200, self.geojson(page), {"Content-Type": "application/json"})
        return Answer(200, self.gml(page, given.get("srsname", ""), given["version"]), XML)

    def hits(self, version: str) -> Answer:
        """How many there are."""
        if not self.knows_hits:
            return Answer(200, EXCEPTION.format("InvalidParameterValue", "resultType"), XML)
        name = "numberMatched" if version == "2.0.0" else "numberOfFeatures"
        told = f'{name}="{self.matched(len(self.features))}"'
        return Answer(200, f"<wfs:FeatureCollection {WFS2} {told}/>", XML)

    def capabilities(self) -> str:
        """The capabilities as far as a reader looks at them."""
        formats = ["application/gml+xml; version=3.2"]
        formats += ["application/json"] if self.offers_json else []
        values = "".join(f"<ows:Value>{one}</ows:Value>" for one in formats)
        return (
            '<?xml version="1.0"?><wfs:WFS_Capabilities version="2.0.0" '
            'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1">'
            '<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:Parameter '
            f'name="outputFormat"><ows:AllowedValues>{values}</ows:AllowedValues></ows:Parameter>'
            "</ows:Operation></ows:OperationsMetadata><wfs:FeatureTypeList><wfs:FeatureType>"
            "<wfs:Name>vale:reports</wfs:Name><wfs:Title>Reports</wfs:Title></wfs:FeatureType>"
            "</wfs:FeatureTypeList></wfs:WFS_Capabilities>"
        )

    def geojson(self, page: list) -> str:
        """A page as GeoServer writes GeoJSON: longitude first under a formal name."""
        features = [
            {
                "type": "Feature",
                "id": own,
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
                "properties": values,
            }
            for own, lon, lat, values in page
        ]
        told: dict[str, Any] = {"type": "FeatureCollection", "features": features}
        told["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}
        matched = self.matched(len(self.features))
        if matched != "unknown":
            told["numberMatched"] = matched
        return json.dumps(told)

    def gml(self, page: list, srs: str, version: str) -> str:
        """A page as GML 3.2 (or 3.1.1), its positions in the order of its axes."""
        second = version == "2.0.0"
        member = "wfs:member" if second else "gml:featureMember"
        latitude_first = self.axes == "latlon" or (self.axes == "formal" and "urn" in srs)
        named = f' srsName="{srs}"' if self.srs_on == "geometry" else ""
        parts = []
        for own, lon, lat, values in page:
            position = f"{lat} {lon}" if latitude_first else f"{lon} {lat}"
            cells = "".join(
                f"<vale:{k}>{escape(str(v))}</vale:{k}>" for k, v in values.items() if v is not None
            )
            parts.append(
                f'<{member}><vale:reports gml:id="{own}">{cells}<vale:geom><gml:Point{named}>'
                f"<gml:pos>{position}</gml:pos></gml:Point></vale:geom></vale:reports></{member}>"
            )
        bounds = ""
        if self.srs_on == "collection":
            bounds = f'<gml:boundedBy><gml:Envelope srsName="{srs}"/></gml:boundedBy>'
        matched = f'numberMatched="{self.matched(len(self.features))}"' if second else ""
        return (
            f'<?xml version="1.0"?><wfs:FeatureCollection {WFS2 if second else WFS1} '
            f'xmlns:vale="https://vale.example/ns" {matched} numberReturned="{len(page)}">'
            f"{bounds}{''.join(parts)}</wfs:FeatureCollection>"
        )


SCHEMA = (
    '<?xml version="1.0"?><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:gml="http://www.opengis.net/gml/3.2"><xsd:complexType name="reportsType">'
    "<xsd:complexContent><xsd:extension><xsd:sequence>"
    '<xsd:element name="date" type="xsd:dateTime"/><xsd:element name="kind" type="xsd:string"/>'
    '<xsd:element name="weapon" type="xsd:string"/>'
    '<xsd:element name="geom" type="gml:PointPropertyType"/>'
    "</xsd:sequence></xsd:extension></xsd:complexContent></xsd:complexType>"
    '<xsd:element name="reports" type="vale:reportsType"/></xsd:schema>'
)
