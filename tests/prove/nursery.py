"""A process that begets children which work until they are killed; it is loaded only once.

On standard input come lines ``workload backend place seed``; for each, a child is forked, and on
standard output come ``child <its id>``, what it says, and ``gone <its id>``.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import conftest  # noqa: E402 - it makes the package and the tests importable

sys.path.append(str(conftest.ROOT))
from tests.prove.workloads import BACKENDS, WORKLOADS  # noqa: E402 - after conftest


def say(*words: str) -> None:
    """One line in one write: lines of parent and child never mix."""
    os.write(1, ("\t".join(words) + "\n").encode())


def main() -> None:
    """Beget children until there is no more input."""
    say("ready")
    for line in sys.stdin:
        workload, backend, place, seed = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            say("child", str(os.getpid()))
            try:
                WORKLOADS[workload](BACKENDS[backend], place, random.Random(int(seed)), say)
            except BaseException as error:
                say("failed", f"{type(error).__name__}: {error}".replace("\n", " ")[:2000])
            os._exit(1)
        os.waitpid(child, 0)
        say("gone", str(child))


main()
