"""From a raw table to the model: every row an incident, effort, or set aside with its reason."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, Optional, Union

from ..model.errors import Cancelled, CeasefireError
from ..model.field import Kind
from ..model.incident import Effort, Incident, Observation, Post, Rejected
from ..model.tables import INCIDENTS
from ..model.uncollected import uncollected
from .dates import year_now
from .notes import Notes
from .numbers import number, whole
from .outliers import far_from_the_rest
from .places import Gazetteer
from .presets.generic import stem_of
from .presets.preset import Preset
from .recognise import chosen
from .sheet import RowError, Sheet
from .span import time_zone
from .survey import Survey
from .table import RawTable
from .work import Found, Sector, Work

STEP = 512
OVERRULED = {
    field.name: field.kind
    for field in INCIDENTS.fields
    if field.kind is not Kind.INSTANT
    and field.name not in ("incident_id", "revision", "recorded_at")
}


@dataclasses.dataclass
class ImportResult:
    """What a table gave: ``len(incidents) + len(effort) + len(rejected) == rows``.

    ``incident_rows`` are the row numbers of ``incidents``, in the same order.
    """

    preset: str
    source: str
    incidents: list[Incident] = dataclasses.field(default_factory=list)
    observations: list[Observation] = dataclasses.field(default_factory=list)
    posts: list[Post] = dataclasses.field(default_factory=list)
    effort: list[Effort] = dataclasses.field(default_factory=list)
    rejected: list[Rejected] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    rows: int = 0
    incident_rows: list[int] = dataclasses.field(default_factory=list)


def import_table(
    table: RawTable,
    preset: str = "auto",
    timezone: str = "UTC",
    mapping: Optional[Mapping[str, Any]] = None,
    gazetteer: Union[Gazetteer, Mapping[str, tuple[float, float]], None] = None,
    progress: Optional[Callable[[float], None]] = None,
    cancelled: Optional[Callable[[], bool]] = None,
    survey: Optional[Mapping[str, Any]] = None,
) -> ImportResult:
    """Bring a table into the model by a preset (``auto``: recognised by its columns).

    ``timezone`` is the IANA name of the theatre's zone for local times. ``mapping`` overrules
    columns (see ``Sheet``). ``gazetteer`` gives points in degrees by name. ``progress`` is called
    with 0 to 100, ``cancelled`` asked now and then. Where the table is a part of a larger file,
    ``survey`` (see ``Survey``) tells what holds for all of it: the order of day and month, what
    00:00 means, swapped coordinates and which columns are filled are then the same in every part.
    Raises CeasefireError where the table as a
    whole cannot be imported (no date column, MAPPING that does not fit), Cancelled when asked to
    stop.
    """
    kind = chosen(preset, table.columns)
    mapping = dict(mapping or {})
    zone = time_zone(timezone)
    whole = Survey.of_json(survey) if survey is not None else None
    sheet = Sheet(table, kind.columns, mapping, {*OVERRULED, "year"}, whole)
    check_dates(kind, sheet, table)
    source = source_of(kind, mapping, table)
    places = gazetteer if isinstance(gazetteer, Gazetteer) else Gazetteer(gazetteer)
    notes = Notes(table.notes)
    work = Work(sheet, zone, notes, source, places, table.title, table.path, year_now())
    result = ImportResult(kind.name, source, rows=len(table.rows))
    with uncollected():
        Rows(kind, work, mapping, result).run(progress, cancelled)
    far = far_from_the_rest(result.incidents, result.incident_rows)
    if far and whole is None:
        notes.say(far)
    unlocated = sum(1 for one in result.incidents if one.longitude is None)
    if unlocated:
        notes.say(
            f"{unlocated:,} of {len(result.incidents):,} incidents have no place (not located)."
        )
    result.notes = notes.all()
    return result


def check_dates(kind: Preset, sheet: Sheet, table: RawTable) -> None:
    """One sentence where no column holds a date, or none of its cells is filled."""
    for field in kind.dates:
        if sheet.surveyed_as_filled(field):
            return
        if sheet.has(field) and any(text is not None for text in sheet.column(field)):
            return
    where = f"“{Path(table.path).name}”" if table.path else "The table"
    raise CeasefireError(
        f"{where} has no date that could be recognised; its columns are "
        f"{', '.join(table.columns[:30])}: choose another PRESET, or name the date's column in "
        'MAPPING, as {"occurred_from": "Column"}.'
    )


def source_of(kind: Preset, mapping: Mapping[str, Any], table: RawTable) -> str:
    """The name that begins every id: MAPPING's, the preset's, or the file's for generic."""
    wanted = mapping.get("source")
    if isinstance(wanted, Mapping) and wanted.get("value"):
        return str(wanted["value"])
    return stem_of(table.path) if kind.name == "generic" else kind.name


