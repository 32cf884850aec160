"""The progress of an accord as a page: sentences, rates, what needs a look, other accords."""

from __future__ import annotations

from typing import Optional, Sequence

from ..analysis.accord_comparison import Compared
from ..analysis.accord_model import APART, STATES, TITLES
from ..analysis.accord_progress import Rate, Standing
from .plain_sheet import PlainSheet

GROUPS = {
    "year": "By year",
    "theme": "By theme",
    "priority": "Priority and the rest",
    "body": "By responsible body",
    "place": "By place",
}
LOOK_AT = ("reversed", "stalled")
MOST = 200


def accord_sheet(
    title: Optional[str],
    told: Sequence[str],
    rates: Sequence[Rate],
    standings: Sequence[Standing],
    compared: Sequence[Compared],
) -> PlainSheet:
    """The page; rates and distributions stand beside each other and are never merged."""
    sheet = PlainSheet(title or "Progress of the accord", "Implementation of the accord")
    for sentence in told:
        sheet.say(sentence)
    for by, heading in GROUPS.items():
        own = [rate for rate in rates if rate.by == by]
        if own:
            sheet.heading(heading)
            sheet.table(_columns(), [_row(rate) for rate in own])
    _standings(sheet, standings)
    if compared:
        sheet.heading("Beside other accords")
        columns = ["Provision", "Own score", "Their mean", "Accords", "Rank"]
        sheet.table(columns, [_compared(row) for row in compared])
    sheet.say(
        "Rate: sum of the scores (0 to 3) over three times the number of provisions with a score. "
        "Shares are of those with a score. “At this pace” carries the pace since the signature on; "
        "it is no forecast. What is compared at the same time need not be its cause.",
        small=True,
    )
    return sheet


def _columns() -> list[str]:
    return ["", "Provisions", "Rate", *(TITLES[one] for one in (*reversed(STATES), *APART))]


def _row(rate: Rate) -> list[str]:
    percent = "–" if rate.rate_percent is None else f"{rate.rate_percent:.1f} %"
    states = []
    for state in reversed(STATES):
        share = getattr(rate, f"{state}_percent")
        states.append("–" if share is None else f"{getattr(rate, state):,} ({share:.0f} %)")
    apart = [f"{getattr(rate, one):,}" for one in APART]
    return [rate.group or "", f"{rate.provisions:,}", percent, *states, *apart]


def _standings(sheet: PlainSheet, standings: Sequence[Standing]) -> None:
    chosen = [one for one in standings if one.standing in LOOK_AT or one.overdue_days is not None]
    sheet.heading(f"Reversed, stalled or overdue ({len(chosen):,})")
    if not chosen:
        sheet.say("None.")
        return
    columns = ["Provision", "Title", "State", "Since", "Standing", "Overdue (days)"]
    rows = [
        [one.provision_id, one.title, TITLES[one.state], one.assessed_on, one.standing,
         one.overdue_days]
        for one in chosen[:MOST]
    ]  # fmt: skip
    sheet.table(columns, rows)
    if len(chosen) > MOST:
        sheet.say(f"{len(chosen) - MOST:,} more stand in the table of provisions.")


def _compared(row: Compared) -> list[str]:
    return [
        row.title,
        f"{row.score:.1f}",
        f"{row.mean:.2f}",
        f"{row.accords}",
        f"{row.rank} of {row.accords + 1}",
    ]
