"""What a write did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class WriteCounts:
    """How many records were added, changed and unchanged; their sum is the number given.

    ``not_seen``: ids of incidents of the same source and span that the file no longer has.
    ``kept``: ids where a person's value stood against a newer one of the feed.
    ``beside``: the counts of the tables written along with incidents, by table.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    not_seen: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    beside: dict[str, WriteCounts] = field(default_factory=dict)
