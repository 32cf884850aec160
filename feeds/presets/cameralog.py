"""Our own log of cameras: events with direction and range, and the hours a camera could see."""

from __future__ import annotations

from ..directions import HALFWIDTH_16, Sighting
from ..locator import Locator
from ..moments import Midnight, Moments
from ..numbers import is_empty_word, number
from ..words import says_nil
from ..work import Found, ReadRow, Work
from ..years import year_for
from . import observed
from .preset import Preset

COLUMNS = {
    "source_id": ("id", "row id", "event id"),
    "camera": ("camera", "camera id", "camera name"),
    "position_latitude": ("latitude", "camera latitude", "lat"),
    "position_longitude": ("longitude", "camera longitude", "lon"),
    "occurred_from": ("date", "from", "date, time", "datetime", "start"),
    "from": ("from", "start"),
    "time": ("time",),
    "occurred_to": ("to", "end"),
    "bearing_deg": ("bearing_deg", "bearing", "azimuth"),
    "bearing_halfwidth_deg": ("bearing_halfwidth_deg", "bearing_halfwidth", "halfwidth"),
    "range_min_m": ("range_min_m", "range_min"),
    "range_max_m": ("range_max_m", "range_max"),
    "observation": ("observation", "event"),
    "description": ("description", "details"),
    "count": ("number", "count", "no."),
    "weapon": ("weapon",),
    "duplicate_group": ("duplicate_group", "duplicate"),
    "status": ("status",),
    "reason": ("reason",),
    "place": ("place",),
    "year": ("year",),
    "field_of_view_deg": ("field_of_view_deg",),
    "view_bearing_deg": ("view_bearing_deg",),
    "view_range_m": ("view_range_m",),
}
NOT_A_NUMBER = "a bearing or range could not be read and was left empty"


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident with its observation, or effort, of a row."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    dates = ("occurred_from", "from", "occurred_to")
    year = year_for(sheet, dates, work.title, work.path, work.notes)
    moments = Moments(
        sheet, work.zone, work.notes, dates, Midnight.IS_A_TIME, year=year, latest=work.latest
    )
    cameras = Locator(sheet, work.notes, "position_latitude", "position_longitude")
    numbered = sheet.has("count")

    def read(i: int, cells: list) -> Found:
        when = work.when(moments, i, "occurred_from", *times(get, cells))
        camera = get["camera"](cells)
        if is_empty_word(camera):
            raise sheet.wrong("camera", camera, "the row names no camera")
        seen = seen_by(work, i, get, cells, " ".join(camera.split()), cameras)
        if seen.status is not None and seen.observation is None:
            found = observed.effort(work, cells, when, seen)
        else:
            count = work.counted(i, seen.number) if numbered else observed.nothing_known()
            if observed.reports_nothing(seen, count if numbered else observed.NOT_KNOWN):
                found = observed.effort(work, cells, when, seen)
            else:
                found = observed.incident(work, i, cells, when, seen, count)
        found.post.field_of_view_deg = figure(work, i, get["field_of_view_deg"](cells))
        found.post.bearing_deg = figure(work, i, get["view_bearing_deg"](cells))
        found.post.range_m = figure(work, i, get["view_range_m"](cells))
        return found

    return read


def times(get, cells: list) -> tuple:
    """The texts of date, time and end: ``from`` stands for ``date`` where that is empty."""
    date, time = get["occurred_from"](cells), get["time"](cells)
    if is_empty_word(date):
        date, time = get["from"](cells), None
    return date, time, get["occurred_to"](cells)


def seen_by(work: Work, i: int, get, cells: list, camera: str, cameras: Locator) -> observed.Seen:
    """The row in the terms that observations share."""
    observation = get["observation"](cells)
    return observed.Seen(
        post=camera,
        post_kind="camera",
        post_point=cameras.at(i) or work.gazetteer.find(camera),
        event_point=None,
        sighting=sighting_of(work, i, get, cells),
        means="camera",
        number=get["count"](cells),
        observation=None
        if is_empty_word(observation) and not says_nil(observation)
        else observation,
        description=get["description"](cells),
        weapon=get["weapon"](cells),
        place=get["place"](cells),
        duplicate_group=get["duplicate_group"](cells),
        status=get["status"](cells),
        reason=get["reason"](cells),
    )


def sighting_of(work: Work, i: int, get, cells: list) -> Sighting:
    """Bearing and range from their columns; the half-width is 11.25° where none is given."""
    bearing, halfwidth, low, high = (
        figure(work, i, get[name](cells))
        for name in ("bearing_deg", "bearing_halfwidth_deg", "range_min_m", "range_max_m")
    )
    if bearing is not None:
        bearing %= 360.0
        halfwidth = HALFWIDTH_16 if halfwidth is None else abs(halfwidth)
    else:
        halfwidth = None
    if high is None or low is None:
        low, high = (None, None) if high is None else (0.0, high)
    elif low > high:
        low, high = high, low
    if high is not None and (low < 0 or high > 1_000_000):
        work.notes.row(NOT_A_NUMBER, work.sheet.numbers[i])
        low = high = None
    return Sighting(bearing, halfwidth, low, high)


def figure(work: Work, i: int, text):
    """A number from a cell; None where empty, N/K or unreadable (noted)."""
    if is_empty_word(text):
        return None
    value = number(text)
    if value is None:
        work.notes.row(NOT_A_NUMBER, work.sheet.numbers[i])
    return value


PRESET = Preset(
    name="cameralog",
    title="log of cameras",
    columns=COLUMNS,
    needs=(("camera",), ("observation", "status"), ("occurred_from", "from")),
    dates=("occurred_from", "from"),
    open=open_rows,
)
