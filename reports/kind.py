"""The kinds of brief: what a brief is for decides its sections, not its paper."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """What a brief is: the review of a period, or a report with the field's fixed sections."""

    PERIOD = "period"
    DAILY = "daily"
    WEEKLY = "weekly"
