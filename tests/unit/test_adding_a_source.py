"""The example of docs/adding-a-source.md is run as it stands there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from ceasefire_monitor.feeds import sources
from ceasefire_monitor.ledger.geopackage import Ledger

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "adding-a-source.md"
PARTS = {
    "feeds/sources/valelog.py": "ceasefire_monitor.feeds.sources.valelog",
    "tests/feedservers/valelog_server.py": "ceasefire_monitor.tests.feedservers.valelog_server",
    "tests/unit/test_feed_valelog.py": "ceasefire_monitor.tests.unit.test_feed_valelog",
}


def blocks() -> dict[str, str]:
    """The page's Python, by the file that each heading names."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(
        r"^## \d\. [^`\n]*`([^`]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return {
        name: code.group(1)
        for name, body in found
        for code in [re.search(r"```python\n(.*?)```", body, re.DOTALL)]
        if code
    }


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The example's modules, loaded under the names that they would have."""
    code = blocks()
    assert list(code) == list(PARTS)
    loaded = {}
    for file, name in PARTS.items():
        place = tmp_path / Path(file).name
        place.write_text(code[file], encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, place)
        loaded[file] = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, loaded[file])
        if file.startswith("feeds/"):
            monkeypatch.setattr(sources, "NAMES", (*sources.NAMES, "valelog"))
        spec.loader.exec_module(loaded[file])
    return loaded


def test_the_example_of_the_page_works(example, tmp_path):
    example["tests/unit/test_feed_valelog.py"].test_the_ledger_follows_the_source(tmp_path)
    with Ledger.open(tmp_path / "l.gpkg", readonly=True) as ledger:
        assert [one.source for one in ledger.feeds()] == [] and len(ledger.read("fetches")) > 1
        assert {one.workflow for one in ledger.read("incidents")} == {"recorded", "withdrawn"}


def test_the_example_names_the_registry_that_there_is():
    text = PAGE.read_text(encoding="utf-8")
    assert "`NAMES`" in text and sources.NAMES
