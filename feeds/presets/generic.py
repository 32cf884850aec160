"""Any table: its columns are named by MAPPING, or guessed from their usual English names."""

from __future__ import annotations

import re
from typing import Optional

from ...model.incident import Incident
from ...model.vocabulary import vocabulary
from ..locator import Locator
from ..moments import Midnight, Moments
from ..numbers import is_empty_word, number
from ..words import code_of
from ..work import ReadRow, Work, place_of, time_of
from ..years import year_for
from .preset import Preset

COLUMNS = {
    "source_id": ("source_id", "incident_id", "event_id", "report_id", "id", "uid", "uuid", "ref"),
    "occurred_from": (
        "occurred_from",
        "date_time",
        "event_date",
        "incident_date",
        "date of incident",
        "date of event",
        "date_start",
        "start_date",
        "date",
        "timestamp",
        "from",
        "start",
        "begin",
        "day",
        "when",
        "occurred_at",
        "report_date",
    ),
    "time": ("time", "event_time", "incident_time", "start_time", "local_time", "hour"),
    "occurred_to": ("occurred_to", "date_end", "end_date", "to", "end"),
    "time_to": ("end_time", "time_to"),
    "year": ("year",),
    "latitude": ("latitude", "lat", "y", "gps_latitude", "lat_dd", "latitude_dd", "ycoord"),
    "longitude": ("longitude", "lon", "long", "lng", "x", "gps_longitude", "lon_dd", "xcoord"),
    "point": ("wkt", "geom_wkt", "wkt_geom", "the_geom", "geometry", "geom"),
    "category": (
        "category",
        "incident_type",
        "event_type",
        "type of incident",
        "type of event",
        "violation",
        "event",
        "type",
        "observation",
    ),
    "term": ("term",),
    "phase": ("phase",),
    "circumstance": ("circumstance",),
    "count": ("count", "number", "no.", "quantity", "number of violations"),
    "weapon": ("weapon", "weapon_type", "type of weapon"),
    "origin": ("origin",),
    "time_precision": ("time_precision",),
    "uncertainty_m": ("uncertainty_m", "accuracy_m", "accuracy", "radius_m"),
    "uncertainty_kind": ("uncertainty_kind",),
    "point_role": ("point_role",),
    "domain": ("domain",),
    "altitude_m": ("altitude_m", "altitude"),
    "place": ("place", "location", "place_name", "settlement", "town", "village", "city", "name"),
    "admin1": ("admin1", "adm1", "province", "oblast", "region", "governorate", "state"),
    "country": ("country",),
    "actor_1": ("actor_1", "actor1", "actor", "perpetrator", "party"),
    "actor_2": ("actor_2", "actor2", "target"),
    "deaths_low": ("deaths_low",),
    "deaths_best": ("deaths_best", "deaths", "killed", "fatalities", "dead"),
    "deaths_high": ("deaths_high",),
    "civilian_deaths": ("civilian_deaths", "civilians killed"),
    "injured": ("injured", "wounded"),
    "description": ("description", "details", "notes", "text", "narrative", "comment", "headline"),
    "source_url": ("source_url", "url", "link"),
    "verification": ("verification", "verification_status"),
    "sensitivity": ("sensitivity",),
}
PLAIN = ("place", "admin1", "country", "actor_1", "actor_2", "description", "source_url")
FIGURES = ("deaths_low", "deaths_best", "deaths_high", "civilian_deaths", "injured")
CODED = {
    "phase": "phases",
    "circumstance": "circumstances",
    "weapon": "weapon_types",
    "origin": "origins",
    "uncertainty_kind": "uncertainty_kinds",
    "point_role": "point_roles",
    "domain": "domains",
    "verification": "verifications",
    "sensitivity": "sensitivities",
}
# They decide who may read what: a row whose code is not known is set aside, not left to a guess.
DECIDING = ("sensitivity", "point_role")
NO_CODE = "the category's words fit no code; they are kept as the source's own term"
NO_CATEGORY = (
    "No column was taken for the category, so every incident is other/undetermined: name its "
    'column in MAPPING, as {"category": "Column"}.'
)
NOT_A_CODE = "a value fits no code of its list and was left empty"


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    plain, figures, coded = (
        [(name, get[name]) for name in names if sheet.has(name)]
        for names in (PLAIN, FIGURES, CODED)
    )
    year = year_for(sheet, ("occurred_from", "occurred_to"), work.title, work.path, work.notes)
    moments = Moments(
        sheet,
        work.zone,
        work.notes,
        ("occurred_from", "occurred_to"),
        Midnight.BY_SHARE,
        year=year,
        latest=work.latest,
    )
    locator = Locator(sheet, work.notes)
    tell_columns(work)
    has_count = sheet.has("count")

    def read(i: int, cells: list) -> Incident:
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
        point = locator.at(i)
        low, high, qualifier = (
            work.counted(i, get["count"](cells)) if has_count else (1, None, "at_least")
        )
        made = Incident(
            **work.identity(cells),
            count_low=low,
            count_high=high,
            count_qualifier=qualifier,
            **time_of(when),
            **place_of(point, None),
            altitude_m=number_of(get["altitude_m"](cells)),
            **{name: text(cells) for name, text in plain},
            **{name: work.figure(i, text(cells)) for name, text in figures},
        )
        put_category(work, i, made, get["category"](cells), get["term"](cells))
        put_codes(work, i, made, coded, cells)
        precision = get["time_precision"](cells)
        if precision in vocabulary("time_precisions"):
            made.time_precision = precision
        if point:
            put_uncertainty(made, locator.radius(cells), number_of(get["uncertainty_m"](cells)))
        return made

    return read


