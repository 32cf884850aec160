"""The words of a draft's clause: distances, weapons, acts, sites and hours."""

from __future__ import annotations

import re
from typing import Any, Optional

DISTANCE = re.compile(
    r"(?<![\w.,])(\d+(?:[.,]\d+)?)\s*-?(km|kilomet(?:re|er)s?|m|met(?:re|er)s?)(?!\w)",
    re.IGNORECASE,
)
WIDE = re.compile(r"(?<!\w)(?:wide|width|in breadth)(?!\w)", re.IGNORECASE)
WITHDRAWS = re.compile(r"(?<!\w)(?:withdraw|pull(?:ed)?[ -]?back|remov)", re.IGNORECASE)
FORBIDS = re.compile(
    r"(?<!\w)(?:shall not|must not|may not|will not|no\s|refrain|prohibit|forbid|forbidden|cease|"
    r"end all|stop)",
    re.IGNORECASE,
)
CALIBRE = re.compile(
    r"(?P<before>more than|above|over|at least|up to|not exceeding|of)?\s*(?P<mm>\d{2,3})\s*mm"
    r"(?P<after>\s*(?:and|or)\s+(?:more|above|larger|over|less))?",
    re.IGNORECASE,
)
EXCEPTS = re.compile(
    r"(?<!\w)(?:except|unless|other than|permitted|allowed|self-def)", re.IGNORECASE
)
HOURS = re.compile(
    r"(?:from|between)\s+(\d{1,2}:\d{2})\s*(?:hours|hrs)?\s*(?:to|until|and|-)\s*(\d{1,2}:\d{2})",
    re.IGNORECASE,
)
WEAPONS = (
    ("artillery", r"artillery|howitzers?|guns?"),
    ("mortar", r"mortars?"),
    ("mlrs", r"multiple[- ]launch(?: rocket)?(?: systems?)?|rocket launchers?|mlrs"),
    ("tank", r"tanks?"),
    ("tactical_missile", r"tactical missiles?"),
    ("anti_aircraft", r"anti-aircraft(?: guns?| systems?| weapons?)?"),
    ("ifv", r"armou?red(?: fighting| personnel)? (?:vehicles?|carriers?)"),
)
# Small arms carry on a wide term: "heavy weapons" alone says nothing that can be checked.
HEAVY = re.compile(r"(?<!\w)heavy (?:weapons?|armaments?|equipment)(?!\w)", re.IGNORECASE)
ACTS = (
    ("firing", r"fir(?:e|ing)|shell(?:ing)?|shoot(?:ing)?|bombard(?:ment)?"),
    ("firing/air_strike", r"air[- ]?strikes?|aerial attacks?"),
    ("clash", r"offensive|assaults?|seiz(?:e|ing)|attack(?:s|ing)? on positions"),
    ("movement/troops", r"reinforce(?:ment)?s?|movements? of (?:troops|forces)"),
    ("fortification", r"fortif\w+|trench(?:es)?|new positions"),
    ("mine_uxo/mine", r"(?:lay(?:ing)?|new|emplac\w+)(?: of)?(?: new)? mines|minelaying"),
    ("overflight/uav", r"drones?|unmanned aer\w+ vehicles?|uavs?|unmanned aircraft"),
    ("overflight", r"overflights?|flights?|aircraft"),
    ("civilian/attack", r"attacks? (?:on|against) civilians"),
    ("civilian/abduction", r"hostage[- ]taking|abduct\w+|kidnap\w*"),
    ("other/looting", r"loot(?:ing)?"),
)
SITES = (
    ("hospital", r"hospitals?|medical facilit\w+|clinics?"),
    ("school", r"schools?"),
    ("water_works", r"water (?:works|stations?|facilit\w+)|filter stations?"),
    ("power", r"power (?:stations?|plants?|works)"),
    ("crossing_point", r"crossing points?"),
    ("shelter", r"shelters?"),
    ("place_of_worship", r"places? of worship|churches|mosques"),
    ("settlement", r"settlements?|villages?|towns?"),
)


def distances_in(text: str) -> list[tuple[float, str]]:
    """The distances of a text in metres, each with how it is written."""
    found = []
    for number, unit in DISTANCE.findall(text):
        # 1,500 m is fifteen hundred; 1,5 km is one and a half.
        thousands = re.fullmatch(r"\d{1,3},\d{3}", number) is not None
        value = float(number.replace(",", "" if thousands else "."))
        metres = value * (1000.0 if unit.lower().startswith("k") else 1.0)
        found.append((metres, f"{number} {unit}"))
    return found


def listed(words: tuple, text: str) -> list[str]:
    """The codes whose words stand in a text."""
    return [
        code
        for code, pattern in words
        if re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
    ]


def acts_in(text: str) -> list[str]:
    """The acts that a text names; of two of which one holds the other, the narrower."""
    found = listed(ACTS, text)
    return (
        [code for code in found if not any(other.startswith(code + "/") for other in found)]
        if any(code.startswith("overflight/") for code in found)
        else found
    )


def calibre_in(text: str) -> Optional[dict[str, Any]]:
    """A calibre as the criterion of a weapon class; None where none is named."""
    found = CALIBRE.search(text)
    if found is None:
        return None
    millimetres = float(found["mm"])
    before, after = (found["before"] or "").lower(), (found["after"] or "").lower()
    if before in ("more than", "above", "over"):
        return {"calibre_above_mm": millimetres}
    if before in ("up to", "not exceeding") or "less" in after:
        return {"calibre_to_mm": millimetres}
    if before == "at least" or after:
        return {"calibre_from_mm": millimetres}
    return {"calibre_from_mm": millimetres, "calibre_to_mm": millimetres}
