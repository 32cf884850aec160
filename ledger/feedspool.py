"""What a feed's run read, kept in a folder of its own until it is written: memory stays flat."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Optional, Sequence

from ..feeds.survey import Survey
from ..feeds.table import cell_text
from ..feeds.workfolders import clear_abandoned, work_folder_prefix
from ..model.incident import content_id

LARGEST_PART = 20_000
AT_A_TIME = 500
ADDED, REAPPEARED, CHANGED, UNCHANGED = "added", "reappeared", "changed", "unchanged"
_SEEN = """CREATE TABLE seen(
    incident_id TEXT PRIMARY KEY NOT NULL, reply INTEGER NOT NULL, what TEXT) WITHOUT ROWID"""
# An id that was added in this run stays so, whatever comes of it later in the run.
_RANK = {ADDED: 3, REAPPEARED: 2, CHANGED: 1, UNCHANGED: 0, None: -1}


@dataclass
class ReplyRead:
    """One reply of a run: its place among them, what it was, and where its rows are spooled.

    ``first_row`` is how many rows came before it in the run.
    """

    number: int
    fetch_id: str
    address: str
    sha256: str
    fetched_at: datetime
    body: Optional[Path]
    rows: int
    first_row: int
    version: Optional[str]
    notes: tuple
    place: Path


class Spool:
    """The replies of one run and the ids seen in them; a context manager, gone at its end."""

    def __init__(self, run_id: str):
        self.run_id = run_id
        self.replies: list[ReplyRead] = []
        self.removed: dict[str, None] = {}
        self.rows = 0
        self.survey = Survey()
        self.columns: dict[str, None] = {}
        clear_abandoned()
        self._folder = tempfile.TemporaryDirectory(
            prefix=work_folder_prefix("feed"), ignore_cleanup_errors=True
        )
        place = Path(self._folder.name) / "seen.sqlite"
        self._seen = sqlite3.connect(str(place), isolation_level=None)
        self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute("PRAGMA synchronous = OFF")
        self._seen.execute(_SEEN)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._seen.close()
        self._folder.cleanup()

    def add(self, batch: Any, hide: Callable[[str], str]) -> None:
        """Take over what a source yielded; ``hide`` takes secrets out of texts."""
        number = len(self.replies)
        place = Path(self._folder.name) / f"{number}.json"
        with place.open("w", encoding="utf-8", errors="surrogatepass") as file:
            json.dump([batch.columns, batch.rows], file, ensure_ascii=False, default=cell_text)
        reply = batch.reply
        self.replies.append(
            ReplyRead(
                number,
                content_id(self.run_id, number),
                hide(str(reply.url)),
                reply.sha256,
                reply.fetched_at,
                getattr(reply, "path", None),
                len(batch.rows),
                self.rows,
                batch.version or getattr(reply, "etag", None),
                tuple(batch.table_notes),
                place,
            )
        )
        self.rows += len(batch.rows)
        self.removed.update(dict.fromkeys(map(str, batch.removed)))
        if batch.rows:
            self.columns.update(dict.fromkeys(batch.columns))
            self.survey.add(batch.columns, batch.rows)
            if batch.whole_schema:
                self.survey.filled.update(batch.columns)

    def table(self, reply: ReplyRead) -> tuple[list[str], list[list]]:
        """The columns and rows of a reply."""
        with reply.place.open(encoding="utf-8", errors="surrogatepass") as file:
            columns, rows = json.load(file)
        return columns, rows

    def parts(self) -> Iterator[list[ReplyRead]]:
        """The replies in the order of reading, so many at once as have at most 50,000 rows."""
        part: list[ReplyRead] = []
        rows = 0
        for reply in self.replies:
            if part and rows + reply.rows > LARGEST_PART:
                yield part
                part, rows = [], 0
            part.append(reply)
            rows += reply.rows
        if part:
            yield part

    def see(self, reply: int, ids: Iterable[str]) -> set[str]:
        """Note the ids that a reply has; those that a reply before it had."""
        wanted = list(dict.fromkeys(ids))
        before: set[str] = set()
        for start in range(0, len(wanted), AT_A_TIME):
            some = wanted[start : start + AT_A_TIME]
            before |= self._known(some)
        self._seen.execute("BEGIN")
        self._seen.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, NULL)", ((name, reply) for name in wanted)
        )
        self._seen.execute("COMMIT")
        return before

    def unseen(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that no reply of the run has."""
        known: set[str] = set()
        for start in range(0, len(ids), AT_A_TIME):
            known |= self._known(ids[start : start + AT_A_TIME])
        return [name for name in ids if name not in known]

    def note(self, what: str, ids: Iterable[str]) -> None:
        """Note what became of incidents, once that is written."""
        below = [name for name, rank in _RANK.items() if name and rank < _RANK[what]]
        marks = ", ".join("?" * len(below))
        sql = (
            "UPDATE seen SET what = ? WHERE incident_id = ? "
            f"AND (what IS NULL OR what IN ({marks}))"  # nosec B608 - marks alone
        )
        self._seen.execute("BEGIN")
        self._seen.executemany(sql, ((what, name, *below) for name in ids))
        self._seen.execute("COMMIT")

    def counted(self) -> dict[str, int]:
        """How many incidents were added, changed and so on."""
        sql = "SELECT what, count(*) FROM seen WHERE what IS NOT NULL GROUP BY what"
        return dict(self._seen.execute(sql))

    def ids(self, what: str) -> list[str]:
        """The ids of the incidents that were added, changed and so on."""
        sql = "SELECT incident_id FROM seen WHERE what = ? ORDER BY reply, incident_id"
        return [name for (name,) in self._seen.execute(sql, [what])]

    def _known(self, ids: Sequence[str]) -> set[str]:
        marks = ", ".join("?" * len(ids))
        sql = f"SELECT incident_id FROM seen WHERE incident_id IN ({marks})"  # nosec B608 - marks
        return {name for (name,) in self._seen.execute(sql, list(ids))}


def read_into(
    spool: Spool,
    source: Any,
    asked: Any,
    step: Optional[Callable[[], None]] = None,
) -> Any:
    """Let a source read into the spool; its Outcome. What it raises goes through."""
    hide = getattr(asked.client, "hide", str)
    with contextlib.closing(source.read(asked)) as reading:
        while True:
            try:
                batch = next(reading)
            except StopIteration as end:
                return end.value
            spool.add(batch, hide)
            if step is not None:
                step()
