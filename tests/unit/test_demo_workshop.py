"""The demo is put in its place whole, or nothing there changes."""

from __future__ import annotations

import os

import pytest


def made_in(workshop, text):
    (workshop.folder / "ledger.gpkg").write_text(text)
    (workshop.folder / "brief").mkdir()
    (workshop.folder / "brief" / "brief.pdf").write_text(text)
    (workshop.folder / "background").mkdir()
    (workshop.folder / "demo.qgz").write_text(text)


@pytest.fixture
def workshop_of():
    from ceasefire_monitor.processing.demo.workshop import Workshop

    return Workshop


def test_what_was_made_replaces_an_earlier_run_and_leaves_other_files(tmp_path, workshop_of):
    final = tmp_path / "demo"
    for text in ("first", "second"):
        with workshop_of(final) as workshop:
            made_in(workshop, text)
            workshop.put_in_place()
        (final / "ledger.gpkg-wal").write_text("of the first ledger")
        (final / "mine.txt").write_text("mine")
    assert (final / "brief" / "brief.pdf").read_text() == "second"
    assert (final / "mine.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_journals_of_an_earlier_ledger_do_not_stay_beside_the_new_one(tmp_path, workshop_of):
    final = tmp_path / "demo"
    final.mkdir()
    (final / "ledger.gpkg-wal").write_text("of an earlier ledger")
    with workshop_of(final) as workshop:
        made_in(workshop, "new")
        workshop.put_in_place()
    assert not (final / "ledger.gpkg-wal").exists()


def test_a_failure_before_the_end_changes_nothing(tmp_path, workshop_of):
    final = tmp_path / "demo"
    final.mkdir()
    (final / "ledger.gpkg").write_text("earlier")
    with pytest.raises(RuntimeError), workshop_of(final) as workshop:
        made_in(workshop, "new")
        raise RuntimeError
    assert (final / "ledger.gpkg").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_a_failed_move_is_undone(tmp_path, workshop_of, monkeypatch):
    final = tmp_path / "demo"
    final.mkdir()
    for name in ("ledger.gpkg", "demo.qgz"):
        (final / name).write_text("earlier")
    replace = os.replace

    def fails_at_the_project(source, target):
        if source.name == "demo.qgz" and target.parent == final:
            monkeypatch.setattr(os, "replace", replace)
            raise OSError(28, "No space left on device")
        replace(source, target)

    with pytest.raises(OSError, match="No space"), workshop_of(final) as workshop:
        made_in(workshop, "new")
        monkeypatch.setattr(os, "replace", fails_at_the_project)
        workshop.put_in_place()
    assert (final / "ledger.gpkg").read_text() == "earlier"
    assert (final / "demo.qgz").read_text() == "earlier"
    assert not (final / "brief").exists()


def test_a_file_in_the_way_is_named(tmp_path, workshop_of):
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(NotADirectoryError) as error, workshop_of(tmp_path / "demo"):
        pass
    assert error.value.filename == str(tmp_path / "demo")
