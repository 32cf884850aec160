"""KoboToolbox v2: a form's submissions, page after page, the whole list at every fetch.

Edits keep a submission's ``_id`` and change its ``_uuid``; deletions leave no trace but absence.
So every fetch reads the list as a whole and the Outcome is a snapshot.
"""

from __future__ import annotations

import json
import re
from typing import Any, Generator, Iterable, Mapping, Optional
from urllib.parse import urlsplit

from ..http.errors import FeedError, Reason
from ..http.reply import Reply
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .formrows import MAPPING
from .koboform import KoboForm
from .koborecords import KoboRecords
from .pagewalk import PageWalk
from .trial import trial

ASSET = re.compile(r"(?:forms|assets)/(a[A-Za-z0-9]{15,30})")
IDS_A_QUESTION = 100

OPTIONS = (
    Option(
        "asset",
        "Form (asset's uid)",
        help="The sign after /forms/ in the browser's address, such as aXbYc12…; not needed where "
        "the feed's address holds it.",
    ),
    Option(
        "query",
        "Only submissions that match",
        help='A condition in Kobo\'s language, such as {"sector": "north"}. What does not match '
        "(any more) is taken for withdrawn.",
    ),
    Option(
        "geo_question",
        "Question that holds the place",
        help="Its name or path. Empty: the form's first place that was answered.",
    ),
    Option(
        "answers",
        "Choices as",
        "choice",
        default="labels",
        choices=("labels", "codes"),
        help="Selections in the words that people read, or in the form's codes.",
    ),
    Option("language", "Language of the labels", help="Empty: the form's first language."),
    Option(
        "personal_fields",
        "Personal questions to take",
        help="Names of persons, telephones, devices and who submitted are left out. Name here, "
        "with commas, those that are needed all the same; * takes all.",
    ),
    Option(
        "page_size",
        "Submissions a page",
        "integer",
        default=1000,
        help="Servers give fewer where their own limit is lower.",
    ),
)


class Asset:
    """One form on one server, asked with the feed's credentials."""

    def __init__(self, asked: Asked):
        self.asked = asked
        self.options = SOURCE.options_with_defaults(asked.options)
        self.root, self.uid = root_and_asset(asked.address, self.options.get("asset"))
        self.address = f"{self.root}/api/v2/assets/{self.uid}"
        token = asked.credentials.token
        self.headers = {"Authorization": f"Token {token}"} if token else None

    def get(self, address: str, params: Optional[Mapping[str, Any]] = None) -> Reply:
        """Ask with the key that Kobo wants, or as the client is let in."""
        return self.asked.client.get(
            address, params=params, headers=self.headers, authorised=self.headers is None
        )

    def form(self) -> KoboForm:
        """The form; without its content where this account may read only the data."""
        try:
            told = self.get(f"{self.address}.json").json()
        except FeedError as error:
            if error.reason is Reason.NOT_FOUND:
                raise hidden(self.uid) from None
            if error.reason is not Reason.FORBIDDEN:
                raise
            told = {}
        content = told.get("content") if isinstance(told, Mapping) else None
        if not content:
            self.asked.warn(
                "The form's questions could not be read, only its answers: labels are not known, "
                "and a question that nobody answered yet has no column."
            )
        return KoboForm(content, str(self.options.get("language") or ""))

    def question(self, **more: Any) -> dict[str, Any]:
        """The parameters that every page of a reading shares."""
        asked = {
            "format": "json",
            "limit": int(self.options["page_size"]),
            "sort": json.dumps({"_id": 1}),
        }
        query = self.options.get("query")
        if query:
            asked["query"] = query if isinstance(query, str) else json.dumps(query)
        return {**asked, **more}

    def pages(self, walk: PageWalk, **more: Any) -> Iterable[tuple[Reply, dict]]:
        """The pages of the data, by the server's own links."""
        first = f"{self.address}/data.json"
        try:
            yield from walk.pages_from(
                lambda: self.get(first, self.question(**more)),
                self.get,
                lambda page: page.get("next"),
            )
        except FeedError as error:
            raise explained(error, self.uid) from None


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """All submissions, a batch a page, and a second look at what more than one page gave."""
    asset = Asset(asked)
    records = KoboRecords(asked, asset.options, asset.uid, asset.form())
    walk = PageWalk(asked.warn)
    totals: list[int] = []
    for reply, page in asset.pages(walk):
        results = page.get("results")
        if not isinstance(results, list):
            raise FeedError(
                "The reply of the Kobo server has no list of submissions: check the feed's address "
                "and its form.",
                Reason.BROKEN,
            )
        totals.append(page.get("count") if isinstance(page.get("count"), int) else -1)
        yield records.batch(reply, results)
    if walk.pages > 1 and not walk.broken:
        yield from missed(asset, records)
    total = totals[-1] if totals and totals[-1] >= 0 else None
    complete = records.all_there(total, moved=len(set(totals)) > 1) and not walk.broken
    return Outcome(
        mark={"submissions": len(records.seen)},
        snapshot=complete,
        total=total if complete and total == len(records.seen) else None,
        complete=complete,
    )


