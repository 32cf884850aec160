"""``ceasefire:linkincidents``: state, withdraw and read links between incidents."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ...model.field import Field, Kind
from ...model.vocabulary import vocabulary
from .reviewparameters import ReviewAlgorithm

READ = (
    Field("incident_id", Kind.TEXT, "Incident"),
    Field("relation", Kind.TEXT, "Relation, read from this incident"),
    Field("other_id", Kind.TEXT, "Other incident"),
)


class LinkIncidents(ReviewAlgorithm):
    """States or withdraws one relation of some incidents to another one."""

    NAME = "linkincidents"
    TITLE = "Link incidents"
    HELP = (
        "States that incidents are the same event as another one, a follow-up of it, claimed as "
        "retaliation for it, or a duplicate of it; or withdraws such links. Nothing is deleted: a "
        "withdrawn link stays in the ledger with its reason.\n\n"
        "Records of one event may have a lead record, whose counts stand for the event where "
        "totals are told without known duplicates; of a duplicate it is the other one by itself. "
        "An incident does not link to itself, and leads do not run in a circle.\n\n"
        "The table gives all links of these incidents, each read from the incident's own end."
    )

    RELATION = "RELATION"
    OTHER = "OTHER"
    LEAD = "LEAD"
    WITHDRAW = "WITHDRAW"
    OUTPUT = "OUTPUT"
    COUNTS = (("LINKS", "Links stated or withdrawn"), ("UNCHANGED", "Links that stood so already"))

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose incidents are linked."))
        self.add_incidents(self.tr("Ids of incidents, with commas or line breaks between them."))
        self.add(
            QgsProcessingParameterEnum(
                self.RELATION,
                self.tr("Relation"),
                options=list(vocabulary("link_relations")),
                defaultValue="same_event",
                usesStaticStrings=True,
            ),
            self.tr("How each of these incidents stands to the other one."),
        )
        self.add(
            QgsProcessingParameterString(self.OTHER, self.tr("Other incident")),
            self.tr("The id of the incident that they are linked to."),
        )
        self.add(
            QgsProcessingParameterString(self.LEAD, self.tr("Lead record"), optional=True),
            self.tr("The id of the lead record of the event; empty where none leads."),
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.WITHDRAW, self.tr("Withdraw these links"), defaultValue=False
            ),
            self.tr("On: links of that relation between these incidents and the other one end."),
        )
        self.add_signature(self.tr("The reason; it is kept with the link."))
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT,
                self.tr("Links"),
                QgsProcessing.SourceType.TypeVector,
                optional=True,
                createByDefault=False,
            ),
            self.tr("A table of all links of these incidents, each read from its own end."),
        )
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """State or withdraw, then read the links as they stand."""
        ids = self.incident_ids(parameters, context, feedback)
        other = self.text(parameters, self.OTHER, context)
        # A selection may hold the other one too: it is not linked to itself.
        ids = ids if ids == [other] else [item for item in ids if item != other]
        with self.open_ledger(parameters, context) as ledger:
            if self.parameterAsBoolean(parameters, self.WITHDRAW, context):
                done, unchanged = self._withdraw(parameters, context, ledger, ids, other), 0
            else:
                done, unchanged = self._state(parameters, context, ledger, ids, other)
            rows = list(_read(ledger, [*ids, other]))
        feedback.pushInfo(
            self.tr("Links stated or withdrawn: %1; stood so already: %2.")
            .replace("%1", f"{done:,}")
            .replace("%2", f"{unchanged:,}")
        )
        destination = self.write_rows(outputs, self.OUTPUT, READ, rows, feedback)
        place = self.ledger_place(parameters, context)
        return {
            "LINKS": done,
            "UNCHANGED": unchanged,
            self.OUTPUT: destination,
            self.LEDGER: place,
        }

    def _state(self, parameters, context, ledger, ids, other) -> tuple[int, int]:
        from ...ledger.links import link_incidents

        outcome = link_incidents(
            ledger,
            [(identifier, other) for identifier in ids],
            self.chosen(parameters, self.RELATION, context),
            self.signature(parameters, context),
            self.text(parameters, self.WHY, context),
            self.text(parameters, self.LEAD, context) or None,
        )
        return len(outcome.stated), len(outcome.unchanged)

    def _withdraw(self, parameters, context, ledger, ids, other) -> int:
        from ...analysis.link_graph import same_link, standing
        from ...ledger.links import withdraw_links
        from ...model.harm import Link

        relation = self.chosen(parameters, self.RELATION, context)
        wanted = [Link(incident_id=one, relation=relation, other_id=other) for one in ids]
        links = standing(ledger.read("links"))
        found = [
            link.link_id for link in links if any(same_link(link, sought) for sought in wanted)
        ]
        if not found:
            raise CeasefireError(
                self.tr("There is no such link that stands: look at the table of links.")
            )
        return len(
            withdraw_links(
                ledger,
                found,
                self.signature(parameters, context),
                self.text(parameters, self.WHY, context),
            )
        )


def _read(ledger, ids: list[str]):
    """The links of incidents, each read from its own end."""
    from ...analysis.link_graph import relations_of

    links = ledger.read("links")
    for identifier in dict.fromkeys(ids):
        for words, other in relations_of(identifier, links):
            yield identifier, words, other
