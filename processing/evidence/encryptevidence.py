"""``ceasefire:encryptevidence``: the evidence under a passphrase, or under another one."""

from __future__ import annotations

from qgis.core import QgsProcessingOutputNumber, QgsProcessingParameterAuthConfig

from .evidencealgorithm import AUTHCFG, LEDGER, EvidenceAlgorithm
from .passphrase import NEW_PASSPHRASE, PASSPHRASE


class EncryptEvidence(EvidenceAlgorithm):
    """Sets or changes the passphrase of the evidence."""

    NAME = "encryptevidence"
    TITLE = "Encrypt evidence"
    HELP = (
        "Sets a passphrase for the files of evidence and encrypts them (AES-256-GCM; the key is "
        "made of the passphrase by scrypt). What is attached later is encrypted at once. With a "
        "passphrase set already, AUTHCFG gives it and NEW_AUTHCFG the one that takes its place: "
        "the files stay as they are, only their wrapped key is written anew. Stopped in between, "
        "run it again: it goes on.\n\n"
        "The passphrase is never a parameter, so that no history and no log holds it: it is the "
        "password of an authentication configuration of QGIS, or stands in the environment "
        "variables CEASEFIRE_PASSPHRASE and CEASEFIRE_NEW_PASSPHRASE. It is kept nowhere: whoever "
        "loses it loses the evidence. Keep key.json of the evidence folder with every copy of it. "
        "A disk may hold the bytes of a file for some time after it was encrypted. Plain leftovers "
        "of stopped copies are removed; what else in the folder is not encrypted is named."
    )

    NEW_AUTHCFG = "NEW_AUTHCFG"
    SECRETS = {AUTHCFG: PASSPHRASE, "NEW_AUTHCFG": NEW_PASSPHRASE}

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger()
        self.add_passphrase()
        self.add(
            QgsProcessingParameterAuthConfig(
                self.NEW_AUTHCFG, self.tr("New passphrase"), optional=True
            ),
            self.tr(
                "The authentication configuration whose password takes the place of the "
                "passphrase; where it is empty, the environment variable CEASEFIRE_NEW_PASSPHRASE."
            ),
        )
        self.add_hand(self.tr("Why, for the history."))
        self.addOutput(QgsProcessingOutputNumber("ENCRYPTED", self.tr("Files encrypted now")))
        self.addOutput(QgsProcessingOutputNumber("LEFT", self.tr("Files left as they were")))
        self.addOutput(
            QgsProcessingOutputNumber("PLAIN", self.tr("Other files that are not encrypted"))
        )

    def work(self, parameters, context, feedback, outputs):
        """Set or change, encrypt, and tell."""
        with self.open(parameters, context) as ledger:
            sizes = {item.sha256: item.size_bytes or 0 for item in ledger.read("evidence")}
            done = ledger.encrypt_evidence(
                self.secret(AUTHCFG),
                self.secret(self.NEW_AUTHCFG),
                self.hand(parameters, context, self.tr("evidence encrypted")),
                self.steps(feedback, sum(sizes.values())),
            )
        if done.set:
            feedback.pushInfo(self.tr("A passphrase is set; it is kept nowhere: do not lose it."))
        if done.changed:
            feedback.pushInfo(
                self.tr(
                    "The passphrase is changed. Copies of key.json made before still open with "
                    "the former one: replace them."
                )
            )
        feedback.pushInfo(
            self.tr("%1 files were encrypted now.").replace("%1", f"{done.encrypted:,}")
        )
        for sentence in done.left:
            feedback.pushWarning(self.tr("Left as it was: %1").replace("%1", sentence))
        self._tell_strays(feedback, done)
        return {
            LEDGER: self.parameterAsFile(parameters, LEDGER, context),
            "ENCRYPTED": done.encrypted,
            "LEFT": len(done.left),
            "PLAIN": len(done.plain),
        }

    def _tell_strays(self, feedback, done) -> None:
        if done.removed:
            feedback.pushInfo(
                self.tr("%1 plain leftovers of stopped copies were removed.").replace(
                    "%1", f"{done.removed:,}"
                )
            )
        for path in done.plain:
            feedback.pushWarning(
                self.tr(
                    "“%1” is not encrypted, and no record speaks of it: look what it is and take "
                    "it away."
                ).replace("%1", str(path))
            )
