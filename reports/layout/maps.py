"""The map pages of a brief: the overview, and the sheets with the numbered incidents."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Optional

import numpy as np
import shapely
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsLayoutItemMap,
    QgsLayoutItemMapGrid,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsRectangle,
)

from ...model.errors import CeasefireError
from ..annotations import Frame, inner, place
from ..map_view import Bounds, MapView, view_of
from ..material import Entry, Material, in_force
from ..period import Period
from ..sheets import Sheet, label_of
from ..words import Words
from .brief_layout import BriefLayout, Page
from .map_layers import MapLayers
from .map_legend import fill_legend
from .map_numbers import LABEL_HEIGHT, NumberDrawer

SYMBOLS = Path(__file__).resolve().parent.parent.parent / "resources" / "symbols"
LABEL_WIDTH = 9.0
# A single sheet that fills at least this share of the overview is drawn on the overview itself.
FILLS = 0.4
LEAST_DEGREES = 0.02


@dataclasses.dataclass
class MapPlan:
    """One map page: its view, the sheet whose numbers it carries, and the frames it shows."""

    view: MapView
    sheet: Optional[Sheet]
    frames: list[tuple[Sheet, MapView]]
    is_overview: bool = False


class Maps:
    """Plans and draws the map pages."""

    def __init__(self, brief: BriefLayout, material: Material, period: Period, words: Words):
        self.brief = brief
        self.material = material
        self.period = period
        self.words = words
        label_style = brief.template.style("cell")
        self.layers = MapLayers(material, period, words, label_style)
        self.numbers = NumberDrawer(brief)
        self._keep: list = []
        area = brief.template.area("map.map")
        self._frame = (area.width(), area.height())

    def plan(self, entries: list[Entry], sheets: list[Sheet]) -> list[MapPlan]:
        """The map pages, the overview first; none where nothing has a place."""
        bounds = self._overview_bounds(entries, sheets)
        if bounds is None:
            return []
        if len(sheets) == 1 and _share(sheets[0].bounds(), bounds) >= FILLS:
            return [MapPlan(self._view(bounds, sheets[0]), sheets[0], [], is_overview=True)]
        plans = [MapPlan(self._view(sheet.bounds(), sheet), sheet, []) for sheet in sheets]
        frames = [(plan.sheet, plan.view) for plan in plans]
        return [MapPlan(self._view(bounds), None, frames, is_overview=True), *plans]

    def off_every_map(self, plans: list[MapPlan], entries: list[Entry]) -> int:
        """How many located incidents no map shows."""
        located = [entry.incident for entry in entries if entry.located]
        if not located:
            return 0
        lon = [incident.longitude for incident in located]
        lat = [incident.latitude for incident in located]
        shown = np.zeros(len(located), dtype=bool)
        for plan in plans:
            shown |= plan.view.holds(lon, lat)
        return int((~shown).sum())

    def draw(self, page: Page, plan: MapPlan, entries: list[Entry]) -> None:
        """Fill a map page."""
        item = page.item("map.map")
        layers = self.layers.of(plan.view, entries, plan.frames)
        self._keep.extend(layers)
        _show(item, plan.view, layers)
        fill_legend(page.item("map.legend"), item, layers, self.words)
        _scale_bar(page.item("map.scalebar"), item, plan.view)
        has_numbers = plan.sheet is not None and self._number(page, item, plan)
        self._words(page, plan, has_numbers)
        _find_picture(page.item("map.north"))

    def _view(self, bounds: Bounds, sheet: Optional[Sheet] = None) -> MapView:
        """A view whose margins have room for the widest number of the sheet."""
        texts = [label_of(place) for place in sheet.places] if sheet else []
        width = max([LABEL_WIDTH, *(self.numbers.width(text) for text in texts)])
        return view_of(_not_tiny(bounds), *self._frame, _margins(self._frame, width))

    def _overview_bounds(self, entries: list[Entry], sheets: list[Sheet]) -> Optional[Bounds]:
        if self.material.area is not None:
            return shapely.bounds(self.material.area).tolist()
        parts = [sheet.bounds() for sheet in sheets]
        lines = [
            line.geometry
            for line in self.material.lines
            if in_force(line, self.period.start, self.period.end) and line.geometry is not None
        ]
        parts += [line.bounds for line in lines if not line.is_empty]
        if not lines:
            parts += [zone.geometry.bounds for zone in self.material.zones if zone.geometry]
        if not parts:
            parts = [
                (entry.incident.longitude, entry.incident.latitude) * 2
                for entry in entries
                if entry.located
            ]
        return _union(parts) if parts else None

    def _number(self, page: Page, item: QgsLayoutItemMap, plan: MapPlan) -> bool:
        places = plan.sheet.places
        points = plan.view.on_page(
            [item.longitude for item in places], [item.latitude for item in places]
        )
        corner = item.pagePos()
        points = points + [corner.x(), corner.y()]
        frame = Frame(
            corner.x(), corner.y(), corner.x() + self._frame[0], corner.y() + self._frame[1]
        )
        texts = [label_of(place) for place in places]
        widths = [self.numbers.width(text) for text in texts]
        obstacles = self._obstacles(plan.view, corner)
        found = place(points, widths, LABEL_HEIGHT, frame, obstacles)
        if not found.placed.all():
            raise CeasefireError(
                f"The map of the template has no room for the {len(places)} numbers of sheet "
                f"{plan.sheet.name}. Make “map.map” larger in the template, or report on a "
                "smaller area or a shorter period."
            )
        chosen = np.flatnonzero(found.placed)
        # All leaders first, so that none lies over a label.
        for index in chosen:
            self.numbers.leader(page, points[index], found.ends[index])
        for index in chosen:
            near = places[index].is_near
            self.numbers.box(page, item, texts[index], near, found.boxes[index])
        return bool(found.placed.any())

    def _obstacles(self, view: MapView, corner) -> list[np.ndarray]:
        """The contact lines on the page, in millimetres."""
        window = shapely.box(*view.degrees())
        result = []
        for line in self.material.lines:
            if line.geometry is None or not in_force(line, self.period.start, self.period.end):
                continue
            with np.errstate(invalid="ignore"):
                inside = shapely.intersection(line.geometry, window)
            for part in shapely.get_parts(inside):
                if part.geom_type == "LineString":
                    coordinates = shapely.get_coordinates(part)
                    page = view.on_page(coordinates[:, 0], coordinates[:, 1])
                    result.append(page + [corner.x(), corner.y()])
        return result

    def _words(self, page: Page, plan: MapPlan, has_numbers: bool) -> None:
        words = self.words
        if plan.is_overview:
            page.write("map.heading", words("heading_overview"))
        else:
            page.write("map.heading", f"{words('heading_sheet')} {plan.sheet.name}")
        page.write(
            "map.caption", "\n".join(words.paragraphs("caption", plan=plan, period=self.period))
        )
        facts = words.paragraphs(
            "map_facts",
            scale=plan.view.scale,
            is_conformal=plan.view.is_conformal,
            lines=self.layers.current_lines(),
            has_lines=bool(self.material.lines),
        )
        page.write("map.facts", "\n".join(facts))
        note = words.paragraphs("map_note", notes=line_notes(self._dated_lines(), words))
        page.write("map.note", "\n".join(note))
        if has_numbers:
            self.numbers.key(page, words)

    def _dated_lines(self) -> list:
        return [
            line
            for line in self.material.lines
            if in_force(line, self.period.start, self.period.end)
        ]


def line_notes(lines: list, words: Words) -> list[str]:
    """How exact the lines are, of what date and source; lines that share these are one note."""
    groups: dict[tuple, list] = {}
    for line in lines:
        groups.setdefault((line.uncertainty_m, line.source), []).append(line)
    notes = []
    for (metres, source), group in groups.items():
        exact = words("not_known") if metres is None else f"{words.number(metres)} m"
        days = sorted(
            line.valid_from.astimezone(words.zone).date() for line in group if line.valid_from
        )
        date = words.day(days[0]) if days else words("no_date")
        if days and days[-1] != days[0]:
            date += f" {words('to')} {words.day(days[-1])}"
        notes.append(f"\u00b1 {exact}, {date}, {source or words('no_source')}")
    return notes


def _margins(frame: tuple[float, float], width: float) -> tuple[float, float]:
    area = inner(Frame(0, 0, *frame), width, LABEL_HEIGHT)
    return area.left, area.top


def _show(item: QgsLayoutItemMap, view: MapView, layers: list) -> None:
    item.setCrs(QgsCoordinateReferenceSystem.fromProj(view.proj))
    item.setExtent(QgsRectangle(*view.extent))
    item.setKeepLayerSet(True)
    item.setLayers(layers)
    step = view.grid_minutes() / 60
    for grid in item.grids().asList():
        grid.setIntervalX(step)
        grid.setIntervalY(step)
        grid.setAnnotationFormat(QgsLayoutItemMapGrid.AnnotationFormat.CustomFormat)
        grid.setAnnotationExpression(_clear_of_corners(view))


def _clear_of_corners(view: MapView, corner_mm: float = 9.0) -> str:
    """The grid's figures in degrees and minutes; those that would meet in a corner are left out."""
    west, south, east, north = view.degrees()
    across = (east - west) * corner_mm / view.width
    up = (north - south) * corner_mm / view.height
    return (
        f"CASE WHEN @grid_axis = 'x' AND NOT @grid_number BETWEEN {west + across} AND "
        f"{east - across} THEN '' WHEN @grid_axis = 'y' AND NOT @grid_number BETWEEN "
        f"{south + up} AND {north - up} THEN '' "
        "ELSE to_dm(@grid_number, @grid_axis, 0, 'suffix') END"
    )


