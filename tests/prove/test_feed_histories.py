"""Random histories of a source and its ledger: in the end the ledger is what the source has.

Edits, deletions, reappearances, rows that cannot be read for a while, faults at any reply, pages
that shift while they are read, people who correct and withdraw, and processes that are killed at
any moment. 200 histories of each kind of source in `make prove`, a few in `make test`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time

import pytest

from ceasefire_monitor.feeds.http.client import Client as HttpClient
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.http.limits import Limits
from ceasefire_monitor.feeds.source import Batch, Outcome
from ceasefire_monitor.ledger import feedspool
from ceasefire_monitor.ledger.feedsync import synchronise
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from tests.feedservers.faults import (
    Faults,
    close_before_headers,
    cut_body,
    html_200,
    pass_through,
    status,
    storm,
)
from tests.feedservers.serving import Answer, Serving, json_answer
from tests.scripted_source import (
    COLUMNS,
    Truth,
    active,
    fetch,
    incremental_source,
    kept_feed,
    scripted,
    snapshot_source,
)

PROVE = "CEASEFIRE_PROVE" in os.environ
HISTORIES = 200 if PROVE else 10
HTTP_HISTORIES = 30 if PROVE else 3
SEED = int(os.environ.get("CEASEFIRE_SEED", "5"))
FAULTS = (
    lambda: FeedError("It broke.", Reason.BROKEN),
    lambda: FeedError("Too often.", Reason.LIMITED, retry_after_s=5),
    lambda: KeyError("results"),
    lambda: Cancelled("Stopped."),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A ledger with a feed, to be copied."""
    place = tmp_path_factory.mktemp("empty") / "ledger.gpkg"
    with Ledger.create(place) as ledger:
        kept_feed(ledger)
    return place


