"""One layer of an ArcGIS feature or map service: its description, its token, its way to say no."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Mapping, Optional
from urllib.parse import urlsplit

from ..http.errors import FeedError, Reason
from ..instants import of_milliseconds
from ..source import Asked
from .links import same_origin

# An address longer than this is sent as a form: servers cut addresses at about 2,000 signs.
LONGEST_ADDRESS = 1500
DEFAULT_PAGE = 1000
REASONS = {
    400: Reason.REFUSED,
    401: Reason.UNAUTHORISED,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    429: Reason.LIMITED,
    498: Reason.UNAUTHORISED,
    499: Reason.UNAUTHORISED,
    503: Reason.LIMITED,
}
ADVICE = {
    Reason.REFUSED: "check the feed's options (where, bbox, date_field)",
    Reason.UNAUTHORISED: "give the feed a token, or a user name and password, that are valid",
    Reason.FORBIDDEN: "ask the layer's owner to let this account read it",
    Reason.NOT_FOUND: "check the feed's address",
    Reason.LIMITED: "fetch it later",
    Reason.BROKEN: "try again later",
}


class ArcGISLayer:
    """Asks one layer; ``describe`` first, then ``query``. Errors are FeedErrors with a sentence.

    A token goes in the header X-Esri-Authorization, or with the option ``token_in`` = form in the
    body of a POST, for servers before 10.5; never in an address. A user name and password are
    changed for a token at ``token_url``, once more when it has expired.
    """

    def __init__(self, asked: Asked):
        self.asked = asked
        self.client = asked.client
        self.options = asked.options
        self.address = layer_address(asked.address)
        self.token = asked.credentials.token
        self.in_form = self.options.get("token_in") == "form"
        self.meta: Mapping[str, Any] = {}

    @property
    def logs_in(self) -> bool:
        """Whether a user name and password are to be changed for a token."""
        return bool(self.asked.credentials.password and not self.asked.credentials.token)

    def ask(self, address: str, **params: Any):
        """(reply, JSON object) of one question; raises FeedError for errors inside HTTP 200."""
        if self.logs_in and not self.token:
            self._log_in()
        reply, value = self._ask_once(address, params)
        code = error_code(value)
        if code in (401, 498, 499) and self.logs_in:
            self._log_in()
            reply, value = self._ask_once(address, params)
            code = error_code(value)
        if code is not None:
            raise self._refused(code, value["error"])
        return reply, value

    def _ask_once(self, address: str, params: Mapping[str, Any]):
        given = {"f": "json", **{key: text(value) for key, value in params.items()}}
        own = bool(self.token)
        headers = None
        if own and not self.in_form:
            headers = {"X-Esri-Authorization": f"Bearer {self.token}"}
        length = sum(len(key) + len(value) + 2 for key, value in given.items())
        if own and self.in_form:
            given["token"] = self.token
        if (own and self.in_form) or length > LONGEST_ADDRESS:
            reply = self.client.post(address, data=given, headers=headers, authorised=not own)
        else:
            reply = self.client.get(address, params=given, headers=headers, authorised=not own)
        value = reply.json()
        if not isinstance(value, dict):
            raise FeedError(
                f"{host_of(self.address)} answered with something that is no ArcGIS reply: check "
                "the feed's address.",
                Reason.BROKEN,
            )
        return reply, value

    def _refused(self, code: int, error: Mapping[str, Any]) -> FeedError:
        reason = REASONS.get(code, Reason.BROKEN)
        said = " ".join(
            str(part).strip()
            for part in [error.get("message"), *(error.get("details") or [])]
            if part
        )
        said = self.client.hide(said)[:300].rstrip(". ") or "no reason given"
        return FeedError(
            f"{host_of(self.address)} refused the request with ArcGIS error {code} ({said}): "
            f"{ADVICE.get(reason, ADVICE[Reason.BROKEN])}.",
            reason,
        )

    def _log_in(self) -> None:
        address = self.options.get("token_url") or self._token_address()
        credentials = self.asked.credentials
        reply = self.client.post(
            address,
            data={
                "username": credentials.username,
                "password": credentials.password,
                "client": "referer",
                "referer": "https://qgis.org",
                "expiration": "60",
                "f": "json",
            },
            authorised=False,
        )
        value = reply.json()
        token = value.get("token") if isinstance(value, dict) else None
        if not token:
            raise FeedError(
                f"{host_of(address)} gave no token for this user name and password: check both, "
                "or give the feed a token.",
                Reason.UNAUTHORISED,
            )
        self.client.protect(str(token))
        self.token = str(token)

    def _token_address(self) -> str:
        """Where the server says tokens are made; only on its own host, for the password's sake."""
        root = re.split(r"/services(?:/|$)", self.address, maxsplit=1)[0]
        reply = self.client.get(f"{root}/info", params={"f": "json"}, authorised=False)
        value = reply.json()
        info = value.get("authInfo") if isinstance(value, dict) else None
        address = str((info or {}).get("tokenServicesUrl") or "")
        if not address:
            raise FeedError(
                f"{host_of(root)} does not say where tokens are made: set the option token_url.",
                Reason.UNAUTHORISED,
            )
        if not same_origin(address, self.address):
            raise FeedError(
                f"{host_of(root)} has its tokens made on another host ({host_of(address)}): if "
                "you trust that host with the password, set the option token_url to its address.",
                Reason.UNAUTHORISED,
            )
        return address

    def describe(self) -> Mapping[str, Any]:
        """The layer's own description; raises FeedError where it is no layer with records."""
        _, meta = self.ask(self.address)
        if "layers" in meta and "fields" not in meta:
            names = ", ".join(
                f"{one.get('id')} ({one.get('name')})"
                for one in [*meta["layers"], *(meta.get("tables") or [])][:12]
            )
            raise FeedError(
                f"This address is a whole service, not one layer: add the number of one of its "
                f"layers to the address: {names}.",
                Reason.REFUSED,
            )
        if not isinstance(meta.get("fields"), list) or not meta["fields"]:
            raise FeedError(
                f"“{meta.get('name') or self.address}” is no layer with records (it may be a group "
                "or an image): give the address of a layer that has fields.",
                Reason.SCHEMA,
            )
        self.meta = meta
        return meta

    def query(self, **params: Any):
        """(reply, JSON object) of the layer's query."""
        return self.ask(f"{self.address}/query", **params)

    # What the description says.

    @property
    def fields(self) -> list[Mapping[str, Any]]:
        """The fields without the geometry."""
        return [one for one in self.meta["fields"] if one.get("type") != "esriFieldTypeGeometry"]

    @property
    def located(self) -> bool:
        """Whether the layer's records have a geometry (a table's have none)."""
        return bool(self.meta.get("geometryType"))

    @property
    def object_id(self) -> Optional[str]:
        """The name of the field that numbers the records, if any is told."""
        named = self.meta.get("objectIdField")
        return named or next(
            (one["name"] for one in self.meta["fields"] if one.get("type") == "esriFieldTypeOID"),
            None,
        )

    @property
    def global_id(self) -> Optional[str]:
        """The field of ids that outlive a republishing, if there is one."""
        return self.meta.get("globalIdField") or None

    def can(self, capability: str) -> Optional[bool]:
        """What advancedQueryCapabilities says of one; None where it says nothing."""
        told = (self.meta.get("advancedQueryCapabilities") or {}).get(capability)
        return self.meta.get(capability) if told is None else told

    @property
    def page_size(self) -> int:
        """How many records to ask for at once: the option's number, at most the server's."""
        most = int(self.meta.get("maxRecordCount") or DEFAULT_PAGE) or DEFAULT_PAGE
        return max(1, min(int(self.options.get("page_size") or most), most))

    @property
    def last_edit(self) -> Optional[int]:
        """When the layer was last edited, in milliseconds; None where it does not tell."""
        told = (self.meta.get("editingInfo") or {}).get("lastEditDate")
        return int(told) if isinstance(told, (int, float)) and of_milliseconds(told) else None

    @property
    def edit_field(self) -> Optional[str]:
        """The field that holds each record's last edit."""
        return (self.meta.get("editFieldsInfo") or {}).get("editDateField") or None


def layer_address(address: str) -> str:
    """The layer's own address, without /query, parameters or a last slash."""
    plain = address.split("?", 1)[0].split("#", 1)[0].rstrip("/")
    return re.sub(r"/query$", "", plain, flags=re.IGNORECASE).rstrip("/")


def host_of(address: str) -> str:
    """The host's name, for sentences."""
    return urlsplit(address).hostname or "The server"


def error_code(value: Mapping[str, Any]) -> Optional[int]:
    """The code of an error inside a reply; None where there is none (500 where it has no code)."""
    error = value.get("error")
    if not isinstance(error, Mapping):
        return None
    try:
        return int(error.get("code") or 500)
    except (TypeError, ValueError):
        return 500


def text(value: Any) -> str:
    """A parameter as Esri writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def literal(moment: datetime) -> str:
    """An instant as standardised queries write it, in UTC and to the second."""
    utc = moment.astimezone(timezone.utc)
    return f"TIMESTAMP '{utc:%Y-%m-%d %H:%M:%S}'"
