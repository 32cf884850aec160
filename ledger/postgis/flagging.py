"""Flagging in the database: what does not fit a desktop is measured where it lies.

PostGIS finds the nearest place of a geography on a sphere and measures to it on the spheroid: for
a whole line that place may be another than the nearest, more than 100 m farther. So the lines are
cut along their geodesics into pieces of some tens of metres, every piece that the sphere allows to
be the nearest is measured, and the least counts.

Measured are the bare points of incidents that are of one moment, as far as the lines go, and have
no uncertainty of their own. The others need probabilities, which are the kernel's: they are
counted and left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Iterator, Optional

from ...model.errors import CeasefireError
from ..connection import Session
from ..settings import with_what
from .refusals import driver_errors

PIECE_M = 30.0
ROUND_OFF = 1.012
"""Twice the most by which a distance on PostGIS's sphere is off, 0.6 %, as a factor."""
AT_A_TIME = 20_000
SAME_M = 0.5
PIECES = """CREATE TEMPORARY TABLE flag_piece (line integer, line_name text,
    valid_from timestamptz, valid_to timestamptz, start_m double precision,
    length_m double precision, edge_from double precision, edge_to double precision,
    lon double precision, lat double precision,
    to_lon double precision, to_lat double precision, shape {g}.geography) ON COMMIT DROP"""
SHAPES = """UPDATE pg_temp.flag_piece SET shape = {g}.ST_SetSRID({g}.ST_MakeLine(
    {g}.ST_MakePoint(lon, lat), {g}.ST_MakePoint(to_lon, to_lat)), 4326)::{g}.geography"""
_IN_FORCE = """(p.valid_from IS NULL OR p.valid_from <= i.occurred_from)
        AND (p.valid_to IS NULL OR p.valid_to > i.occurred_from)"""
# Asked once an incident: without it a moment of no line goes through every piece, by distance.
# No EXISTS, which would be joined with the pieces.
_ANY_IN_FORCE = f"(SELECT true FROM pg_temp.flag_span AS p WHERE {_IN_FORCE} LIMIT 1)"  # nosec B608 - names of ours
# Of one moment, as far as the lines go: none of them begins or ends within the incident's span.
_OF_ONE_MOMENT = """i.uncertainty_m IS NULL AND i.occurred_from IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM pg_temp.flag_bound AS b
    WHERE b.moment > i.occurred_from AND b.moment < i.occurred_to)"""
SPANS = """CREATE TEMPORARY TABLE flag_span ON COMMIT DROP AS
    SELECT DISTINCT valid_from, valid_to FROM pg_temp.flag_piece"""
BOUNDS = """CREATE TEMPORARY TABLE flag_bound ON COMMIT DROP AS
    SELECT DISTINCT valid_from AS moment FROM pg_temp.flag_piece WHERE valid_from IS NOT NULL
    UNION SELECT DISTINCT valid_to FROM pg_temp.flag_piece WHERE valid_to IS NOT NULL"""
LEFT = f"""SELECT count(*) FROM {{s}}.incidents AS i
    WHERE i.geom IS NOT NULL AND NOT ({_OF_ONE_MOMENT})"""  # nosec B608 - names of ours
