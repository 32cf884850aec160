"""Who signs what is reviewed in the panel."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsExpressionContextUtils, QgsProject

VARIABLE = "ceasefire_user"


def signed_by() -> Optional[str]:
    """The name that signs, as forms have it: the variable of the project, of QGIS, or QGIS's user
    by full name; None where no name is known."""
    from ...processing.review.reviewparameters import full_name

    scopes = (
        QgsExpressionContextUtils.projectScope(QgsProject.instance()),
        QgsExpressionContextUtils.globalScope(),
    )
    names = [str(scope.variable(VARIABLE) or "").strip() for scope in scopes]
    return next((name for name in [*names, full_name()] if name), None)


def sign_as(name: str) -> None:
    """Sign with this name from now on, here and in QGIS's forms; empty: with QGIS's own again."""
    name = name.strip()
    if name:
        QgsExpressionContextUtils.setGlobalVariable(VARIABLE, name)
    else:
        QgsExpressionContextUtils.removeGlobalVariable(VARIABLE)
