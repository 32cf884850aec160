"""A CAP 1.2 alert (1.1 and 1.0 read alike): its header, its infos, and their areas."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import datetime
from typing import Iterator, Optional
from xml.etree.ElementTree import Element

from ..http.errors import FeedError, Reason
from ..instants import UTC, instant_text, iso_instant
from ..shapes import NOWHERE, Shapes, number_of
from .gmlfeatures import local

COLUMNS = [
    "source_id",
    "identifier",
    "sender",
    "sender_name",
    "sent",
    "msg_type",
    "status",
    "onset",
    "effective",
    "expires",
    "event",
    "cap_category",
    "urgency",
    "severity",
    "certainty",
    "headline",
    "description",
    "instruction",
    "area",
    "geocodes",
    "web",
    "language",
    "references",
]
RING_POINTS = 36


@dataclasses.dataclass
class Alert:
    """One message; ``key`` is "sender,identifier", ``references`` such keys with their sent."""

    key: str
    identifier: str
    sender: str
    sent: Optional[datetime]
    sent_text: str
    status: str
    kind: str
    scope: str
    references: list[tuple[str, Optional[datetime]]]
    element: Element

    @property
    def root(self) -> str:
        """The key of the first message that this one goes back to, as far as it says itself."""
        known = [one for one in self.references if one[1] is not None]
        if known:
            return min(known, key=lambda one: one[1])[0]
        return self.references[0][0] if self.references else self.key


def alerts_in(root: Element) -> Iterator[Alert]:
    """The alerts of a document: one, or several in a list or an Atom feed's contents.

    Raises FeedError for one without identifier or sender.
    """
    for element in root.iter():
        if local(element.tag) == "alert" and "emergency:cap" in element.tag:
            yield alert_of(element)


def alert_of(element: Element) -> Alert:
    """One alert's header."""
    identifier, sender = word(element, "identifier"), word(element, "sender")
    if not identifier or not sender:
        raise FeedError(
            "A CAP alert has no identifier or no sender, so that its updates could not be told "
            "from new alerts: tell its sender.",
            Reason.SCHEMA,
        )
    sent = word(element, "sent") or ""
    return Alert(
        key=f"{sender},{identifier}",
        identifier=identifier,
        sender=sender,
        sent=iso_instant(sent),
        sent_text=sent,
        status=word(element, "status") or "Actual",
        kind=word(element, "msgType") or "Alert",
        scope=word(element, "scope") or "Public",
        references=references(word(element, "references") or ""),
        element=element,
    )


def references(text: str) -> list[tuple[str, Optional[datetime]]]:
    """(key, sent) of each "sender,identifier,sent"; what is no such triple is left out."""
    found = []
    for part in text.split():
        pieces = part.split(",")
        if len(pieces) >= 3:
            found.append((f"{pieces[0]},{','.join(pieces[1:-1])}", iso_instant(pieces[-1])))
    return found


def infos_of(alert: Alert, language: str) -> list[Element]:
    """The infos of one language: that asked for, else English, else the first one's.

    Infos in several languages tell the same; several of one language tell of several things.
    """
    infos = [e for e in alert.element if local(e.tag) == "info"]
    if not infos:
        return []
    spoken = [(word(info, "language") or "en-US").casefold() for info in infos]
    for wanted in (language.casefold(), "en"):
        chosen = [
            info
            for info, tongue in zip(infos, spoken)
            if wanted and (tongue == wanted or tongue.split("-")[0] == wanted.split("-")[0])
        ]
        exact = [info for info, tongue in zip(infos, spoken) if tongue == wanted]
        if exact or chosen:
            return exact or chosen
    return [info for info, tongue in zip(infos, spoken) if tongue == spoken[0]]


def expired(info: Element, now: datetime) -> bool:
    """Whether an info's time is over."""
    end = iso_instant(word(info, "expires"))
    return end is not None and end < now


