"""What a survival of ceasefires says, in careful sentences: what is seen, and no cause."""

from __future__ import annotations

import math

from .survival_of import FEW, Group, Survival

CAUSE = (
    "Such a difference is no effect of what makes the groups: where parties agree on a mechanism, "
    "war and parties may differ from those where they do not. Read it as what was seen, not as "
    "what would happen."
)


def sentences(survival: Survival) -> list[str]:
    """What was estimated, from how many, what each group shows, and how far that goes."""
    told = [_what(survival)]
    told += [_of_group(group) for group in survival.groups]
    told += _comparison(survival)
    if survival.expired:
        told.append(
            f"{_of(survival.expired, 'fixed term', 'fixed terms')} ran out: no failure, and "
            "counted as watched until then."
        )
    if survival.left_out:
        told.append(
            f"Left out, as no duration is known: {survival.left_out:,} of "
            f"{survival.left_out + sum(len(group.low) for group in survival.groups):,}."
        )
    if len(survival.groups) > 1:
        told.append(CAUSE)
    return told


def _what(survival: Survival) -> str:
    cases = sum(len(group.low) for group in survival.groups)
    ends = sum(group.ends for group in survival.groups)
    how = (
        "Turnbull's estimate, as some days are known to the month or year only; bounds by "
        "drawing the ceasefires again"
        if survival.intervals
        else "Kaplan and Meier's estimate; bounds on the log-log scale"
    )
    return (
        f"{cases:,} ceasefires, of which {ends:,} ended while they were watched ({how}). "
        "The unit is the ceasefire."
    )


def _of_group(group: Group) -> str:
    median, low, high = group.curve.quantile()
    if median is None:
        half = "more than half still held at the end of what is known"
    else:
        upper = f"{high:,.0f}" if high is not None else "no upper bound"
        lower = f"{low:,.0f}" if low is not None else "0"
        half = f"half had ended by day {median:,.0f} (95 %: {lower} to {upper})"
    few = f"; with fewer than {FEW} ends, take it as anecdote" if group.ends < FEW else ""
    return (
        f"Group “{group.name}”: {len(group.low):,} ceasefires, {group.ends:,} ended; {half}{few}."
    )


def _comparison(survival: Survival) -> list[str]:
    told = []
    for each in survival.differences:
        chance = each.low <= 0 <= each.high
        bounds = (
            "its bounds cannot be told"
            if math.isnan(each.low)
            else f"95 %: {100 * each.low:+.0f} to {100 * each.high:+.0f}"
        )
        told.append(
            f"After day {each.day:,} the share of “{each.one}” that still held differs from that "
            f"of “{each.other}” by {100 * each.points:+.0f} points ({bounds})"
            + (": it cannot be told from chance." if chance else ".")
        )
    if survival.test is not None:
        told.append(
            f"Log-rank test between the known groups: chi-square {survival.test.chi_square:.2f}, "
            f"{survival.test.degrees} degrees of freedom, p = {survival.test.p:.3g}."
        )
    if len(survival.groups) > 2 and not all(group.known for group in survival.groups):
        told.append("The group whose value is not known is no part of the comparison.")
    return told


def _of(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
