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
from .kind import Kind
from .layout.brief_layout import BriefLayout, Template
from .layout.brief_pages import BriefPages
from .layout.daily_pages import DailyPages, WeeklyPages
from .layout.pdf import export_pdf
from .layout.template_files import template_path
from .manifest import write_manifest
from .material import Material
from .period import Period
from .release import LeftOut, Release, in_annex, released
from .sheets import numbered_sheets
from .withheld import without_withheld
from .words import Words

PAGES = {Kind.PERIOD: BriefPages, Kind.DAILY: DailyPages, Kind.WEEKLY: WeeklyPages}
PDF, ANNEX, CSV, MANIFEST = "brief.pdf", "annex.gpkg", "incidents.csv", "manifest.json"


@dataclasses.dataclass
class BriefOptions:
    """What a brief is asked to be.

    ``as_of`` (UTC) is the moment as known at which it reports, ``created`` the moment it was made;
    ``reasons``: a restricted brief tells why records were changed, too. An empty ``title`` is made
    from the kind.
    """

    period: Period
    title: str
    theatre: str = ""
    agreement: str = ""
    distance_m: Optional[float] = None
    kind: Kind = Kind.PERIOD
    template: str = "brief_a4_portrait"
    paper: str = "as_template"
    language: str = "en"
    release: Release = Release.RESTRICTED
    reasons: bool = False
    created: Optional[datetime] = None
    as_of: Optional[datetime] = None
    ledger: str = ""
    ledger_id: str = ""
    qgis_version: str = Qgis.version()

    @property
    def template_file(self) -> Path:
        """The template's file; raises CeasefireError where there is none."""
        return template_path(self.template)


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
    template = Template(options.template_file, project, options.paper)
    shown, left_out = released(material, options.release, options.reasons)
    shown, withheld = without_withheld(shown, options.release, options.created)
    figures = figures_of(shown, options.period)
    sheets = numbered_sheets(figures.entries)
    words = Words(options.language, options.period.zone, bool(options.agreement))
    options = dataclasses.replace(options, title=options.title or title_of(options, words))
    progress(0.05)
    cancelled()
    chart = folder / "chart.svg"
    height = draw_chart(figures, words, chart)
    brief = BriefLayout(template, project)
    pages = PAGES[options.kind](brief, shown, figures, sheets, words, options, left_out)
    pages.withheld = withheld
    pages.compose(chart, height, lambda share: progress(0.05 + 0.35 * share), cancelled)
    files = {"PDF": folder / PDF, "ANNEX": folder / ANNEX, "CSV": folder / CSV}
    export_pdf(
        brief.layouts,
        files["PDF"],
        (options.title, words("pdf_author")),
        lambda share: progress(0.4 + 0.5 * share),
        cancelled,
    )
    for drawn in folder.glob("*.svg"):
        drawn.unlink()
    numbered, late = (
        [entry for entry in entries if in_annex(shown, options.release, entry)]
        for entries in (sorted(figures.entries, key=lambda entry: entry.number), figures.late)
    )
    write_geopackage(files["ANNEX"], numbered, late, shown, options)
    write_csv(files["CSV"], numbered, options)
    files["MANIFEST"] = folder / MANIFEST
    count = len(brief.pages)
    write_manifest(
        files["MANIFEST"], files, shown, figures, options, left_out, count, pages.told_sections
    )
    progress(1.0)
    return BriefResult(files, figures, count, left_out, template.missing_fonts)


def title_of(options: BriefOptions, words: Words) -> str:
    """The title of a brief that was given none; reports are named by their last day or its week."""
    day = list(options.period.days())[-1].label
    year, week, _ = day.isocalendar()
    if options.kind is not Kind.WEEKLY:
        year = day.year
    text = words(f"title_{options.kind.value}")
    for name, number in (("day", day.timetuple().tm_yday), ("week", week), ("year", year)):
        text = text.replace(f"{{{name}}}", str(number))
    return text


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
