"""One pass over the incidents: read a chunk, flag it beside, write the chunk before it."""

from __future__ import annotations

import concurrent.futures
import contextlib
import gc
import threading
from typing import Any, Iterator

from ...model.errors import Cancelled

CHUNK = 100_000
LOOK_S = 0.05


class FlagRun:
    """Reads, flags and writes incidents in chunks of which three at most are in memory.

    The flags of a chunk are worked out on a thread of their own, while the chunk before it is
    written and the next one read. Only columns go to that thread: whatever is QGIS's stays on the
    algorithm's own. ``counts`` says how many incidents have each flag.
    """

    def __init__(self, algorithm, material, flagger, writer, feedback):
        self.algorithm, self.material, self.flagger = algorithm, material, flagger
        self.writer, self.feedback = writer, feedback
        self.counts: dict[str, int] = {}
        self._stopped = threading.Event()
        self._total = max(material.count, 1)
        self._done = 0
        self._share = 0.0

    def go(self) -> None:
        """Do all of it; raises Cancelled where the user stops, and what the parts raise."""
        pool = concurrent.futures.ThreadPoolExecutor(1, "ceasefire-flags")
        with _without_collecting(), pool as beside:
            try:
                self._pass(beside)
            finally:
                self._stopped.set()
        self._tell(1.0)

    def _pass(self, beside) -> None:
        waiting = None
        for chunk in self.material.chunks(CHUNK, self.writer.kept, self.feedback):
            begun = beside.submit(
                self.flagger.flag_chunk, chunk.columns, self._flagged, self._stopped.is_set
            )
            if waiting is not None:
                self._finish(*waiting)
            waiting = chunk, begun
        if waiting is not None:
            self._finish(*waiting)

    def _flagged(self, share: float) -> None:
        """How much of its chunk is worked out; told by the other thread, shown by this one."""
        self._share = share

    def _finish(self, chunk, begun) -> None:
        columns = self._answer(begun, len(chunk.features))
        self.writer.write(chunk.features, columns, self.feedback)
        self.material.keep_findings(chunk, columns)
        for flag in set(columns.flag.tolist()):
            self.counts[flag] = self.counts.get(flag, 0) + columns.count(flag)
        self._done += len(chunk.features)
        self._tell(min(self._done / self._total, 1.0))

    def _answer(self, begun, count: int) -> Any:
        """The flags of ``count`` incidents, once they are there; looks for a stop meanwhile."""
        while True:
            try:
                return begun.result(timeout=LOOK_S)
            except concurrent.futures.TimeoutError:
                if begun.done():
                    raise
                if self.feedback.isCanceled():
                    raise Cancelled(self.algorithm.tr("Stopped; nothing was written.")) from None
                # Half of a chunk's way is the measuring, half the writing.
                self._tell((self._done + 0.5 * self._share * count) / self._total)

    def _tell(self, share: float) -> None:
        self.feedback.setProgress(5.0 + 90.0 * share)


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Without Python's search for reference cycles, of which the pass makes none.

    With ten thousands of features and dates alive, the search takes about as long as converting
    their values. What is in no cycle is freed all the same.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
