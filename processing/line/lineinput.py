"""What the tools on contact lines read: the lines from a layer or a ledger, and dates."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ..ledger.zone import theatre_zone
from .instants import Unreadable, span_of
from .linesource import LineFields, lines_of_records, lines_of_source

LINES = "LINES"
LEDGER = "LEDGER"
LINE_KIND = "LINE_KIND"
TIMEZONE = "TIMEZONE"
FIELDS = (
    ("LINE_FROM_FIELD", "Line: in force from", "valid_from"),
    ("LINE_TO_FIELD", "Line: in force until", "valid_to"),
    ("LINE_NAME_FIELD", "Line: name", "line_name"),
    ("LEFT_FIELD", "Line: party on the left", "left_party"),
    ("RIGHT_FIELD", "Line: party on the right", "right_party"),
    ("LINE_UNCERTAINTY_FIELD", "Line: uncertainty (m)", "uncertainty_m"),
)


def add_parameter(algorithm, parameter, help_text: str, advanced: bool = False) -> None:
    """Add a parameter with its help."""
    if advanced:
        flag = QgsProcessingParameterDefinition.Flag.FlagAdvanced
        parameter.setFlags(parameter.flags() | flag)
    algorithm.add(parameter, help_text)


def add_lines(algorithm) -> None:
    """The layer of lines, or the ledger to take them from."""
    tr = algorithm.tr
    add_parameter(
        algorithm,
        QgsProcessingParameterFeatureSource(
            LINES, tr("Contact lines"), [QgsProcessing.SourceType.TypeVectorLine], optional=True
        ),
        tr(
            "Lines with the dates from and until which they are in force. Left empty, the "
            "ledger's lines are taken."
        ),
    )
    add_parameter(
        algorithm,
        QgsProcessingParameterFile(
            LEDGER, tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)", optional=True
        ),
        tr("Optional: the ledger whose contact lines and time zone are taken."),
    )


def add_choices(algorithm) -> None:
    """Kind, time zone, and which fields of the lines hold what."""
    tr = algorithm.tr
    add_parameter(
        algorithm,
        QgsProcessingParameterString(LINE_KIND, tr("Kind of line"), optional=True),
        tr(
            "Needed where there are lines of several kinds: agreed, claimed, de_facto, marked, "
            "historical."
        ),
    )
    add_parameter(
        algorithm,
        QgsProcessingParameterString(TIMEZONE, tr("Theatre's time zone"), optional=True),
        tr(
            "Dates and times without a zone are read as of this zone, for example "
            "“Europe/Athens”; a bare date is the whole day there. Where empty, the ledger's; "
            "without a ledger, UTC."
        ),
    )
    for name, title, usual in FIELDS:
        add_parameter(
            algorithm,
            QgsProcessingParameterField(
                name, tr(title), parentLayerParameterName=LINES, optional=True
            ),
            tr("Left empty, the field “%1” is used if it is there.").replace("%1", usual),
            advanced=True,
        )


@dataclasses.dataclass
class LineMaterial:
    """The prepared lines (None where the ledger has none), the theatre's zone, and notes."""

    lines: Any
    zone: Any
    notes: list[str]

    @classmethod
    def read(cls, algorithm, parameters, context, feedback) -> LineMaterial:
        """Read what the parameters name; CeasefireError where no lines are named."""
        from ...analysis.contact_line import prepare_lines
        from ...analysis.flag_sentences import zone_of

        ledger = text_of(algorithm, parameters, LEDGER, context)
        given = text_of(algorithm, parameters, TIMEZONE, context)
        zone = zone_of(theatre_zone(algorithm, given, ledger, feedback))
        notes: list[str] = []
        if parameters.get(LINES) not in (None, ""):
            source = algorithm.parameterAsSource(parameters, LINES, context)
            if source is None:
                raise QgsProcessingException(algorithm.invalidSourceError(parameters, LINES))
            asked = LineFields(
                *(text_of(algorithm, parameters, name, context) for name, _, _ in FIELDS)
            )
            columns, notes = lines_of_source(source, asked, zone, context, feedback)
        elif ledger is not None:
            records = _records(ledger)
            if not records:
                return cls(None, zone, [algorithm.tr("The ledger has no contact lines.")])
            columns = lines_of_records(records)
        else:
            raise CeasefireError(
                algorithm.tr("There are no contact lines. Choose a layer of lines, or a ledger.")
            )
        lines = prepare_lines(columns, text_of(algorithm, parameters, LINE_KIND, context))
        return cls(lines, zone, notes + lines.notes)

    def in_force(self, span) -> tuple:
        """Indices of the lines in force at a moment or on a day, as ``span_asked`` gives it."""
        from ...analysis.line_in_force import lines_in_force
        from ...analysis.utc import instants

        if self.lines is None:
            return ()
        start, end = instants(span)
        return lines_in_force(self.lines.columns, start, end)

    def named(self, among, name: Optional[str], algorithm) -> tuple:
        """Of the lines ``among`` those that are called so, or all; CeasefireError where none is."""
        from ...analysis.line_in_force import name_of_line

        if name is None or not among:
            return tuple(among)
        names = {index: name_of_line(self.lines, index) for index in among}
        chosen = [index for index in among if names[index].casefold() == name.casefold()]
        if not chosen:
            raise CeasefireError(
                algorithm.tr("No line in force is called “%1”. In force are: %2.")
                .replace("%1", name)
                .replace("%2", ", ".join(f"“{one}”" for one in sorted(set(names.values()))))
            )
        return tuple(chosen)


def _records(ledger: str) -> list:
    from ..ledger.place import open_place

    with open_place(ledger, readonly=True) as opened:
        return opened.read("contact_lines")


def text_of(algorithm, parameters, name: str, context) -> Optional[str]:
    """A parameter's text; None where it is empty."""
    value = algorithm.parameterAsString(parameters, name, context)
    return value.strip() or None if value else None


def span_asked(algorithm, parameters, name: str, zone, context):
    """The moment (start, start) or the day (start, end) that a parameter names; now where empty.

    Aware datetimes. Raises CeasefireError for what is no date.
    """
    value = text_of(algorithm, parameters, name, context)
    if value is None:
        now = datetime.now(timezone.utc)
        return now, now
    try:
        return span_of(value, zone)
    except Unreadable:
        raise CeasefireError(
            algorithm.tr(
                "“%1” is no date. Give one as 2031-03-14 or 2031-03-14T19:30, or leave it empty "
                "for now."
            ).replace("%1", value)
        ) from None


def day_words(span, zone) -> str:
    """The date of a moment or day in the theatre's zone: "12 Oct 2025"."""
    from ...analysis.line_words import date_words
    from ...analysis.utc import instants

    return date_words(instants(span)[0], zone)
