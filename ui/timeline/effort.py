"""When somebody was able to observe: the band under the bars."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Iterable

if TYPE_CHECKING:
    import numpy as np

# Where no row tells of a post, it is not among those of which something is known.
SILENT = ("not_known", "not_deployed")


@dataclasses.dataclass(frozen=True)
class Watched:
    """What S steps were observed, arrays of shape (S,).

    ``share`` of the hours of all posts, 0 to 1; ``any`` share of the step in which at least one
    post observed; ``hours`` of posts; ``told``: whether any row tells of any of it.
    """

    share: np.ndarray
    any: np.ndarray
    hours: np.ndarray
    told: np.ndarray


@dataclasses.dataclass(frozen=True)
class EffortBand:
    """The observation of all posts over time; ``known`` is False where no effort is recorded.

    At each of ``cuts`` (seconds since 1970, in order) begins a stretch; the other arrays are what
    has added up until then: seconds of posts, seconds of at least one post, seconds of which
    something is told.
    """

    known: bool
    posts: int
    cuts: np.ndarray
    post_seconds: np.ndarray
    any_seconds: np.ndarray
    told_seconds: np.ndarray

    def over(self, edges: np.ndarray) -> Watched:
        """What was observed between each two edges."""
        import numpy as np

        length = np.diff(edges)

        def within(added: np.ndarray) -> np.ndarray:
            return np.diff(np.interp(edges, self.cuts, added))

        seconds = within(self.post_seconds)
        return Watched(
            share=np.clip(seconds / (length * max(self.posts, 1)), 0.0, 1.0),
            any=np.clip(within(self.any_seconds) / length, 0.0, 1.0),
            hours=seconds / 3600.0,
            told=within(self.told_seconds) > 0,
        )


def no_effort() -> EffortBand:
    """The band of a ledger that keeps no effort."""
    import numpy as np

    nothing = np.zeros(2)
    return EffortBand(False, 0, np.array([0.0, 1.0]), nothing, nothing, nothing)


def effort_band(posts: Iterable, effort: Iterable, restrictions: Iterable) -> EffortBand:
    """The band of a ledger's posts, effort and restrictions, as the brief counts them."""
    import numpy as np

    from ...analysis.coverage import watch_of_posts
    from ...analysis.watch_spans import OBSERVING, STATES

    effort = list(effort)
    if not effort:
        return no_effort()
    told_of = {item.post_id or "" for item in effort}
    watch = [
        stretches
        for post_id, stretches in watch_of_posts(posts, effort, restrictions).items()
        if post_id in told_of
    ]
    observing = [STATES.index(state) for state in OBSERVING]
    silent = [STATES.index(state) for state in SILENT]
    # The first and last stretches last from the beginning to the end of all times.
    cuts = np.unique(np.concatenate([item.starts[1:] for item in watch]))
    if len(cuts) < 2:
        return no_effort()
    seeing = np.zeros(len(cuts), dtype=np.int64)
    telling = np.zeros(len(cuts), dtype=np.int64)
    for item in watch:
        state = item.states[np.searchsorted(item.starts, cuts, side="right") - 1]
        seeing += np.isin(state, observing)
        telling += ~np.isin(state, silent)
    seconds = cuts.astype("datetime64[us]").astype(np.int64) / 1e6
    length = np.diff(seconds)

    def added(level: np.ndarray) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum(level[:-1] * length)])

    return EffortBand(
        True, len(watch), seconds, added(seeing), added(seeing > 0), added(telling > 0)
    )
