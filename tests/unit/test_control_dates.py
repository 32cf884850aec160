"""Dates that file names carry."""

from __future__ import annotations

from datetime import date

import pytest

from ceasefire_monitor.analysis.control_dates import date_in


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("control_20250914.geojson", date(2025, 9, 14)),
        ("Control-2025-09-14-final", date(2025, 9, 14)),
        ("14_09_2025", date(2025, 9, 14)),
        ("area 14.9.2025", date(2025, 9, 14)),
        ("09_14_2025", date(2025, 9, 14)),
        ("control_14092025_v2", date(2025, 9, 14)),
        ("2025_9_4", date(2025, 9, 4)),
        ("v12_20250230_20250301", date(2025, 3, 1)),
        ("sheet 1234", None),
        ("99999999", None),
        ("", None),
    ],
)
def test_the_date_in_a_name(text, told):
    assert date_in(text) == told
