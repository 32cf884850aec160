"""What all tests share: the plugin's package, loaded from the repository's root as it lies."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "ceasefire_monitor"

sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT]
if PACKAGE not in sys.modules:
    _spec = importlib.util.spec_from_file_location(
        PACKAGE, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    _package = importlib.util.module_from_spec(_spec)
    sys.modules[PACKAGE] = _package
    _spec.loader.exec_module(_package)

REAL_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data beside the repository; the test skips where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real data is not beside this repository")
    return REAL_DATA


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL with PostGIS of one module's own; it skips where PostGIS is not to be had."""
    from ceasefire_monitor.tests.postgis import NoPostgis, PostgisCluster

    try:
        cluster = PostgisCluster().__enter__()
    except NoPostgis as reason:
        pytest.skip(f"PostGIS is not to be had: {reason}")
    yield cluster
    cluster.close()
