"""The registry of sources: every name has its module, and loading costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ceasefire_monitor.feeds.feedoptions import REDISTRIBUTIONS, checked_options
from ceasefire_monitor.feeds.presets import PRESETS
from ceasefire_monitor.feeds.sources import SOURCES, source_named
from ceasefire_monitor.model.errors import CeasefireError

ROOT = Path(__file__).resolve().parents[2]
OWN = ("acled", "ucdp", "firms", "gdelt")
KINDS = {"text", "choice", "integer", "date", "boolean", "bbox"}
# The package is loaded as QGIS does it, by its folder's path, in a process of its own.
LOAD = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location(
    "ceasefire_monitor", "__init__.py", submodule_search_locations=["."])
package = importlib.util.module_from_spec(spec)
sys.modules["ceasefire_monitor"] = package
spec.loader.exec_module(package)
from ceasefire_monitor.feeds.sources import SOURCES
for name in SOURCES:
    SOURCES[name]
print(sorted({"requests", "urllib3", "numpy", "shapely", "pyproj", "osgeo"} & set(sys.modules)))
"""


@pytest.mark.parametrize("name", list(SOURCES))
def test_each_source_says_what_a_person_must_know(name):
    source = SOURCES[name]
    assert source.name == name and source.title and source.help.endswith(".")
    assert source.preset in {*PRESETS, "auto"} and source.redistribution in REDISTRIBUTIONS
    assert set(source.credentials) <= {"none", "token", "basic", "login", "key"}
    assert source.interval_minutes >= 1
    for option in source.options:
        assert option.kind in KINDS and option.title, option.name
        assert bool(option.choices) == (option.kind == "choice"), option.name
        assert option.kind != "choice" or option.default in option.choices, option.name


@pytest.mark.parametrize("name", OWN)
def test_every_default_passes_for_a_given_option(name):
    source = SOURCES[name]
    given = {one.name: one.default for one in source.options if one.default is not None}
    given.update(
        {
            one.name: {"bbox": "1,2,3,4"}.get(one.kind, "26.1")
            for one in source.options
            if one.required
        }
    )
    assert checked_options(source, given)


def test_loading_every_source_imports_nothing_heavy():
    found = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_a_name_that_is_none_is_told_with_those_that_are():
    with pytest.raises(CeasefireError, match="acled, ucdp"):
        source_named("nonsense")
    assert source_named(" UCDP ").name == "ucdp" and "nonsense" not in SOURCES


def test_every_name_of_the_registry_is_a_module_with_its_source():
    for name in SOURCES:
        tree = ast.parse((ROOT / "feeds" / "sources" / f"{name}.py").read_text(encoding="utf-8"))
        assert any(
            isinstance(node, ast.Assign) and node.targets[0].id == "SOURCE"
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        ), name
