"""From the replies of a run to incidents, and which of them need a look: nothing is locked here."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Optional

from ..feeds.importer import ImportResult, import_table
from ..feeds.presets.generic import PRESET as GENERIC
from ..feeds.recognise import chosen
from ..feeds.setaside import ids_set_aside
from ..feeds.table import RawTable
from ..model.field import Table
from ..model.incident import Incident
from ..model.tables import INCIDENTS
from .compare import differences
from .connection import Connection
from .feedimport import beside
from .feeditems import Item, items_of, word_of
from .feedspool import ReplyRead, Spool
from .rows import Row
from .store import rows_by_key
from .upsert import keyed_rows, refuse_unkeyed


@dataclasses.dataclass
class Reading:
    """How the rows of a run become incidents.

    ``own_source`` begins the ids where neither the preset nor the mapping says with what: two
    feeds of one kind must not take each other's incidents for theirs.
    """

    preset: str
    mapping: dict
    timezone: str
    survey: dict
    own_source: str


@dataclasses.dataclass
class Imported:
    """One reply as incidents: rows by id, without those that a later reply of the part has."""

    reply: ReplyRead
    result: ImportResult
    rows: dict[str, Row]
    set_aside: list[str]
    repeated: int = 0


@dataclasses.dataclass
class Part:
    """Some whole replies of a run, imported, and what of them may have to be written.

    ``words`` are the digests of all their incidents, ``known`` what was kept of them; ``open_ids``
    are those that are new or may differ from what the ledger has.
    """

    replies: list[Imported]
    words: dict[str, str] = dataclasses.field(default_factory=dict)
    known: dict[str, Item] = dataclasses.field(default_factory=dict)
    open_ids: set[str] = dataclasses.field(default_factory=set)
    beside: bool = False

    @property
    def moved_words(self) -> dict[str, str]:
        """The digests that are not kept yet."""
        return {
            name: word for name, word in self.words.items() if self.known.get(name) != Item(0, word)
        }


def imported_part(spool: Spool, replies: list[ReplyRead], reading: Reading) -> Part:
    """The replies as incidents; ids that came before in the run are told apart."""
    made = [_imported(spool, reply, reading) for reply in replies]
    place: dict[str, Imported] = {}
    for one in made:
        for name in one.rows:
            if name in place:
                # Of two that were read, the later is the fresher.
                del place[name].rows[name]
            place[name] = one
    words = {name: word_of(row) for one in made for name, row in one.rows.items()}
    return Part(made, words)


def _imported(spool: Spool, reply: ReplyRead, reading: Reading) -> Imported:
    columns, rows = spool.table(reply)
    if not rows:
        return Imported(reply, ImportResult(reading.preset, "", rows=0), {}, [])
    numbers = list(range(1, len(rows) + 1))
    table = RawTable(columns, rows, numbers, list(reply.notes))
    preset = chosen(reading.preset, columns).name
    mapping = mapping_for(reading, preset)
    result = import_table(table, preset, reading.timezone, mapping, survey=reading.survey)
    refuse_unkeyed(INCIDENTS, result.incidents)
    rows_of = keyed_rows(INCIDENTS, result.incidents)
    aside = ids_set_aside(table, result, mapping, reading.survey)
    for one in result.rejected:
        one.row_number += reply.first_row
    before = spool.see(reply.number, [*rows_of, *aside])
    repeated = sum(name in before for name in rows_of)
    return Imported(reply, result, rows_of, [a for a in aside if a not in rows_of], repeated)


def mapping_for(reading: Reading, preset: str) -> dict:
    """The mapping for a table of that preset."""
    if preset != GENERIC.name or "source" in reading.mapping:
        return reading.mapping
    return {**reading.mapping, "source": {"value": reading.own_source}}


def leave_out_earlier(connection: Connection, feed_id: str, part: Part, since: datetime) -> int:
    """Take out of a part what was over before ``since``; the number of incidents taken out.

    What the feed brought before stays in: its source may have corrected the date. Of what is known
    to a day or a month the whole span counts.
    """
    known = items_of(connection, feed_id, part.words)
    left_out = {
        incident.incident_id
        for one in part.replies
        for incident in one.result.incidents
        if incident.incident_id not in known and _is_over(incident, since)
    }
    for one in part.replies:
        one.rows = {name: row for name, row in one.rows.items() if name not in left_out}
        result = one.result
        result.incidents = [i for i in result.incidents if i.incident_id not in left_out]
        result.observations = [o for o in result.observations if o.incident_id not in left_out]
    part.words = {name: word for name, word in part.words.items() if name not in left_out}
    return len(left_out)


def _is_over(incident: Incident, since: datetime) -> bool:
    end = incident.occurred_to or incident.occurred_from
    return end is not None and end <= since


def screen(connection: Connection, feed_id: str, part: Part, thorough: bool) -> None:
    """Find what of a part may have to be written; another look decides, once the ledger is held.

    What the feed said before in the same words is left alone, unless ``thorough``.
    """
    part.known = items_of(connection, feed_id, part.words)
    wanted = [
        name
        for name, word in part.words.items()
        if thorough or part.known.get(name) != Item(0, word)
    ]
    current = rows_by_key(connection, INCIDENTS, wanted)
    rows = {name: row for one in part.replies for name, row in one.rows.items()}
    for name in wanted:
        old = current.get(name)
        if old is None or differences(INCIDENTS, old, rows[name]):
            part.open_ids.add(name)
    part.beside = any(
        _differs(connection, table, records, choose)
        for one in part.replies
        for table, records, choose in beside(one.result)
    )


def _differs(connection: Connection, table: Table, records: list, choose: Optional[Any]) -> bool:
    """Whether records are new or differ from what the ledger has."""
    if not records:
        return False
    rows = keyed_rows(table, records)
    current = rows_by_key(connection, table, rows)
    for key, row in rows.items():
        old = current.get(key)
        if old is None:
            return True
        names = differences(table, old, row)
        if names and (choose is None or choose(key, old, row, names)):
            return True
    return False
