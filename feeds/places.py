"""Names with their points: posts, patrol bases, cameras, reference towns."""

from __future__ import annotations

import re
import unicodedata
from typing import Iterable, Mapping, Optional

from .directions import offset_from

CONTROL = re.compile(r"\b(?:non-)?government-controlled\b|\bcontrolled\b", re.IGNORECASE)
LEAD = re.compile(
    r"^(?:the\s+)?(?:smm\s+)?(?:(?:camera|patrol base|patrol|observation post|post|pb|op)\s+)?"
    r"(?:(?:at|in|near)\s+)?(?:the\s+)?",
    re.IGNORECASE,
)
KINDS = (
    (re.compile(r"\bcamera\b|\bcctv\b", re.IGNORECASE), "camera"),
    (re.compile(r"\bsensor\b|\bradar\b", re.IGNORECASE), "sensor"),
    (re.compile(r"(?i:\bpatrol base\b|\bforward base\b)|\bPB\b"), "patrol_base"),
    (re.compile(r"(?i:\bobservation post\b)|\bOP\b"), "observation_post"),
)


def normal(name: str) -> str:
    """A name for comparison: small letters without accents, marks and double spaces."""
    decomposed = unicodedata.normalize("NFKD", name)
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()
    return " ".join(re.sub(r"[^\w\s]|_", " ", plain).split())


def post_kind(position: str) -> str:
    """What a position's words say it is; a patrol where they say nothing."""
    for pattern, kind in KINDS:
        if pattern.search(position):
            return kind
    return "patrol"


class Gazetteer:
    """Names to points in degrees: ``(longitude, latitude)``."""

    def __init__(self, places: Optional[Mapping[str, tuple[float, float]]] = None):
        self._points = {normal(name): point for name, point in (places or {}).items()}
        self._found: dict[str, Optional[tuple[float, float]]] = {}

    def __len__(self) -> int:
        return len(self._points)

    def find(self, position: str) -> Optional[tuple[float, float]]:
        """The point of a position's words.

        By its whole name, else by the name without "camera at" and brackets, else by
        "5km N of REF" where REF is known.
        """
        if position not in self._found:
            self._found[position] = self._search(position)
        return self._found[position]

    def _search(self, position: str) -> Optional[tuple[float, float]]:
        for name in self._names(position):
            point = self._points.get(normal(name))
            if point is not None:
                return point
        offset = offset_from(position)
        if offset is None:
            return None
        reference = next(
            (
                self._points[normal(name)]
                for name in self._names(offset[0])
                if normal(name) in self._points
            ),
            None,
        )
        if reference is None:
            return None
        from ..analysis.geodesy import direct

        lon, lat = direct(reference[0], reference[1], offset[1], offset[2])
        return float(lon), float(lat)

    @staticmethod
    def _names(position: str) -> Iterable[str]:
        outside = re.sub(r"\([^)]*\)", " ", position)
        bare = LEAD.sub("", outside.strip())
        return position, outside, bare, CONTROL.sub(" ", bare)
