"""OAuth's password grant (RFC 6749, 4.3 and 6): tokens that live in memory for one run only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Mapping, Optional

from .http.errors import FeedError, Reason

if TYPE_CHECKING:
    from .http.client import Client
    from .http.reply import Reply

# A token endpoint says with these that name, password or refresh token were not right.
NOT_LET_IN = (400, 401, 403)


class Login:
    """A log-in by name and password, whose token is sent with each request and renewed.

    ``fields`` go with each request for a token (client_id, scope). ``who`` is the source's name
    for the sentences. Nothing is kept beyond this object, and the client hides every token.
    """

    def __init__(
        self,
        client: Client,
        address: str,
        username: str,
        password: str,
        fields: Mapping[str, str],
        who: str,
    ):
        self.client, self.address, self.who = client, address, who
        self._username, self._password, self._fields = username, password, dict(fields)
        self._access = self._refresh = ""

    def get(self, url: str, params: Optional[Mapping] = None, **how) -> Reply:
        """Ask for an address with the token; a token that ran out is renewed, and asked once more.

        Raises FeedError (UNAUTHORISED) where a fresh token is not taken either.
        """
        if not self._access:
            self._log_in()
        try:
            return self._ask(url, params, how)
        except FeedError as error:
            if error.reason is not Reason.UNAUTHORISED:
                raise
        self._renew()
        return self._ask(url, params, how)

    def _ask(self, url: str, params: Optional[Mapping], how: dict) -> Reply:
        headers = {**how.get("headers", {}), "Authorization": f"Bearer {self._access}"}
        return self.client.get(url, params, **{**how, "headers": headers, "authorised": False})

    def _renew(self) -> None:
        """A new token by the refresh token; where that ran out too, by name and password."""
        if self._refresh:
            try:
                self._take({"grant_type": "refresh_token", "refresh_token": self._refresh})
                return
            except FeedError as error:
                if error.status not in NOT_LET_IN:
                    raise
        self._log_in()

    def _log_in(self) -> None:
        try:
            self._take(
                {
                    "grant_type": "password",
                    "username": self._username,
                    "password": self._password,
                }
            )
        except FeedError as error:
            if error.status not in NOT_LET_IN:
                raise
            raise FeedError(
                f"{self.who} did not take this feed's user name and password: check them in the "
                "feed's authentication, or in its environment variables.",
                Reason.UNAUTHORISED,
                status=error.status,
            ) from None

    def _take(self, grant: dict) -> None:
        reply = self.client.post(self.address, data={**grant, **self._fields}, authorised=False)
        said = reply.json()
        access = said.get("access_token") if isinstance(said, dict) else None
        if not isinstance(access, str) or not access:
            raise FeedError(
                f"{self.who} answered the log-in without a token: its way of logging in may have "
                "changed; look for a newer version of the plugin.",
                Reason.SCHEMA,
            )
        refresh = said.get("refresh_token")
        self._access = access
        self._refresh = refresh if isinstance(refresh, str) else ""
        self.client.protect(self._access)
        self.client.protect(self._refresh)
