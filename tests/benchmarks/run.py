"""``make bench``: measures all in one run, each against its peers, taking turns."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import functools
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

from ..postgis import NoPostgis, PostgisCluster
from . import postgis_peer, theatre
from .racer import Racer, RacerFailed, of_package
from .report import Race, Report, Step, Turns
from .sizes import SIZES, Sizes

EXPRESSIONS = (
    'line_distance(@geometry, "occurred_from")',
    'line_side(@geometry, "occurred_from")',
    'line_chainage(@geometry, "occurred_from")',
    'line_in_force("occurred_from")',
)


class Bench:
    """One run: what it works on, and what it has found so far."""

    def __init__(self, folder: Path, size: str, peers: Path):
        self.folder, self.size, self.sizes, self.peers = folder, size, SIZES[size], peers
        self.facts = _facts(size, self.sizes)
        self.races: list[Race] = []
        self.scaling: list[Step] = []
        self.plain: list[Turns] = []

    def run(self) -> Report:
        """Everything; what cannot run is reported as missing, and the rest goes on."""
        self.race_the_kernel()
        self.grow_the_kernel()
        self.race_in_qgis()
        self.race_the_import()
        self.time_the_alerts()
        return Report(self.facts, self.races, self.scaling, self.plain)

    def race_the_kernel(self) -> None:
        """The kernel, SedonaDB and PostGIS, one after the other and all over again."""
        sizes = self.sizes
        ours = Turns("kernel, ten dated versions", sizes.race)
        sedona = Turns("SedonaDB ST_KNN, planar, one version", sizes.race)
        postgis = Turns("PostGIS geography KNN, one version", sizes.sample)
        with contextlib.ExitStack() as stack:
            runners = [
                (ours, self._kernel(stack, ours)),
                (sedona, self._sedona(stack, sedona)),
                (postgis, self._postgis(stack, postgis)),
            ]
            take_turns(runners, sizes.turns)
        self.races.append(Race("kernel against SedonaDB", ours, sedona, at_most=0.6))
        self.races.append(Race("kernel against PostGIS", ours, postgis, at_most=0.1))

    def grow_the_kernel(self) -> None:
        """The kernel at several sizes, each in a process of its own, for its peak memory."""
        for count in self.sizes.scaling:
            say(f"kernel, {count:,} incidents ...")
            step = Step(count)
            try:
                with self._kernel_process() as racer:
                    told = racer.run("run", count)
                step.seconds, step.peak_bytes = told["seconds"], told["peak_bytes"]
                step.steps = told["steps"]
            except RacerFailed as failure:
                step.missing = str(failure)
            self.scaling.append(step)

    def race_in_qgis(self) -> None:
        """The algorithm against QGIS's own, and the expression functions."""
        sizes = self.sizes
        flag, save = Turns("flagincidents", sizes.write), Turns("native:savefeatures", sizes.write)
        few, join = Turns("flagincidents", sizes.join), Turns("native:joinbynearest", sizes.join)
        arguments = (self.folder, sizes.segments, sizes.versions)
        settings = {"QGIS_CUSTOM_CONFIG_PATH": str(self.folder / "profile")}
        process = of_package(
            "qgis_racer",
            self.folder,
            sizes.limit_s,
            *arguments,
            QT_QPA_PLATFORM="offscreen",
            **settings,
        )
        try:
            with process as racer:
                say("making the layers ...")
                for count in (sizes.write, sizes.join):
                    racer.run("make", count)
                for ours, peer, task in ((flag, save, "save"), (few, join, "join")):
                    runners = [
                        (ours, _asking(racer, "flag", ours)),
                        (peer, _asking(racer, task, peer)),
                    ]
                    take_turns(runners, sizes.turns)
                self._ask_functions(racer)
        except RacerFailed as failure:
            for turns in (flag, save, few, join):
                turns.missing = turns.missing or str(failure)
        self.races.append(Race("flagincidents against savefeatures", flag, save, at_most=2.0))
        self.races.append(Race("flagincidents against joinbynearest", few, join, at_least=20.0))

    def race_the_import(self) -> None:
        """A CSV into a ledger against ogr2ogr; then opening and checking a ledger of that size."""
        count = self.sizes.rows
        ours, peer = Turns("import into a ledger", count), Turns("ogr2ogr", count)
        opening, checking = Turns("opening a ledger", count), Turns("verifying a ledger", count)
        turns = (ours, peer, opening, checking)
        try:
            with of_package("ledger_racer", self.folder, self.sizes.limit_s, self.folder) as racer:
                say("making the CSV ...")
                racer.run("make", count)
                runners = [
                    (ours, _asking(racer, "take", ours)),
                    (peer, _asking(racer, "copy", peer)),
                ]
                take_turns(runners, self.sizes.turns)
                take_turns([(opening, _asking(racer, "open", opening))], self.sizes.turns)
                take_turns([(checking, _asking(racer, "verify", checking))], 1)
        except RacerFailed as failure:
            for each in turns:
                each.missing = each.missing or str(failure)
        self.races.append(Race("import of a CSV against ogr2ogr", ours, peer, at_most=3.0))
        self.plain += [opening, checking]

    def time_the_alerts(self) -> None:
        """From a reply with new incidents to the alerts on them, in a ledger that holds many."""
        sizes = self.sizes
        turns = Turns(f"alerts on new incidents, ledger of {sizes.watched:,}", sizes.fresh)
        arguments = (self.folder, sizes.segments, sizes.versions)
        try:
            with of_package("alert_racer", self.folder, sizes.limit_s, *arguments) as racer:
                say("making the watched ledger ...")
                racer.run("make", sizes.watched)
                take_turns([(turns, _asking(racer, "raised", turns))], sizes.turns)
        except RacerFailed as failure:
            turns.missing = turns.missing or str(failure)
        self.plain.append(turns)

    def _ask_functions(self, racer: Racer) -> None:
        for text in EXPRESSIONS:
            turns = Turns(text.split("(")[0], self.sizes.labelled)
            ask = functools.partial(racer.run, "express", self.sizes.labelled, text)
            take_turns([(turns, ask)], self.sizes.turns)
            self.plain.append(turns)

    def _kernel_process(self) -> Racer:
        sizes = self.sizes
        arguments = (sizes.segments, sizes.versions)
        return of_package("kernel_racer", self.folder, sizes.limit_s, *arguments)

    def _kernel(self, stack, turns: Turns):
        racer = _entered(stack, self._kernel_process(), turns)
        return racer and _asking(racer, "run", turns)

    def _sedona(self, stack, turns: Turns):
        python = self.peers / "bin" / "python"
        reason = self.peers / "missing"
        if not python.exists() or reason.exists():
            turns.missing = reason.read_text().strip() if reason.exists() else "not installed"
            return None
        listed = [python, "-m", "pip", "list", "--format", "freeze"]
        told = subprocess.run(listed, capture_output=True, text=True).stdout.split()
        self.facts["SedonaDB"] = next((p[10:] for p in told if p.startswith("sedonadb==")), "?")
        script = Path(__file__).with_name("sedona_racer.py")
        files = _saved(self.folder, self.sizes)
        # Its own packages alone: those of the calling environment are others.
        racer = Racer([python, script, *files], self.folder, self.sizes.limit_s, {"PYTHONPATH": ""})
        racer = _entered(stack, racer, turns)
        return racer and (lambda: racer.run("run"))

    def _postgis(self, stack, turns: Turns):
        try:
            server = stack.enter_context(PostgisCluster(["shared_buffers=256MB"]))
        except NoPostgis as reason:
            turns.missing = str(reason)
            return None
        self.facts["PostGIS"] = server.version()
        points, vertices = _table_of(self.sizes, self.sizes.sample)
        postgis_peer.fill(server, points, vertices)
        return lambda: postgis_peer.run(server)


