"""Who we are to a source: kept in memory only, hidden in every text."""

from __future__ import annotations

import base64
import dataclasses
import os
import re
from typing import Mapping, Optional


@dataclasses.dataclass(frozen=True, repr=False)
class Credentials:
    """What a source lets us in with; nothing of it is shown by ``repr`` or ``str``.

    ``username`` and ``password`` for Basic and for log-ins, ``token`` for a header: ``header`` is
    its name and ``scheme`` stands before the token (``Bearer``, ``Token``, ``Basic`` or nothing).
    ``authcfg`` is the id of a QGIS authentication configuration for methods that are no plain
    values; the QGIS adapter applies it.
    """

    username: str = ""
    password: str = ""
    token: str = ""
    header: str = "Authorization"
    scheme: str = "Bearer"
    authcfg: str = ""

    def secrets(self) -> list[str]:
        """Every text that must not be seen: password, token, and their form in Basic's header."""
        found = [self.password, self.token]
        if self.password:
            found.append(self.basic())
        return [text for text in found if text]

    def basic(self) -> str:
        """``username:password`` in base64, as HTTP Basic sends it (UTF-8, RFC 7617)."""
        pair = f"{self.username}:{self.password}".encode()
        return base64.b64encode(pair).decode("ascii")

    def headers(self) -> dict[str, str]:
        """The header that authorises a request; empty where there is nothing to send."""
        if self.token:
            return {self.header: f"{self.scheme} {self.token}".strip()}
        if self.password:
            return {"Authorization": f"Basic {self.basic()}"}
        return {}

    @classmethod
    def from_environment(
        cls, feed_name: str, environment: Optional[Mapping[str, str]] = None, **fixed: str
    ) -> Credentials:
        """Credentials from ``CEASEFIRE_FEED_<NAME>_USERNAME``, ``_PASSWORD`` and ``_TOKEN``.

        NAME is the feed's name in capitals with ``_`` for every other sign: “North field (v2)”
        reads ``CEASEFIRE_FEED_NORTH_FIELD__V2__TOKEN``. ``fixed`` sets other fields (``header``,
        ``scheme``). What is not set stays empty.
        """
        variables = os.environ if environment is None else environment
        stem = f"CEASEFIRE_FEED_{environment_name(feed_name)}_"
        values = {
            part: variables.get(stem + part.upper(), "").strip("\r\n")
            for part in ("username", "password", "token")
        }
        return cls(**values, **fixed)

    def __repr__(self) -> str:
        given = [field.name for field in dataclasses.fields(self) if getattr(self, field.name)]
        return f"Credentials({', '.join(given)} given, values hidden)"


def environment_name(feed_name: str) -> str:
    """A feed's name as environment variables spell it: A to Z, 0 to 9 and ``_``."""
    return re.sub(r"[^A-Z0-9]", "_", feed_name.upper())
