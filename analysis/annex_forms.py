"""The coordinate formats of an annex and their titles; it imports nothing, for dialogs need it."""

from __future__ import annotations

TITLES = {
    "decimal": "Degrees (WGS 84)",
    "dm": "Degrees and minutes (WGS 84)",
    "dms": "Degrees, minutes, seconds (WGS 84)",
    "utm": "UTM (WGS 84)",
    "mgrs": "MGRS (WGS 84)",
    "sk42": "SK-42, degrees (Pulkovo 1942)",
    "gauss_kruger": "SK-42, Gauss-Krüger (Pulkovo 1942)",
}