def row_of(alert: Alert, info: Element, own_id: str, shapes: Shapes) -> list:
    """The cells of ``COLUMNS`` and of the place."""
    areas = [e for e in info if local(e.tag) == "area"]
    codes = [
        {word(code, "valueName") or "": word(code, "value")}
        for area in areas
        for code in area
        if local(code.tag) == "geocode"
    ]
    names = [word(area, "areaDesc") for area in areas]
    cells = [
        own_id,
        alert.identifier,
        alert.sender,
        word(info, "senderName"),
        moment(alert.sent_text),
        alert.kind,
        alert.status,
        *(moment(word(info, name)) for name in ("onset", "effective", "expires")),
        word(info, "event"),
        "; ".join(words(info, "category")) or None,
        *(word(info, name) for name in ("urgency", "severity", "certainty")),
        *(word(info, name) for name in ("headline", "description", "instruction")),
        "; ".join(dict.fromkeys(name for name in names if name)) or None,
        json.dumps(codes, ensure_ascii=False) if codes else None,
        word(info, "web"),
        word(info, "language"),
        word(alert.element, "references"),
    ]
    return [*cells, *place_of_areas(areas, shapes)]


def place_of_areas(areas: list[Element], shapes: Shapes) -> list:
    """One point and radius for all polygons and circles together."""
    circles = [c for area in areas for t in words(area, "circle") if (c := circle(t))]
    rings = [r for area in areas for t in words(area, "polygon") if (r := ring(t))]
    if len(circles) == 1 and not rings:
        lon, lat, metres = circles[0]
        return [lon, lat, metres or None]
    rings += [around(*one) for one in circles]
    if not rings:
        return list(NOWHERE)
    if len(rings) == 1:
        return shapes.geojson({"type": "Polygon", "coordinates": rings})
    return shapes.geojson({"type": "MultiPolygon", "coordinates": [[one] for one in rings]})


def ring(text: str) -> Optional[list]:
    """A polygon's "lat,lon lat,lon …" as a closed ring of [lon, lat]; None where it is none."""
    found = []
    for pair in text.split():
        numbers = [number_of(part) for part in pair.split(",")]
        if len(numbers) != 2 or None in numbers:
            return None
        found.append([numbers[1], numbers[0]])
    if len(found) < 3:
        return None
    return found if found[0] == found[-1] else [*found, found[0]]


def circle(text: str) -> Optional[tuple[float, float, float]]:
    """(longitude, latitude, metres) of "lat,lon kilometres"; None where it is none."""
    place, _, radius = text.strip().partition(" ")
    numbers = [number_of(part) for part in [*place.split(","), radius or "0"]]
    if len(numbers) != 3 or None in numbers or numbers[2] < 0:
        return None
    return numbers[1], numbers[0], numbers[2] * 1000.0


def around(lon: float, lat: float, metres: float) -> list:
    """A circle as a ring of points on the ellipsoid."""
    from ...analysis.geodesy import direct

    bearings = [360.0 * i / RING_POINTS for i in range(RING_POINTS)]
    there_lon, there_lat = direct(lon, lat, bearings, max(metres, 1.0))
    # Seen from the middle, so that a circle across the 180th meridian stays in one piece.
    points = [
        [lon + math.remainder(float(x) - lon, 360.0), float(y)]
        for x, y in zip(there_lon, there_lat)
    ]
    return [*points, points[0]]


def moment(text: Optional[str]) -> Optional[str]:
    """An instant in the steady form; what is none as it was written."""
    found = iso_instant(text)
    if found is None:
        return text or None
    return instant_text(found.astimezone(UTC), midnight_is_a_day=False)


def word(element: Element, name: str) -> Optional[str]:
    """The text of the first child of that name; None where empty."""
    return next(iter(words(element, name)), None)


def words(element: Element, name: str) -> list[str]:
    """The texts of all children of that name that have one."""
    found = ["".join(e.itertext()).strip() for e in element if local(e.tag) == name]
    return [text for text in found if text]
