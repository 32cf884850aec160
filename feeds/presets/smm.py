"""The table of ceasefire violations as monitoring missions print it, one observation a row."""

from __future__ import annotations

from ..directions import Sighting, sighting
from ..locator import Locator
from ..moments import Midnight, Moments
from ..numbers import is_empty_word
from ..places import post_kind
from ..words import code_of, says_nil
from ..work import Found, ReadRow, Work
from ..years import year_for
from . import observed
from .preset import Preset

COLUMNS = {
    "source_id": ("id", "row id", "violation id", "entry id", "record id"),
    "position": (
        "position",
        "smm position",
        "post",
        "monitoring position",
        "monitor position",
        "observer position",
        "patrol position",
        "observation post",
    ),
    "position_latitude": ("position latitude", "position lat", "post latitude", "latitude", "lat"),
    "position_longitude": (
        "position longitude",
        "position lon",
        "position long",
        "post longitude",
        "longitude",
        "lon",
        "long",
    ),
    "latitude": ("event latitude", "event lat"),
    "longitude": ("event longitude", "event lon"),
    "event_location": (
        "event location",
        "location of event",
        "distance and direction",
        "distance direction",
        "event distance and direction",
        "location",
    ),
    "distance": ("distance", "range", "distance km"),
    "direction": ("direction", "bearing"),
    "means": ("means", "how observed", "method", "heard/saw", "means of observation"),
    "count": ("no.", "number", "count", "nr", "no", "no. of violations", "quantity"),
    "observation": ("observation", "event", "type of violation", "violation", "observed"),
    "description": ("description", "details", "assessment", "remarks", "notes"),
    "weapon": ("weapon", "weapon type", "type of weapon", "weapon system"),
    "occurred_from": (
        "date, time",
        "date/time",
        "date and time",
        "date time local",
        "date, time (local)",
        "datetime",
        "date",
        "from",
        "start",
    ),
    "time": ("time", "start time", "time from", "local time", "time (local)"),
    "occurred_to": ("to", "end", "end date", "date to"),
    "time_to": ("end time", "time to"),
    "year": ("year",),
    "place": ("place", "settlement", "nearest settlement"),
    "admin1": ("region", "oblast", "province", "admin1"),
    "duplicate_group": ("duplicate group", "duplicate", "same event"),
}
NOT_UNDERSTOOD = "the event's location was not understood as distance and direction"


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident with its observation, or effort, of a row."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    year = year_for(sheet, ("occurred_from",), work.title, work.path, work.notes)
    moments = Moments(
        sheet,
        work.zone,
        work.notes,
        ("occurred_from", "occurred_to"),
        Midnight.IS_A_TIME,
        year=year,
        latest=work.latest,
    )
    posts = Locator(sheet, work.notes, "position_latitude", "position_longitude")
    events = Locator(sheet, work.notes) if sheet.has("latitude") else None
    numbered = sheet.has("count")

    def read(i: int, cells: list) -> Found:
        when = work.when(
            moments,
            i,
            "occurred_from",
            get["occurred_from"](cells),
            get["time"](cells),
            get["occurred_to"](cells),
            get["time_to"](cells),
            year=work.year_of(get["year"](cells)),
        )
        position = get["position"](cells)
        name = " ".join(position.split()) if not is_empty_word(position) else None
        number = get["count"](cells)
        seen = observed.Seen(
            post=name,
            post_kind=post_kind(name or ""),
            post_point=posts.at(i) or (work.gazetteer.find(name) if name else None),
            event_point=events.at(i) if events else None,
            sighting=seen_at(work, i, get, cells),
            means=means_of(get["means"](cells), name),
            number=number,
            observation=known(get["observation"](cells)),
            description=known(get["description"](cells)),
            weapon=get["weapon"](cells),
            place=get["place"](cells),
            duplicate_group=get["duplicate_group"](cells),
        )
        count = observed.nothing_known()
        if numbered:
            count = observed.NOT_KNOWN if says_nil(number) else work.counted(i, number)
        if observed.reports_nothing(seen, count if numbered else observed.NOT_KNOWN):
            return observed.effort(work, cells, when, seen)
        if observed.speaks_of_status_only(seen):
            return observed.effort(work, cells, when, seen)
        found = observed.incident(work, i, cells, when, seen, count)
        found.incident.admin1 = get["admin1"](cells)
        return found

    return read


def known(text):
    """A cell's words; None for N/K."""
    return None if is_empty_word(text) and not says_nil(text) else text


def seen_at(work: Work, i: int, get, cells: list) -> Sighting:
    """Distance and direction from one column, or from one each."""
    text = get["event_location"](cells)
    if is_empty_word(text):
        distance, direction = get["distance"](cells), get["direction"](cells)
        if distance and distance.replace(".", "").replace(",", "").replace("-", "").isdigit():
            distance += " km"
        text = " ".join(part for part in (distance, direction) if not is_empty_word(part)) or None
    found = sighting(text)
    if found is None:
        if not says_nil(text):
            work.notes.row(NOT_UNDERSTOOD, work.sheet.numbers[i])
        return Sighting()
    return found


def means_of(text, position):
    """How it was perceived; a camera's row says so by its position too."""
    code = code_of("means", text)
    if position and post_kind(position) == "camera" and code in (None, "saw"):
        return "camera"
    return code or "not_known"


PRESET = Preset(
    name="smm",
    title="table of ceasefire violations",
    columns=COLUMNS,
    needs=(
        ("position",),
        ("event_location", "count", "distance"),
        ("observation",),
        ("occurred_from",),
    ),
    dates=("occurred_from",),
    open=open_rows,
)
