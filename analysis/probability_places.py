"""Means over where incidents may have been, from places that stand for equal shares of them."""

from __future__ import annotations

import numpy as np

from .earth_centred import Horizon, earth_centred
from .nearest import along_a_curve, in_threads
from .probability_area import area_places
from .probability_spreads import Form, Unsure
from .spread import HOLDS_95, disc_offsets, gauss_offsets, sector_across

SHARES = 256
AT_A_TIME = 64
SQRT12 = np.sqrt(12.0)


def mean_over_places(worth, unsure: Unsure) -> np.ndarray:
    """The mean worth over where each of some incidents may have been: (n).

    ``worth(lon, lat, blur)`` tells it of places (degrees, columns); each place stands for an equal
    share of the probability, and ``blur`` (metres) is the standard deviation of distances within
    such a share. The same incident always gets the same answer, alone or in company.
    """
    result = np.empty(len(unsure.rows))
    points = np.flatnonzero(unsure.form != Form.AREA)
    points = points[along_a_curve(unsure.lon[points], unsure.lat[points])]
    parts = [
        points[points_of][start : start + AT_A_TIME]
        for points_of in (unsure.form[points] == form for form in _OFFSETS)
        for start in range(0, np.count_nonzero(points_of), AT_A_TIME)
    ]

    def work(part):
        some = unsure.take(part)
        lon, lat, apart = _places(some)
        blur = np.repeat(apart, lon.shape[1])
        result[part] = worth(lon.ravel(), lat.ravel(), blur).reshape(lon.shape).mean(axis=1)

    in_threads(work, parts)
    areas = np.flatnonzero(unsure.form == Form.AREA)
    if len(areas):
        result[areas] = mean_over_areas(worth, unsure.area(areas))
    return result


def different_areas(areas: np.ndarray):
    """The areas that are not one and the same object, and where each row finds its own."""
    numbers = np.array([id(area) for area in areas])
    _, first, back = np.unique(numbers, return_index=True, return_inverse=True)
    return areas[first], back.ravel()


def mean_over_areas(worth, areas: np.ndarray) -> np.ndarray:
    """The mean worth over each area; one that many incidents share is worked out once."""
    different, back = different_areas(areas)
    answers = np.empty(len(different))
    for number, area in enumerate(different):
        lon, lat, apart = area_places(area)
        answers[number] = worth(lon, lat, np.full(len(lon), apart / SQRT12)).mean()
    return answers[back]


def _places(unsure: Unsure):
    """``(lon, lat, blur)`` for incidents of one form: degrees (n, SHARES), metres (n)."""
    lon, lat, east, north, apart = _OFFSETS[Form(int(unsure.form[0]))](unsure)
    centre = earth_centred(lon, lat)
    places = Horizon(*centre).lifted(centre, east, north)
    lon, lat = Horizon(*places).degrees()
    return lon, lat, apart / SQRT12


def _normal(unsure: Unsure):
    offsets = gauss_offsets(SHARES)[None] * unsure.radius_m[:, None, None]
    # A share is as wide as this in the middle, and wider farther out.
    apart = unsure.radius_m / HOLDS_95 * np.sqrt(4.0 * np.pi / SHARES)
    return unsure.lon, unsure.lat, offsets[..., 0], offsets[..., 1], apart


def _even(unsure: Unsure):
    offsets = disc_offsets(SHARES)[None] * unsure.radius_m[:, None, None]
    apart = unsure.radius_m * np.sqrt(np.pi / SHARES)
    return unsure.lon, unsure.lat, offsets[..., 0], offsets[..., 1], apart


def _sector(unsure: Unsure):
    lon, lat, *shape = unsure.sector(np.arange(len(unsure.rows)))
    azimuth, away = sector_across(*shape, SHARES)
    angle = np.radians(azimuth)
    _, halfwidth, nearest, farthest = shape
    squared = np.abs(farthest**2 - nearest**2)
    apart = np.sqrt(np.radians(np.minimum(np.abs(halfwidth), 180.0)) * squared / SHARES)
    return lon, lat, away * np.sin(angle), away * np.cos(angle), apart


_OFFSETS = {Form.NORMAL: _normal, Form.EVEN: _even, Form.SECTOR: _sector}
