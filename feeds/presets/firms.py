"""NASA FIRMS: thermal anomalies seen by satellites. A fire is no violation: corroboration only."""

from __future__ import annotations

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments
from ..numbers import number
from ..precision import EVENT, Precision, pixel_uncertainty
from ..span import UTC
from ..work import ONE, ReadRow, Work, place_of
from .preset import Preset

COLUMNS = {
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "long"),
    "brightness": ("bright_ti4", "brightness", "bright_t31"),
    "scan": ("scan",),
    "track": ("track",),
    "occurred_from": ("acq_date",),
    "time": ("acq_time",),
    "satellite": ("satellite",),
    "instrument": ("instrument",),
    "confidence": ("confidence",),
    "power": ("frp",),
    "day_or_night": ("daynight",),
    "country": ("country",),
    "admin1": ("name_1", "admin1"),
}
CONFIDENCE = {"l": "low", "n": "nominal", "h": "high"}


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row. Times are UTC, HHMM without leading zeros."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    moments = Moments(
        sheet, UTC, work.notes, ("occurred_from",), Midnight.IS_A_TIME, latest=work.latest
    )
    locator = Locator(sheet, work.notes)
    if work.zone is not UTC:
        work.notes.say("FIRMS gives its times in UTC; they were taken so, whatever the time zone.")

    def read(i: int, cells: list) -> Incident:
        when = work.when(
            moments, i, "occurred_from", get["occurred_from"](cells), get["time"](cells)
        )
        point = locator.at(i)
        radius = pixel_uncertainty(
            number(get["scan"](cells) or ""), number(get["track"](cells) or "")
        )
        return Incident(
            **work.identity(cells),
            origin="sensor",
            category="other/thermal_anomaly",
            term="thermal anomaly",
            **ONE,
            occurred_from=when.start,
            occurred_to=when.end,
            time_precision=when.precision,
            span_is=when.span_is,
            time_text=f"{when.text} UTC",
            **place_of(point, Precision(radius, "disc" if radius else None, EVENT)),
            domain="land",
            country=get["country"](cells),
            admin1=get["admin1"](cells),
            description=described(get, cells),
        )

    return read


def described(get, cells) -> str:
    """Satellite, radiative power and confidence, in a sentence."""
    instrument = " ".join(
        part for part in (get["instrument"](cells), get["satellite"](cells)) if part
    )
    parts = [f"Seen by {instrument}" if instrument else "Seen by satellite"]
    power, confidence = get["power"](cells), get["confidence"](cells)
    if power:
        parts.append(f"radiative power {power} MW")
    if confidence:
        parts.append(f"confidence {CONFIDENCE.get(confidence.lower(), confidence)}")
    return ", ".join(parts) + "."


PRESET = Preset(
    name="firms",
    title="NASA FIRMS thermal anomalies",
    columns=COLUMNS,
    needs=(("occurred_from",), ("time",), ("brightness",)),
    dates=("occurred_from",),
    open=open_rows,
)
