"""What a reply of ACLED's says: rows, totals, cursors, and what the account may not see."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import Any, Optional

from ..http.errors import FeedError, Reason
from ..http.reply import Reply

WHO = "ACLED"
YES = (True, 1, "1", "true", "True")


@dataclasses.dataclass(frozen=True)
class Restriction:
    """What an account may not see: all after ``last_day``, else what ``words`` say."""

    last_day: Optional[date]
    words: str = ""

    def sentence(self) -> str:
        """The restriction for the person who reads the report."""
        if self.last_day is None:
            return (
                f"{WHO} restricts what this account may read, in words that are not known here "
                f"({self.words}): what is missing may exist, so its absence means nothing."
            )
        return (
            f"This account may only read {WHO}'s events up to {self.last_day.isoformat()}: later "
            "ones are withheld, so that none are shown after that day means nothing."
        )


@dataclasses.dataclass(frozen=True)
class Page:
    """One reply: ``cursor_told`` where it has the key next_cursor, whose text is ``cursor``."""

    reply: Reply
    rows: list[dict]
    total: Optional[int]
    cursor_told: bool
    cursor: Optional[str]
    restriction: Optional[Restriction]
    messages: tuple[str, ...]


def read_page(reply: Reply) -> Page:
    """The page of a reply.

    Raises FeedError: REFUSED with the server's own words where it says that the request failed,
    SCHEMA where it is no reply of ACLED's.
    """
    body = reply.json()
    if not isinstance(body, dict):
        raise changed("is no object")
    refuse_failure(body, reply)
    rows = body.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise changed("has no list of rows named “data”")
    cursor = body.get("next_cursor")
    messages = body.get("messages")
    return Page(
        reply,
        rows,
        whole(body.get("total_count")),
        "next_cursor" in body,
        None if cursor in (None, "", "null") else str(cursor),
        restriction_of(body.get("data_query_restrictions")),
        tuple(map(str, messages)) if isinstance(messages, list) else (),
    )


def refuse_failure(body: dict, reply: Reply) -> None:
    """Raise the server's own words where its reply of status 200 says that it failed."""
    wrong = body.get("error") or body.get("errors")
    status = whole(body.get("status"))
    failed = body.get("success", True) not in YES or (status is not None and status >= 400)
    if not wrong and not failed:
        return
    said = first_text(wrong) or first_text(body.get("messages")) or "it does not say why"
    reason = {401: Reason.UNAUTHORISED, 403: Reason.FORBIDDEN, 429: Reason.LIMITED}.get(status)
    raise FeedError(
        f"{WHO} answered that the request failed ({said[:200]}): check the feed's options.",
        reason or Reason.REFUSED,
        status=status or reply.status,
    )


def first_text(value: Any) -> str:
    """The first text in an error of any shape; empty where there is none."""
    if isinstance(value, (list, tuple)):
        return next(filter(None, map(first_text, value)), "")
    if isinstance(value, dict):
        return first_text(value.get("message")) or first_text(list(value.values()))
    return str(value).strip() if value not in (None, True, False) else ""


def restriction_of(said: Any) -> Optional[Restriction]:
    """What ``data_query_restrictions`` says; None where it is empty (an object or a list)."""
    if not said:
        return None
    recency = said.get("date_recency") if isinstance(said, dict) else None
    try:
        return Restriction(date.fromisoformat(str(recency["date"])[:10]))
    except (TypeError, KeyError, ValueError):
        return Restriction(None, json.dumps(said, ensure_ascii=False)[:200])


def whole(value: Any) -> Optional[int]:
    """A whole number that came as a number or as text; None where it is none."""
    try:
        return int(str(value).strip())
    except ValueError:
        return None


def changed(how: str) -> FeedError:
    """The error of a reply that is not as ACLED's documentation has it."""
    return FeedError(
        f"{WHO}'s reply {how}: its form may have changed, so nothing of it was taken. Look for a "
        "newer version of the plugin.",
        Reason.SCHEMA,
    )
