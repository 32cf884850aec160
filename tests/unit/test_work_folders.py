"""Temporary folders of killed runs: cleared at the next run, those of living ones never."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.workfolders import (
    BEGINS,
    clear_abandoned,
    lives,
    place,
    work_folder_prefix,
)
from ceasefire_monitor.ledger.feedspool import Spool

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import time
import tests.conftest
from tests.scripted_source import Truth
from ceasefire_monitor.ledger.feedspool import Spool
spool = Spool("run")
spool.add(Truth().batch(0, []), str)
print(spool._folder.name, flush=True)
time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def run(temporary):
    """A run of a feed in a process of its own, in the midst of reading; (process, its folder)."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    folder = Path(process.stdout.readline().strip())
    assert folder.parent == temporary and list(folder.iterdir())
    yield process, folder
    process.kill()
    process.wait()
    process.stdout.close()


def dead_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.skipif(os.name == "nt", reason="a process is killed by a signal")
def test_what_a_killed_run_left_is_cleared_at_the_next_run(run):
    process, folder = run
    with Spool("another"):
        assert folder.exists(), "its process lives"
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Spool("another"):
        assert not folder.exists()


def test_only_this_users_folders_without_a_process_here_go(temporary):
    gone, own = dead_process(), os.getpid()
    names = {
        f"{BEGINS}feed-{place()}-{gone}-x": False,
        f"{BEGINS}import-{place()}-{gone}-x": False,
        f"{BEGINS}feed-{place()}-{own}-x": True,
        f"{BEGINS}feed-{place()}-{os.getppid()}-x": True,
        f"{BEGINS}feed-00000000-{gone}-x": True,
        f"{BEGINS}feed-x{gone}": True,
        f"{BEGINS}feed-{gone}-x": True,
        f"other-feed-{place()}-{gone}-x": True,
    }
    for name in names:
        (temporary / name / "deep").mkdir(parents=True)
        (temporary / name / "deep" / "rows.json").write_text("[]")
    file = temporary / f"{BEGINS}feed-{place()}-{gone}-file"
    file.write_text("")
    elsewhere = temporary / "elsewhere"
    (elsewhere / "kept").mkdir(parents=True)
    link = temporary / f"{BEGINS}feed-{place()}-{gone}-link"
    if os.name != "nt":
        link.symlink_to(elsewhere, target_is_directory=True)
    assert clear_abandoned() == 2
    assert {name: (temporary / name).exists() for name in names} == names
    assert file.exists() and (elsewhere / "kept").exists()
    assert os.name == "nt" or link.is_symlink()


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root makes folders of others"
)
def test_folders_of_other_users_stay(temporary):
    folder = temporary / f"{BEGINS}feed-{place()}-{dead_process()}-x"
    folder.mkdir()
    os.chown(folder, 12_345, 12_345)
    assert clear_abandoned() == 0 and folder.exists()


def test_who_lives():
    assert lives(os.getpid()) and lives(os.getppid()) and not lives(dead_process())


def test_all_folders_of_a_run_name_their_process(temporary):
    with Client() as client, Spool("run") as spool:
        for path in (client._place().parent, Path(spool._folder.name)):
            assert path.name.startswith(work_folder_prefix("feed"))
            assert f"-{os.getpid()}-" in path.name
    assert not list(temporary.iterdir())
