"""Racer: the kernel, over incidents made a million at a time."""

from __future__ import annotations

import sys
import time

import numpy as np

from . import theatre
from .kernel import Kernel, Measured
from .serve import peak_bytes, serve


def run(count: int, segments: int, versions: int) -> dict:
    """Measure ``count`` incidents; the making of the data is not counted, its memory is."""
    columns = theatre.contact_lines(segments, versions)
    begun = time.perf_counter()
    kernel = Kernel(columns)
    seconds = time.perf_counter() - begun
    kept = Measured(*(np.empty(count, kind) for kind in ("f8", "i1", "f8", "f8")))
    done = 0
    for block in theatre.chunks(count, versions):
        begun = time.perf_counter()
        found = kernel.measure(block)
        seconds += time.perf_counter() - begun
        for name in kept.__dataclass_fields__:
            getattr(kept, name)[done : done + len(block)] = getattr(found, name)
        done += len(block)
    open_question = (kept.probability > 0.0) & (kept.probability < 1.0)
    return {
        "seconds": seconds,
        "steps": kernel.seconds,
        "peak_bytes": peak_bytes(),
        "measured": int(np.count_nonzero(np.isfinite(kept.distance_m))),
        "between_0_and_1": float(np.mean(open_question)),
    }


if __name__ == "__main__":
    SEGMENTS, VERSIONS = (int(argument) for argument in sys.argv[1:])
    serve({"run": lambda count: run(int(count), SEGMENTS, VERSIONS)})
