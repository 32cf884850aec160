"""Closing QGIS in the middle of a fetch: real QGIS, a source that stalls, nothing half-written."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.feed import Feed
from tests.feedservers.serving import Serving

ROOT = Path(__file__).resolve().parents[3]
HEADING = "id,date,latitude,longitude,category,description\n"
ROW = "1,2024-03-02,5.1,10.1,firing/shot,a shot\n"

CODE = """
import os
import qgis.utils
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QMessageBox
from qgis.core import QgsProject

plugin = qgis.utils.plugins["ceasefire_monitor"]
folder = os.environ["CLOSING_FOLDER"]
step = {"asked": False}


def look():
    if plugin.feeds.session.rows and not step["asked"]:
        step["asked"] = True
        plugin.feeds.dock.setUserVisible(True)
        plugin.feeds.commands.fetch_all()
    # The source says when it was asked and keeps the reply waiting.
    if os.path.exists(os.path.join(folder, "asked")) and not QApplication.activeModalWidget():
        # Where a task was cancelled QGIS stays, until it is closed once more.
        QgsProject.instance().setDirty(False)
        qgis.utils.iface.actionExit().trigger()


def agree():
    # QGIS asks whether the fetch is to be cancelled.
    asked = QApplication.activeModalWidget()
    if isinstance(asked, QMessageBox):
        asked.button(QMessageBox.StandardButton.Yes).click()


answer = QTimer()
answer.timeout.connect(agree)
answer.start(100)
timer = QTimer()
timer.timeout.connect(look)
timer.start(100)
plugin.session.open(os.environ["CLOSING_LEDGER"])
"""


class Stalling(Serving):
    """Sends the first row, says so in a file, and then nothing until it is let go."""

    def __init__(self, told: Path):
        self.told = told
        self.go = threading.Event()
        super().__init__()

    def respond(self, request, handler):
        self.log.append(request)
        handler.send_response(200)
        handler.send_header("Content-Type", "text/csv")
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write((HEADING + ROW).encode())
        handler.wfile.flush()
        self.told.write_text("asked", encoding="utf-8")
        self.go.wait(120)


@pytest.fixture
def screen():
    """The name of a screen of our own: QGIS's desktop does not start off screen."""
    for program in ("qgis", "Xvfb"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(20)


def test_closing_qgis_in_the_middle_of_a_fetch_is_clean(tmp_path, screen):
    told = tmp_path / "asked"
    path = tmp_path / "vale.gpkg"
    code = tmp_path / "code.py"
    code.write_text(CODE, encoding="utf-8")
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "ceasefire_monitor").symlink_to(ROOT)
    with Stalling(told) as server:
        feed = Feed(
            feed_id="north",
            feed_name="North desk",
            source="url",
            address=server.address + "/reports.csv",
            interval_minutes=30,
        )
        with Ledger.create(path, {"theatre": "Vale", "timezone": "UTC"}) as made:
            made.write_records("feeds", [feed], None, "test")
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "xcb",
            "DISPLAY": screen,
            "CLOSING_FOLDER": str(tmp_path),
            "CLOSING_LEDGER": str(path),
        }
        done = subprocess.run(
            [
                *("bash", str(ROOT / "tests" / "desktop" / "start_desktop.sh")),
                *(str(tmp_path / "profile"), str(plugins), "", str(code)),
            ],
            env=environment,
            capture_output=True,
            timeout=90,
        )
        server.go.set()
    said = done.stderr.decode("utf-8", "replace")
    assert told.exists(), said[-2000:]
    assert done.returncode == 0, said[-2000:]
    assert "Traceback" not in said and "Segmentation" not in said
    with Ledger.open(path, readonly=True) as ledger:
        assert ledger.verify().holds
        assert not ledger.read("incidents")
