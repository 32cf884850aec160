"""ACLED: political violence and protest, one row an event, actor and deaths as it reports them."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments, When
from ..precision import ACLED, ACLED_DATES, leading_code
from ..work import ONE, ReadRow, Work, place_of, time_of
from .preset import Preset

COLUMNS = {
    "source_id": ("event_id_cnty", "data_id", "event_id_no_cnty"),
    "occurred_from": ("event_date",),
    "time_precision": ("time_precision", "time_prec"),
    "event_type": ("event_type",),
    "sub_event_type": ("sub_event_type", "sub_event"),
    "actor_1": ("actor1",),
    "actor_2": ("actor2",),
    "country": ("country",),
    "admin1": ("admin1",),
    "place": ("location",),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "long"),
    "geo_precision": ("geo_precision", "geo_precis", "geo_prec"),
    "source_url": ("source_url",),
    "description": ("notes",),
    "deaths": ("fatalities",),
    "timestamp": ("timestamp", "upload_date"),
}
CATEGORIES = {
    "armed clash": "clash/armed_clash",
    "government regains territory": "other/transfer_of_territory",
    "non-state actor overtakes territory": "other/transfer_of_territory",
    "chemical weapon": "firing/explosion",
    "air/drone strike": "firing/air_strike",
    "suicide bomb": "firing/explosion",
    "shelling/artillery/missile attack": "firing/shelling",
    "remote explosive/landmine/ied": "mine_uxo/ied_detonation",
    "grenade": "firing/explosion",
    "sexual violence": "civilian/sexual_violence",
    "attack": "civilian/attack",
    "abduction/forced disappearance": "civilian/abduction",
    "peaceful protest": "other/protest",
    "protest with intervention": "other/protest",
    "excessive force against protesters": "other/protest",
    "violent demonstration": "other/riot",
    "mob violence": "other/riot",
    "agreement": "other/agreement",
    "arrests": "detention/arrest",
    "change to group/activity": "other/strategic",
    "disrupted weapons use": "other/strategic",
    "headquarters or base established": "fortification/position",
    "looting/property destruction": "other/looting",
    "non-violent transfer of territory": "other/transfer_of_territory",
    "other": "other/strategic",
}
EVENT_TYPES = {
    "battles": "clash/armed_clash",
    "battle-no change of territory": "clash/armed_clash",
    "battle-government regains territory": "other/transfer_of_territory",
    "battle-non-state actor overtakes territory": "other/transfer_of_territory",
    "explosions/remote violence": "firing/explosion",
    "remote violence": "firing/explosion",
    "violence against civilians": "civilian/attack",
    "protests": "other/protest",
    "riots": "other/riot",
    "riots/protests": "other/protest",
    "strategic developments": "other/strategic",
    "strategic development": "other/strategic",
    "headquarters or base established": "fortification/position",
    "non-violent transfer of territory": "other/transfer_of_territory",
}


def category(event_type: str | None, sub_event_type: str | None) -> str:
    """The code of an event's types: the sub-event's, else the event's."""
    found = CATEGORIES.get((sub_event_type or "").casefold())
    return found or EVENT_TYPES.get((event_type or "").casefold(), "other/undetermined")


def widened(when: When, precision: str) -> When:
    """A day widened to what its code says: the seven days about it, or the 31 days about it.

    ACLED gives a day in the middle of the week or month that is known; the span is about it.
    """
    days = {"week": 3, "month": 15}.get(precision)
    if days is None:
        return when
    about = timedelta(days=days)
    return dataclasses.replace(
        when, start=when.start - about, end=when.end + about, precision=precision
    )


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    moments = Moments(
        sheet, work.zone, work.notes, ("occurred_from",), Midnight.IS_UNKNOWN, latest=work.latest
    )
    locator = Locator(sheet, work.notes)
    text = {
        name: get[name]
        for name in (
            "source_url",
            "place",
            "admin1",
            "country",
            "actor_1",
            "actor_2",
            "description",
        )
    }

    def read(i: int, cells: list) -> Incident:
        date = get["occurred_from"](cells)
        when = work.when(moments, i, "occurred_from", date)
        when = widened(when, ACLED_DATES.get(leading_code(get["time_precision"](cells)), "day"))
        point = locator.at(i)
        place = ACLED.get(leading_code(get["geo_precision"](cells)) or "") if point else None
        deaths = work.figure(i, get["deaths"](cells))
        event, sub_event = get["event_type"](cells), get["sub_event_type"](cells)
        return Incident(
            **work.identity(cells),
            origin="third_party",
            category=category(event, sub_event),
            term=": ".join(part for part in (event, sub_event) if part) or None,
            **ONE,
            **time_of(when),
            **place_of(point, place),
            deaths_low=deaths,
            deaths_best=deaths or None,
            **{name: getter(cells) for name, getter in text.items()},
        )

    return read


PRESET = Preset(
    name="acled",
    title="ACLED",
    columns=COLUMNS,
    needs=(
        ("occurred_from",),
        ("event_type",),
        ("source_id", "sub_event_type"),
        ("actor_1", "geo_precision"),
    ),
    dates=("occurred_from",),
    open=open_rows,
    version="timestamp",
)
