"""The import's dialog: preview, mapping by name, pasted rows, and what became of each row."""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

GIVEN_BACK: list = []
ODD = "Tag,Stunde,Was,Breite,Laenge\n03.04.2021,12:30,Shelling,5.1,10.2\n04.04.2021,,Firing,,\n"


@pytest.fixture
def plugin(desk):
    """The whole plugin on the desk, with Processing's provider of its own."""
    from processing.core.Processing import Processing

    from ceasefire_monitor.plugin import CeasefireMonitor
    from ceasefire_monitor.processing.provider import CeasefireProvider

    Processing.initialize()
    registry = QgsApplication.processingRegistry()
    shared = registry.providerById("ceasefire") is not None
    if shared:
        registry.removeProvider("ceasefire")
    made = CeasefireMonitor(desk)
    made.initGui()
    yield made
    made.unload()
    if shared:
        GIVEN_BACK.append(CeasefireProvider())
        registry.addProvider(GIVEN_BACK[-1])


@pytest.fixture
def opened(plugin, tmp_path, wait):
    """The plugin with an empty ledger open."""
    from ceasefire_monitor.ledger.geopackage import Ledger

    path = tmp_path / "vale.gpkg"
    Ledger.create(path, {"theatre": "Vale", "timezone": "Asia/Kathmandu"}).close()
    plugin.session.open(str(path))
    wait(lambda: plugin.session.path is not None)
    return plugin


@pytest.fixture
def odd(opened, tmp_path, wait):
    """The dialog for a file whose columns nobody can guess."""
    path = tmp_path / "odd.csv"
    path.write_text(ODD, encoding="utf-8")
    dialog = opened.commands._imports().open(str(path))
    wait(lambda: not dialog.is_trying())
    return dialog


def choose(dialog, field, column, wait):
    box = dialog.mapping.box(field)
    box.setCurrentIndex(box.findText(column))
    box.activated.emit(box.currentIndex())
    wait(lambda: not dialog.is_trying())


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def mixed_rows(header=True):
    """300 rows: 0 to 3 by turns an incident, one without a place, one without a date, a double."""
    lines = ["date\tcategory\tlatitude\tlongitude\tplace"] if header else []
    for i in range(300):
        day = f"2021-03-{i // 4 % 28 + 1:02d} {i // 4 // 28:02d}:00"
        lines.append(
            (
                f"{day}\tShelling\t5.{i:03d}\t10.2\tVillage {i}",
                f"{day}\tShelling\t\t\tVillage {i}",
                f"soon\tShelling\t5.1\t10.2\tVillage {i}",
                f"{day}\tShelling\t5.{i - 3:03d}\t10.2\tVillage {i - 3}",
            )[i % 4]
        )
    return "\r\n".join(lines) + "\r\n"


def test_a_file_that_cannot_be_read_as_it_is_says_why_and_is_not_imported(odd):
    assert "date" in odd.words.text()
    assert not odd.run_button.isEnabled()
    assert "Tag" in odd.trial.columns


def test_a_column_that_is_chosen_shows_in_the_preview(odd, wait):
    choose(odd, "occurred_from", "Tag", wait)
    choose(odd, "time", "Stunde", wait)
    choose(odd, "latitude", "Breite", wait)
    choose(odd, "longitude", "Laenge", wait)
    assert odd.run_button.isEnabled()
    texts = [odd.preview.item(0, column).text() for column in range(8)]
    assert texts[:3] == ["1", "incident", "2021-04-03 12:30"]
    assert texts[6] == "5.1000, 10.2000"
    assert odd.preview.item(1, 6).text() == "not located"


def test_a_mapping_is_saved_by_name_and_chosen_again(odd, opened, wait):
    choose(odd, "occurred_from", "Tag", wait)
    odd.saved.save("Odd tables")
    again = opened.commands._imports().open(odd.path)
    wait(lambda: not again.is_trying())
    assert not again.run_button.isEnabled()
    again.saved.names.setCurrentIndex(again.saved.names.findText("Odd tables"))
    again.saved.names.activated.emit(again.saved.names.currentIndex())
    wait(lambda: not again.is_trying())
    assert again.reading().mapping == {"occurred_from": "Tag"}
    assert again.run_button.isEnabled()


