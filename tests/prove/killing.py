"""Killing a child that writes to a ledger, and looking at what it left."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from tests.prove.workloads import BACKENDS, REVISIONS

HERE = Path(__file__).resolve().parent
SIGNED = (
    "SELECT incident_id AS record, revision || '' AS n, why FROM incident_history",
    "SELECT table_name || ' ' || record_id AS record, revision || '' AS n, why FROM record_history",
)
IN_QGIS = """
import json, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
for name, source, provider in json.loads(sys.stdin.read()):
    layer = QgsVectorLayer(source, name, provider)
    assert layer.isValid(), name
    print(name, sum(1 for _ in layer.getFeatures()), flush=True)
os._exit(0)
"""


LONGEST_AFTERWARDS_S = 5.0


class Nursery:
    """Children on demand; use as a context manager."""

    def __enter__(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "nursery.py")], stdin=pipe, stdout=pipe, text=True
        )
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def killed(self, workload, backend, place, seed, seconds, kill=None):
        """Let a child work and kill it after so long; what it said until then, line by line.

        ``kill`` kills something else instead, such as its server, and says whether it did; the
        child may then fail.
        """
        self.process.stdin.write(f"{workload}\t{backend}\t{place}\t{seed}\n")
        self.process.stdin.flush()
        word, child = self.process.stdout.readline().split()
        assert word == "child"
        others, gone = [], threading.Event()
        timer = threading.Timer(seconds, _kill, [int(child), kill, others, gone])
        timer.start()
        said = []
        for line in self.process.stdout:
            if line.startswith("gone"):
                break
            said.append(tuple(line.rstrip("\n").split("\t")))
        gone.set()
        timer.join()
        failed = [line for line in said if line[0] == "failed"]
        assert not failed or others, failed
        return said


def _kill(child, kill, others, gone):
    done = False
    try:
        done = kill is not None and kill()
    finally:
        if done:
            others.append(True)
        # Between two connections a child may not notice that its server fell, and would go on.
        if not done or not gone.wait(LONGEST_AFTERWARDS_S):
            # A child that failed is gone already; the test tells what it said.
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def assert_nothing_lost(backend, place, said):
    """Every revision that was said to be committed is there, byte by byte."""
    with BACKENDS[backend].open(place) as ledger:
        kept = {
            (history, number, record, revision, hashlib.sha256(payload.encode()).hexdigest())
            for history, number, record, revision, payload in BACKENDS[backend].rows(
                ledger, REVISIONS.format(0, 0)
            )
        }
    lost = [line for line in said if len(line) == 5 and line not in kept]
    assert not lost, f"{len(lost)} of {len(said)} lost, such as {lost[0]}"


def assert_nothing_half(backend, place):
    """Each commit is there with all its revisions, and revisions count from 1 without a gap."""
    reasons, numbers = Counter(), {}
    with BACKENDS[backend].open(place) as ledger:
        for sql in SIGNED:
            for record, revision, why in BACKENDS[backend].rows(ledger, sql):
                numbers.setdefault(record, []).append(int(revision))
                reasons[why] += 1
    for record, found in numbers.items():
        assert sorted(found) == list(range(1, len(found) + 1)), record
    for why, count in reasons.items():
        told = re.search(r"makes (\d+) revisions", why or "")
        assert told is None or int(told[1]) == count, f"{why}, but there are {count}"


def assert_opens_in_qgis(backend, place):
    """QGIS opens the layers and reads every row."""
    layers = json.dumps(BACKENDS[backend].layers(place))
    command = [sys.executable, "-c", IN_QGIS]
    done = subprocess.run(command, input=layers, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(line.split() for line in done.stdout.splitlines() if line.count(" ") == 1)


def moments(rng, count, longest):
    """So many random moments, half of them soon."""
    return [rng.uniform(0, longest if rng.random() < 0.5 else longest / 5) for _ in range(count)]
