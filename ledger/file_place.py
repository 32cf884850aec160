"""Whether a ledger may be made or opened at a place, said in a sentence before anything is done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Union

from ..model.errors import CeasefireError

PathLike = Union[str, os.PathLike]


def place_of_new(path: PathLike) -> Path:
    """Where a new ledger may be written; CeasefireError where it may not."""
    place = Path(path)
    if place.is_dir():
        raise CeasefireError(f"“{place}” is a folder: give the ledger a file name in it.")
    if place.suffix.lower() != ".gpkg":
        raise CeasefireError(f"“{place}” does not end in .gpkg: give the ledger such a name.")
    if place.exists():
        raise CeasefireError(
            f"“{place}” exists already and a ledger is never written over: open it, or choose "
            "another name."
        )
    if not place.parent.is_dir():
        raise CeasefireError(f"The folder “{place.parent}” does not exist: make it first.")
    if not os.access(place.parent, os.W_OK):
        raise CeasefireError(
            f"You may not write to the folder “{place.parent}”: choose another one."
        )
    return place


def refuse_what_is_no_file(place: Path) -> None:
    """CeasefireError where there is no file that could be read."""
    if place.is_dir():
        raise CeasefireError(f"“{place}” is a folder: choose the ledger's file in it.")
    if not place.exists():
        raise CeasefireError(
            f"There is no file “{place}”: choose a ledger, or make one with “Create ledger”."
        )
    if not os.access(place, os.R_OK):
        raise CeasefireError(f"You may not read “{place}”: ask for the right to.")
