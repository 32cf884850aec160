"""CAP 1.2 alerts: one row an info, an area and the time for which the alert held."""

from __future__ import annotations

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments
from ..words import code_of
from ..work import ReadRow, Work, place_of, time_of
from .generic import put_uncertainty
from .preset import Preset

COLUMNS = {
    "source_id": ("source_id",),
    "identifier": ("identifier",),
    "sender": ("sender",),
    "sender_name": ("sender_name",),
    "sent": ("sent",),
    "msg_type": ("msg_type",),
    "occurred_from": ("onset",),
    "effective": ("effective",),
    "occurred_to": ("expires",),
    "event": ("event",),
    "cap_category": ("cap_category",),
    "urgency": ("urgency",),
    "severity": ("severity",),
    "certainty": ("certainty",),
    "headline": ("headline",),
    "description": ("description",),
    "instruction": ("instruction",),
    "place": ("area",),
    "source_url": ("web",),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
}
GRADES = ("urgency", "severity", "certainty")


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row: a warning by its sender, while it held.

    From the onset, else when it took effect, else when it was sent, until it expires.
    """
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    starts = ("occurred_from", "effective", "sent")
    moments = Moments(
        sheet,
        work.zone,
        work.notes,
        (*starts, "occurred_to"),
        Midnight.IS_A_TIME,
        latest=work.latest,
    )
    locator = Locator(sheet, work.notes)

    def read(i: int, cells: list) -> Incident:
        field = next((name for name in starts if get[name](cells)), "sent")
        when = work.when(moments, i, field, get[field](cells), None, get["occurred_to"](cells))
        event, kind = get["event"](cells), get["cap_category"](cells)
        headline = get["headline"](cells)
        point = locator.at(i)
        made = Incident(
            **work.identity(cells),
            source_url=get["source_url"](cells),
            origin="third_party",
            category=code_of("categories", event)
            or code_of("categories", headline)
            or "other/undetermined",
            term=": ".join(part for part in (kind, event) if part) or None,
            count_low=1,
            count_high=1,
            count_qualifier="exact",
            **time_of(when),
            **place_of(point, None),
            place=get["place"](cells),
            description=described(get, cells) or None,
        )
        if point:
            put_uncertainty(made, locator.radius(cells), None)
        return made

    return read


def described(get, cells) -> str:
    """Headline, text, instruction, grades and sender, a line each."""
    grades = [f"{name} {get[name](cells)}" for name in GRADES if get[name](cells)]
    sender = get["sender_name"](cells) or get["sender"](cells)
    parts = (
        get["headline"](cells),
        get["description"](cells),
        get["instruction"](cells),
        f"As the sender grades it: {', '.join(grades)}." if grades else None,
        f"Alert of {sender}." if sender else None,
    )
    return "\n".join(part for part in parts if part)


PRESET = Preset(
    name="cap",
    title="CAP 1.2 alerts",
    columns=COLUMNS,
    needs=(("sent",), ("event",), ("identifier",), ("severity", "urgency", "certainty")),
    dates=("occurred_from", "effective", "sent"),
    open=open_rows,
)
