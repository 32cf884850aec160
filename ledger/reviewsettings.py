"""The settings that review rests on, with what holds where a ledger does not say."""

from __future__ import annotations

from typing import Mapping, Optional

from ..model.errors import CeasefireError

FOUR_EYES = "four_eyes"
CORROBORATION_SOURCES = "corroboration_sources"
REVIEW_DUE_HOURS = "review_due_hours"
CLAIM_DUE_HOURS = "claim_due_hours"
REVIEW_DEFAULTS = {
    FOUR_EYES: "no",
    CORROBORATION_SOURCES: "2",
    REVIEW_DUE_HOURS: "24",
    CLAIM_DUE_HOURS: "24",
}
LEAST = {CORROBORATION_SOURCES: 2, REVIEW_DUE_HOURS: 1, CLAIM_DUE_HOURS: 1}
MOST = 100_000


def four_eyes(settings: Mapping[str, Optional[str]]) -> bool:
    """Whether who recorded may not confirm."""
    return setting(settings, FOUR_EYES) == "yes"


def whole(settings: Mapping[str, Optional[str]], key: str) -> int:
    """A setting that is a whole number; its default where it is absent or unreadable."""
    text = setting(settings, key)
    return int(text) if text.isdigit() else int(REVIEW_DEFAULTS[key])


def setting(settings: Mapping[str, Optional[str]], key: str) -> str:
    """A setting of review as text; its default where the ledger has none."""
    return (settings.get(key) or "").strip().lower() or REVIEW_DEFAULTS[key]


def checked_review_setting(key: str, value: str) -> str:
    """The value of a setting of review if it may stand; CeasefireError says what would."""
    text = value.strip().lower()
    if key == FOUR_EYES:
        if text not in ("yes", "no"):
            raise CeasefireError(f"“{value}” is neither yes nor no: {key} is one of them.")
        return text
    if not text.isdigit() or not LEAST[key] <= int(text) <= MOST:
        raise CeasefireError(
            f"“{value}” is no number for {key}: write a whole number of at least {LEAST[key]}."
        )
    return str(int(text))
