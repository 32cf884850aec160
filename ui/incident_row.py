"""What the incidents panel shows of one incident, and how a ledger's incidents are read for it."""

from __future__ import annotations

import json
from datetime import datetime
from string import Template
from typing import TYPE_CHECKING, Callable, List, NamedTuple, Optional

from ..model.errors import Cancelled
from ..model.vocabulary import label

if TYPE_CHECKING:
    from ..ledger.connection import Connection

PAGE = 5000
WITHOUT_FRACTION = (len("2024-05-01T12:00:00"), len("2024-05-01T12:00:00+00:00"))

# A whole page comes as one text: GDAL is asked once a page, not once a value, so that reading
# neither holds up the main thread nor waits for it.
SQL = Template("""
SELECT json_group_array(json_array(
    i.fid, i.incident_id, i.source, i.category, i.term, i.circumstance,
    i.count_low, i.count_high, i.count_qualifier,
    i.occurred_from, i.occurred_to, i.time_precision, i.span_is,
    i.place, i.admin1, i.actor_1, i.actor_2, i.description,
    i.uncertainty_m, i.verification, i.workflow, i.revision,
    f.flag, f.line_distance_m, f.line_side, f.line_name, f.flag_probability, f.flag_basis,
    f.zones, f.finding, f.incident_revision, i.weapon, i.geom IS NOT NULL
)) AS page
FROM (SELECT * FROM incidents WHERE fid > $last ORDER BY fid LIMIT $size) AS i
LEFT JOIN findings AS f ON f.fid = (
    SELECT max(g.fid) FROM findings AS g
    WHERE g.incident_id = i.incident_id AND g.flag IS NOT NULL
)
""")


class IncidentRow(NamedTuple):
    """One incident with its latest finding; instants are seconds since 1970 in UTC.

    ``search`` is all text that a search looks at, in lower case.
    """

    fid: int
    incident_id: str
    source: Optional[str]
    category: Optional[str]
    term: Optional[str]
    circumstance: Optional[str]
    count_low: Optional[int]
    count_high: Optional[int]
    count_qualifier: Optional[str]
    occurred_from: Optional[float]
    occurred_to: Optional[float]
    time_precision: Optional[str]
    span_is: Optional[str]
    place: Optional[str]
    admin1: Optional[str]
    actor_1: Optional[str]
    actor_2: Optional[str]
    description: Optional[str]
    uncertainty_m: Optional[float]
    verification: Optional[str]
    workflow: Optional[str]
    revision: Optional[int]
    flag: Optional[str]
    line_distance_m: Optional[float]
    line_side: Optional[str]
    line_name: Optional[str]
    flag_probability: Optional[float]
    flag_basis: Optional[str]
    zones: Optional[str]
    finding: Optional[str]
    finding_revision: Optional[int]
    weapon: Optional[str]
    located: Optional[bool]
    search: str

    def finding_is_old(self) -> bool:
        """Whether the incident was revised after it was held against the line."""
        known = self.finding_revision is not None and self.revision is not None
        return known and self.finding_revision < self.revision


class IncidentRows(List[IncidentRow]):
    """Rows with the columns that filters work on, made beside them in a task."""

    columns = None


FROM_AT = IncidentRow._fields.index("occurred_from")
TO_AT = IncidentRow._fields.index("occurred_to")
CATEGORY_AT = IncidentRow._fields.index("category")
SEARCHED = [
    IncidentRow._fields.index(name)
    for name in (
        "incident_id source term place admin1 actor_1 actor_2 description line_side zones finding"
    ).split()
]


def read_rows(
    connection: Connection, stopped: Callable[[], bool] = lambda: False
) -> List[IncidentRow]:
    """All incidents of an open ledger with their latest findings, in the order of writing.

    Raises Cancelled where ``stopped`` says so.
    """
    rows = IncidentRows()
    last = -1
    while not stopped():
        ((page,),) = connection.rows(SQL.substitute(last=last, size=PAGE))
        # A driver of PostgreSQL gives what it read of the page, and nothing of an empty one.
        page = json.loads(page) if isinstance(page, str) else page or []
        read = [_row(values) for values in page]
        rows.extend(read)
        if len(read) < PAGE:
            from .incident_filter import columns_of

            rows.columns = columns_of(rows)
            return rows
        last = max(row.fid for row in read)
    raise Cancelled("Reading the ledger was stopped.")


def _row(values: list) -> IncidentRow:
    searched = [str(values[at]) for at in SEARCHED if values[at] is not None]
    searched.append(label("categories", values[CATEGORY_AT]))
    values[FROM_AT] = _seconds(values[FROM_AT])
    values[TO_AT] = _seconds(values[TO_AT])
    return IncidentRow(*values, "\n".join(searched).lower())


def _seconds(stored: Optional[str]) -> Optional[float]:
    if stored is None:
        return None
    if len(stored) not in WITHOUT_FRACTION and not stored.endswith("Z"):
        # PostgreSQL leaves the noughts at the end out, and Python 3.9 wants three digits.
        whole, _, rest = stored.partition(".")
        stored = f"{whole}.{rest[:-6].ljust(3, '0')}{rest[-6:]}"
    return datetime.fromisoformat(stored.replace("Z", "+00:00")).timestamp()