def test_a_mapping_goes_through_a_file(odd, tmp_path, wait):
    from ceasefire_monitor.model.errors import CeasefireError
    from ceasefire_monitor.ui.importing import mapping_store

    choose(odd, "occurred_from", "Tag", wait)
    mapping_store.write_file(str(tmp_path / "m.json"), odd.reading())
    assert mapping_store.read_file(str(tmp_path / "m.json")) == odd.reading()
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(CeasefireError, match="not a mapping"):
        mapping_store.read_file(str(tmp_path / "other.json"))


def test_300_mixed_rows_that_are_pasted_are_each_traced(opened, wait):
    QgsApplication.clipboard().setText(mixed_rows())
    opened.commands.actions["paste"].trigger()
    imports = opened.commands.importing
    wait(lambda: not imports.dialog.is_trying())
    trial = imports.dialog.trial
    assert (trial.imported, trial.effort, trial.rejected) == (150, 0, 150)
    press(imports.dialog.run_button)
    wait(lambda: imports.outcome is not None)
    wait(lambda: len(opened.session.rows) == 150)
    aside = {int(row[0]): row for row in imports.outcome.rejected}
    assert sorted(aside) == [n for n in range(1, 301) if (n - 1) % 4 > 1]
    assert aside[3][1:3] == ("date", "soon")
    assert "row 1 " in aside[4][3]
    assert {row.place for row in opened.session.rows} == {
        f"Village {i}" for i in range(300) if i % 4 < 2
    }
    assert "Of 300 rows, 150 are incidents" in imports.outcome.sentence.text()


def test_pasting_the_same_rows_again_changes_nothing(opened, wait):
    QgsApplication.clipboard().setText(mixed_rows())
    imports = opened.commands._imports()
    for _ in range(2):
        imports.paste()
        wait(lambda: not imports.dialog.is_trying())
        imports._drop("outcome")
        press(imports.dialog.run_button)
        wait(lambda: imports.outcome is not None)
    assert "0 added, 0 changed, 150 unchanged" in imports.outcome.sentence.text()


def test_rows_without_a_header_keep_their_numbers(opened, wait):
    QgsApplication.clipboard().setText(mixed_rows(header=False))
    opened.commands.paste_rows()
    dialog = opened.commands.importing.dialog
    wait(lambda: not dialog.is_trying())
    assert dialog.trial.columns[0] == "Column 1"
    choose(dialog, "occurred_from", "Column 1", wait)
    assert dialog.trial.total == 300
    assert dialog.preview.item(2, 1).text() == "set aside"
    assert "soon" in dialog.preview.item(2, 2).text()


def test_a_clipboard_without_rows_gets_one_sentence(opened, desk):
    QgsApplication.clipboard().setText("only words")
    opened.commands.paste_rows()
    assert opened.commands.importing.dialog is None
    assert any("not a table" in sentence for sentence in desk.sentences())


def test_an_import_that_fails_keeps_what_was_set(odd, opened, wait, tmp_path):
    choose(odd, "occurred_from", "Tag", wait)
    (tmp_path / "odd.csv").unlink()
    press(odd.run_button)
    wait(lambda: not opened.runner.busy())
    assert opened.commands.importing.dialog is odd
    assert odd.reading().mapping == {"occurred_from": "Tag"}
    assert odd.run_button.isEnabled()


def test_a_zone_that_does_not_exist_gets_a_sentence(odd, wait):
    choose(odd, "occurred_from", "Tag", wait)
    odd.timezone.setCurrentText("Nowhere/Town")
    odd.timezone.lineEdit().editingFinished.emit()
    wait(lambda: not odd.is_trying())
    assert "Nowhere/Town" in odd.words.text()
    assert not odd.run_button.isEnabled()
