"""A person at work on a team's ledger, for tests: random edits, each told once it is committed.

CLIENT_CONNINFO=… python postgis_client.py SCHEMA NAME SECONDS
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import sys
import time
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "ceasefire_monitor"
INCIDENTS = 30


def load_package() -> None:
    """Make the repository's root importable under its name, as QGIS does."""
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[PACKAGE])


def work(schema: str, name: str, seconds: float) -> None:
    """Edit until the time is over; a refused edit is tried anew on what is there now."""
    from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
    from ceasefire_monitor.ledger.postgis.place import PostgisPlace
    from ceasefire_monitor.model.errors import CeasefireError

    chance = random.Random(name)
    end = time.monotonic() + seconds
    number = 0
    with PostgisLedger.open(PostgisPlace(os.environ["CLIENT_CONNINFO"], schema)) as ledger:
        while time.monotonic() < end:
            number += 1
            try:
                done = edit(ledger, chance, f"{name} {number}", name)
            except CeasefireError as error:
                if "changed meanwhile" in str(error) or "at the same time" in str(error):
                    continue
                raise
            for told in done:
                print(json.dumps(told), flush=True)


def edit(ledger, chance: random.Random, term: str, name: str) -> list[dict]:
    """One edit, an import of several, or a record beside; what was committed of incidents."""
    from ceasefire_monitor.model.incident import Effort
    from ceasefire_monitor.model.land import Fetch

    ids = [f"watch:{number}" for number in chance.sample(range(INCIDENTS), chance.randint(1, 5))]
    how = chance.random()
    if how < 0.15:
        ledger.write_records(
            "effort", [Effort(f"effort {chance.randint(0, 3)}", reason=term)], name, "shared"
        )
        return []
    records = ledger.read("incidents", ids=ids)
    if how < 0.75:
        for record in records:
            record.count_low = (record.count_low or 0) + 1
            record.term = term
        ledger.write_records("incidents", records, name, "counted")
        return [{"id": r.incident_id, "term": term, "counted": True} for r in records]
    own = SimpleNamespace(incident_id=f"new:{term}", term=term)
    from ceasefire_monitor.model.incident import Incident

    brought = SimpleNamespace(
        source=name,
        incidents=[Incident(own.incident_id, source=name, term=term)],
        rows=1,
        observations=[],
        posts=[],
        effort=[],
        rejected=[],
        notes=[],
    )
    ledger.write_import(brought, Fetch(source=name), name, "import")
    return [{"id": own.incident_id, "term": term, "counted": False}]


if __name__ == "__main__":
    load_package()
    work(sys.argv[1], sys.argv[2], float(sys.argv[3]))
