"""The libraries that algorithms need: whether they are there, and what to install if not."""

from __future__ import annotations

import importlib
import re

from qgis.core import Qgis

from ..model.errors import MissingLibrary

NEEDED = {"shapely": (2, 0), "pyproj": (3, 0), "matplotlib": (3, 3), "jinja2": (2, 11)}


def require(*names: str) -> None:
    """Raise MissingLibrary, with what to install, where one of these is absent or too old."""
    for name in names:
        needed = NEEDED[name]
        found = _version(name)
        if found is None or _numbers(found) < needed:
            raise MissingLibrary(_sentence(name, needed, found))
        if name == "shapely" and not _shapely_works():
            raise MissingLibrary(_mismatch(found))


def require_shapely() -> None:
    """Raise MissingLibrary where shapely 2.0 or later is absent."""
    require("shapely")


def _shapely_works() -> bool:
    """Whether shapely's functions are those of its own GEOS.

    On Linux the program QGIS has loaded the system's GEOS, and a wheel of shapely that was built
    for a newer one is given that one's functions: what GEOS 3.12 added fails, or worse.
    """
    import shapely

    try:
        shapely.to_wkb(shapely.Point(0, 0))
    except shapely.errors.GEOSException:
        return False
    return True


def _mismatch(found: str) -> str:
    geos = Qgis.geosVersion().split("-")[0]
    return (
        f"shapely {found} was built for a newer GEOS than QGIS's own ({geos}) and "
        "does not work beside it. Install one that does with “python3 -m pip install "
        "'shapely>=2.0,<2.1'” in QGIS's Python, then start QGIS again."
    )


def _version(name: str) -> str | None:
    try:
        return str(importlib.import_module(name).__version__)
    except (ImportError, OSError, AttributeError):
        # A wheel built for another Python or numpy fails with OSError or AttributeError.
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _sentence(name: str, needed: tuple[int, ...], found: str | None) -> str:
    wanted = f"{name} {'.'.join(map(str, needed))} or later"
    has = f"QGIS's Python has {name} {found}" if found else f"QGIS's Python has no working {name}"
    return (
        f"This needs {wanted}, and {has}. Install it with “python3 -m pip install "
        f"'{name}>={'.'.join(map(str, needed))}'” in QGIS's Python (on Windows in the OSGeo4W "
        "Shell), then start QGIS again; the rest of the plugin works without it."
    )
