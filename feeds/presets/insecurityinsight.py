"""Insecurity Insight: incidents that touched health care, aid and education (SiND)."""

from __future__ import annotations

import re

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments
from ..numbers import is_empty_word
from ..precision import INSECURITY_INSIGHT, leading_code
from ..words import code_of
from ..work import ONE, ReadRow, Work, place_of, time_of
from .preset import Preset

COLUMNS = {
    "source_id": ("sind event id", "event id"),
    "occurred_from": ("date",),
    "description": ("event description", "description"),
    "country": ("country",),
    "country_iso": ("country iso",),
    "admin1": ("admin 1",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "geo_precision": ("geo precision",),
    "place": ("location", "location of incident"),
    "sector": ("sector affected", "type of facility"),
    "launch": ("launch type", "weapon carried/used"),
    "weapon": ("explosive weapon type", "type of explosive weapon"),
    "actor_1": ("reported perpetrator name", "reported perpetrator"),
    "aid": ("aid workers killed",),
    "health": ("health workers killed",),
    "aid_health": ("aid health workers killed",),
    "educators": ("educators killed",),
    "students": ("students killed",),
    "injured": ("health workers injured", "aid workers injured", "educators injured"),
}
# Patterns from a word's start: "unspecified" ends as "IED" does.
LAUNCHES = (
    ("air-launched", "firing/air_strike"),
    ("drone", "firing/air_strike"),
    ("uxo", "mine_uxo/uxo"),
)
WEAPONS = (
    ("mine", "mine_uxo/mine"),
    ("(?:vb|sv|rc)?ied\\b", "mine_uxo/ied_detonation"),
    ("uxo", "mine_uxo/uxo"),
    ("remnant", "mine_uxo/uxo"),
    ("bomb", "firing/air_strike"),
    ("shell", "firing/shelling"),
    ("artiller", "firing/shelling"),
    ("mortar", "firing/shelling"),
    ("rocket", "firing/shelling"),
    ("missile", "firing/shelling"),
)


def category(launch: str | None, weapon: str | None) -> str:
    """The category of how it was launched, else of the weapon; an attack where neither is said."""
    for text, rules in ((launch, LAUNCHES), (weapon, WEAPONS)):
        plain = (text or "").casefold()
        for part, code in rules:
            if re.search(rf"\b{part}", plain):
                return code
    return "firing/explosion" if not is_empty_word(weapon) else "civilian/undetermined"


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row; dates are bare, coordinates often withheld."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    moments = Moments(
        sheet, work.zone, work.notes, ("occurred_from",), Midnight.IS_UNKNOWN, latest=work.latest
    )
    locator = Locator(sheet, work.notes)

    def said(name: str, cells: list):
        text = get[name](cells)
        return None if is_empty_word(text) else text

    def read(i: int, cells: list) -> Incident:
        when = work.when(moments, i, "occurred_from", get["occurred_from"](cells))
        point = locator.at(i)
        place = INSECURITY_INSIGHT.get(leading_code(get["geo_precision"](cells)) or "")
        place = place if point else None
        launch, weapon = said("launch", cells), said("weapon", cells)
        deaths = killed(work, i, get, cells)
        return Incident(
            **work.identity(cells),
            origin="third_party",
            category=category(launch, weapon),
            term=", ".join(part for part in (said("sector", cells), launch, weapon) if part)
            or None,
            **ONE,
            weapon=code_of("weapon_types", weapon),
            **time_of(when),
            **place_of(point, place),
            place=said("place", cells),
            admin1=said("admin1", cells),
            country=said("country", cells),
            actor_1=said("actor_1", cells),
            deaths_low=deaths,
            civilian_deaths=deaths,
            injured=work.figure(i, get["injured"](cells)),
            description=get["description"](cells),
        )

    return read


def killed(work: Work, i: int, get, cells: list):
    """At least so many killed: the groups may overlap, so of aid and health the largest counts."""
    aid, health, both, educators, students = (
        work.figure(i, get[name](cells))
        for name in ("aid", "health", "aid_health", "educators", "students")
    )
    if all(value is None for value in (aid, health, both, educators, students)):
        return None
    return max(aid or 0, health or 0, both or 0) + (educators or 0) + (students or 0)


PRESET = Preset(
    name="insecurityinsight",
    title="Insecurity Insight",
    columns=COLUMNS,
    needs=(("source_id",), ("occurred_from",), ("description",), ("country_iso", "sector")),
    dates=("occurred_from",),
    open=open_rows,
)
