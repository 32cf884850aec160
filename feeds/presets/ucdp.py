"""UCDP GED: events with at least one death, in yearly, monthly and older forms of the table."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments
from ..precision import UCDP, UCDP_DATES, leading_code
from ..work import ReadRow, Work, place_of, time_of
from .preset import Preset

COLUMNS = {
    "source_id": ("id",),
    "type_of_violence": ("type_of_violence", "type_of_vi"),
    "actor_1": ("side_a",),
    "actor_2": ("side_b",),
    "headline": ("source_headline", "source_hea"),
    "where_prec": ("where_prec",),
    "place": ("where_coordinates", "where_coor"),
    "where": ("where_description", "where_desc"),
    "admin1": ("adm_1",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "point": ("geom_wkt",),
    "country": ("country",),
    "event_clarity": ("event_clarity", "event_clar"),
    "date_prec": ("date_prec",),
    "occurred_from": ("date_start",),
    "occurred_to": ("date_end",),
    "civilian_deaths": ("deaths_civilians", "deaths_civ"),
    "best": ("best", "best_est"),
    "high": ("high", "high_est"),
    "low": ("low", "low_est"),
}
TYPES = {
    "1": ("clash/armed_clash", "state-based conflict"),
    "2": ("clash/armed_clash", "non-state conflict"),
    "3": ("civilian/attack", "one-sided violence"),
}


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row. Bare dates, month first in old releases."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    moments = Moments(
        sheet,
        work.zone,
        work.notes,
        ("occurred_from", "occurred_to"),
        Midnight.IS_UNKNOWN,
        day_first=False,
        latest=work.latest,
    )
    locator = Locator(sheet, work.notes)
    text = {name: get[name] for name in ("place", "admin1", "country", "actor_1", "actor_2")}

    def read(i: int, cells: list) -> Incident:
        date_prec = leading_code(get["date_prec"](cells))
        when = work.when(
            moments,
            i,
            "occurred_from",
            get["occurred_from"](cells),
            None,
            get["occurred_to"](cells),
        )
        when = known_to(when, date_prec, work.zone)
        point = locator.at(i)
        place = UCDP.get(leading_code(get["where_prec"](cells)) or "") if point else None
        kind = leading_code(get["type_of_violence"](cells)) or ""
        category, term = TYPES.get(kind, ("other/undetermined", kind or None))
        several = leading_code(get["event_clarity"](cells)) == "2"
        said = (get["headline"](cells), get["where"](cells))
        return Incident(
            **work.identity(cells),
            origin="third_party",
            category=category,
            term=term,
            count_low=1,
            count_high=None if several else 1,
            count_qualifier="at_least" if several else "exact",
            **time_of(when),
            **place_of(point, place),
            deaths_low=work.figure(i, get["low"](cells)),
            deaths_best=work.figure(i, get["best"](cells)),
            deaths_high=work.figure(i, get["high"](cells)),
            civilian_deaths=work.figure(i, get["civilian_deaths"](cells)),
            description="\n".join(part for part in said if part) or None,
            **{name: getter(cells) for name, getter in text.items()},
        )

    return read


def known_to(when, date_prec, zone):
    """The time with the precision of its code; several days known exactly are a duration.

    Releases write the same days in several ways: the text is their ISO form, so that a day that
    did not change is no change.
    """
    first = when.start.astimezone(zone).date()
    last = (when.end - timedelta(seconds=1)).astimezone(zone).date()
    precision = UCDP_DATES.get(date_prec or "", when.precision)
    several = (when.end - when.start).total_seconds() > 26 * 3600
    lasted = several and date_prec == "1"
    return dataclasses.replace(
        when,
        precision=precision,
        span_is="duration" if lasted else "uncertainty",
        text=first.isoformat() if first == last else f"{first} – {last}",
    )


PRESET = Preset(
    name="ucdp",
    title="UCDP GED",
    columns=COLUMNS,
    needs=(("occurred_from",), ("where_prec",), ("type_of_violence",)),
    dates=("occurred_from",),
    open=open_rows,
)
