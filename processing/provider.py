"""The Processing provider ``ceasefire``."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsProcessingModelAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .accord.accordprogress import AccordProgress
from .alerts.acknowledgealerts import AcknowledgeAlerts
from .alerts.alertrule import AlertRuleAlgorithm
from .alerts.listalerts import ListAlerts
from .alerts.raisealerts import RaiseAlerts
from .base import ROOT
from .clauses.ceasefiresurvival import CeasefireSurvival
from .clauses.checkclauses import CheckClauses
from .clauses.importprecedents import ImportPrecedents
from .clauses.precedents import Precedents
from .clauses.rulesfromdraft import RulesFromDraft
from .demo.makedemo import MakeDemo
from .evidence.addevidence import AddEvidence
from .evidence.checkevidence import CheckEvidence
from .evidence.encryptevidence import EncryptEvidence
from .evidence.evidencelist import EvidenceList
from .evidence.takeevidence import TakeEvidence
from .feeds.addfeed import AddFeed
from .feeds.fetchallfeeds import FetchAllFeeds
from .feeds.fetchfeed import FetchFeed
from .feeds.listfeeds import ListFeeds
from .feeds.testfeed import TestFeed
from .incidents.importincidents import ImportIncidents
from .ledger.addobservation import AddObservation
from .ledger.addtimestamp import AddTimestamp
from .ledger.addtoledger import AddToLedger
from .ledger.compactledger import CompactLedger
from .ledger.copyledger import CopyLedger
from .ledger.createledger import CreateLedger
from .ledger.eraseprotected import EraseProtected
from .ledger.exporthead import ExportHead
from .ledger.grantledger import GrantLedger
from .ledger.ledgerasof import LedgerAsOf
from .ledger.ledgerdiff import LedgerDiff
from .ledger.moveledger import MoveLedger
from .ledger.readprotected import ReadProtected
from .ledger.restorerecord import RestoreRecord
from .ledger.setprotected import SetProtected
from .ledger.theatreproject import TheatreProject
from .ledger.verifyledger import VerifyLedger
from .line.flagincidents import FlagIncidents
from .line.flagindatabase import FlagInDatabase
from .line.linechange import LineChange
from .line.linefromcontrol import LineFromControl
from .line.linefromcoordinates import LineFromCoordinates
from .line.linepositions import LinePositions
from .line.linesectors import LineSectors
from .line.rangerings import RangeRings
from .line.zonesfromagreement import ZonesFromAgreement
from .reports.brief import Brief
from .reports.briefcontents import BriefContents
from .review.answerclaims import AnswerClaims
from .review.claimslist import ClaimsList
from .review.effortcoverage import EffortCoverage
from .review.harmtotals import HarmTotals
from .review.ledgersettings import LedgerSettings
from .review.linkincidents import LinkIncidents
from .review.reviewincidents import ReviewIncidents
from .review.shifthandover import ShiftHandover
from .rules.checkrules import CheckRules
from .scenarios.checkannex import CheckAnnex
from .scenarios.comparelines import CompareLines
from .scenarios.derivescenario import DeriveScenario
from .scenarios.lineannex import LineAnnex

ALGORITHMS = (
    ImportIncidents,
    AddFeed,
    TestFeed,
    FetchFeed,
    FetchAllFeeds,
    ListFeeds,
    LineFromControl,
    LineFromCoordinates,
    FlagIncidents,
    FlagInDatabase,
    LineChange,
    LineSectors,
    LinePositions,
    RangeRings,
    DeriveScenario,
    CompareLines,
    LineAnnex,
    CheckAnnex,
    ZonesFromAgreement,
    CheckRules,
    CheckClauses,
    RulesFromDraft,
    ImportPrecedents,
    Precedents,
    CeasefireSurvival,
    CreateLedger,
    TheatreProject,
    AddToLedger,
    AddObservation,
    CopyLedger,
    CompactLedger,
    MoveLedger,
    GrantLedger,
    LedgerAsOf,
    LedgerDiff,
    RestoreRecord,
    LedgerSettings,
    ReviewIncidents,
    LinkIncidents,
    EffortCoverage,
    AnswerClaims,
    ClaimsList,
    HarmTotals,
    ShiftHandover,
    AlertRuleAlgorithm,
    RaiseAlerts,
    ListAlerts,
    AcknowledgeAlerts,
    AddEvidence,
    EvidenceList,
    TakeEvidence,
    CheckEvidence,
    EncryptEvidence,
    SetProtected,
    ReadProtected,
    EraseProtected,
    VerifyLedger,
    ExportHead,
    AddTimestamp,
    Brief,
    BriefContents,
    AccordProgress,
    MakeDemo,
)


class CeasefireProvider(QgsProcessingProvider):
    """Algorithms and models of Ceasefire Monitor."""

    def id(self):
        return "ceasefire"

    def name(self):
        return "Ceasefire Monitor"

    def icon(self):
        return QIcon(str(ROOT / "resources" / "icons" / "ceasefire_monitor.svg"))

    def load(self):
        """QGIS asks for what there is; the models are read once the provider is registered."""
        QgsApplication.processingRegistry().providerAdded.connect(self._registered)
        return super().load()

    def _registered(self, identifier):
        if identifier == self.id():
            QgsApplication.processingRegistry().providerAdded.disconnect(self._registered)
            self.refreshAlgorithms()

    def loadAlgorithms(self):
        """The algorithms, and the models that ship with the plugin.

        A model finds its steps, and with them its outputs, only among registered providers.
        """
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
        if QgsApplication.processingRegistry().providerById(self.id()) is None:
            return
        for path in sorted((ROOT / "resources" / "models").glob("*.model3")):
            model = QgsProcessingModelAlgorithm()
            if model.fromFile(str(path)):
                self.addAlgorithm(model)