def _scale_bar(bar, item: QgsLayoutItemMap, view: MapView) -> None:
    if not isinstance(bar, QgsLayoutItemScaleBar):
        return
    bar.setLinkedMap(item)
    metres = view.bar_metres()
    in_km = metres >= 1000
    bar.setUnits(Qgis.DistanceUnit.Kilometers if in_km else Qgis.DistanceUnit.Meters)
    bar.setUnitLabel("km" if in_km else "m")
    bar.setUnitsPerSegment(metres / 1000 if in_km else metres)
    bar.update()


def _find_picture(picture) -> None:
    """A template names a shipped picture by its file's name alone."""
    if isinstance(picture, QgsLayoutItemPicture) and not Path(picture.picturePath()).is_file():
        picture.setPicturePath(str(SYMBOLS / Path(picture.picturePath()).name))


def _share(part: Bounds, whole: Bounds) -> float:
    return max(
        (part[2] - part[0]) / max(whole[2] - whole[0], 1e-9),
        (part[3] - part[1]) / max(whole[3] - whole[1], 1e-9),
    )


def _union(parts: list[Bounds]) -> Bounds:
    edges = np.array(parts, dtype=float)
    return (*edges[:, :2].min(axis=0).tolist(), *edges[:, 2:].max(axis=0).tolist())


def _not_tiny(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    across, up = (max(0.0, LEAST_DEGREES - side) / 2 for side in (east - west, north - south))
    return west - across, south - up, east + across, north + up
