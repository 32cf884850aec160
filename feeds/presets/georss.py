"""Items of an RSS or Atom feed: what was published, when, and where it places it."""

from __future__ import annotations

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments
from ..words import code_of
from ..work import ReadRow, Work, place_of, time_of
from .generic import put_uncertainty
from .preset import Preset

COLUMNS = {
    "source_id": ("source_id", "guid"),
    "title": ("title",),
    "summary": ("summary",),
    "source_url": ("link",),
    "published": ("published", "pubdate"),
    "updated": ("updated",),
    "occurred_from": ("start",),
    "occurred_to": ("end",),
    "categories": ("categories",),
    "author": ("author",),
    "place": ("place_name",),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "long"),
}
NOT_WHEN = (
    "The items say when they were published, not when it happened: their time is that of the "
    "publication, and what they tell of may be earlier."
)


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row: media, at the time of its publication."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    moments = Moments(
        sheet,
        work.zone,
        work.notes,
        ("occurred_from", "occurred_to", "published"),
        Midnight.IS_A_TIME,
        latest=work.latest,
    )
    locator = Locator(sheet, work.notes)

    def read(i: int, cells: list) -> Incident:
        started = get["occurred_from"](cells)
        if started:
            ended = get["occurred_to"](cells)
            when = work.when(moments, i, "occurred_from", started, None, ended)
        else:
            when = work.when(moments, i, "published", get["published"](cells))
            work.notes.say(NOT_WHEN)
        title, words = get["title"](cells), get["categories"](cells)
        code = code_of("categories", words) or code_of("categories", title)
        point = locator.at(i)
        parts = (title, get["summary"](cells), author_said(get["author"](cells)))
        made = Incident(
            **work.identity(cells),
            source_url=get["source_url"](cells),
            origin="media",
            category=code or "other/undetermined",
            term=words or title,
            count_low=1,
            count_high=None,
            count_qualifier="at_least",
            **time_of(when),
            **place_of(point, None),
            place=get["place"](cells),
            description="\n".join(part for part in parts if part) or None,
        )
        if point:
            put_uncertainty(made, locator.radius(cells), None)
        return made

    return read


def author_said(name):
    """The author in a sentence; None where there is none."""
    return f"By {name}." if name else None


PRESET = Preset(
    name="georss",
    title="RSS or Atom feed",
    columns=COLUMNS,
    needs=(("published",), ("title",), ("source_url",), ("source_id",)),
    dates=("published", "occurred_from"),
    open=open_rows,
)
