"""How much is measured: in full, thinned, or only so that the code has run."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Sizes:
    """Counts of incidents, of the line's segments and versions, and of turns that each takes.

    ``race`` for the kernel against its peers, ``sample`` for the slow one among them, ``scaling``
    for its growth, ``write`` and ``join`` for algorithms; ``rows`` of a CSV for imports;
    ``labelled`` for expression functions; ``watched`` of a ledger that gets ``fresh`` new ones, on
    which alerts are raised; ``limit_s`` (seconds) for any single turn.
    """

    race: int
    sample: int
    scaling: tuple[int, ...]
    write: int
    join: int
    rows: int
    turns: int
    labelled: int = 10_000
    watched: int = 100_000
    fresh: int = 1_000
    segments: int = 20_000
    versions: int = 10
    limit_s: float = 1800.0


SIZES = {
    "full": Sizes(
        race=1_000_000,
        sample=20_000,
        scaling=(100_000, 1_000_000, 10_000_000),
        write=1_000_000,
        join=100_000,
        rows=1_000_000,
        turns=3,
    ),
    "quick": Sizes(
        race=200_000,
        sample=3_000,
        scaling=(50_000, 200_000, 1_000_000),
        write=100_000,
        join=10_000,
        rows=100_000,
        turns=3,
        limit_s=600.0,
    ),
    "tiny": Sizes(
        race=40,
        sample=20,
        scaling=(20, 40),
        write=30,
        join=20,
        rows=2_500,
        turns=1,
        segments=60,
        versions=3,
        labelled=30,
        watched=60,
        fresh=20,
        limit_s=120.0,
    ),
}
