"""Where templates lie: the shipped ones, and the user's own in a folder of the QGIS profile."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication

from ...model.errors import CeasefireError

SHIPPED = Path(__file__).resolve().parent.parent.parent / "resources" / "layouts"


def own_folder() -> Path:
    """The folder for the user's own templates; it need not be there."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "ceasefire_monitor" / "layouts"


def template_names() -> list[str]:
    """The names of all templates; an own one takes the place of a shipped one of its name."""
    return sorted(_files())


def template_path(name: str) -> Path:
    """The file of a template; raises CeasefireError where there is none of that name."""
    path = _files().get(name)
    if path is None:
        raise CeasefireError(
            f"There is no template “{name}”. Save one as {name}.qpt in {own_folder()}, or choose "
            f"one of: {', '.join(template_names())}."
        )
    return path


def _files() -> dict[str, Path]:
    files = {path.stem: path for path in SHIPPED.glob("brief_*.qpt")}
    files.update((path.stem, path) for path in own_folder().glob("*.qpt"))
    return files
