"""Secrets for algorithms: never a parameter, for parameters are written to history and log."""

from __future__ import annotations

import os
from typing import Optional

from qgis.core import QgsApplication, QgsAuthMethodConfig

from ...model.errors import CeasefireError

# The names of environment variables, not their values.
PASSPHRASE = "CEASEFIRE_PASSPHRASE"  # nosec B105
NEW_PASSPHRASE = "CEASEFIRE_NEW_PASSPHRASE"  # nosec B105


def passphrase_of(configuration: str, variable: str) -> Optional[str]:
    """The password of an authentication configuration, else the environment variable's value.

    To be called on the main thread: QGIS may ask for its master password.
    """
    if not configuration:
        return os.environ.get(variable) or None
    loaded = QgsAuthMethodConfig()
    manager = QgsApplication.authManager()
    if not manager.loadAuthenticationConfig(configuration, loaded, True):
        raise CeasefireError(
            f"QGIS has no authentication configuration “{configuration}”, or its master password "
            "was not given: choose another, or make one under Settings, Options, Authentication."
        )
    password = loaded.config("password")
    if not password:
        raise CeasefireError(
            f"The authentication configuration “{configuration}” has no password: choose one of "
            "the kind “Basic authentication”, whose password is the passphrase."
        )
    return password
