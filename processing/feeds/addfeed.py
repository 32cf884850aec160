"""``ceasefire:addfeed``: a feed is added to a ledger, or the one of that name is changed."""

from __future__ import annotations

import json
import uuid

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingOutputString,
    QgsProcessingParameterAuthConfig,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...feeds.feedoptions import REDISTRIBUTIONS
from ...feeds.sources import NAMES
from ..incidents.importparameters import PRESETS
from ..ledger.theatretime import TheatreTime
from .feedalgorithm import FeedAlgorithm, feed_called

# Parameter, title, help; each is the field of that name in small letters unless TEXT_FIELDS says.
TEXTS = (
    (
        "ADDRESS",
        "Address",
        "Where the source is: an address on the web, or for the source url a file, a folder or a "
        "pattern such as /data/reports/*.csv. Sources with one place in the world need none. No "
        "secret may be in it.",
    ),
    (
        "OPTIONS",
        "Options (JSON)",
        'What the source shall give, as {"country": "Vale"}; each source\'s options are in the '
        "page “Feeds”. No secret may be among them.",
    ),
    (
        "MAPPING",
        "Mapping (JSON)",
        'Which column holds what, as {"occurred_from": "Date", "origin": {"value": "media"}}; it '
        "goes before what the source proposes.",
    ),
    (
        "TIMEZONE",
        "Time zone of the feed",
        "The zone of the feed's local times, as Africa/Nairobi. Where empty, the ledger's.",
    ),
    (
        "SINCE",
        "Since",
        "Nothing that happened earlier is wanted: 2031-03-14 or 2031-03-14T19:30, in the feed's "
        "time.",
    ),
    (
        "QUIET_FROM",
        "Quiet from",
        "In quiet hours no fetch begins by itself: their beginning in the theatre's time, as "
        "22:00.",
    ),
    ("QUIET_TO", "Quiet until", "The end of quiet hours, as 06:00; it may lie after midnight."),
    ("ATTRIBUTION", "Attribution", "How the source wants to be named on maps and in briefs."),
    ("NOTES", "Notes", "Anything else about the feed."),
)
ADVANCED = ("MAPPING", "ATTRIBUTION", "NOTES", "PRESET", "REDISTRIBUTION", "KEEP_RAW")


