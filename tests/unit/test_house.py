"""The house: imports go down its list and never up, and the rooms without QGIS stay without it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# From the top to the bottom; a room may import what stands below it, and itself.
ROOMS = ["ui", "processing", "reports", "ledger", "feeds", "analysis", "model"]
WITHOUT_QGIS = ["ledger", "feeds", "analysis", "model"]
HEAVY = {"shapely", "matplotlib", "numpy", "pyproj", "requests", "jinja2"}
ENTRANCE = ["__init__.py", "plugin.py"]


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path, top_level_only: bool = False) -> list[tuple[str, int]]:
    """The absolute dotted names that a file imports; the project's own begin with its room."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    package = path.relative_to(ROOT).parts[:-1]
    names = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append((node.module, node.lineno))
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - (node.level - 1)]
            stem = ".".join([*base, *(node.module.split(".") if node.module else [])])
            if node.module:
                names.append((stem, node.lineno))
            else:
                names += [(".".join([*base, alias.name]), node.lineno) for alias in node.names]
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_down_the_list_and_never_up(room):
    above = set(ROOMS[: ROOMS.index(room)]) | {"plugin"}
    upward = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(room)
        for name, line in imported(path)
        if name.split(".")[0] in above and not name.startswith("processing.core")
        if not (name == "processing" and room == "ui")
    ]
    assert sources(room), f"the room {room} is empty"
    assert upward == []


@pytest.mark.parametrize("room", [*WITHOUT_QGIS, "reports"])
def test_rooms_that_know_no_qgis_import_none(room):
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(room)
        if path.parent.name != "layout" and path != ROOT / "reports" / "brief.py"
        for name, line in imported(path)
        if name.split(".")[0] in {"qgis", "PyQt5", "PyQt6"}
    ]
    assert found == []


@pytest.mark.parametrize("room", ["ui", "processing", "reports"])
def test_nothing_compiled_or_bound_to_one_qt(room):
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(room)
        for name, line in imported(path)
        if name.split(".")[0] in {"PyQt5", "PyQt6"}
    ]
    assert found == []


def test_nothing_heavy_is_imported_before_it_is_used():
    doors = [ROOT / name for name in ENTRANCE] + sources("ui") + sources("processing")
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in doors
        if "adapter" not in path.stem and path.parent.name != "adapters"
        for name, line in imported(path, top_level_only=True)
        if name.split(".")[0] in HEAVY
    ]
    assert found == []


def test_no_room_is_named_for_nothing():
    forbidden = {"utils", "helpers", "common", "misc"}
    named = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in sources(room)
        if path.stem in forbidden or path.parent.name in forbidden
    ]
    assert named == []


def test_the_whole_package_reads_as_python_39():
    for room in [*ROOMS, "tests"]:
        for path in sources(room):
            ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    assert len(sources("model")) > 3
