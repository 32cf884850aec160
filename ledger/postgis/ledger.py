"""The ledger as a schema of PostgreSQL: a server, shared by a team."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Sequence, TypeVar

from ...model.errors import CeasefireError
from ...model.evidence import Protected
from ..connection import Session
from ..erasure import Erasure
from ..file_place import PathLike
from ..geopackage import Ledger
from ..protected_settling import settle_protected
from ..schema import SCHEMA_VERSION
from ..settings import read_settings, settings_of_new, with_what
from ..verify import Verification
from .connection import WAIT_MS, PostgisConnection
from .making import make_schema
from .place import PostgisPlace
from .refusals import ChangedMeanwhile
from .roles import PARTLY, role_that_limits
from .upgrade import settle
from .verifying import PostgisSource

Done = TypeVar("Done")
ATTEMPTS = 3


class PostgisLedger(Ledger):
    """An open ledger of a team, with the methods of a ``Ledger`` in a file.

    An edit that rests on a state which somebody else replaced meanwhile is refused.
    """

    @classmethod
    def create(  # the place of a file is a path, here it is a database and a schema
        cls,
        path: PostgisPlace,
        settings: Optional[Mapping[str, object]] = None,
    ) -> PostgisLedger:
        """Make a new ledger in a schema that does not exist, or is empty, and open it."""
        values = settings_of_new(settings)
        connection = PostgisConnection(path, update=True)
        try:
            make_schema(connection, values)
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    @classmethod
    def open(
        cls, path: PostgisPlace, readonly: bool = False, wait_ms: int = WAIT_MS
    ) -> PostgisLedger:
        """Open a ledger; ``wait_ms``: how long a write waits for another's records."""
        connection = PostgisConnection(path, not readonly, wait_ms)
        try:
            _settle_what_is_a_ledger(connection)
            settle_protected(connection)
            role = role_that_limits(connection)
        except BaseException:
            connection.close()
            raise
        ledger = cls(connection)
        if role is not None:
            ledger.sees_all = False
            ledger.notes.append(PARTLY[role])
        return ledger

    @property
    def path(self) -> PostgisPlace:
        """Where the ledger lies."""
        return self._connection.path

    def write_import(self, result, fetch, who, why, step=None):
        """See ``Ledger.write_import``; decided again where others wrote meanwhile."""
        return self._again(
            lambda: super(PostgisLedger, self).write_import(result, fetch, who, why, step)
        )

    def write_records(self, table_name, records, who, why, step=None):
        """See ``Ledger.write_records``; decided again where others wrote meanwhile."""
        kept = list(records)
        return self._again(
            lambda: super(PostgisLedger, self).write_records(table_name, kept, who, why, step)
        )

    def write_feed_part(self, run, part, ending=None, step=None):
        """See ``Ledger.write_feed_part``; decided again where others wrote meanwhile."""
        return self._again(
            lambda: super(PostgisLedger, self).write_feed_part(run, part, ending, step)
        )

    @property
    def evidence_folder(self) -> Path:
        """The folder that the setting ``evidence_folder`` names; CeasefireError without it."""
        folder = (self.settings().get("evidence_folder") or "").strip()
        if not folder:
            raise CeasefireError(
                f"“{self.path}” does not say where files of evidence lie: let its keeper set "
                "evidence_folder to a folder that the team shares (“Ledger settings”)."
            )
        return Path(folder)

    def copy_to(self, path: PathLike, clean: bool = False) -> None:
        """A copy of the whole ledger as a GeoPackage at ``path``, which must not exist."""
        if clean:
            raise CeasefireError(
                "A clean copy is made of a file: move the ledger to a file, then copy that."
            )
        from ..moving import move_ledger

        move_ledger(self.path, path)

    def compact(self) -> tuple[int, int]:
        """PostgreSQL gives room back by itself (autovacuum): a refusal that says so."""
        raise CeasefireError(
            "A ledger in PostgreSQL is not compacted by the plugin: its server does that by "
            "itself (autovacuum)."
        )

    def verify(self, head: Optional[Mapping[str, Any]] = None) -> Verification:
        """Check that nothing was altered, on one snapshot; see ``Proving.verify``."""
        if self._connection.in_transaction:
            return super().verify(head)
        with self._connection.snapshot():
            return super().verify(head)

    def erase_protected(
        self,
        records: Sequence[Protected],
        who: Optional[str],
        why: str,
        in_copies: bool = False,
    ) -> Erasure:
        """Erase the values behind those records; see ``erasing``."""
        from .erasing import erase_protected

        return erase_protected(self._connection, records, Session(who, why, with_what()))

    def _source(self) -> PostgisSource:
        return PostgisSource(self._connection)

    def _again(self, write: Callable[[], Done]) -> Done:
        """What ``write`` gives; where others came between, it is done anew on what they wrote."""
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(ChangedMeanwhile):
                return write()
        return write()


def _settle_what_is_a_ledger(connection: PostgisConnection) -> None:
    place = connection.path
    ((there, seen),) = connection.fetch(
        "SELECT count(*), count(*) FILTER (WHERE pg_catalog.has_schema_privilege(n.oid, 'USAGE') "
        "AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = 'settings'",
        [place.schema],
    )
    if not there:
        raise CeasefireError(
            f"There is no ledger “{place}”: choose another schema, or make one with "
            "“Create ledger”."
        )
    if not seen:
        raise CeasefireError(
            f"You may not read the ledger “{place}”: ask its keeper for a role in it."
        )
    version = read_settings(connection).get("schema_version") or ""
    if not version.isdigit():
        raise CeasefireError(f"The schema “{place}” is not a ledger: choose another one.")
    if int(version) > SCHEMA_VERSION:
        raise CeasefireError(
            f"“{place}” was made by a newer Ceasefire Monitor (ledger version {version}, this "
            f"one reads up to {SCHEMA_VERSION}): update the plugin."
        )
    settle(connection, int(version))
