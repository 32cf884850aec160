"""What a ledger does to prove that nothing in it was silently changed."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..model.errors import CeasefireError
from . import heads
from .chain import reader
from .connection import Connection, Session
from .settings import with_what
from .timestamps import checked_stamp, digest_of
from .verify import CannotCheck, Source, Verification, verify


class Proving:
    """Methods of a ledger about its custody chain; see `docs/custody.md`."""

    _connection: Connection

    def verify(self, head: Optional[Mapping[str, Any]] = None) -> Verification:
        """Check the chain, the current states, protected values and heads; see ``verify``.

        ``head`` is one that was exported earlier, as ``verify.read_head`` reads it.
        CeasefireError where the ledger cannot be checked.
        """
        try:
            return verify(self._source(), head)
        except CannotCheck as error:
            raise CeasefireError(str(error)) from None

    def head(self) -> Optional[heads.Head]:
        """The head of the custody chain now; None where an older ledger, open for reading, has
        no chain."""
        return heads.head_of(self._connection)

    def heads(self) -> list[heads.KeptHead]:
        """The heads that were kept in the ledger, the oldest first."""
        return heads.kept_heads(self._connection)

    def add_head(self, why: Optional[str]) -> heads.KeptHead:
        """Keep the head of now in the ledger, with a request for a time-stamp."""
        with self._connection.transaction(Session(why=why, with_what=with_what())):
            return heads.keep_head(self._connection, why)

    def head_as_text(self, head: heads.KeptHead) -> str:
        """A kept head as JSON text, to be taken out of the ledger."""
        return heads.head_as_text(self._connection, head)

    def add_timestamp(self, reply: bytes, authority: bytes) -> heads.KeptHead:
        """Check an authority's reply without network, and keep it with the head that it is for.

        ``reply`` is the content of a .tsr file, ``authority`` the trusted certificates, PEM or
        DER. CeasefireError where it does not hold, or is for no hash of this ledger's.
        """
        request = heads.request_of(self._connection, digest_of(reply))
        stamp = checked_stamp(reply, authority, request)
        with self._connection.transaction(Session(with_what=with_what())):
            return heads.keep_token(self._connection, stamp)

    def check_timestamps(self, authority: bytes) -> list[tuple[heads.KeptHead, Optional[str]]]:
        """Each kept head that has a time-stamp, with what does not hold of it; None where it
        holds."""
        return [
            (head, heads.fault_of_token(head, authority)) for head in self.heads() if head.token
        ]

    def _source(self) -> Source:
        """What the check asks this ledger's database through."""
        return Source(reader(self._connection))
