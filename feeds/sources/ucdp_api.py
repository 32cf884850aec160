"""UCDP through its API: page by page along its links, with a count of the day's requests."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any, Iterator, Optional

from ..distinct import Distinct
from ..http.errors import FeedError, Reason
from ..source import Asked, Batch, Reading
from ..theatredays import whole_option
from .ucdp_plan import KEY, WHO, Plan, changed, check_columns, no_version
from .ucdp_versions import followed, successor

if TYPE_CHECKING:
    from ..http.reply import Reply

HEADER = "x-ucdp-access-token"
COLUMNS = (
    "id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id "
    "conflict_name dyad_dset_id dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a "
    "side_b_dset_id side_b_new_id side_b number_of_sources source_article source_office "
    "source_date source_headline source_original where_prec where_coordinates where_description "
    "adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country country_id region event_clarity "
    "date_prec date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown best high low "
    "gwnoa gwnob"
).split()
# UCDP answers 400 where requests come too fast; the waits before the same page is asked again.
THROTTLED = 400
WAITS_S = (5.0, 15.0, 45.0, 120.0)


class Api:
    """Asks UCDP's API; counts requests against the day's quota and knows its throttle."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.client = plan.asked.client
        self.root = plan.asked.address.rstrip("/")
        self.limit = whole_option(plan.options, "quota", 1, 1_000_000)
        self.today = plan.asked.now.date().isoformat()
        self.before = requests_of(self.today, plan.asked)
        self.at_first = self.client.requests
        self._answered = False

    def quota(self) -> dict:
        """The day's requests with this run's, for the mark."""
        used = self.before + self.client.requests - self.at_first
        return {"day": self.today, "requests": used, "limit": self.limit}

    def page(self, url: str, params: Optional[dict] = None) -> tuple[Reply, dict]:
        """A reply and its body; raises FeedError in words for this source."""
        for wait in (*WAITS_S, None):
            self._check_quota()
            try:
                reply = self._get(url, params)
                break
            except FeedError as error:
                if error.status != THROTTLED:
                    raise self._in_words(error) from None
                if wait is None:
                    raise self._refused(error) from None
            self.client.wait(wait)
        self._answered = True
        body = reply.json()
        if not isinstance(body, dict) or not isinstance(body.get("Result"), list):
            raise changed("has no list of rows named “Result”")
        return reply, body

    def first_page(self, version: str, size: int) -> tuple[Reply, dict]:
        """The first page of a version; raises FeedError (NOT_FOUND) where there is none."""
        options = self.plan.options
        params: dict[str, Any] = {
            "pagesize": size,
            "page": whole_option(options, "first_page", 0, 1),
        }
        names = {
            "country": "Country",
            "type_of_violence": "TypeOfViolence",
            "dyad": "Dyad",
            "actor": "Actor",
        }
        params.update({names[key]: options[key] for key in names if options.get(key)})
        if self.plan.first is not None:
            params["StartDate"] = self.plan.first.isoformat()
        box = self.plan.box
        if box is not None and box[0] <= box[2]:
            params["Geography"] = f"{box[1]} {box[0]},{box[3]} {box[2]}"
        try:
            return self.page(f"{self.root}/gedevents/{version}", params)
        except FeedError as error:
            if error.reason is Reason.NOT_FOUND:
                raise no_version(version) from None
            raise

    def _get(self, url: str, params: Optional[dict]) -> Reply:
        token = self.plan.asked.credentials.token
        if not token:
            return self.client.get(url, params)
        return self.client.get(url, params, headers={HEADER: token}, authorised=False)

    def _check_quota(self) -> None:
        used = self.quota()["requests"]
        if used < self.limit:
            return
        tomorrow = datetime.combine(
            self.plan.asked.now.date() + timedelta(days=1), time(), timezone.utc
        )
        raise FeedError(
            f"This feed has made {used:,} requests today, and {WHO} allows {self.limit:,} a day: "
            "it goes on tomorrow (UTC).",
            Reason.LIMITED,
            retry_after_s=(tomorrow - self.plan.asked.now).total_seconds(),
        )

    def _in_words(self, error: FeedError) -> FeedError:
        if error.reason is not Reason.UNAUTHORISED:
            return error
        if self.plan.asked.credentials.token:
            said = f"{WHO} did not take this feed's token: check it"
        else:
            said = f"{WHO}'s API needs a token"
        return FeedError(
            f"{said}; UCDP's maintainers give one by e-mail. Without one, set the feed's option "
            "“form” to csv.",
            Reason.UNAUTHORISED,
            status=error.status,
        )

    def _refused(self, error: FeedError) -> FeedError:
        """The error of a 400 that stayed: a throttle, or at the first request perhaps a filter."""
        if self._answered:
            said = (
                "was asked too fast, and said so again after several waits: the next fetch goes on"
            )
        else:
            said = (
                "refuses the request and did so after several waits: it was asked too often, or "
                "one of the feed's options (country, dyad, actor) is not what it expects"
            )
        return FeedError(
            f"{WHO} {said}.", Reason.LIMITED, retry_after_s=3600.0, status=error.status
        )


