"""The ledger as a GeoPackage: one file, no server, open to any GIS."""

from __future__ import annotations

import os
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional

from ..model.errors import CeasefireError
from ..model.field import Table
from ..model.land import Fetch, Finding
from ..model.stored_agreement import StoredAgreement
from ..model.tables import AGREEMENTS, FETCHES, FINDINGS
from ..model.tables import table as table_named
from . import agreements as agreed
from . import feedimport
from . import findings as found
from . import rulefindings as ruled
from .chain import seal_at_opening
from .connection import WAIT_MS, Connection, Session, driver_errors, undo_interrupted
from .copying import compact, copy_ledger
from .counts import WriteCounts
from .feeding import Feeding
from .file_place import PathLike, place_of_new, refuse_what_is_no_file
from .looking_back import LookingBack
from .protected_settling import settle_protected
from .proving import Proving
from .refusals import refusal
from .reviewing import Reviewing
from .rows import record_of
from .safekeeping import Safekeeping
from .schema import RECORDS, SCHEMA_VERSION, create_schema, new_geopackage
from .settings import (
    FIXED,
    checked,
    read_settings,
    settings_of_new,
    with_what,
    write_setting,
)
from .store import rows_within
from .stored_project import settle_project
from .upgrade import settle
from .upsert import Step, upsert


class Ledger(Safekeeping, Proving, LookingBack, Reviewing, Feeding):
    """An open ledger. Use ``Ledger.create`` or ``Ledger.open``, as a context manager or with
    ``close``.

    One ledger object belongs to the thread that opened it. Everything that goes wrong is a
    CeasefireError, and then nothing of that call was written.
    """

    sees_all = True
    """Whether no record is out of the user's sight, as in a team's ledger some are by role."""

    def __init__(self, connection: Connection):
        self._connection = connection

    @classmethod
    def create(cls, path: PathLike, settings: Optional[Mapping[str, object]] = None) -> Ledger:
        """Make a new ledger at ``path`` (.gpkg), and open it.

        ``settings`` may hold ``theatre``, ``timezone``, ``reporting_day_start`` and others. The
        file is made under another name beside it and renamed when it is whole.
        """
        final = place_of_new(path)
        values = settings_of_new(settings)
        beside = final.with_name(f".{uuid.uuid4().hex[:8]}.{final.name}")
        try:
            _make(beside, values)
            os.rename(beside, final)
        except OSError as error:
            raise CeasefireError(refusal(final, os.strerror(error.errno))) from None
        finally:
            for leftover in final.parent.glob(beside.name + "*"):
                leftover.unlink()
        return cls.open(final)

    @classmethod
    def open(cls, path: PathLike, readonly: bool = False, wait_ms: int = WAIT_MS) -> Ledger:
        """Open a ledger; one that may not be written to is opened for reading.

        One that an earlier version made gets the tables and columns that came since; opened for
        reading it stays as it is, and what it lacks reads as empty.

        ``wait_ms``: how long a write waits for another program's.
        """
        place = Path(path)
        refuse_what_is_no_file(place)
        may_write = os.access(place, os.W_OK)
        if readonly and may_write:
            undo_interrupted(place)
        connection = Connection(place, not readonly and may_write, wait_ms)
        try:
            _settle_what_is_a_ledger(connection)
            settle_protected(connection)
            seal_at_opening(connection)
            settle_project(connection)
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Where the ledger lies."""
        return self._connection.path

    @property
    def notes(self) -> list[str]:
        """What the user should be told about the opening: sentences, such as of an upgrade."""
        return self._connection.notes

    def close(self) -> None:
        """Close the file; doing so twice does no harm."""
        settle_project(self._connection)
        self._connection.close()

    def settings(self) -> dict[str, Optional[str]]:
        """All settings: schema_version, theatre, timezone, reporting_day_start and others."""
        return read_settings(self._connection)

    def set_setting(self, key: str, value: Optional[str]) -> None:
        """Set one setting; those that a ledger is born with stay as they are."""
        if key in FIXED:
            raise CeasefireError(f"The setting “{key}” of a ledger is fixed when it is made.")
        value = checked(key, value)
        with self._connection.transaction(Session(with_what=with_what())):
            write_setting(self._connection, key, value)

    def write_import(
        self, result: Any, fetch: Fetch, who: Optional[str], why: str, step: Optional[Step] = None
    ) -> WriteCounts:
        """Write what a feed brought, in one transaction; see ``feedimport``.

        ``result`` has source, incidents, observations, posts, effort, rejected and rows, as
        feeds.importer.ImportResult. ``step`` is called once a record and may raise to stop:
        then nothing is written.
        """
        signature = Session(who, why, with_what())
        return feedimport.write_import(self._connection, result, fetch, signature, step)

    def write_records(
        self,
        table_name: str,
        records: Iterable[Any],
        who: Optional[str],
        why: str,
        step: Optional[Step] = None,
    ) -> WriteCounts:
        """Write records of one table by their key, in one transaction.

        Incidents, lines, zones and the rest are added or, where they differ, changed; a record
        without a key gets one from its content. An agreement whose text differs from its latest
        version is added as another version.
        """
        table = _table(table_name)
        if table in (FINDINGS, FETCHES):
            raise CeasefireError(f"{table.title} are not written as records of a table.")
        records = list(records)
        with self._connection.transaction(Session(who, why, with_what())):
            if table is AGREEMENTS:
                counts = agreed.write_agreements(self._connection, records, step)
            else:
                counts = upsert(self._connection, table, records, step)
        counts.unchanged = len(records) - counts.added - counts.changed
        return counts

    def write_findings(
        self, findings: Iterable[Finding], step: Optional[Step] = None
    ) -> WriteCounts:
        """Add the flags that say something new of their incident, in one transaction."""
        with self._connection.transaction(Session(with_what=with_what())):
            return found.write_findings(self._connection, findings, step)

    def latest_findings(self) -> dict[str, Finding]:
        """The latest flag of each incident, by incident id; findings of rules stand apart."""
        return found.latest_findings(self._connection)

    def write_rule_findings(
        self, findings: Iterable[Finding], step: Optional[Step] = None
    ) -> WriteCounts:
        """Add findings of rules, in one transaction; see ``rulefindings``."""
        with self._connection.transaction(Session(with_what=with_what())):
            return ruled.write_rule_findings(self._connection, findings, step)

    def latest_rule_findings(self, agreement_id: str) -> dict[ruled.RuleSubject, list[Finding]]:
        """The findings of the latest assessment of each subject and rule of one agreement."""
        return ruled.latest_rule_findings(self._connection, agreement_id)

    def latest_agreements(self) -> dict[str, StoredAgreement]:
        """The latest version of each agreement, by its id."""
        return agreed.latest_agreements(self._connection)

    def read(
        self,
        table_name: str,
        ids: Optional[Iterable[str]] = None,
        since: Optional[datetime] = None,
        until: Optional[datetime] = None,
    ) -> list:
        """The records of a table, as the model's dataclasses, in the order of writing.

        ``ids`` keeps those keys; ``since`` and ``until`` (aware, half-open) keep what began then
        (incidents, observations, findings, fetches) or what lasted into it (effort, validity).
        """
        table = _table(table_name)
        rows = rows_within(self._connection, table, since, until, ids)
        return [record_of(table, RECORDS[table_name], row) for row in rows]

    def copy_to(self, path: PathLike, clean: bool = False) -> None:
        """A compact copy of the whole ledger at ``path``, which must not exist.

        ``clean`` leaves out what must not leave the house; see ``copying``.
        """
        copy_ledger(self._connection, place_of_new(path), clean)

    def compact(self) -> tuple[int, int]:
        """Give back the room of what was removed; the file's size before and after, in bytes."""
        return compact(self._connection)


