"""The option bbox: a box in degrees."""

from __future__ import annotations

from ...model.errors import CeasefireError


def box(text: str) -> str:
    """ "west,south,east,north" checked; raises CeasefireError."""
    try:
        west, south, east, north = (float(part) for part in str(text).split(","))
    except ValueError:
        raise CeasefireError(
            f"The option bbox is “{text}”: give it as west,south,east,north in degrees."
        ) from None
    return f"{west},{south},{east},{north}"
