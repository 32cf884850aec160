"""An ArcGIS layer as its REST documentation has it, with the odd manners of real servers.

``records`` maps object ids to (attributes, Esri geometry or None). What a server may be bad at:
``paginates``, ``orders``, ``ignores`` (names of parameters that it does not know), ``flag_in``
(where it says that there is more), ``counts_wrongly``, ``errors`` (replies to give first).
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Optional

from tests.feedservers.serving import Answer, Request, Serving, json_answer

LAYER = "/arcgis/rest/services/Vale/FeatureServer/0"
NO_LIMIT = 10**9


def milliseconds(text: str) -> int:
    """An ISO text in UTC as Esri's milliseconds."""
    moment = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
    return round((moment - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() * 1000)


def field(name: str, kind: str, **more: Any) -> dict:
    """A field of the layer's description."""
    return {"name": name, "type": f"esriFieldType{kind}", "alias": name, **more}


FIELDS = [
    field("OBJECTID", "OID"),
    field("kind", "String"),
    field("happened", "Date"),
    field("edited", "Date"),
]


class ArcGISServer(Serving):
    """One layer with mutable truth."""

    def __init__(self, records: Optional[dict] = None, **manners: Any):
        self.records: dict[int, tuple[dict, Optional[dict]]] = dict(records or {})
        self.fields = FIELDS
        self.geometry_type: Optional[str] = "esriGeometryPoint"
        self.reference: Optional[dict] = {"wkid": 4326, "latestWkid": 4326}
        self.most = 5
        self.paginates: Optional[bool] = True
        self.orders = True
        self.ignores: set[str] = set()
        self.flag_in = "top"
        self.counts_wrongly = 0
        self.last_edit: Optional[int] = None
        self.global_id: Optional[str] = None
        self.errors: list[dict] = []
        self.tokens: Optional[set[str]] = None
        self.login: Optional[tuple[str, str]] = None
        self.token_host: Optional[str] = None
        self.hidden: set[int] = set()
        self.before_page: Callable[[int], None] = lambda _number: None
        self.pages = 0
        for name, value in manners.items():
            setattr(self, name, value)
        super().__init__()

    @property
    def layer(self) -> str:
        """The layer's address."""
        return self.address + LAYER

    def edit(self, number: int, at: str, **values: Any) -> None:
        """Change a record, and the layer's last edit with it."""
        attributes, geometry = self.records.get(number, ({"OBJECTID": number}, None))
        stamp = milliseconds(at)
        self.records[number] = ({**attributes, **values, "edited": stamp}, geometry)
        self.last_edit = stamp

    def answer(self, request: Request) -> Answer:
        """The layer's description, its query, the server's info, or a token."""
        given = {**{key: one[0] for key, one in request.query.items()}}
        if request.method == "POST":
            given.update(request.form())
        if request.path == "/arcgis/rest/info":
            home = self.token_host or self.address
            return json_answer({"authInfo": {"tokenServicesUrl": home + "/arcgis/tokens/"}})
        if request.path == "/arcgis/tokens/":
            return self._token(given)
        if self.errors:
            return json_answer({"error": self.errors.pop(0)})
        if self.tokens is not None:
            shown = request.headers.get("x-esri-authorization", "").replace("Bearer ", "")
            shown = shown or given.get("token", "")
            if not shown:
                return json_answer({"error": {"code": 499, "message": "Token Required"}})
            if shown not in self.tokens:
                return json_answer({"error": {"code": 498, "message": "Invalid Token."}})
        if request.path == LAYER:
            return json_answer(self.description())
        if request.path == LAYER + "/query":
            kept = {key: value for key, value in given.items() if key not in self.ignores}
            return json_answer(self.query(kept))
        return json_answer({"error": {"code": 404, "message": "Not found", "details": []}})

    def _token(self, given: dict) -> Answer:
        if (given.get("username"), given.get("password")) != self.login:
            return json_answer({"error": {"code": 400, "message": "Invalid username."}})
        token = f"token-{len(self.log)}"
        self.tokens = {token}
        return json_answer({"token": token, "expires": 1893456000000, "ssl": True})

    def description(self) -> dict:
        """The layer's own description."""
        told: dict[str, Any] = {
            "currentVersion": 10.91,
            "id": 0,
            "name": "Reports of the Vale",
            "type": "Feature Layer" if self.geometry_type else "Table",
            "objectIdField": "OBJECTID",
            "fields": self.fields,
            "maxRecordCount": self.most,
            "extent": {"spatialReference": self.reference},
        }
        if self.geometry_type:
            told["geometryType"] = self.geometry_type
        if self.paginates is not None:
            told["advancedQueryCapabilities"] = {
                "supportsPagination": self.paginates,
                "supportsOrderBy": self.orders,
            }
        if self.last_edit is not None:
            told["editingInfo"] = {"lastEditDate": self.last_edit}
            told["editFieldsInfo"] = {"editDateField": "edited"}
        if self.global_id:
            told["globalIdField"] = self.global_id
        return told

    def query(self, given: dict) -> dict:
        """The reply to a query."""
        found = [n for n in self.records if self._fits(n, given)]
        if given.get("returnCountOnly") == "true":
            return {"count": len(found) + self.counts_wrongly}
        if given.get("returnIdsOnly") == "true":
            return {"objectIdFieldName": "OBJECTID", "objectIds": found or None}
        if "outStatistics" in given:
            values = [self.records[n][0].get("happened") for n in found]
            values = [value for value in values if value is not None]
            return {
                "features": [{"attributes": {"FIRST_DATE": min(values), "LAST_DATE": max(values)}}]
            }
        self.pages += 1
        self.before_page(self.pages)
        found = [n for n in self.records if self._fits(n, given) and n not in self.hidden]
        if self.orders and "orderByFields" in given:
            found.sort()
        offset = int(given.get("resultOffset", 0)) if self.paginates else 0
        size = min(int(given.get("resultRecordCount", NO_LIMIT)), self.most)
        page, more = found[offset : offset + size], len(found) > offset + size
        return self._reply(page, more, given)

    def _reply(self, page: list[int], more: bool, given: dict) -> dict:
        if given.get("f") == "geojson":
            value: dict[str, Any] = {"type": "FeatureCollection", "features": []}
            for number in page:
                attributes, shape = self.records[number]
                point = {"type": "Point", "coordinates": [shape["x"], shape["y"]]}
                one = {"type": "Feature", "id": number, "properties": attributes}
                value["features"].append({**one, "geometry": point})
        else:
            value = {"objectIdFieldName": "OBJECTID", "spatialReference": self.reference}
            value["features"] = []
            for number in page:
                attributes, shape = self.records[number]
                one = {"attributes": attributes}
                value["features"].append({**one, "geometry": shape} if shape else one)
        if more and self.flag_in == "top":
            value["exceededTransferLimit"] = True
        elif more:
            value["properties"] = {"exceededTransferLimit": True}
        return value

    def _fits(self, number: int, given: dict) -> bool:
        if "objectIds" in given and str(number) not in given["objectIds"].split(","):
            return False
        attributes = self.records[number][0]
        for name, text in re.findall(r"(\w+) >= TIMESTAMP '([^']+)'", given.get("where", "")):
            value = attributes.get(name)
            if value is None or value < milliseconds(text):
                return False
        kinds = re.findall(r"kind = '([^']+)'", given.get("where", ""))
        return all(attributes.get("kind") == kind for kind in kinds)


class ReplayServer(Serving):
    """Gives the replies that a real server gave, by file: metadata, count, ids, page."""

    def __init__(self, **files: Path):
        self.files = {name: path.read_bytes() for name, path in files.items()}
        super().__init__()

    def answer(self, request: Request) -> Answer:
        """The recorded reply for the kind of question."""
        given = {key: one[0] for key, one in request.query.items()}
        if request.method == "POST":
            given.update(request.form())
        if not request.path.endswith("/query"):
            kind = "metadata"
        elif given.get("returnCountOnly") == "true":
            kind = "count"
        elif given.get("returnIdsOnly") == "true":
            kind = "ids"
        elif int(given.get("resultOffset", 0)) > 0 and "second" in self.files:
            kind = "second"
        else:
            kind = "page"
        body = self.files.get(kind)
        if body is None:
            body = json.dumps({"error": {"code": 400, "message": "Not recorded."}}).encode()
        return Answer(200, body, {"Content-Type": "application/json"})
