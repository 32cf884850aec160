"""What keeping a feed in step did."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model.incident import Rejected


@dataclass
class SyncReport:
    """What one run of a feed did to the ledger.

    ``rows`` came in ``replies``; of them ``rejected`` were set aside with their reasons
    (``rejected_rows``) and ``repeated`` had come before in this run. Of the incidents,
    ``added``, ``changed``, ``reappeared`` and ``unchanged`` were seen, ``withdrawn`` were not.
    ``earlier``: incidents that were over before what was asked for and are not written.
    ``kept``: ids where a person's value stands against the feed's. ``complete``: all that was
    asked for came; ``nothing_new``: the source said that nothing changed. ``warnings`` are
    sentences. ``run`` counts the feed's runs; ``run_id`` is in each of the run's fetches.
    """

    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    reappeared: int = 0
    unchanged: int = 0
    rejected: int = 0
    repeated: int = 0
    earlier: int = 0
    rows: int = 0
    replies: int = 0
    complete: bool = False
    nothing_new: bool = False
    warnings: list[str] = field(default_factory=list)
    rejected_rows: list[Rejected] = field(default_factory=list)
    added_ids: list[str] = field(default_factory=list)
    changed_ids: list[str] = field(default_factory=list)
    withdrawn_ids: list[str] = field(default_factory=list)
    reappeared_ids: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    run: int = 0
    run_id: str = ""
