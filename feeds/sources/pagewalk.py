"""Following a source's own links from page to page, never in a circle."""

from __future__ import annotations

from typing import Callable, Iterator, Optional

from ..http.reply import Reply


class PageWalk:
    """``next`` gives the next page's address; ``broken`` is True after a circle, which is said."""

    def __init__(self, warn: Callable[[str], None]):
        self.warn = warn
        self.seen: set[str] = set()
        self.broken = False
        self.pages = 0

    def pages_from(
        self, first: Callable[[], Reply], ask: Callable[[str], Reply], link: Callable
    ) -> Iterator[tuple[Reply, dict]]:
        """Each page's reply and JSON; ``link`` finds the next page's link in the JSON."""
        reply: Optional[Reply] = first()
        while reply is not None:
            page = reply.json()
            if not isinstance(page, dict):
                page = {}
            self.pages += 1
            yield reply, page
            address = self.next(reply, link(page))
            reply = ask(address) if address else None

    def next(self, reply: Reply, link: Optional[str]) -> Optional[str]:
        """The address of a reply's link to its next page; None at the end or in a circle.

        Raises FeedError where it leads to another server.
        """
        self.seen.add(reply.address)
        if not link:
            return None
        address = reply.follow(link)
        if address in self.seen:
            self.broken = True
            self.warn(
                "The source's links to its next pages run in a circle: reading stopped there, and "
                "what lies beyond it was not read."
            )
            return None
        self.seen.add(address)
        return address