class History:
    """One history: the truth, the ledger's file, and what people did to it."""

    def __init__(self, place, make, rng):
        self.place, self.rng = place, rng
        self.truth = Truth(page=rng.randint(1, 5))
        self.make = make
        self.corrected: dict[str, str] = {}
        self.withdrawn: set[str] = set()
        self.kills = self.runs = 0
        for number in range(rng.randint(1, 12)):
            self.truth.put(f"r{number}")

    def step(self) -> None:
        """One thing that happens."""
        ways = [self.edit, self.edit, self.drop, self.come_back, self.spoil, self.person]
        self.rng.choice([*ways, self.fetch, self.fetch, self.fetch, self.killed])()

    def edit(self) -> None:
        """The source adds a report or edits one."""
        name = f"r{self.rng.randint(0, 15)}"
        self.truth.put(
            name,
            description=f"words {self.truth.clock}",
            latitude=self.rng.choice([10.0, 11.5, None]),
            date=f"2024-05-{self.rng.randint(1, 28):02d}T10:00:00Z",
        )

    def drop(self) -> None:
        """The source removes a report."""
        if self.truth.rows:
            self.truth.drop(self.rng.choice(sorted(self.truth.rows)))

    def come_back(self) -> None:
        """The source has one again that it had removed."""
        if self.truth.deleted:
            self.truth.put(self.rng.choice(sorted(self.truth.deleted)))

    def spoil(self) -> None:
        """A row cannot be read for a while."""
        if self.truth.rows:
            self.truth.put(self.rng.choice(sorted(self.truth.rows)), date="nobody knows")

    def person(self) -> None:
        """Somebody corrects or withdraws an incident in the ledger."""
        with Ledger.open(self.place) as ledger:
            there = [one for one in ledger.read("incidents") if one.workflow != "withdrawn"]
            if not there:
                return
            one = self.rng.choice(there)
            if self.rng.random() < 0.3:
                one.workflow = "withdrawn"
                self.withdrawn.add(one.source_id)
            else:
                one.description = f"a person's {self.truth.clock} {self.rng.random()}"
                self.corrected[one.source_id] = one.description
            ledger.write_records("incidents", [one], "Bea", "seen myself")

    def fetch(self) -> None:
        """A run, that may meet a fault or pages that shift."""
        if self.rng.random() < 0.4:
            self.truth.faults[self.rng.randint(0, 3)] = self.rng.choice(FAULTS)()
        if self.rng.random() < 0.2:
            self.truth.before_page[self.rng.randint(1, 3)] = self.rng.choice([self.edit, self.drop])
        self.run()
        self.truth.faults.clear()
        self.truth.before_page.clear()

    def run(self) -> None:
        """A run; what it meets is told as sentences."""
        self.runs += 1
        try:
            with Ledger.open(self.place) as ledger:
                fetch(ledger, ledger.feed("North"), self.make(self.truth), allow_empty=True)
        except CeasefireError:
            return

    def killed(self) -> None:
        """A run in a process that is killed at a random moment."""
        self.kills += 1
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            # The default of this signal ends the process at once, wherever it is.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, self.rng.uniform(0.001, 0.4))
            try:
                self.run()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert time.monotonic() - began < 60

    def end(self) -> None:
        """A last run without faults, and the ledger held against the truth."""
        for name, row in list(self.truth.rows.items()):
            if row.date == "nobody knows":
                self.truth.put(name, date="2024-05-01T10:00:00Z")
        with Ledger.open(self.place) as ledger:
            report = fetch(ledger, ledger.feed("North"), self.make(self.truth), allow_empty=True)
            assert report.complete
            expected = {
                name: self.corrected.get(name, row.description)
                for name, row in self.truth.rows.items()
                if name not in self.withdrawn
            }
            assert active(ledger) == expected
            incidents = ledger.read("incidents")
            assert len({one.incident_id for one in incidents}) == len(incidents)
            places = {one.source_id: one.latitude for one in incidents}
            assert {name: places[name] for name in expected} == {
                name: self.truth.rows[name].latitude for name in expected
            }
            assert ledger.verify().holds
            again = fetch(ledger, ledger.feed("North"), self.make(self.truth), allow_empty=True)
            assert (again.added, again.changed, again.withdrawn, again.reappeared) == (0, 0, 0, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed that were forked")
@pytest.mark.parametrize("make", [snapshot_source, incremental_source])
def test_after_any_history_the_ledger_is_what_the_source_has(empty, tmp_path, make, monkeypatch):
    kills = runs = 0
    for number in range(HISTORIES):
        rng = random.Random(f"{SEED} {make.__name__} {number}")
        # A few rows in several parts can be cut between them.
        monkeypatch.setattr(feedspool, "LARGEST_PART", rng.choice([1, 4, 20_000]))
        place = tmp_path / f"{number}.gpkg"
        shutil.copy(empty, place)
        history = History(place, make, rng)
        try:
            for _ in range(rng.randint(5, 25)):
                history.step()
            history.end()
        except AssertionError as error:
            raise AssertionError(f"history {number} of seed {SEED}: {error}") from error
        kills, runs = kills + history.kills, runs + history.runs
        place.unlink()
    assert kills and runs
    print(f"{make.__name__}: {HISTORIES} histories, {runs} runs, {kills} kills")


class RowsServer(Serving):
    """Serves the truth in pages, over real HTTP."""

    def __init__(self, truth: Truth):
        self.truth = truth
        super().__init__()

    def answer(self, request) -> Answer:
        """One page of rows, and how many there are."""
        with self.lock:
            rows = list(self.truth.rows.values())
        first = int(request.one("offset", "0"))
        some = rows[first : first + self.truth.page]
        return json_answer({"total": len(rows), "rows": [row.cells() for row in some]})


def http_source(address: str):
    """Everything that a RowsServer has, page by page."""

    def read(asked):
        offset, total = 0, 1
        while offset < total:
            reply = asked.client.get(f"{address}/rows", params={"offset": offset})
            told = reply.json()
            total = told["total"]
            yield Batch(reply, list(COLUMNS), told["rows"], [])
            if not told["rows"]:
                break
            offset += len(told["rows"])
        return Outcome({}, snapshot=True, total=total)

    return scripted(read, {})


def test_over_real_http_with_faults_the_ledger_ends_as_the_source(empty, tmp_path):
    failed = 0
    for number in range(HTTP_HISTORIES):
        rng = random.Random(f"{SEED} http {number}")
        place = tmp_path / f"http {number}.gpkg"
        shutil.copy(empty, place)
        truth = Truth(page=3)
        faults = [cut_body(0.5), html_200(), status(403), storm(500, 9), close_before_headers]
        with RowsServer(truth) as server, Faults(server.address) as proxy:
            for _ in range(6):
                for _ in range(rng.randint(1, 4)):
                    truth.put(f"r{rng.randint(0, 9)}", description=f"words {truth.clock}")
                if len(truth.rows) > 2 and rng.random() < 0.5:
                    truth.drop(rng.choice(sorted(truth.rows)))
                proxy.plan([pass_through] * rng.randint(0, 2), rng.choice(faults))
                failed += not over_http(place, proxy.address)
                proxy.plan()
        with RowsServer(truth) as server:
            assert over_http(place, server.address)
        with Ledger.open(place) as ledger:
            assert active(ledger) == {name: row.description for name, row in truth.rows.items()}
            told = json.dumps([vars(one) for one in ledger.read("fetches")], default=str)
            assert "127.0.0.1" in told
            assert ledger.verify().holds
    assert failed


def over_http(place, address) -> bool:
    """One run; whether all came."""
    limits = Limits(attempts=1)
    with Ledger.open(place) as ledger, HttpClient(limits) as client:
        try:
            feed = ledger.feed("North")
            return synchronise(ledger, feed, http_source(address), client, None, "Ada").complete
        except FeedError as error:
            assert "Traceback" not in str(error)
            return False
