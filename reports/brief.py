"""Makes a brief: figures, pages, PDF, data annex and manifest, in a folder of its own."""

from __future__ import annotations

import dataclasses
import os
import shutil
import uuid
from datetime import datetime
from pathlib import Path
from typing import Callable, Optional

from qgis.core import Qgis, QgsProject

from ..model.errors import CeasefireError
from .annex import write_csv, write_geopackage
from .chart import draw_chart
from .figures import Figures, figures_of
from .layout.brief_layout import FOLDER, BriefLayout, Template
from .layout.brief_pages import BriefPages
from .layout.pdf import export_pdf
from .manifest import write_manifest
from .material import Material
from .period import Period
from .release import LeftOut, Release, in_annex, released
from .sheets import numbered_sheets
from .words import Words

PDF, ANNEX, CSV, MANIFEST = "brief.pdf", "annex.gpkg", "incidents.csv", "manifest.json"


@dataclasses.dataclass
class BriefOptions:
    """What a brief is asked to be; ``as_of`` (UTC) is the moment
    as known at which it reports, ``created`` the moment it was made; ``reasons``: a
    restricted brief tells why records were changed, too."""

    period: Period
    title: str
    theatre: str = ""
    agreement: str = ""
    distance_m: Optional[float] = None
    template: str = "brief_a4_portrait"
    language: str = "en"
    release: Release = Release.RESTRICTED
    reasons: bool = False
    created: Optional[datetime] = None
    as_of: Optional[datetime] = None
    ledger: str = ""
    ledger_id: str = ""
    qgis_version: str = Qgis.version()


@dataclasses.dataclass
class BriefResult:
    """What was made: paths by name, figures, and what a reader of the log should know."""

    files: dict[str, Path]
    figures: Figures
    pages: int
    left_out: LeftOut
    missing_fonts: list[str]


def make_brief(
    material: Material,
    options: BriefOptions,
    folder: Path,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], None] = lambda: None,
) -> BriefResult:
    """Make the brief in ``folder``; nothing appears there unless all of it was made.

    ``progress`` takes 0 to 1; ``cancelled`` is called between pages and raises Cancelled to stop.
    Raises CeasefireError with one sentence for a template, folder or input that will not do.
    """
    beside = _beside(folder)
    try:
        result = _make(material, options, beside, progress, cancelled)
        _keep(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    result.files = {name: folder / path.name for name, path in result.files.items()}
    return result


def _make(material, options, folder: Path, progress, cancelled) -> BriefResult:
    project = QgsProject()
    project.setEllipsoid("EPSG:7030")
    template = Template(FOLDER / f"{options.template}.qpt", project)
    shown, left_out = released(material, options.release, options.reasons)
    figures = figures_of(shown, options.period)
    sheets = numbered_sheets(figures.entries)
    words = Words(options.language, options.period.zone, bool(options.agreement))
    progress(0.05)
    cancelled()
    chart = folder / "chart.svg"
    height = draw_chart(figures, words, chart)
    brief = BriefLayout(template, project)
    pages = BriefPages(brief, shown, figures, sheets, words, options, left_out)
    pages.compose(chart, height, lambda share: progress(0.05 + 0.35 * share), cancelled)
    files = {"PDF": folder / PDF, "ANNEX": folder / ANNEX, "CSV": folder / CSV}
    export_pdf(
        brief.layouts,
        files["PDF"],
        (options.title, words("pdf_author")),
        lambda share: progress(0.4 + 0.5 * share),
        cancelled,
    )
    chart.unlink()
    numbered, late = (
        [entry for entry in entries if in_annex(shown, options.release, entry)]
        for entries in (sorted(figures.entries, key=lambda entry: entry.number), figures.late)
    )
    write_geopackage(files["ANNEX"], numbered, late, shown, options)
    write_csv(files["CSV"], numbered, options)
    files["MANIFEST"] = folder / MANIFEST
    write_manifest(files["MANIFEST"], files, shown, figures, options, left_out, len(brief.pages))
    progress(1.0)
    return BriefResult(files, figures, len(brief.pages), left_out, template.missing_fonts)


def _beside(folder: Path) -> Path:
    """A new folder beside the final one, so that its files can be renamed into place."""
    if folder.exists() and not folder.is_dir():
        raise CeasefireError(f"“{folder}” is a file. Choose a folder for the brief.")
    beside = folder.parent / f".{uuid.uuid4().hex[:8]}.{folder.name}"
    if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        raise CeasefireError(
            f"You may not write to the folder “{folder}”. Choose another folder for the brief."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
    except OSError as error:
        raise CeasefireError(
            f"The folder “{folder}” cannot be made or written to ({os.strerror(error.errno)}). "
            "Choose another folder for the brief."
        ) from None
    return beside


def _keep(beside: Path, folder: Path) -> None:
    """Give the finished files their place; an earlier brief in that folder is replaced."""
    if not folder.exists():
        os.replace(beside, folder)
        return
    for path in sorted(beside.iterdir()):
        os.replace(path, folder / path.name)
