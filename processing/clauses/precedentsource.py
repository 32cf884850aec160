"""Precedents out of a table in QGIS: one that was imported, or a data set as it was downloaded."""

from __future__ import annotations

from typing import Any

from ...model.errors import Cancelled, CeasefireError
from ...model.field import Kind
from ..fields import python_value
from ..incidents.layertable import plain

STEP = 1_000


def precedents_of(algorithm, source, feedback) -> list[Any]:
    """The precedents that a feature source holds."""
    from ...analysis.precedents.reading import read_precedents
    from ...model.precedent import PRECEDENTS, Precedent

    names = [field.name() for field in source.fields()]
    rows = []
    for number, feature in enumerate(source.getFeatures()):
        if number % STEP == 0 and feedback.isCanceled():
            raise Cancelled(algorithm.tr("Stopped; nothing was written."))
        rows.append([plain(python_value(value)) for value in feature.attributes()])
    if "precedent_id" not in names:
        reading = read_precedents(names, rows, range(1, len(rows) + 1), source.sourceName())
        if reading.aside:
            feedback.pushWarning(
                algorithm.tr(
                    "%1 rows could not be used; importprecedents lists them with the reason."
                ).replace("%1", f"{len(reading.aside):,}")
            )
        return reading.precedents
    if not rows:
        raise CeasefireError(algorithm.tr("The table of precedents is empty: import one first."))
    kinds = {field.name: field.kind for field in PRECEDENTS.fields}
    return [
        Precedent(
            **{name: _told(value, kinds[name]) for name, value in zip(names, row) if name in kinds}
        )
        for row in rows
    ]


def _told(value: Any, kind: Kind) -> Any:
    """A value as the model has it: a table kept as CSV has numbers as text, and empty texts."""
    if value is None or value == "":
        return None
    return int(float(value)) if kind is Kind.INTEGER else str(value)
