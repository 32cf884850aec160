"""``ceasefire:checkclauses`` in real QGIS."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer

ROOT = Path(__file__).resolve().parents[2]
DEMO = str(ROOT / "resources" / "demo" / "agreement.json")
TEXT = (
    "Article 1 [[signatories: Aster and Borealis]] end all fire at 06:00.\n\n"
    "Article 2 Heavy weapons are withdrawn.\n\n"
    "Article 3 [[commission: A table of both sides meets daily.]] It has a hotline.\n"
)


def rows(results):
    made = results["OUTPUT"]
    layer = made if isinstance(made, QgsVectorLayer) else QgsVectorLayer(made, "made", "ogr")
    return list(layer.getFeatures())


def test_a_marked_text_gives_table_and_sheet(run, tmp_path):
    path, sheet = tmp_path / "draft.txt", tmp_path / "sheet.html"
    path.write_text(TEXT, encoding="utf-8")
    results = run(
        "ceasefire:checkclauses", DRAFT=str(path), OUTPUT="TEMPORARY_OUTPUT", SHEET=str(sheet)
    )
    states = {row["item"]: row["state"] for row in rows(results) if row["item"]}
    assert (states["commission"], states["hotline"], states["entry"]) == (
        "there", "possibly", "missing",
    )  # fmt: skip
    assert results["CONTRADICTIONS"] == 2
    assert results["THERE"] + results["POSSIBLY"] + results["MISSING"] == len(states)
    page = sheet.read_text(encoding="utf-8")
    assert "without prejudice" in page and "names heavy weapons" in page and "Minsk" in page


def test_the_demos_agreement_has_no_contradiction(run):
    results = run("ceasefire:checkclauses", DRAFT=DEMO, OUTPUT="TEMPORARY_OUTPUT")
    assert results["CONTRADICTIONS"] == 0 and results["THERE"] > 10, results["SUMMARY"]


def test_a_word_processors_file_is_named_in_a_sentence_and_nothing_is_written(run, tmp_path):
    path, sheet = tmp_path / "draft.docx", tmp_path / "sheet.html"
    path.write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(QgsProcessingException, match="no UTF-8 text"):
        run("ceasefire:checkclauses", DRAFT=str(path), OUTPUT="TEMPORARY_OUTPUT", SHEET=str(sheet))
    assert not sheet.exists()


def test_pax_agreements_stand_beside_the_items(run, tmp_path):
    pax = tmp_path / "pax.csv"
    pax.write_text(
        "Con,AgtId,Agt,Dat,Status,Agtp,Stage,SsrDdr\n"
        "Vale,1,First Accord,1999-02-13,Multiparty signed/agreed,Intra,Cea,2\n",
        encoding="utf-8",
    )
    table = run("ceasefire:importprecedents", INPUT=str(pax), OUTPUT=str(tmp_path / "p.gpkg"))
    results = run(
        "ceasefire:checkclauses",
        DRAFT=DEMO,
        PRECEDENTS=table["OUTPUT"],
        OUTPUT="TEMPORARY_OUTPUT",
    )
    told = {row["item"]: row["precedents"] for row in rows(results)}
    assert "PA-X ssrddr: 1 agreements, such as First Accord" in told["ddr"]
