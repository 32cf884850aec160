"""``ceasefire:grantledger``: who in a team may do what in its ledger."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ..base import CeasefireAlgorithm
from .place import is_in_database, open_place

ROLES = ("reader", "analyst", "reviewer", "keeper")


class GrantLedger(CeasefireAlgorithm):
    """Gives a user of the database one of the four roles of a ledger, or takes it."""

    NAME = "grantledger"
    TITLE = "Grant ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Gives a user of the database a role in a team's ledger in PostgreSQL, or takes it.\n\n"
        "A reader sees what is public. An analyst sees what is restricted too, and writes. A "
        "reviewer sees and writes everything. A keeper also changes settings and reads and erases "
        "protected values. A user has one of the roles: giving another takes the one before.\n\n"
        "Only the database's administrator may run this. The user must be there already; the "
        "plugin makes no users and sees no passwords."
    )
    LEDGER = "LEDGER"
    USER = "USER"
    ROLE = "ROLE"
    TAKE = "TAKE"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help."""
        self.add(
            QgsProcessingParameterString(self.LEDGER, self.tr("Ledger")),
            self.tr("The team's ledger, as connection/schema."),
        )
        self.add(
            QgsProcessingParameterString(self.USER, self.tr("User")),
            self.tr("The user's name in the database."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.ROLE, self.tr("Role"), options=list(ROLES), usesStaticStrings=True
            ),
            self.tr("What the user may do; each role includes those before it."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.TAKE, self.tr("Take it"), defaultValue=False),
            self.tr("Take the role from the user instead of giving it."),
        )
        self.addOutput(QgsProcessingOutputString("ROLES", self.tr("The user's roles now")))

    def work(self, parameters, context, feedback, outputs):
        """Give or take the role."""
        from ...ledger.postgis.granting import grant

        text = self.parameterAsString(parameters, self.LEDGER, context)
        if not is_in_database(text):
            raise CeasefireError(
                f"“{text}” is a file, which has no users: who may read it is a matter of its "
                "folder. Give connection/schema of a team's ledger."
            )
        user = self.parameterAsString(parameters, self.USER, context).strip()
        role = self.parameterAsEnumString(parameters, self.ROLE, context)
        take = self.parameterAsBool(parameters, self.TAKE, context)
        with open_place(text) as ledger:
            roles = grant(ledger, role, user, take)
        feedback.pushInfo(
            self.tr("“%1” now has in “%2”: %3.")
            .replace("%1", user)
            .replace("%2", text)
            .replace("%3", ", ".join(roles) or self.tr("no role"))
        )
        return {self.LEDGER: text, "ROLES": ", ".join(roles)}