def requests_of(day: str, asked: Asked) -> int:
    """How many requests the feed made on a day: as the ledger counted, and as the last mark has."""
    told = (asked.quota, asked.mark.get("quota") or {}, asked.memory.get("quota") or {})
    return max(int(one.get("requests", 0)) if one.get("day") == day else 0 for one in told)


def read_api(plan: Plan) -> Reading:
    """All versions, the newest first; nothing where their totals are those of the last run."""
    api = Api(plan)
    versions, totals = released(api)
    known = plan.mark
    if plan.may_skip() and (known.get("versions"), known.get("totals")) == (versions, totals):
        return plan.unchanged(quota=api.quota())
    for version in reversed(versions):
        yield from pages_of(api, version)
    return plan.outcome(versions, totals=totals, quota=api.quota())


def released(api: Api) -> tuple[list[str], dict]:
    """The versions that there are now, newer ones among them, and how many rows each has."""
    plan = api.plan
    versions = list(plan.mark.get("versions") or plan.versions)
    totals = {one: total_of(api.first_page(one, 1)[1]) for one in versions}
    if plan.options["follow_newer"]:
        for start in list(versions):
            newer = successor(start)
            while newer is not None and newer not in versions:
                try:
                    totals[newer] = total_of(api.first_page(newer, 1)[1])
                except FeedError as error:
                    if error.reason is Reason.NOT_FOUND:
                        break
                    raise
                versions = followed(versions, newer)
                newer = successor(newer)
    return versions, {one: totals[one] for one in versions}


def pages_of(api: Api, version: str) -> Iterator[Batch]:
    """The pages of one version along their links, each once; holds the rows against the total."""
    plan = api.plan
    size = whole_option(plan.options, "page_size", 1, 1000)
    reply, body = api.first_page(version, size)
    seen, came = {reply.address}, Distinct()
    total = total_of(body)
    while True:
        rows = cells_of(body["Result"], came)
        total = total_of(body) if total_of(body) is not None else total
        yield Batch(reply, list(COLUMNS), plan.take(COLUMNS, rows), [], version)
        link = body.get("NextPageUrl")
        if link is None or not str(link).strip():
            break
        address = reply.follow(str(link))
        if address in seen:
            plan.missing(
                f"{WHO} names a page of version {version} as the next one that was read before: "
                "its pages run in a circle, and what comes after them is missing."
            )
            return
        seen.add(address)
        reply, body = api.page(address)
    hold_against(plan, version, came, total)


def hold_against(plan: Plan, version: str, came: Distinct, total: Optional[int]) -> None:
    """Say where the rows that came are not as many as UCDP said."""
    if total is None:
        plan.missing(
            f"{WHO} does not say how many events version {version} has, so it cannot be told "
            "whether all of them came."
        )
    elif came.count() != total:
        plan.missing(
            f"{WHO} says that version {version} has {total:,} events here, and {came.count():,} "
            "different ones came: nothing was withdrawn, and the next fetch reads it again."
        )
    if came.nameless:
        plan.asked.warn(
            f"{came.nameless:,} of {WHO}'s rows have no id: corrections of them cannot be told "
            "from new events."
        )


def cells_of(result: list, came: Distinct) -> list[list]:
    """The rows of a page's objects, their ids counted."""
    if not all(isinstance(one, dict) for one in result):
        raise changed("holds rows that are no objects")
    if result:
        check_columns({name for one in result for name in one})
    rows = []
    for one in result:
        came.add(one.get(KEY))
        rows.append([cell(one.get(name)) for name in COLUMNS])
    return rows


def cell(value: Any) -> Any:
    """A value as a cell: lists and objects as JSON text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def total_of(body: dict) -> Optional[int]:
    """How many rows UCDP says there are; None where it does not."""
    value = body.get("TotalCount")
    return value if isinstance(value, int) and not isinstance(value, bool) else None
