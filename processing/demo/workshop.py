"""A folder that is filled beside its final place and put there only when it is whole."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

# What a run leaves, and what SQLite may have left beside an earlier ledger.
MADE = (
    "ledger.gpkg",
    "brief",
    "background",
    "agreement.json",
    "agreement_zones.gpkg",
    "kilometres.gpkg",
    "demo.qgz",
)
BESIDE = ("ledger.gpkg-wal", "ledger.gpkg-shm", "ledger.gpkg-journal", "demo_attachments.zip")


class Workshop:
    """``with Workshop(final) as workshop``: fill ``workshop.folder``, then ``put_in_place()``.

    Files of an earlier run are replaced, others in ``final`` are left alone. Without
    ``put_in_place`` nothing of ``final`` changes.
    """

    def __init__(self, final: Path):
        self.final = final
        self.folder = final.parent / f".{final.name}.{uuid.uuid4().hex[:8]}"

    def __enter__(self) -> Workshop:
        if self.final.exists() and not self.final.is_dir():
            raise NotADirectoryError(20, "it is a file, not a folder", str(self.final))
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *exception) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def put_in_place(self) -> None:
        """Move what was made to its final place; where a move fails, move everything back."""
        earlier = self.folder / "earlier"
        earlier.mkdir()
        self.final.mkdir(parents=True, exist_ok=True)
        moves = [(self.final / name, earlier / name) for name in (*MADE, *BESIDE)]
        moves += [(self.folder / name, self.final / name) for name in MADE]
        done = []
        try:
            for source, target in moves:
                if source.exists():
                    os.replace(source, target)
                    done.append((source, target))
        except OSError:
            for source, target in reversed(done):
                os.replace(target, source)
            raise