FLAG = f"""WITH measured AS (
    SELECT i.incident_id, i.revision, CASE
            WHEN i.geom IS NULL OR {{g}}.ST_IsEmpty(i.geom) THEN 'not_located'
            WHEN found.away IS NULL THEN 'no_line_in_force'
            WHEN found.away <= %(distance)s THEN 'near' ELSE 'far' END AS flag,
        found.line_name, found.valid_from, found.away,
        found.chainage
    FROM {{s}}.incidents AS i
    LEFT JOIN LATERAL (
        SELECT p.shape {{operator}} i.geom::{{g}}.geography AS away FROM pg_temp.flag_piece AS p
        WHERE {_ANY_IN_FORCE} AND {_IN_FORCE}
        ORDER BY p.shape {{operator}} i.geom::{{g}}.geography LIMIT 1) AS about
        ON i.geom IS NOT NULL AND NOT {{g}}.ST_IsEmpty(i.geom)
    LEFT JOIN LATERAL (
        SELECT p.line_name, p.valid_from,
            {{g}}.ST_Distance(p.shape, i.geom::{{g}}.geography) AS away,
            -- By the law of cosines; the foot may lie on the next piece of the same edge.
            greatest(p.edge_from, least(p.edge_to, p.start_m + p.length_m / 2.0
                + (e.from_start - e.from_end) * (e.from_start + e.from_end)
                / (2.0 * p.length_m))) AS chainage
        FROM pg_temp.flag_piece AS p, LATERAL (SELECT
            {{g}}.ST_Distance({{g}}.ST_SetSRID({{g}}.ST_MakePoint(p.lon, p.lat), 4326)
                ::{{g}}.geography, i.geom::{{g}}.geography) AS from_start,
            {{g}}.ST_Distance({{g}}.ST_SetSRID({{g}}.ST_MakePoint(p.to_lon, p.to_lat), 4326)
                ::{{g}}.geography, i.geom::{{g}}.geography) AS from_end) AS e
        WHERE about.away IS NOT NULL AND {_IN_FORCE} AND {{g}}.ST_DWithin(
            p.shape, i.geom::{{g}}.geography, about.away * {ROUND_OFF} + 1.0, false)
        ORDER BY away, p.line, p.start_m LIMIT 1) AS found ON true
    WHERE i.fid > %(after)s AND i.fid <= %(until)s AND (i.geom IS NULL OR {_OF_ONE_MOMENT})),
added AS (
    INSERT INTO {{s}}.findings(finding_id, incident_id, incident_revision, assessed_at, line_name,
        line_valid_from, line_distance_m, line_chainage_m, flag, flag_basis, flag_distance_m,
        finding)
    SELECT 'db:' || replace(gen_random_uuid()::text, '-', ''), m.incident_id, m.revision, now(),
        m.line_name, m.valid_from, m.away, m.chainage, m.flag,
        CASE WHEN m.away IS NOT NULL THEN 'none' END, %(distance)s,
        CASE m.flag WHEN 'not_located' THEN 'The incident is not located.'
            WHEN 'no_line_in_force' THEN 'No line was in force at its time.'
            ELSE format('%%s m from %%s (the bare point, measured in the database; near means '
                'within %%s m).', round(m.away), coalesce('the line “' || m.line_name || '”',
                'the line'), %(distance)s) END
    FROM measured AS m LEFT JOIN {{s}}.findings AS k ON k.fid = (
        SELECT max(fid) FROM {{s}}.findings WHERE flag IS NOT NULL AND incident_id = m.incident_id)
    WHERE k.fid IS NULL OR k.incident_revision IS DISTINCT FROM m.revision
        OR k.flag IS DISTINCT FROM m.flag OR k.line_name IS DISTINCT FROM m.line_name
        OR k.flag_distance_m IS DISTINCT FROM %(distance)s
        OR abs(coalesce(k.line_distance_m, -1.0) - coalesce(m.away, -1.0)) > {SAME_M}
    RETURNING 1)
SELECT flag, count(*), (SELECT count(*) FROM added) FROM measured GROUP BY flag"""  # nosec B608 - names of ours


@dataclass
class DatabaseFlags:
    """How many incidents got which flag, how many findings are new, and how many were left."""

    near: int = 0
    far: int = 0
    no_line_in_force: int = 0
    not_located: int = 0
    added: int = 0
    left: int = 0


