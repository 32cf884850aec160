"""A trial of an import: what the first rows of a file would become, written nowhere."""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Dict, List, Mapping, Optional

from qgis.core import QgsTask

TRIED = 5000
SHOWN = 50


@dataclasses.dataclass(frozen=True)
class Reading:
    """How a file is to be read: preset, time zone and mapping."""

    preset: str = "auto"
    timezone: str = "UTC"
    mapping: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class TrialRow:
    """A row of the file and what it would become: an incident, a reason, or effort (neither)."""

    number: int
    cells: list
    incident: Any = None
    rejected: Any = None


@dataclasses.dataclass
class Trial:
    """What a trial showed. ``bound`` is the column of each field; ``fields`` those of the preset.

    ``sentence`` says why the file, or the file as it is mapped, cannot be read at all.
    """

    columns: List[str] = dataclasses.field(default_factory=list)
    examples: Dict[str, str] = dataclasses.field(default_factory=dict)
    total: int = 0
    tried: int = 0
    preset: str = ""
    source: str = ""
    fields: List[str] = dataclasses.field(default_factory=list)
    bound: Dict[str, str] = dataclasses.field(default_factory=dict)
    rows: List[TrialRow] = dataclasses.field(default_factory=list)
    imported: int = 0
    effort: int = 0
    rejected: int = 0
    notes: List[str] = dataclasses.field(default_factory=list)
    sentence: str = ""


class TrialTask(QgsTask):
    """Reads a file once and tries to import its first rows; ``ended`` is called with itself."""

    def __init__(self, path: str, table, reading: Reading, ended: Callable[[TrialTask], None]):
        super().__init__("Preview of an import", QgsTask.Flag.CanCancel | QgsTask.Flag.Hidden)
        self.path, self.table, self.reading = path, table, reading
        self.trial = Trial()
        self._ended: Optional[Callable[[TrialTask], None]] = ended

    def run(self):
        from ...feeds.table import read_table
        from ...model.errors import Cancelled, CeasefireError

        try:
            self.table = self.table or read_table(self.path)
            try_rows(self.table, self.reading, self.trial, self.isCanceled)
        except Cancelled:
            return False
        except CeasefireError as error:
            self.trial.sentence = str(error)
        except Exception as error:  # a task that raises takes QGIS down with it
            self.trial.sentence = str(error) or type(error).__name__
        return True

    def finished(self, result):
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(self)


def try_rows(table, reading: Reading, trial: Trial, cancelled=None) -> None:
    """Import the first rows of a raw table into ``trial``, as the algorithm would."""
    from ...feeds.importer import OVERRULED, import_table
    from ...feeds.recognise import chosen
    from ...feeds.sheet import Sheet

    trial.columns, trial.total = list(table.columns), len(table.rows)
    part = dataclasses.replace(
        table, rows=table.rows[:TRIED], row_numbers=table.row_numbers[:TRIED], notes=[*table.notes]
    )
    trial.tried = len(part.rows)
    trial.examples = first_filled(part)
    kind = chosen(reading.preset, table.columns)
    trial.preset, trial.fields = kind.name, fields_of(kind)
    sheet = Sheet(part, kind.columns, reading.mapping, {*OVERRULED, "year"})
    trial.bound = {field: sheet.name(field) for field in sheet.at}
    result = import_table(
        part, kind.name, reading.timezone, dict(reading.mapping), cancelled=cancelled
    )
    trial.source, trial.notes = result.source, result.notes
    trial.imported, trial.effort = len(result.incidents), len(result.effort)
    trial.rejected = len(result.rejected)
    incidents = dict(zip(result.incident_rows, result.incidents))
    rejected = {one.row_number: one for one in result.rejected}
    trial.rows = [
        TrialRow(number, cells, incidents.get(number), rejected.get(number))
        for number, cells in zip(part.row_numbers[:SHOWN], part.rows[:SHOWN])
    ]


def fields_of(kind) -> List[str]:
    """The fields that one may map: the preset's own, then those of any incident."""
    from ...feeds.importer import OVERRULED

    left_out = {"source", "workflow", "longitude", "latitude"}
    return [*kind.columns, *sorted(OVERRULED.keys() - left_out - set(kind.columns))]


def first_filled(table) -> Dict[str, str]:
    """For each column the first cell that is filled."""
    from ...feeds.table import cell_text

    found: Dict[str, str] = {}
    for place, column in enumerate(table.columns):
        texts = (cell_text(row[place]) for row in table.rows[:SHOWN] if place < len(row))
        found[column] = next((text for text in texts if text), "")
    return found
