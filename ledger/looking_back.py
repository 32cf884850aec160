"""What a ledger tells of its past: histories, the tables as of a moment, changes, restoring."""

from __future__ import annotations

from datetime import datetime
from typing import Iterable, Iterator, Optional

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.incident import Incident
from ..model.tables import table as table_named
from . import past
from .connection import Connection, Session
from .difference import Change, changes
from .history import Revision, read_history
from .restoring import Restored, restore
from .settings import with_what


class LookingBack:
    """Methods of a ledger, wherever it lies; moments are aware."""

    _connection: Connection

    def history(self, record_id: str, table: str = "incidents") -> list[Revision]:
        """All revisions of a record, the oldest first."""
        return read_history(self._connection, record_id, _table(table))

    def incidents_as_of(self, moment: datetime) -> list[Incident]:
        """The incidents as known at ``moment`` (aware)."""
        return self.records_as_of("incidents", moment)

    def records_as_of(self, table: str, moment: datetime) -> list:
        """The records of a table as known at ``moment`` (aware); see ``past``."""
        return past.records_as_of(self._connection, _table(table), moment)

    def states_as_of(self, table: str, moment: datetime) -> tuple[int, Iterator[list[past.State]]]:
        """How many states were known at ``moment``, and these in pages; see ``past``."""
        return past.states_as_of(self._connection, _table(table), moment)

    def changes(
        self,
        since: datetime,
        until: datetime,
        tables: Optional[Iterable[str]] = None,
        source: Optional[str] = None,
    ) -> list[Change]:
        """What changed after ``since`` and by ``until`` (aware), a Change a record."""
        return list(self.each_change(since, until, tables, source))

    def each_change(
        self,
        since: datetime,
        until: datetime,
        tables: Optional[Iterable[str]] = None,
        source: Optional[str] = None,
    ) -> Iterator[Change]:
        """As ``changes``, one after the other; see ``difference``."""
        return changes(self._connection, since, until, tables, source)

    def restore(
        self, table: str, record_id: str, revision: int, who: Optional[str], why: str
    ) -> Restored:
        """Write an earlier state of a record again, as a new revision; see ``restoring``."""
        session = Session(who, why, with_what())
        return restore(self._connection, _table(table), record_id, revision, session)


def _table(name: str) -> Table:
    try:
        return table_named(name)
    except KeyError:
        raise CeasefireError(f"A ledger has no table “{name}”.") from None
