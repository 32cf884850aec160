"""How much is measured: in full, thinned, or only so that the code has run."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Sizes:
    """Counts of incidents, of the line's segments and versions, and of turns that each takes.

    ``race`` for the kernel against its peers, ``sample`` for the slow one among them, ``scaling``
    for its growth, ``write`` and ``join`` for algorithms; ``labelled`` for
    expression functions; ``limit_s`` (seconds) for any single turn.
    """

    race: int
    sample: int
    scaling: tuple[int, ...]
    write: int
    join: int
    turns: int
    labelled: int = 10_000
    segments: int = 20_000
    versions: int = 10
    limit_s: float = 1800.0


SIZES = {
    "full": Sizes(1_000_000, 20_000, (100_000, 1_000_000, 10_000_000), 1_000_000, 100_000, 3),
    "quick": Sizes(200_000, 3_000, (50_000, 200_000, 1_000_000), 100_000, 10_000, 3, limit_s=600.0),
    "tiny": Sizes(40, 20, (20, 40), 30, 20, 1, segments=60, versions=3, labelled=30, limit_s=120.0),
}
