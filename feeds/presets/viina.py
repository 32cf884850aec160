"""VIINA: reports of violent incidents from news; a row is a report times a place, not an event."""

from __future__ import annotations

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments
from ..precision import CENTRE, VIINA, Precision
from ..work import ONE, ReadRow, Work, place_of, time_of
from .preset import Preset

COLUMNS = {
    "source_id": ("event_id_1pd", "event_id"),
    "occurred_from": ("datetime", "date"),
    "time": ("time",),
    "longitude": ("lon", "longitude"),
    "latitude": ("lat", "latitude"),
    "place": ("place_name", "asciiname", "location"),
    "admin1": ("adm1_name",),
    "event_type": ("event_type",),
    "description": ("headline", "text"),
    "source_url": ("url",),
    "geo_precision": ("geo_precision",),
    "geo_api": ("geo_api",),
}
CATEGORIES = (
    ("artillery", "firing/shelling"),
    ("airstrike", "firing/air_strike"),
    ("uav", "overflight/uav"),
    ("firefight", "clash/armed_clash"),
    ("raid", "clash/raid"),
    ("ied", "firing/explosion"),
    ("aad", "firing/undetermined"),
    ("armor", "clash/ground_assault"),
    ("civcas", "civilian/casualty"),
    ("milcas", "clash/undetermined"),
    ("hospital", "damage/site"),
    ("property", "damage/undetermined"),
    ("occupy", "other/transfer_of_territory"),
    ("control", "other/transfer_of_territory"),
    ("retreat", "movement/troops"),
    ("arrest", "detention/arrest"),
    ("airalert", "other/undetermined"),
    ("san", "other/undetermined"),
    ("cyber", "other/undetermined"),
)
MANGLED = {
    "firefighb": "firefight",
    "arresb": "arrest",
    "retreab": "retreat",
    "airalerb": "airalert",
}

UNKNOWN = Precision(None, None, CENTRE)


def event_types(text: str | None) -> list[str]:
    """The codes of a ``|`` list, mangled ones set right; ``loc`` says only "has a place"."""
    codes = [code.strip().casefold() for code in (text or "").split("|")]
    return [MANGLED.get(code, code) for code in codes if code and code != "loc"]


def category(codes: list[str]) -> str:
    """The category of the first code, in the order of ``CATEGORIES``, that is among them."""
    return next((code for name, code in CATEGORIES if name in codes), "other/undetermined")


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row; 00:00:00 is a time that is not known."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    moments = Moments(
        sheet, work.zone, work.notes, ("occurred_from",), Midnight.IS_UNKNOWN, latest=work.latest
    )
    locator = Locator(sheet, work.notes)
    work.notes.say(
        "In VIINA a row is a report of a place, not an event: one headline may give many rows, and "
        "no precision comes with most of them."
    )

    def read(i: int, cells: list) -> Incident:
        when = work.when(
            moments, i, "occurred_from", get["occurred_from"](cells), get["time"](cells)
        )
        point = locator.at(i)
        place = VIINA.get((get["geo_precision"](cells) or "").upper()) if point else None
        codes = event_types(get["event_type"](cells))
        return Incident(
            **work.identity(cells),
            source_url=get["source_url"](cells),
            origin="media",
            category=category(codes),
            term="|".join(codes) or None,
            **ONE,
            **time_of(when),
            **place_of(point, place or UNKNOWN),
            place=get["place"](cells),
            admin1=get["admin1"](cells),
            description=get["description"](cells),
        )

    return read


PRESET = Preset(
    name="viina",
    title="VIINA",
    columns=COLUMNS,
    needs=(
        ("occurred_from",),
        ("longitude",),
        ("latitude",),
        ("event_type", "geo_api"),
        ("description", "geo_api"),
        ("place",),
    ),
    dates=("occurred_from",),
    open=open_rows,
)
