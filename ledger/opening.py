"""Opening and making a ledger wherever it lies: in a file or in a database."""

from __future__ import annotations

import os
from typing import Mapping, Optional, Union

from .geopackage import Ledger
from .postgis.place import PostgisPlace

Place = Union[str, os.PathLike, PostgisPlace]


def open_ledger(place: Place, readonly: bool = False) -> Ledger:
    """Open a ledger: a path is that of a GeoPackage, a PostgisPlace that of a team's ledger."""
    if not isinstance(place, PostgisPlace):
        return Ledger.open(place, readonly=readonly)
    from .postgis.ledger import PostgisLedger

    return PostgisLedger.open(place, readonly=readonly)


def create_ledger(place: Place, settings: Optional[Mapping[str, object]] = None) -> Ledger:
    """Make a new ledger and open it; what exists is never written over."""
    if not isinstance(place, PostgisPlace):
        return Ledger.create(place, settings)
    from .postgis.ledger import PostgisLedger

    return PostgisLedger.create(place, settings)
