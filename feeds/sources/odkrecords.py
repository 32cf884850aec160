"""ODK's submissions as rows, and what their review means."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Optional

from ..http.reply import Reply
from ..instants import iso_instant
from ..personal import Withheld, names_in
from ..shapes import NOWHERE, Shapes, number_of
from ..source import Asked, Batch
from .formrows import FormRows, flattened, is_geometry
from .odkform import GEOMETRY

VERIFIED = {"approved": "confirmed", "hasIssues": "followed_up"}
REJECTED = "rejected"
SYSTEM = {
    "__system/submissionDate": "submission_time",
    "__system/reviewState": "review_state",
    "__system/edits": "edits",
    "__system/formVersion": "form_version",
}
CLOCKS = {"start": "form start", "end": "form end", "today": "form today"}


class OdkRecords:
    """Submissions as rows, each once; ``latest`` is the newest stamp of the server's met."""

    def __init__(self, asked: Asked, options: Mapping[str, Any], source: str, draft: bool):
        self.asked, self.draft = asked, draft
        self.withheld = Withheld(names_in(options.get("personal_fields")))
        self.rows = FormRows(source, self.withheld)
        self.shapes = Shapes(None, "the form")
        self.wanted_place = str(options.get("geo_question") or "").strip()
        self.seen: set[str] = set()
        self.latest = None
        self.without_id = self.rejected = 0
        self.deletions_told = True

    def know(self, questions: Mapping[str, str]) -> None:
        """Give every question of the form its column."""
        for path, kind in questions.items():
            if not path.startswith("__") and kind not in GEOMETRY:
                self.rows.know(CLOCKS.get(path, path))

    def batch(self, reply: Reply, submissions: Iterable[Any]) -> Batch:
        """The rows of one page; rejected submissions are told as gone."""
        removed: list[str] = []
        for one in submissions:
            self._add(one, removed)
        columns, rows = self.rows.take()
        notes = (*self.withheld.sentence(), *self.shapes.sentence())
        return Batch(reply, columns, rows, removed, table_notes=notes, whole_schema=True)

    def deleted(self, reply: Reply, submissions: Iterable[Any]) -> Batch:
        """The ids of a page of deleted submissions; what has no deletedAt is none of them."""
        removed = []
        for one in submissions:
            system = one.get("__system") if isinstance(one, Mapping) else None
            if isinstance(system, Mapping) and system.get("deletedAt") and one.get("__id"):
                self._stamp(system.get("deletedAt"))
                removed.append(str(one["__id"]))
        columns, rows = self.rows.take()
        return Batch(reply, columns, rows, removed, whole_schema=True)

    def _add(self, submission: Any, removed: list[str]) -> None:
        own = submission.get("__id") if isinstance(submission, Mapping) else None
        if not own:
            self.without_id += 1
            return
        if own in self.seen:
            return
        self.seen.add(own)
        system = submission.get("__system") or {}
        self._stamp(system.get("submissionDate"))
        self._stamp(system.get("updatedAt"))
        if system.get("reviewState") == REJECTED or system.get("deletedAt"):
            removed.append(str(own))
            self.rejected += 1
            return
        flat = flattened(submission)
        answers: dict[str, Any] = {}
        for path, value in flat.items():
            if path in SYSTEM:
                answers[SYSTEM[path]] = value
            elif path.startswith(("__", "meta/")) or "@odata." in path:
                self.withheld.keeps(path)
            elif not is_geometry(value):
                answers[CLOCKS.get(path, path)] = value
        place, accuracy = self._place(flat)
        verification = VERIFIED.get(system.get("reviewState") or "")
        workflow = "draft" if self.draft else None
        self.rows.add(str(own), answers, place, accuracy, verification, workflow)

    def _place(self, flat: Mapping[str, Any]) -> tuple[list, Optional[float]]:
        """The cells of place of the question asked for, else of the first that was answered."""
        for path, value in flat.items():
            wanted = self.wanted_place
            if is_geometry(value) and (not wanted or wanted in (path, path.split("/")[-1])):
                properties = value.get("properties")
                accuracy = properties.get("accuracy") if isinstance(properties, Mapping) else None
                return self.shapes.geojson(value), number_of(accuracy)
        return list(NOWHERE), None

    def _stamp(self, text: Any) -> None:
        moment = iso_instant(text) if isinstance(text, str) else None
        if moment is not None and (self.latest is None or moment > self.latest):
            self.latest = moment
