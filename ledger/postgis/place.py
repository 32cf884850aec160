"""Where a ledger of a team lies: a database and a schema in it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PostgisPlace:
    """A ledger in PostgreSQL.

    ``conninfo`` is libpq's connection text, which may hold a password: it is never shown.
    ``name`` is what users know the connection by.
    """

    conninfo: str = field(repr=False)
    schema: str
    name: str = "PostgreSQL"

    def __str__(self) -> str:
        return f"{self.name}/{self.schema}"