def take_turns(runners, turns: int) -> None:
    """Ask each runner once, and all over again; one that fails is not asked a second time."""
    for turn in range(turns):
        for told, ask in runners:
            if ask is None or told.missing is not None:
                continue
            try:
                answer = ask()
            except (RacerFailed, subprocess.CalledProcessError) as failure:
                told.missing = str(failure)
                continue
            told.seconds.append(answer["seconds"])
            say(f"{told.name}, {told.count:,}, turn {turn + 1}: {answer['seconds']:.2f} s")


def say(text: str) -> None:
    print(text, flush=True)


def _asking(racer: Racer, task: str, turns: Turns):
    return lambda: racer.run(task, turns.count)


def _entered(stack, racer: Racer, turns: Turns):
    try:
        return stack.enter_context(racer)
    except (RacerFailed, OSError) as failure:
        turns.missing = str(failure)
        return None


def _table_of(sizes: Sizes, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2), and the vertices of the version in the middle."""
    made = theatre.incidents(count, sizes.versions)
    middle = theatre.course(np.linspace(0.0, 1.0, sizes.segments + 1), sizes.versions // 2)
    return np.column_stack([made.lon, made.lat]), np.column_stack(middle)


def _saved(folder: Path, sizes: Sizes) -> tuple[Path, Path]:
    files = folder / "points.npy", folder / "vertices.npy"
    for file, table in zip(files, _table_of(sizes, sizes.race)):
        np.save(file, table)
    return files


def _facts(size: str, sizes: Sizes) -> dict[str, str]:
    import pyproj
    import shapely

    geos = ".".join(str(part) for part in shapely.geos_version)
    return {
        "Run": f"{size}, {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC",
        "Line": f"{sizes.segments:,} segments, {sizes.versions} dated versions",
        "Machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "Python": f"{platform.python_version()}, numpy {np.__version__}, shapely "
        f"{shapely.__version__} (GEOS {geos}), pyproj {pyproj.__version__}",
    }


def main(arguments=None) -> Report:
    """Run, print, and write ``report.md`` and ``report.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where files are made and the report is written")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--peers", type=Path, help="the peers' environment; FOLDER/venv by default")
    asked = parser.parse_args(arguments)
    folder = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    report = Bench(folder, asked.size, asked.peers or folder / "venv").run()
    report.write(folder)
    say("\n" + report.markdown())
    return report


if __name__ == "__main__":
    # Stopped from outside, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
