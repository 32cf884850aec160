"""Contact lines from a layer or a ledger, ready to measure against."""

from __future__ import annotations

import dataclasses
from datetime import tzinfo
from typing import Optional

from qgis.core import Qgis, QgsWkbTypes

from ...model.errors import CeasefireError
from .columns import find_field, need_geometry, numbers, read_shapes, texts, transform_of
from .instants import spans_and_unreadable, spans_of, written


@dataclasses.dataclass
class LineFields:
    """The fields that the user names; None: found by the model's names."""

    line_from: Optional[str] = None
    line_to: Optional[str] = None
    name: Optional[str] = None
    left: Optional[str] = None
    right: Optional[str] = None
    uncertainty: Optional[str] = None


def lines_of_source(source, asked: LineFields, zone: tzinfo, context, feedback):
    """The layer's lines as ``analysis.contact_line.LineColumns``, and notes on what is doubtful."""
    from ...analysis.contact_line import LineColumns

    need_geometry(source, "The layer of contact lines", Qgis.GeometryType.Line)
    transform = transform_of(source, "The layer of contact lines", context)
    fields = source.fields()
    names = [
        find_field(fields, asked.line_from, "valid_from"),
        find_field(fields, asked.line_to, "valid_to"),
        find_field(fields, asked.name, "line_name", "name"),
        find_field(fields, asked.left, "left_party"),
        find_field(fields, asked.right, "right_party"),
        find_field(fields, asked.uncertainty, "uncertainty_m"),
        find_field(fields, None, "kind"),
        find_field(fields, None, "front"),
        find_field(fields, None, "line_id"),
    ]
    notes: list[str] = []
    geometry, label, columns = read_shapes(source, names, transform, "line", feedback)
    if QgsWkbTypes.hasZ(source.wkbType()):
        notes.append("The layer of contact lines has heights; they are left aside.")
    geometry, label, columns = _with_dates(geometry, label, columns, names, zone, notes)
    starts, ends = spans_of(columns[0], zone)[0], spans_of(columns[1], zone)[1]
    name, left, right = (texts(column) for column in columns[2:5])
    kind, front, line_id = (texts(column) for column in columns[6:9])
    return (
        LineColumns(
            geometry=geometry,
            label=label,
            line_id=line_id,
            line_name=name,
            kind=kind,
            front=front,
            left_party=left,
            right_party=right,
            valid_from=starts,
            valid_to=ends,
            uncertainty_m=numbers(columns[5], names[5] or "", notes),
            written_from=list(map(written, columns[0])),
            written_to=list(map(written, columns[1])),
        ),
        notes,
    )


def _with_dates(geometry, label, columns, names, zone: tzinfo, notes: list[str]):
    """The lines whose dates can be read; the others are named in ``notes``.

    An open end in place of a date that cannot be read would leave a line in force for ever.
    """
    import numpy as np

    kept = np.ones(len(label), dtype=bool)
    for name, column in zip(names[:2], columns[:2]):
        for row in spans_and_unreadable(column, zone)[2]:
            if kept[row]:
                what = f"{label[row][:1].upper()}{label[row][1:]} has “{column[row]}” as “{name}”"
                notes.append(f"{what}, which is no date; it was left out.")
            kept[row] = False
    if len(kept) and not kept.any():
        raise CeasefireError(
            f"None of the contact lines can be used. {' '.join(notes[:3])} "
            "Write dates as 2031-03-14."
        )
    return geometry[kept], label[kept], [column[kept] for column in columns]


def lines_of_records(records):
    """The ledger's contact lines as ``analysis.contact_line.LineColumns``."""
    from ...analysis.contact_line import LineColumns
    from ...analysis.utc import instants

    def column(name):
        return [getattr(record, name) for record in records]

    return LineColumns(
        geometry=column("geometry"),
        label=texts([f"line “{record.line_name or record.line_id}”" for record in records]),
        line_id=column("line_id"),
        line_name=column("line_name"),
        kind=column("kind"),
        front=column("front"),
        left_party=column("left_party"),
        right_party=column("right_party"),
        valid_from=instants(column("valid_from")),
        valid_to=instants(column("valid_to")),
        uncertainty_m=numbers(column("uncertainty_m"), "uncertainty_m", []),
    )
