"""What must not be kept with a feed: secrets in its address or among its options."""

from __future__ import annotations

import re
from typing import Any, Collection, Mapping, Optional
from urllib.parse import parse_qsl, urlsplit

from ..model.errors import CeasefireError

WHERE = (
    "Put it into an authentication configuration of QGIS and choose that one as AUTHCFG, or for "
    "qgis_process into the environment variables of the feed. If it was typed here it may stand "
    "in QGIS's Processing history: remove it there, and have the secret changed if others read it."
)
SECRET = re.compile(
    r"(^|[_-])(token|password|passwd|pwd|passphrase|secret|api[_-]?key|apikey|map[_-]?key|"
    r"auth|authorization|credentials?|sig|signature|sessionid|app[_-]identifier)($|[_-])"
    r"|accesstoken|refreshtoken|^key$",
    re.IGNORECASE,
)


def refuse_secrets(
    address: Optional[str], options: Mapping[str, Any], known: Collection[str] = ()
) -> None:
    """Raise CeasefireError, without the secret, where an address or an option holds one.

    ``known`` options are the source's own, of which none is a secret by its name.
    """
    place = secret_of_address(address or "")
    if place is not None:
        raise CeasefireError(
            f"The address holds a secret ({place}), and nothing secret is kept with a feed. {WHERE}"
        )
    for name, value in options.items():
        if name not in known and SECRET.search(str(name)) and value not in (None, "", False):
            raise CeasefireError(
                f"The option “{name}” looks like a secret, and nothing secret is kept with a feed. "
                f"{WHERE}"
            )
        place = secret_of_address(value) if isinstance(value, str) else None
        if place is not None:
            raise CeasefireError(
                f"The option “{name}” holds a secret ({place}), and nothing secret is kept with a "
                f"feed. {WHERE}"
            )


def secret_of_address(address: str) -> Optional[str]:
    """Which part of an address looks like a secret, in words; None where none does."""
    try:
        parts = urlsplit(address.strip())
        user = parts.username or parts.password
    except ValueError:
        return None
    if parts.scheme in ("http", "https") and user:
        return "a user name or password before the “@”"
    for text in (parts.query, parts.fragment):
        for name, value in parse_qsl(text):
            if value and SECRET.search(name):
                return f"the parameter “{name}”"
    return None