class Rows:
    """Reads the rows one by one into a result; doubles are told apart here."""

    def __init__(self, kind: Preset, work: Work, mapping: Mapping[str, Any], result: ImportResult):
        self.work, self.result = work, result
        self.read = kind.open(work)
        self.version = work.sheet.getter(kind.version) if kind.version else None
        self.extra = overrules(work.sheet, mapping, kind)
        self.seen_rows: dict[tuple, int] = {}
        self.kept: dict[str, tuple[int, int]] = {}
        self.versions: dict[str, float] = {}
        self.posts: dict[str, Post] = {}
        self.located: list[tuple[Incident, Sector]] = []
        self.observations: dict[str, Observation] = {}

    def run(self, progress, cancelled) -> None:
        """All rows, then the sectors together."""
        sheet = self.work.sheet
        total = max(1, len(sheet.rows))
        for i, cells in enumerate(sheet.rows):
            if i % STEP == 0:
                if cancelled is not None and cancelled():
                    raise Cancelled("The import was stopped; nothing was written.")
                if progress is not None:
                    progress(100.0 * i / total)
            try:
                self._one(i, cells)
            except RowError as error:
                self._reject(i, error.column, error.value, error.reason)
        self.result.posts = list(self.posts.values())
        self.result.observations = list(self.observations.values())
        self._order_rejected()
        locate(self.located)

    def _order_rejected(self) -> None:
        self.result.rejected.sort(key=lambda one: one.row_number)

    def _one(self, i: int, cells: list) -> None:
        number_here = self.work.sheet.numbers[i]
        key = tuple(cells)
        before = self.seen_rows.setdefault(key, number_here)
        if before != number_here:
            reason = f"the same as row {before} in every column; kept once"
            raise RowError(None, None, reason)
        if not any(cells):
            raise RowError(None, None, "the row is empty")
        outcome = self.read(i, cells)
        if isinstance(outcome, Incident):
            outcome = Found(incident=outcome)
        if outcome.incident is not None:
            self._keep(i, cells, outcome)
        else:
            self._keep_effort(number_here, outcome)
        if outcome.post is not None:
            self._add_post(outcome.post)

    def _keep(self, i: int, cells: list, found: Found) -> None:
        made, number_here = found.incident, self.work.sheet.numbers[i]
        for field, get, convert in self.extra:
            text = get(cells)
            if text is not None:
                setattr(made, field, convert(text))
        place = self.kept.get(made.incident_id)
        if place is None:
            self.kept[made.incident_id] = (len(self.result.incidents), number_here)
            self.result.incidents.append(made)
            self.result.incident_rows.append(number_here)
        else:
            self._same_id(place, made, cells, number_here)
        if self.version is not None:
            self.versions[made.incident_id] = number(self.version(cells) or "") or 0.0
        if found.observation is not None:
            self.observations[made.incident_id] = found.observation
        if found.sector is not None:
            self.located.append((made, found.sector))

    def _same_id(self, place, made: Incident, cells: list, number_here: int) -> None:
        """Keep the later version in the earlier one's place; without versions the first stays."""
        position, row = place
        newer = self.version is not None and (
            (number(self.version(cells) or "") or 0.0) > self.versions[made.incident_id]
        )
        if not newer:
            raise self.work.sheet.wrong(
                "source_id", made.source_id, f"the same id as row {row}, which was kept"
            )
        self.result.incidents[position] = made
        self.result.incident_rows[position] = number_here
        self.kept[made.incident_id] = (position, number_here)
        self.result.rejected.append(
            Rejected(
                row,
                self.work.sheet.name("source_id"),
                made.source_id,
                f"the same id as row {number_here}, which is newer and was kept",
            )
        )

    def _keep_effort(self, number_here: int, found: Found) -> None:
        key = "effort " + found.effort.effort_id
        if key in self.kept:
            raise self.work.sheet.wrong(
                "source_id",
                found.effort.effort_id,
                f"the same id as row {self.kept[key][1]}, which was kept",
            )
        self.kept[key] = (len(self.result.effort), number_here)
        self.result.effort.append(found.effort)

    def _add_post(self, post: Post) -> None:
        known = self.posts.setdefault(post.post_id, post)
        for field in ("longitude", "latitude", "bearing_deg", "field_of_view_deg", "range_m"):
            if getattr(known, field) is None:
                setattr(known, field, getattr(post, field))

    def _reject(self, i: int, column, value, reason: str) -> None:
        self.result.rejected.append(Rejected(self.work.sheet.numbers[i], column, value, reason))


def overrules(sheet: Sheet, mapping: Mapping[str, Any], kind: Preset) -> list[tuple]:
    """What MAPPING sets beyond the preset's own fields: (field, getter, conversion)."""
    own = set(kind.columns) if kind.name == "generic" else set(kind.columns) - set(OVERRULED)
    direct = {"source", "source_id", "latitude", "longitude"}
    return [
        (field, sheet.getter(field), CONVERSIONS[OVERRULED[field]])
        for field in mapping
        if field in OVERRULED and field not in own and field not in direct
    ]


CONVERSIONS = {
    Kind.TEXT: str,
    Kind.INTEGER: whole,
    Kind.REAL: number,
    Kind.BOOLEAN: lambda text: text.casefold() in ("true", "1", "yes"),
}


def locate(pairs: Iterable[tuple[Incident, Sector]]) -> None:
    """Put incidents at the middle of their sectors, all in one call of the geodesic kernel."""
    pairs = list(pairs)
    if not pairs:
        return
    from ..analysis.geodesy import sector_point

    columns = zip(*(dataclasses.astuple(sector) for _, sector in pairs))
    lon, lat, radius = sector_point(*(list(column) for column in columns))
    for (made, _), x, y, uncertainty in zip(pairs, lon, lat, radius):
        made.longitude, made.latitude = float(x), float(y)
        made.uncertainty_m = round(float(uncertainty), 1)
