"""What reviews read and write of many incidents: a few columns, in statements for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Callable, Optional

from ..model.review import REVIEW_FIELDS, Review
from .connection import Connection, Session, bound
from .settings import with_what

AT_ONCE = 4_000
_STATES = (
    f"SELECT incident_id, {', '.join(REVIEW_FIELDS)} FROM incidents "  # nosec B608 - names of ours
    "WHERE incident_id IN ($ids)"
)
# What only one revision made needs no look into it.
_PASTS = (
    "SELECT past.incident_id, past.who, CASE WHEN EXISTS (SELECT 1 FROM incident_history AS other "
    "WHERE other.incident_id = past.incident_id AND other.revision <> past.revision) "
    "THEN past.payload END AS state FROM incident_history AS past "
    "WHERE past.incident_id IN ($ids) ORDER BY past.incident_id, past.revision"
)


class Reviewing:
    """Methods of a ledger, wherever it lies, for reviews of many incidents."""

    _connection: Connection

    def review_states(self, ids: Iterable[str]) -> dict[str, Review]:
        """The fields of review of those incidents that are there, by id."""
        found: dict[str, Review] = {}
        for some in _pages(list(ids)):
            for identifier, *codes in self._connection.rows(bound(_STATES, ids=some)):
                found[identifier] = Review(**dict(zip(REVIEW_FIELDS, codes)))
        return found

    def signed_states(
        self, ids: Iterable[str]
    ) -> Iterator[tuple[str, list[tuple[Optional[str], Optional[str]]]]]:
        """For each incident its revisions, the oldest first: who signed, and the state's text.

        The text is None where there is but one revision.
        """
        for some in _pages(list(ids)):
            revisions: dict[str, list] = {}
            for identifier, who, state in self._connection.rows(bound(_PASTS, ids=some)):
                revisions.setdefault(identifier, []).append((who, state))
            yield from revisions.items()

    def write_review(
        self,
        ids: Sequence[str],
        codes: Mapping[str, str],
        who: Optional[str],
        why: str,
        step: Optional[Callable[[], None]] = None,
    ) -> None:
        """Set these fields of review on incidents, in one transaction, a revision each.

        ``step`` is called now and then, and may raise to stop: then nothing is written.
        CeasefireError where one may not have them.
        """
        given = ", ".join(f'"{name}" = ${name}' for name in codes)
        sql = f"UPDATE incidents SET {given} WHERE incident_id IN ($ids)"  # nosec B608 - ditto
        with self._connection.transaction(Session(who, why, with_what())):
            for some in _pages(ids):
                if step is not None:
                    step()
                self._connection.run(bound(sql, ids=some, **codes))


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