def missed(asset: Asset, records: KoboRecords) -> Generator[Batch, None, None]:
    """Submissions that slipped from one page to another while these were read.

    A deletion moves all later submissions one place up, and one of them is on no page that was
    read. So the ids alone are asked for again, and what was not seen is fetched by its id.
    """
    there: list[int] = []
    for _, page in asset.pages(PageWalk(asset.asked.warn), fields=json.dumps(["_id"])):
        there.extend(one.get("_id") for one in page.get("results") or [] if one.get("_id"))
    unseen = [one for one in dict.fromkeys(there) if str(one) not in records.seen]
    for start in range(0, len(unseen), IDS_A_QUESTION):
        wanted = json.dumps({"_id": {"$in": unseen[start : start + IDS_A_QUESTION]}})
        for reply, page in asset.pages(PageWalk(asset.asked.warn), query=wanted):
            yield records.batch(reply, page.get("results") or [])


def root_and_asset(address: str, asset: Optional[str]) -> tuple[str, str]:
    """The server's address and the form's uid, from those that a person gave."""
    parts = urlsplit(address.strip())
    found = ASSET.search(address)
    uid = (asset or "").strip() or (found.group(1) if found else "")
    if not uid or not re.fullmatch(r"[A-Za-z0-9]+", uid):
        raise FeedError(
            "The feed names no form of Kobo's: give its uid in the option asset, as it stands "
            "after /forms/ in the browser's address.",
            Reason.REFUSED,
        )
    path = re.split(r"/api/|/#", parts.path)[0].rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}", uid


def hidden(uid: str) -> FeedError:
    """What a 404 means at Kobo."""
    return FeedError(
        f"The Kobo server shows no form “{uid}”: it hides forms that are not shared with this "
        "account, so check the uid, the server (kf or eu), the key, and that the form is shared.",
        Reason.NOT_FOUND,
        status=404,
    )


def explained(error: FeedError, uid: str) -> FeedError:
    """A failure in Kobo's own terms, where they say more than HTTP's."""
    if error.reason is Reason.NOT_FOUND:
        return hidden(uid)
    if error.status == 400 and "query" in error.body.casefold():
        return FeedError(
            "The Kobo server does not understand the feed's query: write it as JSON, as "
            '{"sector": "north"}.',
            Reason.REFUSED,
            status=400,
        )
    return error


def check(asked: Asked) -> Checked:
    """Whether the form can be read, how many submissions it has, and from when they are."""
    return trial(asked, look)


def look(asked: Asked, found: Checked) -> None:
    """Ask for the form, its first submission and its last."""
    asset = Asset(asked)
    form = asset.form()
    for order in (1, -1):
        for _, page in asset.pages(PageWalk(asked.warn), limit=1, sort=json.dumps({"_id": order})):
            found.rows = page.get("count")
            day = day_of(page.get("results") or [])
            found.first, found.last = (day, found.last) if order == 1 else (found.first, day)
            break
    places = form.places()
    if form.known:
        found.sentences.append(
            f"The form has {len(form.types):,} questions"
            + (f"; the place comes from {places[0]}." if places else ", none of them for a place.")
        )
    found.sentences.append("First and last are the days of submission.")


def day_of(results: list):
    """The day of the first result's submission, or None."""
    from datetime import date

    text = str(results[0].get("_submission_time") or "")[:10] if results else ""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


SOURCE = Source(
    name="kobo",
    title="KoboToolbox",
    help=(
        "Submissions of one form on a KoboToolbox server (API v2). Each fetch reads the whole list "
        "and follows the server's own pages: edits become revisions, deleted submissions are "
        "withdrawn, Kobo's validation becomes the verification. Which question holds the date is "
        'said in MAPPING, as {"occurred_from": "incident_date"}, unless its name says so. The key '
        "is under Account settings, Security."
    ),
    read=read,
    check=check,
    address="https://kf.kobotoolbox.org",
    options=OPTIONS,
    credentials=("token", "basic"),
    mapping=MAPPING,
    redistribution="none",
    interval_minutes=15,
    id_prefix="kobo",
)
