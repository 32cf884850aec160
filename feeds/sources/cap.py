"""CAP 1.2 alerts: a document, or an Atom or RSS index that links to alerts.

An alert and its updates are one incident: the update corrects it, a cancellation takes it back.
What leaves the index has run out, it was not withdrawn.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Generator, Iterable, Mapping, Optional
from urllib.parse import urljoin

from ..http.errors import FeedError, Reason
from ..instants import iso_instant
from ..shapes import COLUMNS as PLACE
from ..shapes import Shapes
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .capalert import COLUMNS, Alert, alerts_in, expired, infos_of, row_of
from .georssitems import is_feed, items_of, text
from .gmlfeatures import local
from .links import Trail
from .trial import trial, validators_in

TYPES = (
    "application/cap+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, "
    "text/xml;q=0.9"
)
# Of so many chains of messages it is remembered how they stand.
REMEMBERED = 20_000
NOT_THERE = (Reason.NOT_FOUND, Reason.GONE)


@dataclasses.dataclass
class Message:
    """An alert and the reply that brought it."""

    alert: Alert
    reply: Any


class Chains:
    """How each chain of messages stands: its newest message, how many rows, whether cancelled.

    ``state`` is by the key of the chain's first message: [sent, rows, cancelled, key of newest];
    ``first`` gives that key for every message that is known.
    """

    def __init__(self, mark: Mapping[str, Any]):
        self.state: dict[str, list] = {key: list(v) for key, v in (mark.get("state") or {}).items()}
        self.first: dict[str, str] = dict(mark.get("first") or {})

    def root_of(self, alert: Alert) -> str:
        """The chain's first key: known by the alert, by what it refers to, else as it says."""
        for key in (alert.key, *(key for key, _ in alert.references)):
            if key in self.first:
                return self.first[key]
        return alert.root

    def newest(self, messages: Iterable[Message]) -> list[tuple[str, Message]]:
        """For every chain that moved, its newest message, in the order in which they were sent."""
        found: dict[str, Message] = {}
        for message in sorted(messages, key=lambda one: one.alert.sent_text or ""):
            alert = message.alert
            root = self.root_of(alert)
            for key in (alert.key, *(key for key, _ in alert.references)):
                self.first[key] = root
            before = self.state.get(root)
            held = found.get(root)
            at = sent_of(alert)
            if before and at < before[0]:
                continue
            if held is None or at >= sent_of(held.alert):
                found[root] = message
        return list(found.items())

    def mark(self) -> dict:
        """What to remember, the newest chains first."""
        roots = sorted(self.state, key=lambda root: self.state[root][0], reverse=True)[:REMEMBERED]
        kept = set(roots)
        return {
            "state": {root: self.state[root] for root in roots},
            "first": {key: root for key, root in self.first.items() if root in kept},
        }


def sent_of(alert: Alert) -> str:
    """When an alert was sent, as text that sorts by time; "" where it does not say."""
    return f"{alert.sent:%Y-%m-%dT%H:%M:%SZ}" if alert.sent else ""


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """The alerts as they stand after all their updates, a batch for each reply with one."""
    settings = json.dumps([asked.address, asked.options], sort_keys=True)
    mark = asked.mark if asked.mark.get("settings") == settings else {}
    reply = asked.client.get(
        asked.address, accept=TYPES, validators=None if asked.full else validators_in(mark)
    )
    if reply.not_modified:
        return Outcome(mark=asked.mark, nothing_new=True)
    gathering = Gathering(asked, {} if asked.full else dict(mark.get("read") or {}))
    messages = gathering.all(reply)
    chains = Chains(known_before(asked, settings))
    batches: dict[int, Batch] = {}
    for root, message in chains.newest(messages):
        batch = batches.get(id(message.reply))
        if batch is None:
            own, columns = message.reply, [*COLUMNS, *PLACE]
            batch = Batch(own, columns, [], [], own.etag, whole_schema=True)
            batches[id(message.reply)] = batch
        put(asked, chains, root, message.alert, batch)
    for batch in batches.values():
        yield batch
    if not batches and not gathering.changed:
        return Outcome(mark={**asked.mark, **reply.validators}, nothing_new=True)
    found = {"settings": settings, "read": gathering.read, **chains.mark()}
    if gathering.complete:
        found.update(reply.validators)
    return Outcome(mark=found, snapshot=False, complete=gathering.complete)


def known_before(asked: Asked, settings: str) -> Mapping[str, Any]:
    """The mark that tells how the chains stood, also where everything is read anew.

    Without it an update whose first message left the index would be an incident of its own.
    """
    for mark in (asked.mark, asked.memory):
        if mark.get("settings") == settings:
            return mark
    return {}


def put(asked: Asked, chains: Chains, root: str, alert: Alert, batch: Batch) -> None:
    """Into a batch, the chain as its newest message leaves it."""
    before = chains.state.get(root)
    rows: list[list] = []
    cancelled = alert.kind == "Cancel"
    if not cancelled:
        shapes = Shapes(None, "the alert")
        infos = infos_of(alert, str(asked.options.get("language") or ""))
        if asked.options.get("expired") == "skip":
            infos = [info for info in infos if not expired(info, asked.now)]
        rows = [row_of(alert, info, row_id(root, n), shapes) for n, info in enumerate(infos)]
        batch.table_notes = (*batch.table_notes, *shapes.sentence())
        batch.rows.extend(rows)
    had = before[1] if before else 1
    if cancelled:
        batch.removed.extend(row_id(root, n) for n in range(max(had, 1)))
    elif before:
        kept = len(rows) if asked.options.get("expired") != "skip" else max(had, len(rows))
        batch.removed.extend(row_id(root, n) for n in range(kept, had))
    chains.state[root] = [sent_of(alert), max(had, 1) if cancelled else len(rows), cancelled]


