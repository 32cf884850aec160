"""What a preset is: how it is recognised, the names of its columns, and how it reads a row."""

from __future__ import annotations

import dataclasses
from typing import Callable, Mapping, Optional, Tuple

from ..work import ReadRow, Work

Names = Tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Preset:
    """One known kind of table.

    ``columns`` gives for each field the usual names of its column; ``needs`` the groups of fields
    of which at least one each must be there for the table to be recognised; ``dates`` the fields
    that hold dates, of which at least one is needed to import. ``version`` is the field whose
    larger number wins where an id comes twice.
    """

    name: str
    title: str
    columns: Mapping[str, Names]
    needs: Tuple[Names, ...]
    dates: Names
    open: Callable[[Work], ReadRow]
    version: Optional[str] = None
