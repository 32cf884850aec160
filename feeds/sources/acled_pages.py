"""ACLED's pages: by cursor, and by number at servers that know no cursor yet."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Callable, Iterator

from ..distinct import Distinct
from ..http.errors import FeedError, Reason
from ..http.reply import Reply
from .acled_reply import WHO, Page, read_page

# From this day on ACLED no longer promises that pages by number work.
NO_MORE_PAGES = datetime(2026, 10, 27, tzinfo=timezone.utc)
EMPTY_IN_A_ROW = 3
KEY = "event_id_cnty"


class Pages:
    """Goes through all pages of one query, each once; ``paging`` is auto, cursor or page.

    ``ask(parameters)`` gives the reply of one page. After the last page ``distinct`` has counted
    rows and ids, ``total`` is what the server last said that there are (None: it did not), and
    ``proven`` whether nothing speaks against all of them having come.
    """

    def __init__(
        self,
        ask: Callable[[dict], Reply],
        limit: int,
        paging: str,
        warn: Callable[[str], None],
        now: datetime,
    ):
        self.ask, self.limit, self.paging = ask, limit, paging
        self.warn, self.now = warn, now
        self.distinct = Distinct()
        self.total = None
        self.proven = True
        self._empty = 0

    def __iter__(self) -> Iterator[Page]:
        """The pages; raises FeedError (TRUNCATED) where what follows cannot be reached."""
        if self.paging == "page":
            yield from self._by_number(1)
        else:
            yield from self._by_cursor()
        self._hold_against_total()

    def _by_cursor(self) -> Iterator[Page]:
        cursor, seen = "0", {"0"}
        while cursor is not None:
            page = self._page({"cursor": cursor})
            yield page
            if not page.cursor_told and len(page.rows) >= self.limit:
                if len(seen) > 1 or self.paging == "cursor":
                    raise self._truncated("left out the cursor of the next page")
                yield from self._by_number(2, first_ids(page))
                return
            if page.cursor in seen:
                raise self._truncated("named a cursor again that was read before")
            cursor = page.cursor
            seen.add(cursor)

    def _by_number(self, number: int, before: tuple = ()) -> Iterator[Page]:
        while True:
            page = self._page({"page": number})
            if page.rows and first_ids(page) == before:
                raise self._truncated(f"gave the same rows for page {number:,} as before it")
            yield page
            if len(page.rows) < self.limit:
                break
            before = first_ids(page)
            number += 1
        if self.total is None and self.now >= NO_MORE_PAGES:
            raise self._truncated("knows no cursor and does not say how many rows there are")

    def _page(self, where: dict) -> Page:
        page = read_page(self.ask({**where, "limit": self.limit}))
        for row in page.rows:
            self.distinct.add(row.get(KEY))
        if page.total is not None:
            self.total = page.total
        self._empty = 0 if page.rows else self._empty + 1
        if self._empty >= EMPTY_IN_A_ROW and page.cursor is not None:
            raise self._truncated("gave only empty pages, and always another cursor")
        for message in page.messages:
            self.warn(f"{WHO} says: “{message[:300]}”.")
        return page

    def _hold_against_total(self) -> None:
        came = self.distinct.count()
        if self.total is not None and came != self.total:
            self.proven = False
            self.warn(
                f"{WHO} says that there are {self.total:,} events, and {came:,} different ones "
                "came: the data may have changed meanwhile. What came was taken, nothing was "
                "withdrawn, and the next fetch reads all of it again."
            )

    def _truncated(self, how: str) -> FeedError:
        return FeedError(
            f"{WHO} {how}, after {self.distinct.rows:,} rows: what comes after them is missing. "
            "Fetch again later, or ask for less at a time.",
            Reason.TRUNCATED,
        )


def first_ids(page: Page) -> tuple:
    """The ids of a page's first rows, by which a page is known again."""
    return tuple(row.get(KEY) for row in page.rows[:20])
