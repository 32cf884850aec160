"""When a photograph says that it was taken."""

from __future__ import annotations

import re
from datetime import datetime, timezone, tzinfo
from pathlib import Path
from typing import Optional

from osgeo import gdal

ORIGINAL = "EXIF_DateTimeOriginal"
OFFSET = "EXIF_OffsetTimeOriginal"


def taken_at(place: Path, zone: tzinfo) -> Optional[datetime]:
    """The moment (aware, UTC) in a JPEG's EXIF data; None where there is none that can be told.

    A time without an offset is read in ``zone``; in the hour that comes twice or never there it
    is not known.
    """
    if place.suffix.lower() not in (".jpg", ".jpeg"):
        return None
    told = _metadata(place)
    try:
        moment = datetime.strptime(told.get(ORIGINAL, "").strip(), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 EXIF has no zone
    except ValueError:
        return None
    offset = told.get(OFFSET, "").strip()
    if re.fullmatch(r"[+-]\d{2}:\d{2}", offset):
        return datetime.fromisoformat(moment.isoformat() + offset).astimezone(timezone.utc)
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        return None
    return first.astimezone(timezone.utc)


def _metadata(place: Path) -> dict:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(str(place), gdal.OF_RASTER, allowed_drivers=["JPEG"])
        return dict(dataset.GetMetadata() or {}) if dataset is not None else {}
    except RuntimeError:
        return {}
    finally:
        gdal.ErrorReset()
        gdal.PopErrorHandler()
