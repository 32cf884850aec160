"""Kobo's submissions as rows: places, words, validation, and nobody's name."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional

from ..http.reply import Reply
from ..instants import steady
from ..personal import Withheld, names_in
from ..source import Asked, Batch
from .formrows import FormRows
from .koboform import CLOCKS, KoboForm, geolocated, placed

VERIFIED = {
    "validation_status_approved": "confirmed",
    "validation_status_not_approved": "could_not_verify",
    "validation_status_on_hold": "followed_up",
}
# Kobo's own entries of a record; the others are answers.
OWN = re.compile(r"^(?:_|meta/|formhub/)")


class KoboRecords:
    """Submissions as rows, each once, with what was left out of them."""

    def __init__(self, asked: Asked, options: Mapping[str, Any], uid: str, form: KoboForm):
        self.form, self.asked = form, asked
        self.withheld = Withheld(names_in(options.get("personal_fields")))
        self.rows = FormRows(f"kobo/{uid}", self.withheld)
        self.words = options["answers"] == "labels"
        self.wanted_place = str(options.get("geo_question") or "").strip()
        self.seen: set[str] = set()
        self.without_id = self.doubled = 0
        for path, kind in form.types.items():
            if not form.is_place(path, None):
                self.rows.know(CLOCKS.get(path, path), kind)

    def batch(self, reply: Reply, results: list) -> Batch:
        """The rows of one page."""
        for record in results:
            self._add(record)
        columns, rows = self.rows.take()
        notes = self.withheld.sentence()
        return Batch(reply, columns, rows, [], table_notes=notes, whole_schema=True)

    def _add(self, record: Any) -> None:
        own = record.get("_id") if isinstance(record, Mapping) else None
        if own is None:
            self.without_id += 1
            return
        if str(own) in self.seen:
            self.doubled += 1
            return
        self.seen.add(str(own))
        answers = {
            CLOCKS.get(path, path): self.form.in_words(path, value) if self.words else value
            for path, value in record.items()
            if not OWN.match(path) and not self.form.is_place(path, value)
        }
        for path in record:
            if OWN.match(path):
                self.withheld.keeps(path)
        status = record.get("_validation_status")
        status = str(status.get("uid") or "") if isinstance(status, Mapping) else ""
        answers["validation_status"] = status.replace("validation_status_", "") or None
        answers["submission_time"] = submitted(record.get("_submission_time"))
        answers["form_version"] = record.get("__version__")
        place, accuracy = self._place(record)
        self.rows.add(str(own), answers, place, accuracy, VERIFIED.get(status))

    def _place(self, record: Mapping[str, Any]) -> tuple[list, Optional[float]]:
        """Where it was: the question asked for, else the first answered, else ``_geolocation``."""
        wanted = self.wanted_place
        if wanted:
            path = next((p for p in record if p == wanted or p.split("/")[-1] == wanted), None)
            return placed(record.get(path)) if path else placed(None)
        for path in self.form.places():
            if record.get(path):
                return placed(record[path])
        if not self.form.known:
            for value in record.values():
                if isinstance(value, str) and self.form.is_place("", value):
                    return placed(value)
        return geolocated(record.get("_geolocation")), None

    def all_there(self, total: Optional[int], moved: bool) -> bool:
        """Whether every submission came; what did not is said."""
        if self.without_id:
            self.asked.warn(
                f"{self.without_id:,} submissions came without an id and were left out."
            )
        if total is not None and len(self.seen) < total:
            self.asked.warn(
                f"The Kobo server says that there are {total:,} submissions, but "
                f"{len(self.seen):,} came: what is missing is not taken for withdrawn."
            )
            return False
        if moved:
            self.asked.warn(
                "Submissions were added or deleted while the pages were read; the ids were read a "
                "second time and nothing was lost."
            )
        return not self.without_id


def submitted(text: Any) -> Any:
    """Kobo's time of submission, which is UTC though it bears no zone."""
    if not isinstance(text, str) or not text:
        return text
    return steady(text if re.search(r"(?:Z|[+-]\d\d:?\d\d)$", text) else f"{text}Z", False)
