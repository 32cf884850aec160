"""ODK Central: a form's submissions by OData, first all of them, then what changed since."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any, Generator, Iterable, Mapping, Optional
from urllib.parse import quote, unquote, urlsplit

from ..http.errors import FeedError, Reason
from ..http.reply import Reply
from ..instants import iso_instant
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .formrows import MAPPING
from .odkform import questions_of
from .odkrecords import OdkRecords
from .pagewalk import PageWalk
from .trial import due_in_full, trial

PLACE = re.compile(r"/v1/projects/(\d+)/forms/([^/?#]+?)(?=/|\.svc|$)")
# A submission is stamped when its transaction begins and is seen when that ends.
OVERLAP = timedelta(minutes=10)
# Central purges deleted submissions after 30 days; later nothing tells of them.
REMEMBERED = timedelta(days=29)
NOT_KNOWN_THERE = {400, 404, 501}

OPTIONS = (
    Option("project", "Project (number)", "integer", help="Not needed where the address holds it."),
    Option("form", "Form (xmlFormId)", help="Not needed where the address holds it."),
    Option(
        "draft",
        "Test submissions of the draft",
        "boolean",
        default=False,
        help="Reads the draft's test submissions instead; they are recorded as drafts.",
    ),
    Option(
        "filter",
        "Only submissions that match",
        help="A condition of OData on the fields that Central knows, such as "
        "__system/reviewState eq 'approved'. What does not match any more is taken for withdrawn "
        "at the next full pass.",
    ),
    Option(
        "geo_question",
        "Question that holds the place",
        help="Its name or path. Empty: the first place that was answered.",
    ),
    Option(
        "login",
        "Log in by",
        "choice",
        default="session",
        choices=("session", "basic"),
        help="With user name and password: a session of 24 hours, or HTTP Basic at each request.",
    ),
    Option(
        "personal_fields",
        "Personal questions to take",
        help="Names of persons, telephones, devices and who submitted are left out. Name here, "
        "with commas, those that are needed all the same; * takes all.",
    ),
    Option("page_size", "Submissions a page", "integer", default=250),
    Option(
        "full_every_hours",
        "Full pass every (hours)",
        "integer",
        default=24,
        help="Between full passes only what was sent, edited, reviewed or deleted since is read.",
    ),
)


class Central:
    """One form on one server, asked with the feed's credentials; logs in once, again after 401."""

    def __init__(self, asked: Asked):
        self.asked = asked
        self.options = SOURCE.options_with_defaults(asked.options)
        self.host, project, form = place_of(asked.address, self.options)
        self.draft = bool(self.options["draft"])
        self.source = f"odk/{project}/{form}" + ("/draft" if self.draft else "")
        self.service = f"{self.host}/v1/projects/{project}/forms/{quote(form, safe='')}"
        self.service += "/draft.svc" if self.draft else ".svc"
        self._session: Optional[str] = None

    def get(self, address: str, params: Any = None, accept: str = "application/json") -> Reply:
        """Ask; a session that the server no longer knows is opened anew, once."""
        if not self._by_session():
            return self.asked.client.get(address, params=params, accept=accept)
        opened = self._session is None
        if opened:
            self._log_in()
        try:
            return self._with_session(address, params, accept)
        except FeedError as error:
            if error.reason is not Reason.UNAUTHORISED or opened:
                raise
        self._log_in()
        return self._with_session(address, params, accept)

    def _by_session(self) -> bool:
        known = self.asked.credentials
        return (
            bool(known.username and known.password and not known.token)
            and self.options["login"] == "session"
        )

    def _with_session(self, address: str, params: Any, accept: str) -> Reply:
        return self.asked.client.get(
            address,
            params=params,
            accept=accept,
            headers={"Authorization": f"Bearer {self._session}"},
            authorised=False,
        )

    def _log_in(self) -> None:
        known = self.asked.credentials
        told = self.asked.client.post(
            f"{self.host}/v1/sessions",
            json={"email": known.username, "password": known.password},
            authorised=False,
        ).json()
        token = told.get("token") if isinstance(told, Mapping) else None
        if not token:
            raise FeedError(
                "ODK Central answered the log-in without a session: check the feed's address.",
                Reason.UNAUTHORISED,
            )
        self.asked.client.protect(str(token))
        self._session = str(token)

    def questions(self) -> dict[str, str]:
        """The form's questions; none, and it is said, where its metadata cannot be had."""
        try:
            reply = self.get(f"{self.service}/$metadata", accept="application/xml, text/xml")
            found = questions_of(reply.xml())
        except FeedError as error:
            if error.reason not in (Reason.BROKEN, Reason.FORBIDDEN, Reason.REFUSED):
                raise explained(error, self.draft) from None
            found = {}
        if not found:
            self.asked.warn(
                "The form's questions could not be read, only its answers: a question that nobody "
                "answered has no column."
            )
        return found

    def pages(
        self, walk: PageWalk, condition: Optional[str] = None, **more: str
    ) -> Iterable[tuple[Reply, dict]]:
        """The pages of the submissions that match, by the server's own links, as they are."""
        both = [f"({one})" for one in (self.options.get("filter"), condition) if one]
        params = {"$top": str(self.options["page_size"]), **more}
        if both:
            params["$filter"] = " and ".join(both) if len(both) > 1 else both[0][1:-1]
        try:
            yield from walk.pages_from(
                lambda: self.get(f"{self.service}/Submissions", params),
                self.get,
                lambda page: page.get("@odata.nextLink"),
            )
        except FeedError as error:
            raise explained(error, self.draft) from None


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """All submissions, or those that changed since the mark and the ids of those deleted."""
    central = Central(asked)
    settings = json.dumps([central.service, asked.options], sort_keys=True)
    mark = asked.mark if asked.mark.get("settings") == settings else {}
    records = OdkRecords(asked, central.options, central.source, central.draft)
    records.know(central.questions())
    changed = iso_instant(mark.get("changed"))
    whole = asked.full or changed is None or due_in_full(asked, mark)
    seen_lately = iso_instant(mark.get("at"))
    whole = whole or seen_lately is None or asked.now - seen_lately > REMEMBERED
    next_mark = {"settings": settings, "at": asked.now.isoformat(timespec="seconds")}
    if whole:
        complete, total = yield from everything(central, records)
        next_mark["full_at"] = next_mark["at"]
    else:
        complete, total = (yield from changes(central, records, changed - OVERLAP)), None
        next_mark["full_at"] = mark["full_at"]
        next_mark["deletions"] = records.deletions_told
    latest = max(filter(None, (records.latest, changed)), default=None)
    if latest is not None and latest > asked.now + OVERLAP:
        # The server's clock was ahead, or ours is behind: what it stamps next may lie before.
        latest = asked.now
    if latest is not None:
        next_mark["changed"] = latest.isoformat()
    return Outcome(
        mark=next_mark,
        snapshot=whole and complete,
        total=total if complete else None,
        complete=complete,
    )


