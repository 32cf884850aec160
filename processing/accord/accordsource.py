"""Provisions, scores and other accords read from tables."""

from __future__ import annotations

from qgis.core import QgsProcessingException

from ...model.errors import CeasefireError
from ..line.columns import find_field, read_shapes, texts

PROVISION_FIELDS = {
    "provision_id": ("provision_id", "id", "stipulation_id", "provision"),
    "title": ("title", "name", "text"),
    "theme": ("theme", "chapter"),
    "priority": ("priority",),
    "body": ("body", "responsible", "responsible_body"),
    "place": ("place", "area", "admin1"),
    "deadline": ("deadline", "due"),
    "kind": ("kind", "pam", "provision_kind"),
}
SCORE_FIELDS = {
    "provision_id": PROVISION_FIELDS["provision_id"],
    "day": ("assessed_on", "date", "day", "month", "quarter", "year"),
    "state": ("score", "state", "status"),
    "coder": ("coder",),
}
YES = ("1", "1.0", "true", "yes", "y", "priority")
NO = ("0", "0.0", "false", "no", "n")


def provisions_of(algorithm, parameters, name: str, context, feedback) -> list:
    """The provisions of a table; CeasefireError names the row that cannot be read."""
    from ...analysis.accord_model import Provision, day_of

    columns = _columns(algorithm, parameters, name, PROVISION_FIELDS, context, feedback)
    result = []
    for row, identifier in enumerate(columns["provision_id"]):
        where = algorithm.tr("Row %1 of the provisions").replace("%1", str(row + 1))
        if identifier is None:
            raise CeasefireError(algorithm.tr("%1 has no id.").replace("%1", where))
        deadline = columns["deadline"][row]
        result.append(
            Provision(
                identifier,
                columns["title"][row] or "",
                columns["theme"][row],
                _yes_or_no(columns["priority"][row], where),
                columns["body"][row],
                columns["place"][row],
                None if deadline is None else _told(where, day_of, deadline),
                columns["kind"][row],
            )
        )
    return result


def assessments_of(algorithm, parameters, name: str, context, feedback) -> list:
    """The scores of a table; CeasefireError names the row that cannot be read."""
    from ...analysis.accord_model import Assessment, day_of, state_of

    columns = _columns(algorithm, parameters, name, SCORE_FIELDS, context, feedback)
    result = []
    for row, identifier in enumerate(columns["provision_id"]):
        where = algorithm.tr("Row %1 of the scores").replace("%1", str(row + 1))
        if identifier is None or columns["day"][row] is None:
            words = algorithm.tr("%1 has no provision or no date.")
            raise CeasefireError(words.replace("%1", where))
        result.append(
            Assessment(
                identifier,
                _told(where, day_of, columns["day"][row]),
                _told(where, state_of, columns["state"][row]),
                columns["coder"][row],
            )
        )
    return result


def rows_of(algorithm, parameters, name: str, context, feedback) -> list[dict]:
    """All rows of a table as dictionaries."""
    source = _source(algorithm, parameters, name, context)
    names = source.fields().names()
    _, _, columns = read_shapes(source, names, None, "row", feedback)
    return [dict(zip(names, values)) for values in zip(*columns)]


def _source(algorithm, parameters, name: str, context):
    source = algorithm.parameterAsSource(parameters, name, context)
    if source is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, name))
    return source


def _columns(algorithm, parameters, name: str, wanted: dict, context, feedback) -> dict:
    source = _source(algorithm, parameters, name, context)
    fields = source.fields()
    names = {key: find_field(fields, None, *usual) for key, usual in wanted.items()}
    needed = [key for key in ("provision_id", "day", "state") if key in wanted and not names[key]]
    if needed:
        words = algorithm.tr("“%1” has no column %2. Name one so.")
        usual = " / ".join(wanted[needed[0]])
        raise CeasefireError(words.replace("%1", source.sourceName()).replace("%2", usual))
    _, _, columns = read_shapes(source, list(names.values()), None, "row", feedback)
    return dict(zip(names, map(texts, columns)))


def _yes_or_no(value, where: str):
    if value is None:
        return None
    plain = str(value).strip().lower()
    if plain in YES or plain in NO:
        return plain in YES
    raise CeasefireError(f"{where}: “{value}” in priority is neither yes nor no.")


def _told(where: str, read, value):
    try:
        return read(value)
    except CeasefireError as error:
        raise CeasefireError(f"{where}: {error}.") from None
