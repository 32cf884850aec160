"""Addresses: what is one, whose it is, and where a redirect leads."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from .credentials import Credentials
from .errors import FeedError, Reason

PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address, small letters, the scheme's port where none is given.

    Raises ValueError where the address has no host or a port that is none.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not parts.hostname or re.search(r"[\s\\]", parts.netloc):
        raise ValueError("no web address")
    port = parts.port if parts.port is not None else PORTS[scheme]
    return scheme, parts.hostname.lower().rstrip("."), port


def checked(url: str) -> str:
    """The address with its blanks and its part after ``#`` gone.

    Raises FeedError (REFUSED) where it is no address of the web; the sentence does not repeat the
    address, which may hold a secret.
    """
    text = str(url).strip()
    wrong = any(sign in text for sign in "\r\n\t\x00")
    try:
        origin(text)
    except ValueError:
        wrong = True
    if wrong:
        raise FeedError(
            "The feed's address is no address of the web: give one that begins with https:// and "
            "names a host.",
            Reason.REFUSED,
        )
    return text.partition("#")[0]


def split_login(url: str) -> tuple[str, Credentials]:
    """An address without ``user:password@``, and that log-in (empty where there is none)."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, Credentials()
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))
    return bare, Credentials(username=unquote(user), password=unquote(password))


def target(current: str, location: str) -> str:
    """Where a redirect's ``Location`` leads from an address: relative ones made whole.

    Raises FeedError (REDIRECTED) where it is no address, leaves https for http, or leads to
    something that is not of the web.
    """
    try:
        # Raw UTF-8 in a Location arrives as Latin-1; what is encoded already stays.
        location = location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        location = str(location)
    try:
        led = urljoin(current, quote(location.strip(), safe="!#$%&'()*+,/:;=?@[]~"))
        led, _login = split_login(led)
        scheme = origin(led)[0]
    except ValueError:
        raise FeedError(
            "The source redirects to something that is no address of the web: check the feed's "
            "address.",
            Reason.REDIRECTED,
        ) from None
    if origin(current)[0] == "https" and scheme == "http":
        raise FeedError(
            "The source redirects from https to http, where others can read and change what is "
            "sent; it was not followed: give the feed's address as the source names it now.",
            Reason.REDIRECTED,
        )
    return led.partition("#")[0]