def everything(central: Central, records: OdkRecords):
    """All submissions; (whether all came, how many the server says there are)."""
    total, walk = None, PageWalk(central.asked.warn)
    for reply, page in central.pages(walk, **{"$count": "true"}):
        counted = page.get("@odata.count")
        total = counted if isinstance(counted, int) else total
        yield records.batch(reply, values_of(page))
    came = len(records.seen) + records.without_id
    if total is not None and came < total:
        central.asked.warn(
            f"ODK Central says that there are {total:,} submissions, but {came:,} came: what is "
            "missing is not taken for withdrawn."
        )
        return False, total
    # The engine counts rows, and rejected submissions are none.
    exact = total == came and not records.rejected
    return not walk.broken and not records.without_id, total if exact else None


def changes(central: Central, records: OdkRecords, after: datetime):
    """What was sent, edited or reviewed since, then what was deleted; whether all came."""
    since = after.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    walk = PageWalk(central.asked.warn)
    condition = f"__system/submissionDate ge {since} or __system/updatedAt ge {since}"
    for reply, page in central.pages(walk, condition):
        yield records.batch(reply, values_of(page))
    gone = PageWalk(central.asked.warn)
    try:
        for reply, page in central.pages(gone, f"__system/deletedAt ge {since}"):
            batch = records.deleted(reply, values_of(page))
            if batch.removed:
                yield batch
    except FeedError as error:
        if error.status not in NOT_KNOWN_THERE:
            raise
        # Servers before 2024.3 do not tell of deletions: the full pass finds them.
        records.deletions_told = False
    return not walk.broken and not gone.broken and not records.without_id


def values_of(page: Mapping[str, Any]) -> list:
    """The submissions of a page; raises FeedError where it has no list of them."""
    found = page.get("value")
    if not isinstance(found, list):
        raise FeedError(
            "The reply of ODK Central has no list of submissions: check the feed's address.",
            Reason.BROKEN,
        )
    return found


def place_of(address: str, options: Mapping[str, Any]) -> tuple[str, str, str]:
    """(server, project, form) from the address and the options."""
    found = PLACE.search(address)
    project = options.get("project") or (found.group(1) if found else None)
    form = options.get("form") or (unquote(found.group(2)) if found else None)
    if not project or not form:
        raise FeedError(
            "The feed names no form of ODK Central's: give its project's number and its xmlFormId "
            "in the options project and form.",
            Reason.REFUSED,
        )
    parts = urlsplit(address.strip())
    path = re.split(r"/v1(?:/|$)|/#", parts.path)[0].rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}", str(project), str(form)


def explained(error: FeedError, draft: bool) -> FeedError:
    """A failure in Central's own terms, where they say more than HTTP's."""
    if error.reason is not Reason.NOT_FOUND:
        return error
    what = "no draft of this form" if draft else "no such form, or none with submissions to read"
    return FeedError(
        f"ODK Central has {what}: check the project's number and the form's xmlFormId, and that "
        "this account is a viewer of the project.",
        Reason.NOT_FOUND,
        status=404,
    )


def check(asked: Asked) -> Checked:
    """Whether the form can be read, and how many submissions it has."""
    return trial(asked, look)


def look(asked: Asked, found: Checked) -> None:
    """Ask for the questions and one submission, the newest."""
    central = Central(asked)
    questions = central.questions()
    central.options["page_size"] = 1
    for _, page in central.pages(PageWalk(asked.warn), **{"$count": "true"}):
        found.rows = page.get("@odata.count")
        newest = next(iter(values_of(page)), {})
        moment = iso_instant((newest.get("__system") or {}).get("submissionDate"))
        found.last = moment.date() if moment else None
        break
    if questions:
        found.sentences.append(f"The form has {len(questions):,} fields.")
    found.sentences.append("The last day is that of the newest submission.")


SOURCE = Source(
    name="odk",
    title="ODK Central",
    help=(
        "Submissions of one form on an ODK Central server. The first fetch reads all, later ones "
        "what was sent, edited, reviewed or deleted since, and once a day all again. The review "
        "becomes the verification; rejected submissions are withdrawn. Repeats stay in Central. "
        "Which question holds the date is said in MAPPING, as "
        '{"occurred_from": "incident_date"}, unless its name says so.'
    ),
    read=read,
    check=check,
    address="https://",
    options=OPTIONS,
    credentials=("login", "basic", "token"),
    mapping=MAPPING,
    redistribution="none",
    interval_minutes=15,
    id_prefix="odk",
)
