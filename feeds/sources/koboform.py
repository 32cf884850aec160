"""A Kobo form: its questions with their paths and types, and the labels of its choices."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping, Optional

from ..shapes import NOWHERE, Shapes, number_of
from .formrows import TO_95

GEO = {"geopoint", "geotrace", "geoshape"}
CLUTTER = {"note", "begin_group", "end_group", "end_repeat", "calculate_hidden", "hidden"}
CLOCKS = {"start": "form start", "end": "form end", "today": "form today"}
POSITION = r"-?\d{1,3}(?:\.\d+)? -?\d{1,3}(?:\.\d+)?(?: -?[\d.]+(?:[eE]-?\d+)?){0,2}"
GEO_TEXT = re.compile(rf"{POSITION}(?:\s*;\s*{POSITION})*\s*;?$")


class KoboForm:
    """The questions by path: ``types`` and, of selections, the list of their choices.

    Without the form's content (``known`` False) questions are told by their answers.
    """

    def __init__(self, content: Optional[Mapping[str, Any]] = None, language: str = ""):
        content = content or {}
        self.types: dict[str, str] = {}
        self.lists: dict[str, str] = {}
        self.languages = [str(name) for name in content.get("translations") or [] if name]
        self._at = self._language(content.get("translations") or [], language)
        self._walk(content.get("survey") or [])
        self.labels = self._labelled(content.get("choices") or [])
        self.known = bool(self.types)

    @staticmethod
    def _language(translations: list, wanted: str) -> int:
        wanted = wanted.strip().casefold()
        for position, name in enumerate(translations):
            if wanted and name and wanted in str(name).casefold():
                return position
        return 0

    def _walk(self, survey: Iterable[Mapping[str, Any]]) -> None:
        """Paths as the form has them, or made of the groups that are open."""
        groups: list[str] = []
        repeats = 0
        for row in survey:
            kind = str(row.get("type") or "").replace(" ", "_")
            name = str(row.get("name") or row.get("$autoname") or "")
            path = str(row.get("$xpath") or "/".join([*groups, name])).strip("/")
            if kind == "begin_repeat" and name and not repeats:
                self.types[path] = "repeat"
            if kind in ("begin_group", "begin_repeat"):
                groups.append(name)
                repeats += kind == "begin_repeat" or bool(repeats)
            elif kind in ("end_group", "end_repeat"):
                groups = groups[:-1]
                repeats -= bool(repeats)
            elif name and kind not in CLUTTER and not repeats:
                self.types[path] = kind
                if row.get("select_from_list_name"):
                    self.lists[path] = str(row["select_from_list_name"])

    def _labelled(self, choices: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for choice in choices:
            label = choice.get("label")
            if isinstance(label, list):
                label = label[self._at] if self._at < len(label) else None
            code = str(choice.get("name") or choice.get("$autovalue") or "")
            if label and code:
                found.setdefault(str(choice.get("list_name")), {})[code] = str(label)
        return found

    def in_words(self, path: str, value: Any) -> Any:
        """A selection's codes as their labels, several with semicolons; others as they are."""
        labels = self.labels.get(self.lists.get(path, ""))
        if not labels or not isinstance(value, str):
            return value
        if self.types[path] == "select_multiple":
            return "; ".join(labels.get(code, code) for code in value.split())
        return labels.get(value, value)

    def is_place(self, path: str, value: Any) -> bool:
        """Whether an answer is a place, by the form or by its own look ("lat lon alt acc")."""
        if path in self.types:
            return self.types[path] in GEO
        return not self.known and isinstance(value, str) and is_position(value)

    def places(self) -> list[str]:
        """The paths of questions for places, in the form's order."""
        return [path for path, kind in self.types.items() if kind in GEO]


def is_position(text: str) -> bool:
    """Whether a text is one or more "lat lon alt acc", with at least one decimal sign."""
    return len(text) > 6 and "." in text and bool(GEO_TEXT.match(text.strip()))


def placed(text: Any) -> tuple[list, Optional[float]]:
    """Cells of place and the accuracy in metres of a "lat lon alt acc[; …]", latitude first."""
    if not isinstance(text, str):
        return list(NOWHERE), None
    points = []
    for part in text.split(";"):
        numbers = [number_of(word) for word in part.split()]
        if len(numbers) >= 2 and None not in numbers[:2]:
            points.append(numbers)
    if not points:
        return list(NOWHERE), None
    if len(points) == 1:
        latitude, longitude, *more = points[0]
        accuracy = more[1] if len(more) > 1 else None
        return [longitude, latitude, None], accuracy
    pairs = [[numbers[1], numbers[0]] for numbers in points]
    closed = len(pairs) > 3 and pairs[0] == pairs[-1]
    shape = {
        "type": "Polygon" if closed else "LineString",
        "coordinates": [pairs] if closed else pairs,
    }
    return Shapes(None, "the form").geojson(shape), None


def geolocated(pair: Any) -> list:
    """Cells of place of Kobo's ``_geolocation``, latitude first; [null, null] is nowhere."""
    if not isinstance(pair, (list, tuple)) or len(pair) < 2:
        return list(NOWHERE)
    latitude, longitude = number_of(pair[0]), number_of(pair[1])
    if latitude is None or longitude is None:
        return list(NOWHERE)
    return [longitude, latitude, None]


__all__ = ["CLOCKS", "TO_95", "KoboForm", "geolocated", "placed"]
