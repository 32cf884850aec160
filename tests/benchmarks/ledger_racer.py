"""Racer: a CSV into a ledger, and by ogr2ogr into a plain GeoPackage; and a ledger of that size."""

from __future__ import annotations

import csv
import itertools
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Optional

from ...feeds.importer import import_table
from ...feeds.table import read_table
from ...ledger.geopackage import Ledger
from ...model.land import Fetch
from .serve import peak_bytes, serve

COLUMNS = "id date time_from category place admin1 country lat lon actor_1 actor_2 deaths notes"
# Not in the future, in which nothing is believed to have happened.
BEGIN = datetime(2021, 1, 1)


class Clerk:
    """The files of one run; each import makes a new ledger, and the last one stays to be opened."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._numbers = itertools.count()
        self._last: Optional[Path] = None

    def make(self, count: str) -> dict:
        """The CSV, so that no run has to make it."""
        self._csv(int(count))
        return {}

    def take(self, count: str) -> dict:
        """Everything that an import does: read, bring into the model, write, seal."""
        table = self._csv(int(count))
        ledger = self.folder / f"ledger_{next(self._numbers)}.gpkg"
        self._forget()
        self._last = ledger
        result = import_table(read_table(str(table)), "generic", "UTC")
        with Ledger.create(ledger) as opened:
            counts = opened.write_import(result, Fetch(source=result.source), None, "benchmark")
        if counts.added != int(count):
            raise RuntimeError(f"{counts.added} of {count} rows came into the ledger.")
        return {"measured": counts.added, "peak_bytes": peak_bytes()}

    def copy(self, count: str) -> dict:
        """The same file by ogr2ogr."""
        output = self.folder / f"plain_{next(self._numbers)}.gpkg"
        columns = ["-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat"]
        command = ["ogr2ogr", "-f", "GPKG", str(output), str(self._csv(int(count))), *columns]
        subprocess.run([*command, "-a_srs", "EPSG:4326"], check=True, capture_output=True)
        output.unlink()
        return {}

    def open(self, _count: str) -> dict:
        """Open the ledger of the last import for writing, and read what it says of itself."""
        with Ledger.open(self._last) as ledger:
            return {"measured": ledger.head().position}

    def verify(self, _count: str) -> dict:
        """Check the ledger of the last import from end to end."""
        with Ledger.open(self._last, readonly=True) as ledger:
            found = ledger.verify()
        if not found.holds:
            raise RuntimeError(found.sentences()[0])
        return {"measured": found.checked, "peak_bytes": peak_bytes()}

    def close(self) -> None:
        """Take away what is large."""
        self._forget()

    def _forget(self) -> None:
        if self._last is not None:
            self._last.unlink(missing_ok=True)

    def _csv(self, count: int) -> Path:
        place = self.folder / f"incidents_{count}.csv"
        if not place.exists():
            with place.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS.split())
                writer.writerows(_rows(count))
        return place


def _rows(count: int):
    chance = Random(1)
    for number in range(count):
        moment = BEGIN + timedelta(minutes=number)
        yield (
            f"E{number}",
            moment.date().isoformat(),
            moment.strftime("%H:%M"),
            "firing/explosion",
            f"Village {number % 977}",
            f"Area {number % 13}",
            "Vale",
            f"{48 + chance.random():.5f}",
            f"{37 + chance.random():.5f}",
            "Party A",
            "Party B",
            number % 3,
            f"An explosion was heard near Village {number % 977}, {number % 9} km to the north",
        )


def main() -> None:
    clerk = Clerk(Path(sys.argv[1]))
    names = ("make", "take", "copy", "open", "verify")
    serve({name: getattr(clerk, name) for name in names})
    clerk.close()


if __name__ == "__main__":
    main()
