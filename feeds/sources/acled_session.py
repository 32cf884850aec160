"""How ACLED is asked: by name and password, or by a token."""

from __future__ import annotations

from typing import Optional
from urllib.parse import urlsplit

from ..http.errors import FeedError, Reason
from ..http.reply import Reply
from ..oauth import Login
from ..source import Asked
from .acled_reply import WHO

ADDRESS = "https://acleddata.com"
OLD_HOST = "api.acleddata.com"


class Session:
    """Asks with whatever the feed has: name and password, or a token."""

    def __init__(self, asked: Asked):
        self.client = asked.client
        self.root = asked.address.rstrip("/")
        if (urlsplit(self.root).hostname or "").lower() == OLD_HOST:
            raise FeedError(
                f"{OLD_HOST} was closed in 2025: set the feed's address to {ADDRESS}, and give it "
                "the e-mail address and password of a myACLED account.",
                Reason.GONE,
            )
        known = asked.credentials
        self.login: Optional[Login] = None
        if known.username and known.password:
            grant = {"client_id": "acled", "scope": "authenticated"}
            self.login = Login(
                asked.client,
                f"{self.root}/oauth/token",
                known.username,
                known.password,
                grant,
                WHO,
            )
        elif not known.token and not known.authcfg:
            raise FeedError(
                f"{WHO} needs the e-mail address and password of a myACLED account: give them to "
                "the feed in an authentication configuration, or in its environment variables.",
                Reason.UNAUTHORISED,
            )

    def ask(self, what: str, query: dict) -> Reply:
        """The reply of ``/api/{what}/read``; raises FeedError in words for this source."""
        get = self.login.get if self.login else self.client.get
        try:
            return get(f"{self.root}/api/{what}/read", {"_format": "json", **query})
        except FeedError as error:
            if error.reason is Reason.FORBIDDEN:
                raise FeedError(
                    "This myACLED account may not use the API (the Open tier has none): ask ACLED "
                    "for research or partner access, or import a file that was downloaded.",
                    Reason.FORBIDDEN,
                    status=error.status,
                ) from None
            if error.reason is Reason.UNAUTHORISED and self.login is None:
                raise FeedError(
                    f"{WHO} did not take this feed's token (one lasts 24 hours): give the feed the "
                    "e-mail address and password of the account instead.",
                    Reason.UNAUTHORISED,
                    status=error.status,
                ) from None
            raise
