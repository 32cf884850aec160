"""What a review may do: which state may follow which, and who may say so.

Which code may follow another is data: ``next`` in the vocabularies ``verifications`` and
``workflows``. A code that the list does not have may be set, so that a user's own codes work; it is
left to where the last listed code that the record had could go, so that it is no way around.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from typing import Any, Iterable, Mapping, Optional

from .vocabulary import label, vocabulary

# What stands where a record says nothing.
BEGINNINGS = {"verification": "unverified", "workflow": "recorded"}
VOCABULARIES = {
    "verification": "verifications",
    "workflow": "workflows",
    "sensitivity": "sensitivities",
    "reliability": "reliabilities",
    "credibility": "credibilities",
}
REVIEW_FIELDS = tuple(VOCABULARIES)
# What needs a second pair of eyes.
CONFIRMING = {
    "verification": ("corroborated", "confirmed"),
    "workflow": ("reviewed", "released"),
}
# Fields of a state that are no content: what review sets, and what triggers keep.
NO_CONTENT = (*REVIEW_FIELDS, "revision", "recorded_at")


@dataclasses.dataclass(frozen=True)
class Review:
    """What a review sets; None leaves a field as it is."""

    verification: Optional[str] = None
    workflow: Optional[str] = None
    reliability: Optional[str] = None
    credibility: Optional[str] = None
    sensitivity: Optional[str] = None

    def given(self) -> dict[str, str]:
        """The fields that are set, with their codes."""
        values = {name: getattr(self, name) for name in REVIEW_FIELDS}
        return {name: code for name, code in values.items() if code is not None}

    def confirms(self, record: Any) -> bool:
        """Whether it raises the record to a state that needs a second pair of eyes."""
        return any(
            code in CONFIRMING.get(name, ()) and code != getattr(record, name)
            for name, code in self.given().items()
        )


@dataclasses.dataclass(frozen=True)
class Authors:
    """Who signed the first revision, and the last one that changed the content; None: nobody."""

    first: Optional[str] = None
    last: Optional[str] = None

    @property
    def known(self) -> bool:
        """Whether both are signed."""
        return self.first is not None and self.last is not None

    def hold(self, who: str) -> bool:
        """Whether ``who`` is one of them; case and spaces do not tell people apart."""
        return plain_name(who) in {plain_name(name) for name in (self.first, self.last) if name}


def followers(field: str, code: Optional[str]) -> Optional[tuple[str, ...]]:
    """The codes that may follow a code; None: any."""
    code = code or BEGINNINGS.get(field)
    listed = vocabulary(VOCABULARIES[field]).get(code or "", {}).get("next")
    return None if listed is None else tuple(listed)


def is_listed(field: str, code: Optional[str]) -> bool:
    """Whether a code is one of the field's list; nothing said is its beginning."""
    return not code or code in vocabulary(VOCABULARIES[field])


def last_listed(field: str, codes: Iterable[Optional[str]]) -> Optional[str]:
    """Of the codes that a record had, the oldest first, the last one that the list has."""
    found = None
    for code in codes:
        found = code if is_listed(field, code) else found
    return found


def refused_followers(field: str, code: str) -> tuple[str, ...]:
    """The codes of the list that may not follow a code."""
    allowed = followers(field, code)
    if allowed is None:
        return ()
    listed = vocabulary(VOCABULARIES[field])
    return tuple(other for other in listed if other != code and other not in allowed)


def may_follow(field: str, before: Optional[str], after: Optional[str]) -> bool:
    """Whether a field of a record may go from one code to another."""
    before = before or BEGINNINGS.get(field)
    after = after or BEGINNINGS.get(field)
    if before == after or before is None:
        return True
    return after not in refused_followers(field, before)


def transition_refusal(field: str, before: Optional[str]) -> str:
    """The sentence on a step that is not allowed: what would be."""
    listed = VOCABULARIES[field]
    before = before or BEGINNINGS.get(field)
    after = [label(listed, code) for code in followers(field, before) or ()]
    return (
        f"{field} goes from “{label(listed, before)}” only to {_or(after)}; choose one of those, "
        "or go there in two steps."
    )


def refusal_of(
    record: Any, review: Review, stood: Optional[Mapping[str, Optional[str]]] = None
) -> Optional[str]:
    """Why a review may not be given to a record: the first reason as a sentence; None: it may.

    ``stood`` holds, by field, the last listed code that a record with a code of the user's own had.
    """
    for field, code in review.given().items():
        before = getattr(record, field)
        if field in BEGINNINGS and not is_listed(field, before):
            before = (stood or {}).get(field)
        if field in BEGINNINGS and not may_follow(field, before, code):
            return transition_refusal(field, before)
    if record.workflow == "withdrawn" and review.workflow in (None, "withdrawn"):
        changes = any(getattr(record, name) != code for name, code in review.given().items())
        if changes:
            return "it is withdrawn; set its workflow to recorded first."
    return None


def four_eyes_refusal(authors: Authors, who: Optional[str]) -> Optional[str]:
    """Why ``who`` may not confirm what these people recorded; None: they may, or it is unsigned."""
    if not who or not plain_name(who):
        return "the four-eyes rule is on: say who reviews."
    if authors.hold(who):
        return (
            f"the four-eyes rule is on, and {who} recorded it or last changed it: another person "
            "has to review it."
        )
    return None


def content_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a state that are content, not review."""
    return {name: value for name, value in state.items() if name not in NO_CONTENT}


def plain_name(name: str) -> str:
    """A person's name, or code, as they are compared: without case, spaces and unseen marks."""
    seen = "".join(unicodedata.normalize("NFKC", name).split())
    return "".join(mark for mark in seen if unicodedata.category(mark) != "Cf").casefold()


def _or(words: list[str]) -> str:
    quoted = [f"“{word}”" for word in words]
    if len(quoted) < 2:
        return "".join(quoted) or "nothing else"
    return ", ".join(quoted[:-1]) + " or " + quoted[-1]