def flag_in_database(
    ledger: Any,
    distance_m: float,
    kind: Optional[str] = None,
    progress: Optional[Callable[[float], None]] = None,
) -> DatabaseFlags:
    """Flag all incidents of a team's ledger that can be flagged there, in one transaction.

    ``distance_m``: near means within. ``kind``: of the contact lines, needed where kinds mix.
    ``progress`` takes 0 to 1 and may raise to stop: then nothing was written.
    """
    if not 0.0 <= distance_m < 2e7:
        raise CeasefireError("The distance must be a number of metres, 0 or more.")
    connection = ledger._connection
    lines = _lines(ledger.read("contact_lines"), kind)
    done = DatabaseFlags()
    with connection.transaction(Session(with_what=with_what())):
        _cut(connection, lines)
        ((last,),) = connection.rows("SELECT coalesce(max(fid), 0) FROM incidents")
        statement = _flag_statement(connection)
        for after in range(0, last, AT_A_TIME):
            if progress is not None:
                progress(after / last)
            values = {"distance": distance_m, "after": after, "until": after + AT_A_TIME}
            with driver_errors(connection.path), connection.driver.cursor() as cursor:
                cursor.execute(statement, values)
                for flag, count, added in cursor.fetchall():
                    setattr(done, flag, getattr(done, flag) + count)
                    new = added
                done.added += new if cursor.rowcount > 0 else 0
        ((done.left,),) = connection.fetch(connection.composed(LEFT))
    return done


def _flag_statement(connection: Any) -> Any:
    from psycopg2 import sql

    return sql.SQL(FLAG).format(
        s=sql.Identifier(connection.path.schema),
        g=sql.Identifier(connection.postgis),
        operator=sql.SQL("OPERATOR({}.<->)").format(sql.Identifier(connection.postgis)),
    )


def _lines(records: list, kind: Optional[str]) -> list:
    """The lines of one kind that have a place; CeasefireError where kinds mix."""
    records = [record for record in records if record.geometry is not None]
    kinds = sorted({record.kind for record in records}, key=str)
    if kind:
        records = [record for record in records if record.kind == kind]
    elif len(kinds) > 1:
        listed = ", ".join(f"“{one}”" for one in kinds)
        raise CeasefireError(f"The contact lines are of different kinds: {listed}. Choose one.")
    if not records:
        raise CeasefireError("The ledger has no contact line of that kind: add one first.")
    return records


def _cut(connection: Any, records: list) -> None:
    """Put the lines into the database, cut into short pieces along their geodesics."""
    from psycopg2.extras import execute_values

    connection.execute(connection.composed(PIECES))
    columns = "line, line_name, valid_from, valid_to, start_m, length_m, edge_from, edge_to"
    columns += ", lon, lat, to_lon, to_lat"
    with driver_errors(connection.path), connection.driver.cursor() as cursor:
        for number, record in enumerate(records):
            rows = [
                (number, record.line_name, record.valid_from, record.valid_to, *piece)
                for piece in _pieces(record.geometry)
            ]
            execute_values(
                cursor,
                f"INSERT INTO pg_temp.flag_piece({columns}) VALUES %s",  # nosec B608 - of ours
                rows,
                page_size=1000,
            )
    connection.execute(connection.composed(SHAPES))
    connection.execute("CREATE INDEX flag_piece_shape ON pg_temp.flag_piece USING gist(shape)")
    connection.execute(connection.composed(SPANS))
    connection.execute(connection.composed(BOUNDS))
    connection.execute("ANALYZE pg_temp.flag_piece")


def _pieces(geometry: Any) -> Iterator[tuple]:
    """The pieces of a line's edges: chainage, length, chainages of the edge's ends (metres), and
    the piece's own ends (degrees)."""
    import numpy as np
    import shapely

    from ...analysis.geodesy import direct, inverse

    chainage = 0.0
    for part in shapely.get_parts(geometry):
        places = shapely.get_coordinates(part)
        azimuth, length = inverse(*places[:-1].T, *places[1:].T)
        for start, end, toward, long in zip(places[:-1], places[1:], azimuth, length):
            count = max(1, int(np.ceil(long / PIECE_M)))
            steps = np.linspace(0.0, long, count + 1)
            lon, lat = direct(
                np.full(count + 1, start[0]), np.full(count + 1, start[1]), toward, steps
            )
            (lon[0], lat[0]), (lon[-1], lat[-1]) = start, end
            if long > 0.0:
                rows = (chainage + steps[:-1], np.diff(steps), np.full(count, chainage))
                rows += (np.full(count, chainage + long), lon[:-1], lat[:-1], lon[1:], lat[1:])
                yield from zip(*(column.tolist() for column in rows))
            chainage += float(long)
