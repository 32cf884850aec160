"""An agreement and its theatre, read on the main thread for the function on clauses."""

from __future__ import annotations

import dataclasses
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional

from qgis.core import QgsProject

from ...model.errors import CeasefireError
from ..base import ROOT
from ..ledger.place import is_known_database, open_place
from ..libraries import require
from .line_snapshot import KEPT
from .linechoice import choose_lines, file_named, usual_layers
from .linereading import columns_of, files_of, fingerprint, ledgers_of, zone_of_ledger
from .places import Places
from .reading import Reading

VARIABLE = "ceasefire_agreement"
ONE_OF = "|agreement="


@dataclasses.dataclass(frozen=True)
class AgreementSnapshot:
    """The clauses of one agreement over one theatre; any thread may ask it.

    ``covering(lon, lat, category, moment)`` remembers its latest answers.
    """

    zone: tzinfo
    places: Places
    covering: Callable

    @classmethod
    def of(cls, clauses, zone: tzinfo, places: Places) -> AgreementSnapshot:
        """The snapshot of ``analysis.clauses_at.ClausesAt``."""

        @lru_cache(maxsize=KEPT)
        def covering(lon: float, lat: float, category: str, moment: datetime):
            return tuple(clauses.covering(lon, lat, category, moment))

        return cls(zone, places, covering)


class AgreementAsked(NamedTuple):
    """Which agreement an expression asks for, and which lines; None: the usual ones.

    ``zone`` is the theatre's; ``folder`` that from which paths count.
    """

    agreement: Optional[str] = None
    lines: Optional[str] = None
    zone: Optional[str] = None
    folder: Optional[str] = None

    def read(self, project: QgsProject, former: Optional[Reading]) -> Reading:
        """Read them, or keep the ``former`` snapshot where they are as they were."""
        require("shapely", "pyproj")
        theatre = _Theatre()
        try:
            return self._read(theatre, project, former)
        except CeasefireError as error:
            return Reading(layers=theatre.layers, files=theatre.files, problem=str(error))

    def _read(self, theatre: _Theatre, project: QgsProject, former) -> Reading:
        from ...analysis.agreement_file import agreement_of_text
        from ...analysis.clauses_at import ClausesAt
        from ...analysis.flag_sentences import zone_of

        theatre.take_lines(self, project)
        text, title = self._text(theatre, project)
        agreement = agreement_of_text(text, title)
        zone = zone_of(self.zone or agreement.timing.timezone)
        transforms = project.transformContext()
        operations = str(transforms.coordinateOperations())
        state = (text, str(zone), operations, *theatre.state())
        if former is not None and former.state == state:
            return former
        clauses = ClausesAt(agreement, theatre.lines, theatre.zones, theatre.sites)
        snapshot = AgreementSnapshot.of(clauses, zone, Places(transforms))
        return Reading(snapshot, theatre.layers, theatre.files, state, tuple(theatre.notes))

    def _text(self, theatre: _Theatre, project: QgsProject) -> tuple[str, str]:
        """The agreement's JSON, and how messages call it."""
        name, _, which = (self.agreement or "").partition(ONE_OF)
        if not name:
            return theatre.agreement_of_ledger(theatre.ledger, which)
        path = file_named(name, self.folder or project.absolutePath())
        if path is None and is_known_database(name):
            return theatre.agreement_of_ledger(name, which)
        if path is None:
            shipped = ROOT / "resources" / "agreements" / f"{name}.json"
            path = str(shipped) if name.isidentifier() and shipped.is_file() else None
        if path is None:
            raise CeasefireError(
                f"“{name}” is neither an agreement's file nor one that comes with the plugin. "
                "Name a JSON file, or a ledger that holds the agreement."
            )
        theatre.files += (path,)
        if path.lower().endswith(".gpkg"):
            return theatre.agreement_of_ledger(path, which)
        return _read_text(path), f"The agreement “{Path(path).name}”"


@dataclasses.dataclass
class _Theatre:
    """Lines, zones and sites, and what they were read from."""

    lines: Any = None
    zones: Any = None
    sites: Any = None
    ledger: Optional[str] = None
    layers: tuple = ()
    files: tuple[str, ...] = ()
    notes: list[str] = dataclasses.field(default_factory=list)

    def take_lines(self, asked: AgreementAsked, project: QgsProject) -> None:
        """The contact lines; none where none is asked for and the project shows none. From the
        ledger that holds them come zones and sites."""
        from ...analysis.flag_sentences import zone_of

        if asked.lines is None and not usual_layers(project):
            return
        choice = choose_lines(asked.lines, asked.folder, project)
        self.layers, self.files = choice.layers, tuple(files_of(choice))
        zone_name, self.ledger = zone_of_ledger(ledgers_of(choice))
        self.lines, notes = columns_of(choice, zone_of(asked.zone or zone_name), project)
        self.notes += notes
        if self.ledger is not None:
            self._take_areas_and_sites()

    def _take_areas_and_sites(self) -> None:
        with open_place(self.ledger, readonly=True) as ledger:
            zones, sites = ledger.read("zones"), ledger.read("sites")
        self.zones, self.sites = given_zones(zones), site_points(sites)

    def agreement_of_ledger(self, path: Optional[str], which: str) -> tuple[str, str]:
        """The text of the ledger's agreement: the one named, or the only one."""
        if path is None:
            raise CeasefireError(
                "No agreement is named. Name its JSON file, or a ledger that holds it: as the "
                f"argument “agreement”, or in the project variable “{VARIABLE}”."
            )
        with open_place(path, readonly=True) as ledger:
            kept = ledger.latest_agreements()
        if not which and len(kept) == 1:
            which = next(iter(kept))
        if which not in kept:
            names = ", ".join(f"“{name}”" for name in sorted(kept)) or "none"
            raise CeasefireError(
                f"The ledger “{Path(path).name}” holds these agreements: {names}. Name one of "
                f"them as “…{ONE_OF}its id”, or name an agreement's JSON file."
            )
        return kept[which].text or "", f"The agreement “{kept[which].title or which}”"

    def state(self) -> tuple:
        """What tells this theatre from another."""
        columns = (self.lines, self.zones, self.sites)
        return tuple(None if each is None else fingerprint(each) for each in columns)


def _read_text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CeasefireError(
            f"The agreement “{path}” cannot be read: {error.strerror or error}."
        ) from None
    except UnicodeDecodeError:
        raise CeasefireError(
            f"The agreement “{Path(path).name}” is not UTF-8 text. Save it as UTF-8."
        ) from None


def given_zones(records):
    """The ledger's zones as ``analysis.rule_zones.GivenZones``."""
    from ...analysis.rule_zones import GivenZones
    from ...analysis.utc import instants

    kept = [record for record in records if record.geometry is not None]
    return GivenZones(
        _objects([record.geometry for record in kept]),
        _objects([record.zone_id for record in kept]),
        _objects([record.zone_name for record in kept]),
        instants([record.valid_from for record in kept]),
        instants([record.valid_to for record in kept]),
    )


def site_points(records):
    """The ledger's sites as ``analysis.rule_sites.SitePoints``."""
    import numpy as np

    from ...analysis.rule_sites import SitePoints
    from ...analysis.utc import instants

    kept = [record for record in records if record.geometry is not None]
    return SitePoints(
        np.array([record.geometry.x for record in kept], dtype=float),
        np.array([record.geometry.y for record in kept], dtype=float),
        _objects([record.site_name for record in kept]),
        _objects([record.kind for record in kept]),
        instants([record.valid_from for record in kept]),
        instants([record.valid_to for record in kept]),
    )


def _objects(values: list):
    import numpy as np

    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
