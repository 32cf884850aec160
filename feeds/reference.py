"""Coordinate systems as services name them, and which of their axes comes first."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional, Union

from ..model.errors import CeasefireError

# Numbers that Esri and others used for Web Mercator before EPSG had one, and for WGS 84 in CRS84.
OTHER_NAMES = {102100: 3857, 102113: 3857, 900913: 3857, 3785: 3857}
FIRST_OF_ESRI = 32768
# urn:ogc:def:crs:EPSG::4326, urn:x-ogc:def:crs:EPSG:6.9:4326, http://www.opengis.net/def/crs/…
FORMAL = re.compile(
    r"^(?:urn:(?:x-)?ogc:def:crs:(?P<who>\w+):[\d.]*:(?P<code>\w+)"
    r"|https?://www\.opengis\.net/def/crs/(?P<who2>\w+)/[\w.]+/(?P<code2>\w+))$",
    re.IGNORECASE,
)
SHORT = re.compile(
    r"^(?:(?P<who>EPSG|ESRI):|https?://www\.opengis\.net/gml/srs/epsg\.xml#)(?P<code>\d+)$",
    re.IGNORECASE,
)
DEGREES = {"CRS84", "CRS84H", "84"}


def esri_reference(given: Optional[Mapping[str, Any]]):
    """The osr reference (x first) of an Esri ``spatialReference``; None where it says nothing.

    Raises CeasefireError where its number or text is not known.
    """
    given = given or {}
    for number in (given.get("latestWkid"), given.get("wkid")):
        if not isinstance(number, (int, float)) or int(number) <= 0:
            continue
        code = OTHER_NAMES.get(int(number), int(number))
        authorities = ("EPSG", "ESRI") if code < FIRST_OF_ESRI else ("ESRI", "EPSG")
        for authority in authorities:
            found = made(f"{authority}:{code}")
            if found is not None:
                return found
    if given.get("wkt"):
        found = made(str(given["wkt"]))
        if found is not None:
            return found
    if any(given.get(key) for key in ("wkid", "latestWkid", "wkt")):
        raise CeasefireError(
            f"The layer's coordinate system ({given.get('wkid') or 'a text'}) is not known here: "
            "ask its publisher for the layer in EPSG:4326."
        )
    return None


def named_reference(name: Union[str, int, None]):
    """The osr reference (x first) of a name such as ``EPSG:32636`` or an OGC urn; None: CRS84.

    Raises CeasefireError where the name is not known.
    """
    if not name:
        return None
    authority, code = parts_of(str(name))
    if authority in ("OGC", "CRS") and code.upper() in DEGREES:
        return None
    found = made(f"{authority}:{code}") if authority else made(str(name))
    if found is None:
        raise CeasefireError(
            f"The coordinate system “{name}” is not known here: ask for EPSG:4326."
        )
    return found


def latitude_first(name: Optional[str]) -> bool:
    """Whether coordinates under this name come in the order of the authority's own axes, y first.

    The formal names (urn, /def/crs/) keep the authority's order; ``EPSG:4326`` and the old
    epsg.xml address have longitude first, by custom (GeoServer, MapServer, OGC 05-096r1).
    """
    found = FORMAL.match((name or "").strip())
    if found is None:
        return False
    authority, code = found["who"] or found["who2"], found["code"] or found["code2"]
    if authority.upper() != "EPSG":
        return False
    reference = made(f"EPSG:{code}")
    if reference is None:
        return False
    return bool(reference.EPSGTreatsAsLatLong() or reference.EPSGTreatsAsNorthingEasting())


def to_degrees(reference):
    """The osr transformation to EPSG:4326, longitude first; None where nothing is to be done."""
    if reference is None:
        return None
    from osgeo import osr

    target = osr.SpatialReference()
    target.ImportFromEPSG(4326)
    target.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    if reference.IsSame(target):
        return None
    return osr.CoordinateTransformation(reference, target)


def parts_of(name: str) -> tuple[str, str]:
    """(authority, code) of a formal or short name; ("", "") of any other."""
    found = FORMAL.match(name.strip())
    if found is not None:
        return (found["who"] or found["who2"]).upper(), found["code"] or found["code2"]
    found = SHORT.match(name.strip())
    if found is None:
        return "", ""
    code = OTHER_NAMES.get(int(found["code"]), int(found["code"]))
    return (found["who"] or "EPSG").upper(), str(code)


def made(text: str):
    """An osr reference with x first; None where PROJ does not know the text."""
    from osgeo import gdal, osr

    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        reference = osr.SpatialReference()
        try:
            failed = reference.SetFromUserInput(text)
        except RuntimeError:
            return None
        if failed:
            return None
        reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        return reference
    finally:
        gdal.PopErrorHandler()
