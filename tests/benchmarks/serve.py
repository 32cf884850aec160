"""A process that runs what it is asked, line by line: so that two can take turns, warm.

Standard library only: the peers run in an environment of their own.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Callable

MARK = "@@ "


def serve(tasks: dict[str, Callable[..., dict]]) -> None:
    """Answer each line ``name argument …`` on stdin with one line of JSON, until stdin ends.

    A task returns what it has to tell; ``seconds`` is the time it took, unless it tells its own.
    """
    _tell({"ready": sorted(tasks)})
    for line in sys.stdin:
        name, *arguments = line.split()
        begun = time.perf_counter()
        try:
            told = tasks[name](*arguments)
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is what the report says
            _tell({"failed": f"{type(error).__name__}: {error}"})
            continue
        _tell({"seconds": time.perf_counter() - begun, **told})


def peak_bytes() -> int:
    """The most memory that this process has held so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells begins, on Linux, with what the starting process held.
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _tell(answer: dict) -> None:
    print(MARK + json.dumps(answer), flush=True)
