"""What the wizard was told, and the algorithms that make a theatre of it, one after the other."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any, Dict, List, Optional

from qgis.PyQt.QtCore import QCoreApplication


class LineFrom(Enum):
    """Where the contact line comes from."""

    LATER = "later"
    LINES = "lines"
    AREAS = "areas"


class ReportsFrom(Enum):
    """Where the first reports come from."""

    LATER = "later"
    FILE = "file"
    FEED = "feed"


@dataclasses.dataclass
class Answers:
    """All that the wizard asks. Layers are named by a file's path or by their id."""

    theatre: str = ""
    ledger: str = ""
    area: Optional[str] = None
    timezone: str = "UTC"
    day_start: str = "00:00"
    line_from: LineFrom = LineFrom.LATER
    line_source: str = ""
    party_field: str = ""
    date_field: str = ""
    theatre_layer: str = ""
    uncertainty_m: Optional[float] = None
    reports_from: ReportsFrom = ReportsFrom.LATER
    reports_file: str = ""
    preset: str = "auto"
    feed_name: str = ""
    feed_source: str = ""
    feed_address: str = ""
    fetch_now: bool = False
    project: str = ""
    # Where lines drawn from areas lie until they are in the ledger.
    scratch: str = ""


@dataclasses.dataclass(frozen=True)
class Step:
    """One algorithm of the plan; ``words`` say what it does."""

    words: str
    algorithm_id: str
    parameters: Dict[str, Any]

    def same_as(self, other: Step) -> bool:
        """Whether doing the one has done the other."""
        return self.algorithm_id == other.algorithm_id and self.parameters == other.parameters


def steps_of(answers: Answers) -> List[Step]:
    """The steps in order; the project comes last, for it looks at what there is then."""
    return [
        Step(
            _tr("Make the ledger"),
            "ceasefire:createledger",
            {
                "THEATRE": answers.theatre,
                "TIMEZONE": answers.timezone,
                "REPORTING_DAY_START": answers.day_start,
                "LEDGER": answers.ledger,
            },
        ),
        *_line_steps(answers),
        *_report_steps(answers),
        *_flag_steps(answers),
        _project_step(answers),
    ]


def _line_steps(answers: Answers) -> List[Step]:
    if answers.line_from is LineFrom.LATER:
        return []
    if answers.line_from is LineFrom.LINES:
        return [_add(answers, _tr("Add the contact line"), answers.line_source, "contact_lines")]
    drawn = {
        "INPUT": answers.line_source,
        "PARTY_FIELD": answers.party_field or None,
        "DATE_FIELD": answers.date_field or None,
        "THEATRE": answers.theatre_layer or None,
        "UNCERTAINTY": answers.uncertainty_m,
        "TIMEZONE": answers.timezone,
        "OUTPUT": answers.scratch,
    }
    return [
        Step(
            _tr("Draw the contact line from the areas of control"),
            "ceasefire:linefromcontrol",
            {name: value for name, value in drawn.items() if value is not None},
        ),
        _add(answers, _tr("Add the contact line"), answers.scratch, "contact_lines"),
    ]


def _report_steps(answers: Answers) -> List[Step]:
    if answers.reports_from is ReportsFrom.FILE:
        parameters = {
            "INPUT": answers.reports_file,
            "PRESET": answers.preset,
            "TIMEZONE": answers.timezone,
            "LEDGER": answers.ledger,
            "OUTPUT": "TEMPORARY_OUTPUT",
        }
        return [Step(_tr("Import the first reports"), "ceasefire:importincidents", parameters)]
    if answers.reports_from is not ReportsFrom.FEED:
        return []
    feed = {
        "LEDGER": answers.ledger,
        "NAME": answers.feed_name,
        "SOURCE": answers.feed_source,
        "ADDRESS": answers.feed_address,
    }
    steps = [Step(_tr("Add the first feed"), "ceasefire:addfeed", feed)]
    if answers.fetch_now:
        fetch = {"LEDGER": answers.ledger, "FEED": answers.feed_name}
        steps.append(Step(_tr("Fetch it"), "ceasefire:fetchfeed", fetch))
    return steps


def _flag_steps(answers: Answers) -> List[Step]:
    """Incidents are held against the line where there are both."""
    has_line = answers.line_from is not LineFrom.LATER
    if not has_line or answers.reports_from is not ReportsFrom.FILE:
        return []
    parameters = {
        "INPUT": f"{answers.ledger}|layername=incidents",
        "LINES": f"{answers.ledger}|layername=contact_lines",
        "TIMEZONE": answers.timezone,
        "LEDGER": answers.ledger,
        "OUTPUT": "TEMPORARY_OUTPUT",
    }
    return [Step(_tr("Flag the incidents near the line"), "ceasefire:flagincidents", parameters)]


def _project_step(answers: Answers) -> Step:
    parameters = {"LEDGER": answers.ledger, "PROJECT": answers.project}
    if answers.area:
        parameters["AREA"] = answers.area
    return Step(_tr("Write the project"), "ceasefire:theatreproject", parameters)


def _add(answers: Answers, words: str, source: str, table: str) -> Step:
    parameters = {
        "INPUT": source,
        "TABLE": table,
        "TIMEZONE": answers.timezone,
        "WHY": _tr("set up with the theatre"),
        "LEDGER": answers.ledger,
    }
    return Step(words, "ceasefire:addtoledger", parameters)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TheatreWizard", text)
