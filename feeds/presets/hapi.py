"""HDX HAPI: how many events a month had in an administrative area; a row is an aggregate."""

from __future__ import annotations

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments
from ..precision import CENTRE, Precision
from ..work import ReadRow, Work, place_of, time_of
from .preset import Preset

COLUMNS = {
    "source_id": ("source_id",),
    "event_type": ("event_type",),
    "count": ("events",),
    "deaths": ("fatalities",),
    "occurred_from": ("reference_period_start",),
    "occurred_to": ("reference_period_end",),
    "location_code": ("location_code",),
    "country": ("location_name",),
    "admin1": ("admin1_name", "provider_admin1_name"),
    "provider_admin1": ("provider_admin1_name",),
    "admin2": ("admin2_name",),
    "provider_admin2": ("provider_admin2_name",),
    "admin_level": ("admin_level",),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon"),
}
CATEGORIES = {
    "political_violence": "clash/undetermined",
    "civilian_targeting": "civilian/attack",
    "demonstration": "other/protest",
}
# How far from an area's point an event of that level may be: as for other feeds' areas.
AREAS = {
    "0": Precision(500_000.0, "area", CENTRE),
    "1": Precision(100_000.0, "area", CENTRE),
    "2": Precision(30_000.0, "area", CENTRE),
}
OVERLAP = (
    "Each row is a month's number of events in an area; the event types overlap and must not be "
    "added together."
)


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row: so many events, in that month and area."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    moments = Moments(
        sheet,
        work.zone,
        work.notes,
        ("occurred_from", "occurred_to"),
        Midnight.IS_UNKNOWN,
        latest=work.latest,
    )
    locator = Locator(sheet, work.notes)
    work.notes.say(OVERLAP)

    def read(i: int, cells: list) -> Incident:
        low, high, qualifier = work.counted(i, get["count"](cells))
        if low == 0 and high == 0:
            raise sheet.wrong("count", "0", "no events in this month and area: nothing to count")
        when = work.when(
            moments,
            i,
            "occurred_from",
            get["occurred_from"](cells),
            None,
            get["occurred_to"](cells),
        )
        level = get["admin_level"](cells) or "2"
        name = area_name(get, cells, level)
        point = locator.at(i) or (work.gazetteer.find(name) if name else None)
        deaths = work.figure(i, get["deaths"](cells))
        kind = get["event_type"](cells) or ""
        made = Incident(
            **work.identity(cells),
            origin="third_party",
            category=CATEGORIES.get(kind.casefold(), "other/undetermined"),
            term=kind or None,
            count_low=low,
            count_high=high,
            count_qualifier=qualifier,
            **{**time_of(when), "time_precision": "month", "span_is": "uncertainty"},
            **place_of(point, AREAS.get(level, AREAS["2"])),
            place=name,
            admin1=get["admin1"](cells) or get["provider_admin1"](cells),
            country=get["country"](cells) or get["location_code"](cells),
            deaths_low=deaths,
            deaths_best=deaths or None,
        )
        if point is None:
            made.uncertainty_kind, made.point_role = "area", CENTRE
        return made

    return read


def area_name(get, cells, level: str):
    """The name of the area that the row is about."""
    if level == "0":
        return get["country"](cells)
    if level == "1":
        return get["admin1"](cells) or get["provider_admin1"](cells)
    return get["admin2"](cells) or get["provider_admin2"](cells)


PRESET = Preset(
    name="hapi",
    title="HDX HAPI conflict events (monthly)",
    columns=COLUMNS,
    needs=(("occurred_from",), ("event_type",), ("count",), ("location_code", "country")),
    dates=("occurred_from",),
    open=open_rows,
)