def _table(name: str) -> Table:
    try:
        return table_named(name)
    except KeyError:
        raise CeasefireError(f"A ledger has no table “{name}”.") from None


def _make(path: Path, settings: Mapping[str, Optional[str]]) -> None:
    with driver_errors(path):
        new_geopackage(str(path))
    connection = Connection(path, update=True)
    try:
        with driver_errors(path):
            connection.dataset.StartTransaction()
        create_schema(connection)
        with driver_errors(path):
            connection.dataset.CommitTransaction()
        with connection.transaction(Session(with_what=with_what())):
            for key, value in settings.items():
                write_setting(connection, key, value)
    finally:
        connection.close()


def _settle_what_is_a_ledger(connection: Connection) -> None:
    place = connection.path
    names = {
        connection.dataset.GetLayerByIndex(index).GetName()
        for index in range(connection.dataset.GetLayerCount())
    }
    settings = read_settings(connection) if "settings" in names else {}
    version = settings.get("schema_version") or ""
    if not version.isdigit() or "incidents" not in names:
        raise CeasefireError(
            f"“{place}” is a GeoPackage but not a ledger: choose a ledger, or make one with "
            "“Create ledger”."
        )
    if int(version) > SCHEMA_VERSION:
        raise CeasefireError(
            f"“{place}” was made by a newer Ceasefire Monitor (ledger version {version}, this "
            f"one reads up to {SCHEMA_VERSION}): update the plugin."
        )
    settle(connection, int(version))
