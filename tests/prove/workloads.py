"""Work that a child does in a ledger until it is killed, told commit by commit.

A workload is a function ``(backend, place, rng, say)`` that never ends; after each commit it calls
``say`` with the revisions that it now knows to be kept. Each commit is signed with a reason that
says how many revisions it makes, so that a half-written one can be told afterwards. A backend
knows how to make, open and read a ledger, how to check it, and how QGIS opens its layers. Their
places are one line of text.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import shapely
from osgeo import gdal

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.links import link_incidents, withdraw_links
from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.ledger.review import review_incidents
from ceasefire_monitor.model.harm import Link
from ceasefire_monitor.model.incident import Effort, Incident
from ceasefire_monitor.model.land import Fetch, Zone
from ceasefire_monitor.model.review import Review
from tests.prove.alert_work import alerts

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
DATA = Path(__file__).resolve().parent.parent / "data"
CHECKER = DATA.parent.parent / "ledger" / "verify.py"
# Each with its key, and whether it has places.
IN_QGIS = {
    "incidents": ("fid", True),
    "incident_history": ("history_id", False),
    "record_history": ("history_id", False),
    "zones": ("fid", True),
    "current_findings": ("fid", False),
}
FORM = "a form"
WHY = "{name} makes {count} revisions, {number}"
REVISIONS = (
    "SELECT 'incident_history' AS history, history_id || '' AS number, incident_id AS record, "
    "revision || '' AS revision, payload FROM incident_history WHERE history_id > {0} UNION ALL "
    "SELECT 'record_history', history_id || '', table_name || ' ' || record_id, revision || '', "
    "payload FROM record_history WHERE history_id > {1} ORDER BY 1, 2"
)


class GeoPackageBackend:
    """Ledgers in files."""

    def fresh(self, folder, name):
        """Make an empty ledger; returns its place as one line of text."""
        place = Path(folder) / f"{name}.gpkg"
        Ledger.create(place, {"theatre": "Vale"}).close()
        return str(place)

    def older(self, folder, name, version):
        """A ledger that an earlier version made."""
        place = Path(folder) / f"{name}.gpkg"
        content = (DATA / f"ledger-version-{version}.gpkg.gz").read_bytes()
        place.write_bytes(gzip.decompress(content))
        return str(place)

    def open(self, place):
        """The open ledger."""
        return Ledger.open(place, wait_ms=20_000)

    def rows(self, ledger, sql):
        """The rows of a query, as tuples of text."""
        return ledger._connection.rows(sql)

    def elsewhere(self, place, statements):
        """Run statements in one transaction as another program would, past our own code."""
        dataset = gdal.OpenEx(place, gdal.OF_VECTOR | gdal.OF_UPDATE)
        dataset.StartTransaction()
        for statement in statements:
            dataset.ExecuteSQL(statement)
        dataset.CommitTransaction()

    def assert_whole(self, place):
        """SQLite finds nothing wrong, and the chain holds by the checker that others run."""
        dataset = gdal.OpenEx(place, gdal.OF_VECTOR | gdal.OF_UPDATE)
        result = dataset.ExecuteSQL("PRAGMA integrity_check")
        assert [row.GetField(0) for row in result] == ["ok"]
        dataset.ReleaseResultSet(result)
        result = dataset.ExecuteSQL("SELECT count(*) FROM ledger_session")
        assert [row.GetField(0) for row in result] == [0]
        dataset.ReleaseResultSet(result)
        del result, dataset
        command = [sys.executable, "-I", str(CHECKER), place]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def layers(self, place):
        """Name, source and provider of layers as QGIS opens them."""
        return [(name, f"{place}|layername={name}", "ogr") for name in IN_QGIS]


class PostgisBackend:
    """Ledgers in schemas of a server, which a test gives it; a place says which server."""

    server = None

    def fresh(self, folder, name):
        """Make an empty ledger; returns its place as one line of text."""
        text = json.dumps({"conninfo": self.server.conninfo(), "schema": name.replace(" ", "_")})
        PostgisLedger.create(_postgis_place(text), {"theatre": "Vale"}).close()
        return text

    def open(self, place):
        """The open ledger."""
        return PostgisLedger.open(_postgis_place(place))

    def rows(self, ledger, sql):
        """The rows of a query, as tuples of text."""
        return ledger._connection.rows(sql)

    def elsewhere(self, place, statements):
        """Run statements in one transaction as another program would, past our own code."""
        where = _postgis_place(place)
        driver = psycopg2.connect(where.conninfo, application_name=FORM)
        with contextlib.closing(driver), driver, driver.cursor() as cursor:
            cursor.execute(f'SET search_path TO "{where.schema}", public')
            for statement in statements:
                cursor.execute(statement)

    def assert_whole(self, place):
        """The chain holds, and nothing waits to be sealed."""
        with self.open(place) as ledger:
            found = ledger.verify()
            assert found.holds, found.sentences()
            assert found.unsealed == 0
            assert ledger._connection.rows("SELECT count(*) FROM pending") == [(0,)]

    def layers(self, place):
        """Name, source and provider of layers as QGIS opens them."""
        where = _postgis_place(place)
        return [
            (
                name,
                f'{where.conninfo} key=\'{key}\' table="{where.schema}"."{name}"'
                + (" (geom)" if located else ""),
                "postgres",
            )
            for name, (key, located) in IN_QGIS.items()
        ]


def _postgis_place(text):
    return PostgisPlace(**json.loads(text))


BACKENDS = {"geopackage": GeoPackageBackend(), "postgis": PostgisBackend()}


class Journal:
    """What the child says: each revision that it has seen committed, once."""

    def __init__(self, backend, say):
        self.backend, self.say = backend, say
        self.last = {"incident_history": 0, "record_history": 0}

    def tell(self, ledger):
        """Say the revisions that came since."""
        sql = REVISIONS.format(*self.last.values())
        for history, number, record, revision, payload in self.backend.rows(ledger, sql):
            self.last[history] = max(self.last[history], int(number))
            digest = hashlib.sha256(payload.encode()).hexdigest()
            self.say(history, number, record, revision, digest)

    def skip(self, ledger):
        """Begin with what is there."""
        for history in self.last:
            ((last,),) = self.backend.rows(
                ledger, f"SELECT coalesce(max(history_id), 0) || '' AS last FROM {history}"
            )
            self.last[history] = int(last)


def why(name, count, rng):
    """The reason of a commit that makes ``count`` revisions; no two are the same."""
    return WHY.format(name=name, count=count, number=rng.getrandbits(60))


def imports(backend, place, rng, say):
    """Imports, small ones row by row and large ones in bulk, of new and of changed incidents."""
    journal = Journal(backend, say)
    with backend.open(place) as ledger:
        journal.skip(ledger)
        while True:
            count = 2_100 if rng.random() < 0.1 else rng.randrange(5, 40)
            first = rng.randrange(10**9) if count > 1000 else rng.randrange(200)
            text = str(rng.getrandbits(60))
            incidents = [
                Incident(
                    incident_id=f"watch:{number}",
                    source="watch",
                    occurred_from=NOON + timedelta(minutes=number % 10_000),
                    description=text,
                    longitude=30.0,
                    latitude=45.0,
                )
                for number in range(first, first + count)
            ]
            effort = [Effort(effort_id=f"e:{text}:{number}") for number in range(3)]
            result = SimpleNamespace(
                source="watch", incidents=incidents, observations=[], posts=[], effort=effort,
                rejected=[], rows=count + 3,
            )  # fmt: skip
            # With the effort, and the fetch itself.
            reason = why("import", count + 3 + 1, rng)
            ledger.write_import(result, Fetch(source="watch"), "Ana", reason)
            journal.tell(ledger)


def edits(backend, place, rng, say):
    """Edits by our code and past it: changes, deletions, stamps, several tables at once."""
    journal = Journal(backend, say)
    with backend.open(place) as ledger:
        journal.skip(ledger)
        while True:
            text = str(rng.getrandbits(60))
            box = shapely.box(30, 45, 31 + rng.random(), 46)
            zones = [Zone(zone_id=f"z:{number}", kind=text, geometry=box) for number in range(5)]
            links = [Link(link_id=f"k:{number}", reason=text) for number in range(7)]
            incidents = [Incident(incident_id=f"own:{number}", place=text) for number in range(9)]
            for name, records in (("zones", zones), ("links", links), ("incidents", incidents)):
                ledger.write_records(name, records, "Ana", why("edit", len(records), rng))
                journal.tell(ledger)
            stamped = why("form", 6, rng)
            backend.elsewhere(
                place,
                [
                    f"UPDATE incidents SET description = '{text}', edited_by = 'Bo', "
                    f"edit_reason = '{stamped}' WHERE incident_id IN "
                    "('own:1', 'own:2', 'own:3', 'own:4', 'own:5', 'own:6')",
                    f"DELETE FROM zones WHERE zone_id = 'z:{rng.randrange(5)}'",
                ],
            )
            journal.tell(ledger)


def reviews(backend, place, rng, say):
    """Reviews of some incidents at once, and links between them, stated and withdrawn."""
    journal = Journal(backend, say)
    with backend.open(place) as ledger:
        journal.skip(ledger)
        while True:
            first = rng.getrandbits(60)
            ids = [f"seen:{first}:{number}" for number in range(rng.randrange(2, 30))]
            new = [Incident(incident_id=identifier, place="Mill") for identifier in ids]
            ledger.write_records("incidents", new, "Ana", why("report", len(ids), rng))
            journal.tell(ledger)
            for review in (
                Review(verification="followed_up", reliability="B", credibility="2"),
                Review(verification="corroborated", workflow="reviewed"),
                Review(workflow="withdrawn"),
            ):
                some = rng.sample(ids, rng.randrange(1, len(ids) + 1))
                reason = why("review", len(some), rng)
                outcome = review_incidents(ledger, some, review, "Bo", reason)
                assert len(outcome.reviewed) == len(some), outcome
                journal.tell(ledger)
            pairs = list(zip(ids[::2], ids[1::2]))
            reason = why("link", len(pairs), rng)
            told = link_incidents(ledger, pairs, "same_event", "Bo", reason)
            journal.tell(ledger)
            gone = [link.link_id for link in told.stated[:3]]
            withdraw_links(ledger, gone, "Cleo", why("parting", len(gone), rng))
            journal.tell(ledger)


def upgrades(backend, place, rng, say):
    """The opening of a ledger that an earlier version made; then nothing more happens to it."""
    journal = Journal(backend, say)
    with backend.open(place) as ledger:
        journal.tell(ledger)
        say("upgraded")
        while True:
            ledger.read("incidents")


WORKLOADS = {
    "imports": imports,
    "edits": edits,
    "reviews": reviews,
    "upgrades": upgrades,
    "alerts": alerts,
}
