"""What a review in the panel may do: who waits for it, what needs a reason, what is refused."""

from __future__ import annotations

from typing import Mapping, Optional

from qgis.PyQt.QtCore import QCoreApplication

from ...model.review import BEGINNINGS, CONFIRMING, may_follow, transition_refusal
from ...model.vocabulary import label

# The workflow's states in which a record waits for its review, as a shift's handover counts them.
WAITING = ("draft", "recorded")
WITHDRAWN = "withdrawn"
FIELDS = tuple(BEGINNINGS)
LISTS = {"verification": "verifications", "workflow": "workflows"}
State = Mapping[str, Optional[str]]


def tr(text: str) -> str:
    """A sentence in the user's language."""
    return QCoreApplication.translate("ReviewStates", text)


def waits(state: State) -> bool:
    """Whether a record in this state waits for its review."""
    return (state.get("workflow") or BEGINNINGS["workflow"]) in WAITING


def refusal(state: State, given: State) -> Optional[str]:
    """Why this may not be set on a record in that state, as a sentence; None: it may be.

    What the ledger alone knows (the four-eyes rule, an earlier code) it says itself on writing.
    """
    for field, code in given.items():
        if not may_follow(field, state.get(field), code):
            sentence = transition_refusal(field, state.get(field))
            return sentence[:1].upper() + sentence[1:]
    changes = any(state.get(field) != code for field, code in given.items())
    withdrawn = state.get("workflow") == WITHDRAWN
    if withdrawn and changes and given.get("workflow") in (None, WITHDRAWN):
        return tr("It is withdrawn; bring it back as recorded first.")
    return None


def needs_reason(state: State, given: State) -> bool:
    """Whether somebody has to say why: a withdrawal, its taking back, or a step back from what
    was confirmed."""
    after = {**state, **given}
    if WITHDRAWN in (state.get("workflow"), after.get("workflow")):
        return state.get("workflow") != after.get("workflow")
    return any(
        state.get(field) in codes and after.get(field) not in codes
        for field, codes in CONFIRMING.items()
    )


def in_words(given: State) -> str:
    """What is set, in words: “confirmed, reviewed”."""
    return ", ".join(label(LISTS[field], code) for field, code in given.items() if code)
