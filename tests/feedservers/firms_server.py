"""FIRMS's area API: days by path, a key in the path, and errors as text with status 200."""

from __future__ import annotations

import csv
from datetime import date, timedelta

from tests.feedservers.serving import Answer, Request, Serving

KEY = "map-key/of+tests"
COLUMNS = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,"
    "version,bright_ti5,frp,daynight"
).split(",")
SATELLITES = {"N": "VIIRS_SNPP_NRT", "N20": "VIIRS_NOAA20_NRT", "N21": "VIIRS_NOAA21_NRT"}
TEXT = {"Content-Type": "text/plain"}


def fire(day: str, number: int = 1, satellite: str = "N20", **values) -> dict:
    """A fictional detection, as text."""
    one = dict.fromkeys(COLUMNS, "1")
    one.update(
        latitude="47.50000",
        longitude=f"{20 + number / 1000:.5f}",
        bright_ti4="338.5",
        scan="0.6",
        track="0.7",
        acq_date=day,
        acq_time="35",
        satellite=satellite,
        instrument="VIIRS",
        confidence="n",
        version="2.0NRT",
        daynight="N",
    )
    one.update(values)
    return one


def fires_of(path) -> list[dict]:
    """The rows of a real file, as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class FirmsServer(Serving):
    """Holds ``fires`` and ``available`` (product to its first and last day).

    ``says`` is a text that comes instead of every table of an area, with ``status``. ``longest`` is
    the day range it takes; ``minds_dates`` whether it heeds the date; ``tells_days`` whether it
    has the list of days.
    """

    def __init__(self, fires=(), available=None):
        self.fires = list(fires)
        self.available = available or {}
        self.says = None
        self.status = 200
        self.longest = 5
        self.minds_dates = self.tells_days = True
        super().__init__()

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/api/")
        if not path.startswith(("area/csv/", "data_availability/csv/")):
            return Answer(404, "Not found.", TEXT)
        path = path.removeprefix("area/csv/").removeprefix("data_availability/csv/")
        if not path.startswith(KEY + "/"):
            return Answer(200, "Invalid MAP_KEY.", TEXT)
        parts = path.removeprefix(KEY + "/").split("/")
        if "data_availability" in request.path:
            if not self.tells_days:
                return Answer(404, "Not found.", TEXT)
            lines = [f"{name},{first},{last}" for name, (first, last) in self.available.items()]
            return self._csv(["data_id,min_date,max_date", *lines])
        if self.says is not None:
            return Answer(self.status, self.says, TEXT)
        return self._area(*parts)

    def _area(self, product: str, area: str, count: str, day: str) -> Answer:
        if int(count) > self.longest:
            return Answer(400, f"Invalid day range. Expects [1..{self.longest}].", TEXT)
        west, south, east, north = map(float, area.split(","))
        first = date.fromisoformat(day)
        last = first + timedelta(days=int(count) - 1)
        lines = [",".join(COLUMNS)]
        for one in self.fires:
            here = west <= float(one["longitude"]) <= east
            here = here and south <= float(one["latitude"]) <= north
            now = str(first) <= one["acq_date"] <= str(last) or not self.minds_dates
            if here and now and SATELLITES[one["satellite"]] == product:
                lines.append(",".join(one[name] for name in COLUMNS))
        return self._csv(lines)

    @staticmethod
    def _csv(lines: list[str]) -> Answer:
        return Answer(200, "\n".join(lines) + "\n", {"Content-Type": "text/csv"})
