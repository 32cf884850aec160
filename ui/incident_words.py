"""What the incidents panel writes in its cells: short texts for people."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

from ..model.vocabulary import label
from .incident_row import IncidentRow

NOT_FLAGGED = "not_flagged"
FLAGS = ("near", "possible", "far", "no_line_in_force", "not_located", NOT_FLAGGED)


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("IncidentWords", text)


def flag_of(row: IncidentRow) -> str:
    """The row's flag, or NOT_FLAGGED where nothing has held it against a line."""
    return row.flag or NOT_FLAGGED


def flag_label(flag: str) -> str:
    """A flag's name."""
    return tr("not flagged yet") if flag == NOT_FLAGGED else label("flags", flag)


def short_label(flag: str) -> str:
    """A flag's name where there is little room."""
    short = {NOT_FLAGGED: tr("not flagged"), "no_line_in_force": tr("no line")}
    return short.get(flag) or flag_label(flag)


def what(row: IncidentRow) -> str:
    """The category's label, or the source's own term where the category says less."""
    if row.category is None or row.category == "other/undetermined":
        return row.term or label("categories", row.category) or tr("not known")
    return label("categories", row.category)


def number(row: IncidentRow) -> str:
    """How many, with what is not known said so: “about 30”, “at least 3”, “2–4”, “not known”."""
    if row.count_qualifier == "not_known" or (row.count_low is None and row.count_high is None):
        return tr("not known") if row.count_qualifier == "not_known" else ""
    low, high = row.count_low, row.count_high
    if low is None:
        return tr("at most %1").replace("%1", str(high))
    if row.count_qualifier == "at_least":
        return tr("at least %1").replace("%1", str(low))
    span = str(low) if high is None or high == low else f"{low}–{high}"
    return tr("about %1").replace("%1", span) if row.count_qualifier == "about" else span


def distance(metres: float | None) -> str:
    """A distance in metres below one kilometre, else in kilometres; empty where not known."""
    if metres is None:
        return ""
    if metres < 999.5:
        return f"{metres:.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 99_950 else f"{metres / 1000:,.0f} km"


def side(row: IncidentRow) -> str:
    """On which side of the line, by the party's name where the line has it."""
    if row.line_side is None:
        return ""
    return row.line_side.replace("_", " ")


def verification(row: IncidentRow) -> str:
    """How far it was checked; a withdrawn incident says so first."""
    if row.workflow == "withdrawn":
        return tr("withdrawn")
    return label("verifications", row.verification)


def place(row: IncidentRow) -> str:
    """The place's name, else the area's."""
    return row.place or row.admin1 or ""
