"""Findings composed by columns read as the one sentence of each would, word for word."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire_monitor.analysis.contact_line import LineColumns
from ceasefire_monitor.analysis.flag_sentences import Sentences, Told, zone_of

LIMIT_M, DEFAULT_M = 5000.0, 750.0
SIDES = ("Aster", "Borealis", "left", "right", "unknown")
SIDES += ("on the line", "beyond the end", "between lines")


def limit(value):
    return f"{value:,.10g} m" if value < 1000 else f"{value / 1000:,.10g} km"


def expected(distance, name, since, side, sigma, chainage, flag, share, basis, lines, gap, place):
    """One finding, written down apart from the code, after the words of the first release."""
    told = f"{distance:,.0f} m" if distance < 9999.5 else f"{distance / 1000:,.1f} km"
    told += " from the line" + (f" “{name}”" if name else "")
    told += f" in force since {since}" if since else ""
    told += {
        "on the line": f", on the line within its uncertainty of {limit(sigma)}"
        if sigma > 0
        else ", on the line",
        "beyond the end": ", beyond the end of the line",
        "between lines": ", between the lines of the two sides",
        "left": ", on its left",
        "right": ", on its right",
        "unknown": ", side not known",
    }.get(side, f", on the {side} side")
    told += "" if side == "beyond the end" else f", at km {chainage / 1000:.1f}"
    told += {"near": "; near", "far": "; not near", "possible": "; possibly near"}[flag]
    told += f" (within {limit(LIMIT_M)})"
    if basis == "none":
        told += " by the bare point, whose uncertainty is not known"
    else:
        told += " with probability "
        if 0 < share < 0.005:
            told += "below 0.01"
        elif 0.995 < share < 1:
            told += "above 0.99"
        elif (flag != "far" and share < 0.055) or (flag != "near" and share >= 0.945):
            # A possible one is never told as 0.050 or 0.950, at which it would not be possible.
            told += f"{min(max(share, 0.051), 0.949) if flag == 'possible' else share:.3f}"
        else:
            told += f"{share:.2f}"
        if basis == "default":
            told += f", taking {limit(DEFAULT_M)} as the uncertainty of its place"
        elif flag != "near" and place > distance:
            told += f", its place being known to ± {limit(float(f'{place:.2g}'))}"
    if lines > 1:
        times = "once" if lines == 2 else f"{lines - 1} times"
        told += f"; the line changed {times} during the time in question"
    if gap > 0:
        told += f"; for {gap:.0%} of that time no line was in force"
    return told + "."


@pytest.mark.parametrize("seed", range(5))
def test_composed_by_columns_they_read_as_one_by_one(seed):
    rng = np.random.default_rng(seed)
    count = 4000
    names = ["Northern sector", None, "Cell", "Cell"]
    starts = np.array(["2025-01-01", "2025-04-01T22:00", "NaT", "1890-12-31"], "datetime64[us]")
    since = ["1 Jan 2025", "2 Apr 2025", None, "31 Dec 1890"]
    sigma = [200.0, np.nan, 0.0, 1500.0]
    lines = LineColumns(
        np.full(4, None, dtype=object), line_name=names, valid_from=starts, uncertainty_m=sigma
    )
    share = rng.choice([0.0, 1.0, 0.05, 0.95, 0.0049, 0.9951, 0.0549, 0.9449, -1.0], count)
    share = np.where(share < 0, rng.random(count), share)
    flag = np.where(share >= 0.95, "near", np.where(share <= 0.05, "far", "possible"))
    told = Told(
        line=rng.integers(0, 4, count),
        distance_m=rng.choice([0.0, 9999.4, 9999.6, 1.0], count) + 10 ** rng.uniform(-1, 6, count),
        side=rng.choice(SIDES, count).astype(object),
        chainage_m=10 ** rng.uniform(0, 7, count),
        flag=flag.astype(object),
        basis=rng.choice(["measured", "default", "none"], count).astype(object),
        share=share,
        lines_in_span=rng.choice([1, 1, 1, 2, 3, 11], count),
        without_line=rng.choice([0.0, 0.0, 0.3481, 0.999], count),
        place_m=rng.choice([np.nan, 0.0, 100.0, 1234.5, 25_000.0, 149_999.0], count),
    )
    found = Sentences(lines, LIMIT_M, DEFAULT_M, zone_of("Europe/Athens")).of(told)
    for row in range(count):
        line = told.line[row]
        assert found[row] == expected(
            told.distance_m[row],
            names[line],
            since[line],
            told.side[row],
            np.nan_to_num(sigma[line]),
            told.chainage_m[row],
            told.flag[row],
            told.share[row],
            told.basis[row],
            told.lines_in_span[row],
            told.without_line[row],
            told.place_m[row],
        )
