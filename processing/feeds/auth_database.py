"""QGIS's authentication database, read without ever opening a window that asks for something."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsAuthMethodConfig

from ...feeds.http.errors import FeedError, Reason


def is_locked() -> bool:
    """Whether the master password has yet to be given before configurations can be read."""
    manager = QgsApplication.authManager()
    return manager.isDisabled() or not manager.masterPasswordIsSet()


def require_configuration(authcfg: str) -> None:
    """Raise FeedError with one sentence where a configuration is not there or cannot be read."""
    manager = QgsApplication.authManager()
    if manager.isDisabled():
        raise FeedError(
            "QGIS's authentication database is switched off, so the feed's login cannot be read. "
            "Start QGIS again with it, or put the login into environment variables.",
            Reason.UNAUTHORISED,
        )
    if not manager.masterPasswordIsSet():
        # Asking for it would open a window, of which a task or a nightly run knows nothing.
        raise FeedError(
            "QGIS's authentication database is locked, so the feed's login cannot be read. Enter "
            "its master password (Settings, Options, Authentication), or for qgis_process name a "
            "file with it in QGIS_AUTH_PASSWORD_FILE; then fetch again.",
            Reason.UNAUTHORISED,
        )
    if authcfg not in manager.configIds():
        raise FeedError(
            f"QGIS knows no authentication configuration “{authcfg}” in this profile. Make one "
            "under Settings, Options, Authentication, and choose it for the feed.",
            Reason.UNAUTHORISED,
        )


def read_configuration(authcfg: str) -> QgsAuthMethodConfig:
    """A configuration with its secrets; raises FeedError with one sentence where it cannot be."""
    require_configuration(authcfg)
    read, configuration = QgsApplication.authManager().loadAuthenticationConfig(
        authcfg, QgsAuthMethodConfig(), True
    )
    if not read or not configuration.isValid():
        raise FeedError(
            f"QGIS's authentication configuration “{authcfg}” could not be read. Look at it under "
            "Settings, Options, Authentication, and save it again.",
            Reason.UNAUTHORISED,
        )
    return configuration
