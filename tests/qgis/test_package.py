"""The package that QGIS installs: complete, clean, and at work in an empty profile."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
import sysconfig
import zipfile

import pytest

from ceasefire_monitor.processing.base import ROOT


@pytest.fixture(scope="module")
def package():
    """The module that makes the package, and the bytes it makes of the files as they lie."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("the package is made from a git checkout")
    spec = importlib.util.spec_from_file_location("package", ROOT / ".ci" / "package.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, module.archive(module.tree_as_it_lies())


def qgis_process(profile, plugins, *words) -> subprocess.CompletedProcess:
    """Run QGIS's command line in a profile of its own."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QGIS_CUSTOM_CONFIG_PATH": str(profile),
        "QGIS_PLUGINPATH": str(plugins),
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }
    answer = subprocess.run(
        ["qgis_process", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stdout.decode("utf-8", "replace")[-2000:]
    return answer


def test_it_has_nothing_that_the_plugin_repository_refuses(package):
    module, content = package
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert module.problems(archive) == []
        names = archive.namelist()
    assert "ceasefire_monitor/resources/models/incidents_to_brief.model3" in names
    assert "ceasefire_monitor/resources/demo/theatre.json" in names
    assert not [name for name in names if "/tests/" in name or "/." in name]


def test_what_does_not_belong_is_found(package):
    module, content = package
    spoiled = io.BytesIO(content)
    with zipfile.ZipFile(spoiled, "a") as archive:
        archive.writestr("ceasefire_monitor/__pycache__/plugin.pyc", b"")
        archive.writestr("elsewhere/file.txt", b"")
    with zipfile.ZipFile(spoiled) as archive:
        found = " ".join(module.problems(archive))
    assert "plugin.pyc" in found and "elsewhere/file.txt" in found


@pytest.mark.skipif(shutil.which("qgis_process") is None, reason="qgis_process is not here")
def test_from_the_package_the_command_line_makes_the_demo(package, tmp_path):
    plugins, profile = tmp_path / "plugins", tmp_path / "profile"
    with zipfile.ZipFile(io.BytesIO(package[1])) as archive:
        archive.extractall(plugins)
    qgis_process(profile, plugins, "plugins", "enable", "ceasefire_monitor")
    listed = qgis_process(profile, plugins, "list").stdout.decode("utf-8")
    assert "ceasefire:brief" in listed and "ceasefire:incidents_to_brief" in listed
    demo = tmp_path / "demo"
    qgis_process(profile, plugins, "run", "ceasefire:makedemo", "--", f"OUTPUT_FOLDER={demo}")
    assert (demo / "brief" / "brief.pdf").read_bytes().startswith(b"%PDF")
    assert (demo / "ledger.gpkg").stat().st_size > 100_000
