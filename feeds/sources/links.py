"""Links to the next page: made absolute, never twice the same, and trusted only on their host."""

from __future__ import annotations

from typing import Callable, Optional
from urllib.parse import urljoin, urlsplit

from ..http.addresses import origin


def same_origin(one: str, other: str) -> bool:
    """Whether credentials for the one may be sent to the other: scheme, host and port agree."""
    try:
        return origin(one) == origin(other)
    except ValueError:
        return False


class Trail:
    """The addresses that one reading went through, from the feed's own on.

    ``follow`` gives the next address, or None at the end, at a loop, or where the link cannot be
    followed; the latter two are said to ``warn`` and leave ``broken`` True.
    """

    def __init__(self, address: str, warn: Callable[[str], None]):
        self.home = address
        self.warn = warn
        self.seen = {address}
        self.broken = False
        self._told = False

    def trusted(self, address: str) -> bool:
        """Whether the feed's credentials may go to this address."""
        return same_origin(self.home, address)

    def follow(self, base: str, link: Optional[str]) -> Optional[str]:
        """The absolute address of a link found in the reply from ``base``."""
        if not link:
            return None
        try:
            address = self._own_scheme(urljoin(base, link.strip()))
            scheme = origin(address)[0]
        except ValueError:
            scheme, address = "", link
        if not scheme or (scheme == "http" and origin(self.home)[0] == "https"):
            return self._stop(
                "The source's link to its next page cannot be followed (it is no https address): "
                "what lies beyond it was not read."
            )
        if address in self.seen:
            return self._stop(
                "The source's links to next pages run in a loop: reading stopped there, and what "
                "lies beyond it was not read."
            )
        self.seen.add(address)
        if not self.trusted(address) and not self._told:
            self._told = True
            self.warn(
                f"The source's next page is on another host ({urlsplit(address).hostname}): it "
                "was asked for without this feed's credentials."
            )
        return address

    def _own_scheme(self, address: str) -> str:
        """A link by http to our own https host, as servers behind a proxy write it, by https."""
        here, there = origin(self.home), origin(address)
        behind = here[0] == "https" and there[0] == "http" and here[1] == there[1]
        if not behind or there[2] not in (80, here[2]):
            return address
        parts, home = urlsplit(address), urlsplit(self.home)
        return parts._replace(scheme="https", netloc=home.netloc).geturl()

    def _stop(self, sentence: str) -> None:
        self.broken = True
        self.warn(sentence)
