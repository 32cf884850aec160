"""Map sheets and numbers: which incidents are numbered, in what order, and on which sheet."""

from __future__ import annotations

import dataclasses
import math
from datetime import datetime, timezone

from .annotations import MOST_NUMBERS
from .material import Entry

MOST_SHEETS = 24
LEAST_SPAN_M = 3000.0
# Two places nearer than this share of the sheet's width would print as one: they share a number.
TOGETHER = 0.009
METRES_A_DEGREE = 111_320.0
_LATEST = datetime.max.replace(tzinfo=timezone.utc)


@dataclasses.dataclass
class Place:
    """Incidents at one place (degrees) of a sheet, in order of time; they share one label.

    All are near the line or none is, so that the label's look is true of each.
    """

    longitude: float
    latitude: float
    entries: list[Entry]

    @property
    def is_near(self) -> bool:
        """Whether the incidents are near the line, not only possibly."""
        return _is_near(self.entries[0])


@dataclasses.dataclass
class Sheet:
    """One map sheet: its name (A, B, …) and at most ``MOST_NUMBERS`` places."""

    name: str
    places: list[Place]

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the places, in degrees."""
        xs = [place.longitude for place in self.places]
        ys = [place.latitude for place in self.places]
        return min(xs), min(ys), max(xs), max(ys)


def annotated(entries: list[Entry]) -> list[Entry]:
    """The incidents that get a number on the map.

    Near or possibly near the line; where no incident was held against a line, all located ones.
    """
    near = [
        entry for entry in entries if entry.located and entry.finding.flag in ("near", "possible")
    ]
    held = any(entry.finding.flag in ("near", "possible", "far") for entry in entries)
    return near if held else [entry for entry in entries if entry.located]


def numbered_sheets(entries: list[Entry]) -> list[Sheet]:
    """Number all entries of a period, and give the map sheets of those that are annotated.

    Sheet by sheet, then place by place in the order of each place's first incident, then by time:
    where no two incidents share a place, that is the order of time. The others follow in order of
    time, those without a place last. Beyond ``MOST_SHEETS`` sheets incidents have a number but no
    label.
    """
    chosen = annotated(entries)
    sheets = [
        Sheet(_name(position), _places(group))
        for position, group in enumerate(_split(_exact_places(chosen)))
    ]
    ordered = [entry for sheet in sheets for place in sheet.places for entry in place.entries]
    taken = {id(entry) for entry in ordered}
    rest = [entry for entry in entries if id(entry) not in taken]
    rest.sort(key=lambda entry: (not entry.located, entry.when or _LATEST))
    for number, entry in enumerate(ordered + rest, start=1):
        entry.number = number
    return sheets[:MOST_SHEETS]


def unlabelled(entries: list[Entry], sheets: list[Sheet]) -> int:
    """How many annotated incidents are on no sheet, because there are too many."""
    shown = sum(len(place.entries) for sheet in sheets for place in sheet.places)
    return len(annotated(entries)) - shown


def label_of(place: Place) -> str:
    """The numbers at a place: "7", or "7–12"; they follow each other."""
    first, last = place.entries[0].number, place.entries[-1].number
    return str(first) if first == last else f"{first}\u2013{last}"


def _is_near(entry: Entry) -> bool:
    return entry.finding.flag == "near"


def _exact_places(entries: list[Entry]) -> list[Place]:
    """Incidents of the same place and the same nearness; near and possible ones stay apart."""
    places: dict[tuple[float, float, bool], Place] = {}
    for entry in entries:
        longitude, latitude = entry.incident.longitude, entry.incident.latitude
        key = (round(longitude, 5), round(latitude, 5), _is_near(entry))
        places.setdefault(key, Place(longitude, latitude, [])).entries.append(entry)
    return list(places.values())


def _split(places: list[Place]) -> list[list[Place]]:
    """Compact groups of at most MOST_NUMBERS places, from west to east or north to south.

    The longer side is cut at the widest gap between places near its middle.
    """
    if not places:
        return []
    if len(places) <= MOST_NUMBERS:
        return [places]
    west, south, east, north = _bounds(places)
    wide = (east - west) * math.cos(math.radians((south + north) / 2)) >= north - south
    ordered = sorted(places, key=lambda item: item.longitude if wide else -item.latitude)
    along = [item.longitude if wide else -item.latitude for item in ordered]
    first, last = len(along) // 3, 2 * len(along) // 3
    cut = max(range(first, last + 1), key=lambda index: along[index] - along[index - 1])
    return _split(ordered[:cut]) + _split(ordered[cut:])


def _places(places: list[Place]) -> list[Place]:
    """Places of one nearness that would print as one are made one; by their first incident."""
    west, south, east, north = _bounds(places)
    shrink = math.cos(math.radians((south + north) / 2))
    metres = max((east - west) * shrink, north - south) * METRES_A_DEGREE
    together = max(metres, LEAST_SPAN_M) * TOGETHER / METRES_A_DEGREE
    result: list[Place] = []
    for place in sorted(places, key=lambda item: (-len(item.entries), item.entries[0].when)):
        host = next(
            (
                item
                for item in result
                if item.is_near == place.is_near
                and math.hypot(
                    (item.longitude - place.longitude) * shrink, item.latitude - place.latitude
                )
                < together
            ),
            None,
        )
        if host is None:
            result.append(Place(place.longitude, place.latitude, list(place.entries)))
        else:
            host.entries.extend(place.entries)
    for place in result:
        place.entries.sort(key=lambda entry: (entry.when, entry.incident.incident_id))
    return sorted(
        result, key=lambda item: (item.entries[0].when, item.entries[0].incident.incident_id)
    )


def _bounds(places: list[Place]) -> tuple[float, float, float, float]:
    return Sheet("", places).bounds()


def _name(position: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    first = letters[position // 26 - 1] if position >= 26 else ""
    return first + letters[position % 26]