def tell_columns(work: Work) -> None:
    """Say in a note which column was taken for which field."""
    taken = [f"{work.sheet.name(field)} as {field}" for field in work.sheet.at if field in COLUMNS]
    work.notes.say(f"Columns taken: {', '.join(taken)}. MAPPING can say otherwise.")
    if not work.sheet.has("category"):
        work.notes.say(NO_CATEGORY)


def put_category(work: Work, i: int, made: Incident, words, term) -> None:
    """The category's code, and the source's own words as the term."""
    code = code_of("categories", words)
    if code is None and not is_empty_word(words):
        work.notes.row(NO_CODE, work.sheet.numbers[i])
    made.category = code or "other/undetermined"
    made.term = term or (words if words and words not in vocabulary("categories") else None)


def number_of(text) -> Optional[float]:
    """The number in a cell; None where it is empty or holds none."""
    return number(text) if text else None


def put_codes(work: Work, i: int, made: Incident, coded: list, cells: list) -> None:
    """The fields that hold codes of a vocabulary; ``coded`` are those that the table has."""
    for name, text in coded:
        words = text(cells)
        if is_empty_word(words):
            continue
        code = code_of(CODED[name], words)
        if code is None and name in DECIDING:
            known = " or ".join(vocabulary(CODED[name]))
            raise work.sheet.wrong(name, words, f"it is no code of {name}; write {known}")
        if code is None:
            work.notes.row(NOT_A_CODE, work.sheet.numbers[i])
        else:
            setattr(made, name, code)


def put_uncertainty(made: Incident, radius, given) -> None:
    """Uncertainty from its column, else from the extent of a line or an area."""
    if given is not None and given >= 0:
        made.uncertainty_m = given
        made.uncertainty_kind = made.uncertainty_kind or "disc"
    elif radius is not None:
        made.uncertainty_m = round(radius, 1)
        made.uncertainty_kind = made.uncertainty_kind or "area"
        made.point_role = made.point_role or "place_centroid"
    made.point_role = made.point_role or "event"


def stem_of(path: str | None) -> str:
    """A source's name from a file's: small letters, digits and underscores."""
    stem = re.split(r"[\\/]", path or "")[-1].rsplit(".", 1)[0]
    return re.sub(r"\W+", "_", stem).strip("_").casefold() or "generic"


PRESET = Preset(
    name="generic",
    title="any table",
    columns=COLUMNS,
    needs=(("occurred_from",),),
    dates=("occurred_from",),
    open=open_rows,
)