class AddFeed(FeedAlgorithm):
    """Adds a feed, or changes what is given of the feed of that name."""

    NAME = "addfeed"
    TITLE = "Add a feed"
    HELP = (
        "Adds a feed to a ledger: where reports come from, how they are read, and how often. A "
        "feed of that name that is there already is changed: what is left empty stays, and “-” "
        "empties a text. For a new feed the source proposes preset, mapping, attribution, "
        "interval, and who may pass its rows on.\n\n"
        "Nothing is fetched. “Test a feed” tries it without writing, “Fetch a feed” fetches it. "
        "Secrets are never kept in the ledger: AUTHCFG is the id of an authentication "
        "configuration of QGIS; for qgis_process the environment variables "
        "CEASEFIRE_FEED_<NAME>_USERNAME, _PASSWORD and _TOKEN do as well. An address or an option "
        "that holds a secret is refused."
    )

    FEED_NAME = "NAME"
    SOURCE = "SOURCE"
    AUTHCFG = "AUTHCFG"
    INTERVAL = "INTERVAL"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger that keeps the feed."))
        self.add(
            QgsProcessingParameterString(self.FEED_NAME, self.tr("Name")),
            self.tr("The feed's name for people, one of its kind in the ledger."),
        )
        self.add_choice(
            self.SOURCE,
            self.tr("Source"),
            NAMES,
            self.tr("The kind of source; it does not change once the feed is there."),
        )
        for name, title, words in TEXTS:
            if name == "TIMEZONE":
                self._add_middle()
            self._add_text(name, title, words)
        self.add_signature(self.tr("Why the feed is added or changed."), optional=True)
        self.addOutput(QgsProcessingOutputString("FEED_ID", self.tr("Feed's id")))
        self.addOutput(QgsProcessingOutputString("FEED", self.tr("Feed's name")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def _add_text(self, name: str, title: str, words: str) -> None:
        parameter = QgsProcessingParameterString(
            name, self.tr(title), optional=True, multiLine=name in ("OPTIONS", "MAPPING", "NOTES")
        )
        self.add(_advanced(parameter), self.tr(words))

    def _add_middle(self) -> None:
        """What is chosen, between the texts."""
        self.add(
            QgsProcessingParameterAuthConfig(
                self.AUTHCFG, self.tr("Authentication"), optional=True
            ),
            self.tr(
                "The authentication configuration of QGIS whose user name, password or token is "
                "sent to the source alone. Only its id is kept."
            ),
        )
        self._add_choice(
            "PRESET",
            self.tr("Preset"),
            PRESETS,
            self.tr("How rows are read; where empty, as the source proposes."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.INTERVAL,
                self.tr("Interval (minutes)"),
                defaultValue=None,
                optional=True,
                minValue=1,
            ),
            self.tr("How many minutes lie between two fetches; where empty, the source's."),
        )
        yes_no = ["yes", "no"]
        self._add_choice(
            "ENABLED", self.tr("Fetched by itself"), yes_no, self.tr("No: the feed is paused.")
        )
        self._add_choice(
            "KEEP_RAW",
            self.tr("Keep raw replies"),
            yes_no,
            self.tr("Yes: each reply that brought something is kept, compressed, as evidence."),
        )
        self._add_choice(
            "REDISTRIBUTION",
            self.tr("Passing on"),
            REDISTRIBUTIONS,
            self.tr("What the source's licence lets out of the house: rows, aggregates, or none."),
        )

    def _add_choice(self, name: str, title: str, codes, words: str) -> None:
        parameter = QgsProcessingParameterEnum(
            name, title, options=list(codes), usesStaticStrings=True, optional=True
        )
        self.add(_advanced(parameter), words)

    def work(self, parameters, context, feedback, outputs):
        """Check all of it, then write the one record."""
        from ...feeds.definition import feed_of

        place = self.ledger_place(parameters, context)
        name = self.text(parameters, self.FEED_NAME, context)
        with self.open_ledger(parameters, context) as ledger:
            before = feed_called(ledger, name)
            values = self._values(parameters, context, ledger.settings(), before)
            feed = feed_of({**values, "feed_name": before.feed_name if before else name}, before)
            feed.feed_id = feed.feed_id or uuid.uuid4().hex
            why = self.text(parameters, self.WHY, context) or (
                self.tr("feed changed") if before else self.tr("feed added")
            )
            who = self.signature(parameters, context)
            counts = ledger.write_records("feeds", [feed], who, why)
        self._tell(feedback, feed, before, counts)
        return {"FEED_ID": feed.feed_id, "FEED": feed.feed_name, self.LEDGER: place}

    def _values(self, parameters, context, settings: dict, before) -> dict:
        """What was given, by the feed's fields; None where nothing was."""
        values: dict = {
            name.lower(): self.text(parameters, name, context) or None for name, _, _ in TEXTS
        }
        for name in (self.SOURCE, "PRESET", "REDISTRIBUTION"):
            values[name.lower()] = self.chosen(parameters, name, context)
        for name in ("ENABLED", "KEEP_RAW"):
            choice = self.chosen(parameters, name, context)
            values[name.lower()] = None if choice is None else choice == "yes"
        values["authcfg"] = self.text(parameters, self.AUTHCFG, context) or None
        if parameters.get(self.INTERVAL) is not None:
            values["interval_minutes"] = self.parameterAsInt(parameters, self.INTERVAL, context)
        if values["since"] not in (None, "-"):
            zone = values["timezone"] or (before.timezone if before else None)
            time = TheatreTime(zone, settings)
            values["since"] = time.moment(values["since"], closing=False)
        return values

    def _tell(self, feedback, feed, before, counts) -> None:
        from ...feeds.sources import source_named

        source = source_named(feed.source)
        if not counts.added and not counts.changed:
            words = self.tr("The feed “%1” was so already; nothing was changed.")
        elif before:
            words = self.tr("The feed “%1” was changed.")
        else:
            words = self.tr("The feed “%1” was added. “Test a feed” tries it without writing.")
        feedback.pushInfo(words.replace("%1", feed.feed_name))
        feedback.pushInfo(
            self.tr("%1: read as %2, every %3 minutes; from it may go out of the house: %4. %5")
            .replace("%1", source.title)
            .replace("%2", feed.preset or source.preset)
            .replace("%3", str(feed.interval_minutes or source.interval_minutes))
            .replace("%4", feed.redistribution or source.redistribution)
            .replace("%5", feed.attribution or "")
            .strip()
        )
        if before and _makes_ids_of(before) != _makes_ids_of(feed):
            feedback.pushWarning(
                self.tr(
                    "What the ids of “%1” are made of was changed (preset, or source and source_id "
                    "in the mapping): the next fetch brings its incidents under other ids and "
                    "withdraws the old ones, and what was corrected by hand stays with those. "
                    "Change it back where that is not meant."
                ).replace("%1", feed.feed_name)
            )
        if feed.authcfg and feed.authcfg not in QgsApplication.authManager().configIds():
            feedback.pushWarning(
                self.tr(
                    "QGIS on this computer has no authentication configuration “%1”: make one with "
                    "that id, or choose another, where the feed is fetched."
                ).replace("%1", feed.authcfg)
            )
        if not feed.authcfg and "none" not in source.credentials:
            self._tell_credentials(feedback, feed, source)

    def _tell_credentials(self, feedback, feed, source) -> None:
        """Whether the environment has what a source asks for; nothing of it is shown."""
        from ...feeds.http.credentials import Credentials, environment_name

        stem = f"CEASEFIRE_FEED_{environment_name(feed.feed_name)}"
        given = Credentials.from_environment(feed.feed_name)
        kinds = set(source.credentials)
        if given.token and kinds & {"token", "key"}:
            names = f"{stem}_TOKEN"
        elif given.username and given.password and kinds & {"basic", "login"}:
            names = f"{stem}_USERNAME, {stem}_PASSWORD"
        else:
            feedback.pushWarning(
                self.tr(
                    "This source asks for credentials (%1): choose AUTHCFG, or set %2 where it is "
                    "fetched."
                )
                .replace("%1", ", ".join(source.credentials))
                .replace("%2", self._variables(stem, kinds))
            )
            return
        feedback.pushInfo(
            self.tr("Its credentials are those of the environment here: %1.").replace("%1", names)
        )

    def _variables(self, stem: str, kinds: set) -> str:
        """The environment variables that would do for those kinds of credentials."""
        ways = [f"{stem}_TOKEN"] if kinds & {"token", "key"} else []
        if kinds & {"basic", "login"}:
            ways.append(f"{stem}_USERNAME {self.tr('and')} {stem}_PASSWORD")
        return f" {self.tr('or')} ".join(ways)


def _makes_ids_of(feed) -> tuple:
    """What a feed's record says of how the ids of its incidents are made."""
    from ...feeds.definition import as_object

    mapping = as_object("MAPPING", feed.mapping)
    named = [json.dumps(mapping.get(name)) for name in ("source", "source_id")]
    return (feed.preset, *named)


def _advanced(parameter):
    """The parameter, among the advanced ones where it is seldom needed."""
    if parameter.name() in ADVANCED:
        parameter.setFlags(parameter.flags() | Qgis.ProcessingParameterFlag.Advanced)
    return parameter
