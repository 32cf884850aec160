"""What the tests in real QGIS share: the provider, registered once, and a way to run it."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile

import pytest

for _folder in ("/usr/share/qgis/python/plugins", os.environ.get("QGIS_PLUGINS", "")):
    if _folder and _folder not in sys.path:
        sys.path.append(_folder)

# An authentication database of the tests' own, before QGIS starts: never the user's.
_LOGINS = tempfile.mkdtemp(prefix="ceasefire-logins-")
os.environ["QGIS_AUTH_DB_DIR_PATH"] = _LOGINS
atexit.register(shutil.rmtree, _LOGINS, ignore_errors=True)


@pytest.fixture(scope="module")
def provider(qgis_app):
    """The provider ``ceasefire``, in QGIS's registry beside the native algorithms.

    For one module of tests: those that load the whole plugin register a provider of their own.
    """
    from processing.core.Processing import Processing
    from qgis.core import QgsApplication

    from ceasefire_monitor.processing.provider import CeasefireProvider

    Processing.initialize()
    registered = CeasefireProvider()
    QgsApplication.processingRegistry().addProvider(registered)
    yield registered
    QgsApplication.processingRegistry().removeProvider("ceasefire")


@pytest.fixture
def run(provider):
    """Run an algorithm by id with parameters; returns its results."""
    import processing

    def run_algorithm(identifier: str, **parameters):
        return processing.run(identifier, parameters)

    return run_algorithm
