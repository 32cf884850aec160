"""Briefs that were made before: their manifests, found in the folders beside a ledger."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Callable, List, Optional

from qgis.core import QgsSettings, QgsTask
from qgis.PyQt.QtCore import QCoreApplication

FOLDERS = "ceasefire_monitor/brief_folders"
KEPT = 60
MANIFEST, PDF = "manifest.json", "brief.pdf"
FORMAT = "ceasefire_monitor brief manifest"
LARGEST_BYTES = 64 << 20


@dataclasses.dataclass(frozen=True)
class PastBrief:
    """What its manifest says of a brief."""

    folder: Path
    title: str
    begins: str
    ends: str
    release: str
    kind: str
    as_of: str
    ledger_id: str

    @property
    def pdf(self) -> Path:
        """The brief itself."""
        return self.folder / PDF


def remember(folder: Path) -> None:
    """Keep the folder of a brief, so that it is found again wherever it lies."""
    settings = QgsSettings()
    kept = settings.value(FOLDERS, []) or []
    kept = [kept] if isinstance(kept, str) else list(kept)
    others = [one for one in kept if one != str(folder)]
    settings.setValue(FOLDERS, [str(folder), *others][:KEPT])


def remembered() -> List[Path]:
    """The folders of briefs that were made here, the latest first."""
    kept = QgsSettings().value(FOLDERS, []) or []
    return [Path(one) for one in ([kept] if isinstance(kept, str) else kept)]


def read_brief(folder: Path) -> Optional[PastBrief]:
    """What a folder's manifest says; None where there is no brief in it."""
    path = folder / MANIFEST
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return None
        said = json.loads(path.read_text(encoding="utf-8"))
        if not str(said["format"]).startswith(FORMAT):
            return None
        options = said["options"]
        return PastBrief(
            folder,
            str(options["title"]),
            str(options["from"]),
            str(options["to"]),
            str(options["release"]),
            str(options.get("kind", "period")),
            str(said["as_of"]),
            str((said.get("ledger") or {}).get("ledger_id") or ""),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # Not a brief's folder, or a manifest that somebody changed: no line in the list.
        return None


class PastReader(QgsTask):
    """Looks for briefs beside a ledger and in remembered folders; ``ended`` gets the reader."""

    def __init__(self, beside: Optional[Path], folders: List[Path], ended: Callable):
        super().__init__(
            QCoreApplication.translate("PastReader", "Looking for earlier briefs"),
            QgsTask.Flag.CanCancel | QgsTask.Flag.Silent | QgsTask.Flag.Hidden,
        )
        self.briefs: List[PastBrief] = []
        self._beside, self._folders, self._ended = beside, folders, ended

    def run(self):
        """In a task, for a folder on the network may be slow."""
        try:
            around = sorted(self._beside.iterdir()) if self._beside is not None else []
        except OSError:
            around = []
        seen = set()
        for folder in [*self._folders, *around]:
            if self.isCanceled():
                return False
            if folder in seen:
                continue
            seen.add(folder)
            found = read_brief(folder)
            if found is not None:
                self.briefs.append(found)
        self.briefs.sort(key=lambda brief: brief.as_of, reverse=True)
        return True

    def finished(self, result):
        """In the main thread."""
        self._ended(self)
