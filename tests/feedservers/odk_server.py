"""An ODK Central server as far as a reader of one form sees it; its truth can be changed."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import datetime, timedelta, timezone

from .serving import Answer, Request, Serving, json_answer

EMAIL, PASSWORD = "reader@example.org", "correct-horse"
START = datetime(2025, 3, 1, tzinfo=timezone.utc)
SERVICE = "/v1/projects/7/forms/incident report"
METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
<edmx:DataServices>
<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="org.opendatakit.submission">
<ComplexType Name="metadata"><Property Name="submissionDate" Type="Edm.DateTimeOffset"/>
<Property Name="submitterName" Type="Edm.String"/></ComplexType></Schema>
<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="org.opendatakit.user.report">
<ComplexType Name="Submissions.what"><Property Name="incident_date" Type="Edm.Date"/>
<Property Name="category" Type="Edm.String"/></ComplexType>
<EntityType Name="Submissions"><Property Name="__id" Type="Edm.String"/>
<Property Name="__system" Type="org.opendatakit.submission.metadata"/>
<Property Name="what" Type="org.opendatakit.user.report.Submissions.what"/>
<Property Name="location" Type="Edm.GeographyPoint"/>
<Property Name="remarks" Type="Edm.String"/>
<NavigationProperty Name="seen" Type="Collection(x)"/></EntityType>
</Schema></edmx:DataServices></edmx:Edmx>"""


def stamp(minutes: float) -> str:
    """A time of the server's clock, so many minutes after the first day began."""
    moment = START + timedelta(minutes=minutes)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def submission(number: int, minutes: float = 0, **answers) -> dict:
    """A submission as OData gives it."""
    answers = {"incident_date": f"2025-02-{number % 28 + 1:02d}", "category": "shelling", **answers}
    return {
        "__id": f"uuid:{number:04d}",
        "__system": {
            "submissionDate": stamp(minutes or number * 60),
            "updatedAt": None,
            "deletedAt": None,
            "submitterId": "12",
            "submitterName": "Ada Example",
            "deviceId": "collect:Xy12",
            "reviewState": None,
            "edits": 0,
            "formVersion": "3",
        },
        "meta": {"instanceID": f"uuid:{number:04d}", "instanceName": "by Ada Example"},
        "what": {name: answers.pop(name) for name in ("incident_date", "category")},
        "location": answers.pop("location", None),
        "remarks": None,
        "seen@odata.navigationLink": f"Submissions('uuid:{number:04d}')/seen",
        **answers,
    }


class OdkServer(Serving):
    """``submissions`` by number; ``modern``: deletedAt and $skiptoken are known (2024.3)."""

    def __init__(self, submissions=(), modern: bool = True, **more):
        self.submissions = {one["__id"]: one for one in submissions}
        self.modern = modern
        self.sessions: set[str] = set()
        self.logins = self.count_off = 0
        self.next_link = None
        self.draft: list[dict] = []
        super().__init__(**more)

    def change(self, number: int, minutes: float, **system) -> dict:
        """Stamp a submission as updated and set what the system says of it."""
        one = self.submissions[f"uuid:{number:04d}"]
        one["__system"].update(updatedAt=stamp(minutes), **system)
        return one

    def delete(self, number: int, minutes: float) -> None:
        """Delete a submission: new servers remember it a while, old ones do not."""
        if self.modern:
            self.submissions[f"uuid:{number:04d}"]["__system"]["deletedAt"] = stamp(minutes)
        else:
            del self.submissions[f"uuid:{number:04d}"]

    def answer(self, request: Request) -> Answer:
        """Sessions, metadata and submissions."""
        if request.path == "/v1/sessions" and request.method == "POST":
            if request.json() != {"email": EMAIL, "password": PASSWORD}:
                return json_answer({"message": "Could not authenticate."}, 401)
            self.logins += 1
            token = f"session-{self.logins}-abcdefghijkl"
            self.sessions.add(token)
            return json_answer({"token": token, "expiresAt": stamp(1440)})
        if not self.let_in(request.headers.get("authorization", "")):
            return json_answer({"message": "Not authenticated."}, 401)
        if request.path in (f"{SERVICE}.svc/$metadata", f"{SERVICE}/draft.svc/$metadata"):
            return Answer(200, METADATA, {"Content-Type": "application/xml"})
        if request.path == f"{SERVICE}.svc/Submissions":
            return self.page(request, list(self.submissions.values()))
        if request.path == f"{SERVICE}/draft.svc/Submissions" and self.draft:
            return self.page(request, self.draft)
        return json_answer({"message": "Could not find the resource.", "code": 404.1}, 404)

    def let_in(self, header: str) -> bool:
        """A session's token, or the account's Basic."""
        basic = b64encode(f"{EMAIL}:{PASSWORD}".encode()).decode()
        return header == f"Basic {basic}" or header.replace("Bearer ", "") in self.sessions

    def page(self, request: Request, kept: list) -> Answer:
        """One page, newest first, with the server's own link to the next."""
        condition = request.one("$filter")
        if condition and "deletedAt" in condition and not self.modern:
            message = f"The field '__system/deletedAt' is not supported in {condition}"
            return json_answer({"message": message, "code": 501.4}, 501)
        gone = bool(condition) and "deletedAt" in condition
        found = [one for one in kept if bool(one["__system"].get("deletedAt")) == gone]
        if condition:
            found = [one for one in found if holds(one["__system"], condition)]
        found.sort(key=lambda one: one["__system"]["submissionDate"], reverse=True)
        after = request.one("$skiptoken")
        start = 0
        if after:
            start = [one["__id"] for one in found].index(json.loads(after)["after"]) + 1
        start = int(request.one("$skip", str(start)))
        top = int(request.one("$top", "1000000"))
        value = found[start : start + top]
        told = {"@odata.context": "…", "value": value}
        if request.one("$count") == "true":
            told["@odata.count"] = len(found) + self.count_off
        if start + top < len(found):
            told["@odata.nextLink"] = self.next_link or self.link(request, value[-1], start + top)
        return json_answer(told)

    def link(self, request: Request, last: dict, start: int) -> str:
        """A link with an opaque token, or the offset of older servers."""
        kept = re.sub(r"[?&]%24(skiptoken|skip)=[^&]*", "", request.target)
        if not self.modern:
            return f"{self.address}{kept}&%24skip={start}"
        token = json.dumps({"after": last["__id"]}).replace('"', "%22").replace(" ", "%20")
        return f"{self.address}{kept}&%24skiptoken={token}"


def holds(system: dict, condition: str) -> bool:
    """The conditions that the tests use: ``field ge instant`` joined by or, and ``eq``."""
    condition = condition.replace("(", "").replace(")", "")
    return all(
        any(one_holds(system, part.split()) for part in piece.split(" or "))
        for piece in condition.split(" and ")
    )


def one_holds(system: dict, words: list) -> bool:
    """One comparison."""
    value = system.get(words[0].replace("__system/", ""))
    if words[1] == "eq":
        return value == words[2].strip("'")
    return value is not None and value >= words[2]
