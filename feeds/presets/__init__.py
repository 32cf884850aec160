"""The presets, one module each, in the order in which ``auto`` tries them."""

from __future__ import annotations

from .acled import PRESET as ACLED
from .cameralog import PRESET as CAMERALOG
from .cap import PRESET as CAP
from .firms import PRESET as FIRMS
from .gdelt import PRESET as GDELT
from .generic import PRESET as GENERIC
from .georss import PRESET as GEORSS
from .hapi import PRESET as HAPI
from .insecurityinsight import PRESET as INSECURITY_INSIGHT
from .preset import Preset
from .smm import PRESET as SMM
from .ucdp import PRESET as UCDP
from .viina import PRESET as VIINA

_IN_ORDER = (
    ACLED,
    UCDP,
    VIINA,
    FIRMS,
    CAMERALOG,
    SMM,
    INSECURITY_INSIGHT,
    GDELT,
    HAPI,
    CAP,
    GEORSS,
    GENERIC,
)
PRESETS: dict[str, Preset] = {preset.name: preset for preset in _IN_ORDER}
