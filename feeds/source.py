"""What a source of a feed is: its options, what it is asked for, and what it answers with."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Callable, Generator, Mapping, Optional, Tuple

if TYPE_CHECKING:
    from .http.client import Client
    from .http.credentials import Credentials
    from .http.reply import Reply


@dataclasses.dataclass(frozen=True)
class Option:
    """One thing that a person chooses for a feed of this source.

    ``kind`` is text, choice (one of ``choices``), integer, date (ISO 8601), boolean or bbox
    ("west,south,east,north" in degrees). ``help`` is in whole sentences.
    """

    name: str
    title: str
    kind: str = "text"
    required: bool = False
    default: Any = None
    choices: Tuple[str, ...] = ()
    help: str = ""


@dataclasses.dataclass
class Asked:
    """What a source is asked for.

    ``mark`` is what the last complete run left behind (empty at the first); ``since`` the instant
    before which nothing is wanted; ``full`` asks for everything, whatever the mark says. ``warn``
    takes one sentence for the person who reads the report. ``now`` is an aware UTC instant.
    ``memory`` is the mark of the last complete run also where ``mark`` is withheld because all is
    asked for: for what the source must know of what it told before, never to leave anything out
    that it has now. ``quota`` counts the feed's requests of a day, failed runs' too: {"day": ISO
    date (UTC), "requests": count}.
    """

    address: str
    options: dict
    timezone: str
    client: Client
    credentials: Credentials
    mark: dict
    since: Optional[datetime]
    full: bool
    warn: Callable[[str], None]
    now: datetime
    memory: dict = dataclasses.field(default_factory=dict)
    quota: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Batch:
    """The rows of one reply; cells are text, a number or None, lists and objects JSON text.

    ``columns`` names every column of the source's schema, even where all cells are None.
    ``removed`` are ids (the source's own) that the source says are gone. ``version`` is that of
    the data set or the reply's ETag; ``table_notes`` sentences on how the reply was read.
    ``whole_schema``: ``columns`` are those of the source's own schema, so which of them stands for
    a field must not depend on which cells happen to be filled this time.
    """

    reply: Reply
    columns: list[str]
    rows: list[list]
    removed: list[str]
    version: Optional[str] = None
    table_notes: tuple = ()
    whole_schema: bool = False


@dataclasses.dataclass
class Outcome:
    """How reading ended.

    ``mark`` is kept for the next run, if this one was complete. ``snapshot``: what was not
    yielded within ``window`` (on occurred_from, UTC, half-open; None: without an end) is no longer
    in the source. ``total`` is how many rows the source said there are. ``nothing_new``: the source
    said that nothing changed. ``complete``: all that was asked for came.
    """

    mark: dict
    snapshot: bool = False
    window: Optional[tuple[Optional[datetime], Optional[datetime]]] = None
    total: Optional[int] = None
    nothing_new: bool = False
    complete: bool = True


@dataclasses.dataclass
class Checked:
    """What a trial found: ``rows`` (None: the source does not tell), first and last date."""

    reachable: bool
    authorised: bool
    rows: Optional[int] = None
    first: Optional[date] = None
    last: Optional[date] = None
    sentences: list[str] = dataclasses.field(default_factory=list)


Reading = Generator[Batch, None, Outcome]


@dataclasses.dataclass(frozen=True)
class Source:
    """One kind of feed: one module in ``feeds.sources``, named after it.

    ``credentials`` are those that it can use: none, token, basic, login or key. ``id_prefix``
    begins the ids of its incidents where the preset does not. ``read`` yields one Batch a reply
    and returns the Outcome; ``check`` asks as little as tells whether the feed would work.
    """

    name: str
    title: str
    help: str
    read: Callable[[Asked], Reading]
    check: Callable[[Asked], Checked]
    address: str = ""
    options: Tuple[Option, ...] = ()
    credentials: Tuple[str, ...] = ("none",)
    preset: str = "generic"
    mapping: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    attribution: str = ""
    redistribution: str = "rows"
    interval_minutes: int = 60
    id_prefix: str = ""

    def options_with_defaults(self, given: Mapping[str, Any]) -> dict:
        """The options of a feed, with this source's defaults for those that are not given."""
        known = {option.name: option.default for option in self.options}
        return {**known, **{key: value for key, value in given.items() if value is not None}}