def row_id(root: str, number: int) -> str:
    """The id of a chain's row: its first message's key, numbered from the second row on."""
    return root if not number else f"{root}/{number + 1}"


class Gathering:
    """Reads the alerts of a reply: those in it, and those that it links to and are new."""

    def __init__(self, asked: Asked, read_before: dict[str, str]):
        self.asked = asked
        self.before = read_before
        self.read: dict[str, str] = {}
        self.complete = True
        self.changed = False
        self.left_out: dict[str, int] = {}

    def all(self, reply) -> list[Message]:
        """The messages that count: public, actual, and an Alert, Update or Cancel."""
        root = reply.xml()
        found = [Message(alert, reply) for alert in alerts_in(root)]
        if not found and is_feed(root):
            found = self._linked(root)
        elif not found and local(root.tag) not in ("alert", "feed", "rss", "EDXLDistribution"):
            raise FeedError(
                "The reply is neither a CAP alert nor a feed of them: check the feed's address.",
                Reason.SCHEMA,
            )
        kept = [message for message in found if self._counts(message.alert)]
        for what, count in sorted(self.left_out.items()):
            self.asked.warn(f"{count:,} messages were left out: {what}.")
        return kept

    def _linked(self, root) -> list[Message]:
        trail = Trail(self.asked.address, self.asked.warn)
        found: list[Message] = []
        failed: list[str] = []
        for item in items_of(root):
            link = alert_link(item)
            url = urljoin(self.asked.address, link) if link else None
            stamp = text(item, "updated", "pubDate", "published") or ""
            if url is None or url in trail.seen:
                continue
            if self.before.get(url) == stamp and stamp:
                self.read[url] = stamp
                continue
            self.changed = True
            url = trail.follow(self.asked.address, link)
            if url is None:
                self.complete = False
                continue
            try:
                reply = self.asked.client.get(url, accept=TYPES, authorised=trail.trusted(url))
                found.extend(Message(alert, reply) for alert in alerts_in(reply.xml()))
                self.read[url] = stamp
            except FeedError as error:
                if error.reason not in (*NOT_THERE, Reason.BROKEN, Reason.SCHEMA):
                    raise
                failed.append(str(error))
                if error.reason in NOT_THERE:
                    # The index is behind: asked for again only when its entry changes.
                    self.read[url] = stamp
                else:
                    self.complete = False
        if failed:
            self.asked.warn(
                f"{len(failed):,} of the alerts that the index links to could not be read; the "
                f"first: {failed[0]}"
            )
        return found

    def _counts(self, alert: Alert) -> bool:
        wanted = {"Actual"}
        if self.asked.options.get("exercises"):
            wanted |= {"Exercise", "Test", "System", "Draft"}
        if alert.status not in wanted:
            return self._leave_out(f"their status is {alert.status}, not Actual")
        if alert.kind not in ("Alert", "Update", "Cancel"):
            return False
        if alert.scope != "Public" and not self.asked.options.get("restricted"):
            return self._leave_out(f"their scope is {alert.scope}, not Public")
        return True

    def _leave_out(self, why: str) -> bool:
        self.left_out[why] = self.left_out.get(why, 0) + 1
        return False


def alert_link(item) -> Optional[str]:
    """The link of an index's item to its alert: one of CAP's type before any other."""
    links = [child for child in item if local(child.tag) == "link"]
    for child in links:
        if "cap+xml" in (child.get("type") or "") and child.get("href"):
            return child.get("href")
    for child in links:
        if child.get("href") and child.get("rel", "alternate") in ("alternate", "related"):
            return child.get("href")
        if (child.text or "").strip():
            return (child.text or "").strip()
    return None


def check(asked: Asked) -> Checked:
    """How many alerts the address gives or links to, and when they were sent."""
    return trial(asked, _look)


def _look(asked: Asked, found: Checked) -> None:
    root = asked.client.get(asked.address, accept=TYPES).xml()
    alerts = list(alerts_in(root))
    if alerts:
        found.rows = len(alerts)
        found.sentences.append(f"The address gives {len(alerts):,} alerts.")
        moments = [one.sent for one in alerts if one.sent]
    elif is_feed(root):
        items = items_of(root)
        found.rows = len(items)
        found.sentences.append(f"The address is an index of {len(items):,} alerts.")
        stamps = [iso_instant(text(item, "updated", "published")) for item in items]
        moments = [one for one in stamps if one]
    else:
        raise FeedError(
            "The reply is neither a CAP alert nor a feed of them: check the feed's address.",
            Reason.SCHEMA,
        )
    if moments:
        found.first, found.last = min(moments).date(), max(moments).date()


SOURCE = Source(
    name="cap",
    title="CAP 1.2 alerts",
    help=(
        "Alerts under the Common Alerting Protocol. Give the address of an alert, or of an Atom or "
        "RSS feed that holds alerts or links to them. An update corrects its alert, a cancellation "
        "withdraws it."
    ),
    read=read,
    check=check,
    options=(
        Option("language", "Language", help="Such as fr or fr-CA, where an alert has several."),
        Option(
            "expired",
            "Expired alerts",
            "choice",
            default="keep",
            choices=("keep", "skip"),
            help="Whether alerts whose time is over are taken in; what was taken in stays.",
        ),
        Option(
            "exercises",
            "Exercises and tests too",
            "boolean",
            default=False,
            help="Take in messages whose status is not Actual.",
        ),
        Option("restricted", "Restricted and private messages too", "boolean", default=False),
    ),
    credentials=("none", "basic", "token"),
    preset="cap",
    interval_minutes=5,
    id_prefix="cap",
)
