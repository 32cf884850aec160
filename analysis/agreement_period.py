"""When an agreement is in force, and a moment, in words: in the agreement's own time zone."""

from __future__ import annotations

from datetime import datetime

from ..model.agreement import Agreement, Status
from .agreement_moments import zone_of
from .agreement_times import in_force


def moment_words(agreement: Agreement, moment: datetime) -> str:
    """A moment (aware) in the agreement's zone: "2024-11-27 04:00 (Asia/Beirut)"."""
    local = moment.astimezone(zone_of(agreement.timing))
    return f"{local:%Y-%m-%d %H:%M} ({agreement.timing.timezone})"


def at_words(agreement: Agreement, moment: datetime) -> str:
    """The same with its preposition: "at 2024-11-27 04:00 (Asia/Beirut)"."""
    return f"at {moment_words(agreement, moment)}"


def not_in_force_words(agreement: Agreement, moment: datetime, status: Status) -> str:
    """Whole sentences: the agreement is not in force at a moment, when it is, what to do.

    ``agreement`` is taken as agreed; of a draft (``status``) only its dates are spoken of.
    """
    when, periods = at_words(agreement, moment), _periods(agreement)
    if status is Status.DRAFT:
        return (
            f"“{agreement.title}” is a draft, and by its own dates it would not be in force "
            f"{when}; it would be {periods}. Choose another date."
        )
    return f"“{agreement.title}” is not in force {when}; it is {periods}. Choose another date."


def _periods(agreement: Agreement) -> str:
    told = []
    for start, end in in_force(agreement):
        begun = f"from {moment_words(agreement, start)}" if start else "from the beginning"
        told.append(f"{begun} until {moment_words(agreement, end)}" if end else f"{begun} on")
    return "in force " + " and ".join(told) if told else "never in force"
