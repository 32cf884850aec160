"""Show what qgis_process says of a run, line by line, without its inputs, dots and dictionaries."""

from __future__ import annotations

import re
import sys

# Dots and tens, up to the first word: "20In the ledger", "..7 contact lines".
BEFORE_WORDS = re.compile(r"^(?:\.|(?:100|[1-9]?0)(?=\.|[A-Z]|$)|100 - done\.)*")


def main() -> None:
    """Pass on the sentences; steps stand out from what is said within them."""
    inputs = True
    for line in sys.stdin:
        words = BEFORE_WORDS.sub("", line.rstrip())
        if inputs:
            inputs = not words.startswith("Step ")
        if inputs or not words or words.startswith(("Results: {", "----")) or "\t" in words:
            continue
        if words == "Results":
            continue
        indent = "" if words.startswith("Step ") else "    "
        print(indent + words, flush=True)


if __name__ == "__main__":
    main()
