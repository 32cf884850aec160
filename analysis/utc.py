"""Moments as numpy has them and as Python has them, both in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Iterable, Optional

import numpy as np

MICROSECONDS = "datetime64[us]"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def utc_datetime(moment: np.datetime64) -> Optional[datetime]:
    """An aware datetime in UTC; None for NaT."""
    if np.isnat(moment):
        return None
    return EPOCH + timedelta(microseconds=int(moment.astype(MICROSECONDS).astype(np.int64)))


def instants(moments: Iterable[Optional[datetime]]) -> np.ndarray:
    """Aware datetimes as a ``datetime64[us]`` column in UTC; None as NaT."""
    return np.array(
        [
            np.datetime64("NaT", "us")
            if moment is None
            else np.datetime64((moment - EPOCH) // timedelta(microseconds=1), "us")
            for moment in moments
        ],
        dtype=MICROSECONDS,
    )
