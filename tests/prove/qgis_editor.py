"""One QGIS of its own: edits incidents of a ledger at random, and tells each edit that it saved.

    qgis_editor.py LEDGER NAME EDITS SEED

Each edit goes through QGIS's edit buffer. Where the ledger is locked, the edits stay in the buffer
and are saved again. At the end a JSON line: what was saved, how often a save was refused, and how
often the edits were no longer there after a refusal.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (  # noqa: E402 - the platform is chosen before Qt is loaded
    QgsApplication,
    QgsGeometry,
    QgsPointXY,
    QgsVectorLayer,
)

LONGEST_S = 60.0


def main(ledger: str, name: str, edits: int, seed: int) -> dict:
    """Make the edits; raises SystemExit where a save never succeeds."""
    layer, fids = _opened(f"{ledger}|layername=incidents")
    chance = random.Random(seed)  # nosec B311 - a test's dice
    told = {"saved": [], "refused": 0, "lost": 0}
    for number in range(edits):
        layer.startEditing()
        words = f"{name} {number}"
        fid = _edit(layer, chance, fids, words, name)
        _save(layer, told)
        told["saved"].append([fid, words])
    return told


def _opened(source: str) -> tuple:
    """The layer and its row numbers. QGIS opens nothing, or gives no rows, at the moment when
    another program commits or closes the file; it is asked again, as a person would."""
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        layer = QgsVectorLayer(source, "incidents", "ogr")
        fids = sorted(feature.id() for feature in layer.getFeatures()) if layer.isValid() else []
        if fids:
            return layer, fids
    raise SystemExit("the layer of incidents cannot be opened, or has no rows")


def _edit(layer, chance, fids, words: str, name: str) -> int:
    fid = chance.choice(fids)
    typed = {"place": words, "edited_by": name, "edit_reason": f"reason of {words}"}
    _type(layer, fid, typed)
    if chance.random() < 0.4:
        point = QgsPointXY(chance.uniform(20, 40), chance.uniform(40, 50))
        layer.changeGeometry(fid, QgsGeometry.fromPointXY(point))
    _type_until_it_stands(layer, fid, typed)
    return fid


def _type(layer, fid: int, typed: dict) -> None:
    for column, value in typed.items():
        layer.changeAttributeValue(fid, layer.fields().indexOf(column), value)


def _type_until_it_stands(layer, fid: int, typed: dict) -> None:
    """At every change QGIS reads the row anew for the values that it fills in on update. Where
    another program commits at that moment it reads nothing, and fills in the account's name over
    the name that was typed. The form then shows it, and a person types the name again."""
    end = time.monotonic() + LONGEST_S
    while True:
        changed = layer.editBuffer().changedAttributeValues().get(fid, {})
        columns = layer.fields().indexOf
        wrong = {
            name: value for name, value in typed.items() if changed.get(columns(name)) != value
        }
        if not wrong:
            return
        if time.monotonic() > end:
            raise SystemExit(f"what was typed does not stand: {', '.join(sorted(wrong))}")
        _type(layer, fid, wrong)


def _save(layer, told: dict) -> None:
    """Save, and where that is refused again: a layer whose file QGIS could not open anew at the
    moment when another program closed it stays without it until it is reloaded (F5)."""
    end = time.monotonic() + LONGEST_S
    while not layer.commitChanges():
        told["refused"] += 1
        told["lost"] += not layer.isModified()
        if time.monotonic() > end:
            raise SystemExit(f"never saved: {layer.commitErrors()}")
        layer.reload()


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    path, who, how_many, dice = sys.argv[1:]
    print(json.dumps(main(path, who, int(how_many), int(dice))), flush=True)
