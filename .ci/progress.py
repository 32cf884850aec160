"""Show what qgis_process prints of a run as it comes, without its list of inputs."""

from __future__ import annotations

import sys


def main() -> None:
    """Pass on the lines between the inputs and the results."""
    show = False
    for line in sys.stdin:
        if line.startswith("Inputs"):
            show = False
        elif line.startswith("Results"):
            return
        elif show or not line.strip():
            show = True
            if line.strip():
                print(line.rstrip(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
