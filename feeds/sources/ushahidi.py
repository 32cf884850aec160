"""Ushahidi v5 and v3: a deployment's posts, what changed since, and all of them once a day."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any, Generator, Mapping, Optional, Set, Tuple

from ..http.errors import FeedError, Reason
from ..http.reply import Reply
from ..instants import iso_instant
from ..personal import Withheld, names_in
from ..shapes import Shapes, number_of
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .formrows import MAPPING, FormRows
from .trial import due_in_full, trial

OVERLAP = timedelta(minutes=10)
# How often the pages are read where posts vanish meanwhile.
READINGS = 5
Pages = Generator[Batch, None, Tuple[int, Set[str], bool]]
TAKEN = ("title", "status", "source", "locale", "slug", "url")

OPTIONS = (
    Option("version", "API", "choice", default="v5", choices=("v5", "v3")),
    Option(
        "status",
        "Posts",
        "choice",
        default="published",
        choices=("published", "draft", "archived", "all"),
        help="Published only, unless asked; others are recorded as drafts.",
    ),
    Option("form", "Surveys", help="Their numbers with commas. Empty: all of them."),
    Option("tags", "Categories", help="Their numbers with commas. Empty: all of them."),
    Option("bbox", "Area", "bbox", help="Only posts within west,south,east,north."),
    Option("personal_fields", "Personal fields to take", help="Names with commas; * takes all."),
    Option("page_size", "Posts a page", "integer", default=100),
    Option("full_every_hours", "Full pass every (hours)", "integer", default=24),
)


class Posts:
    """One deployment: its pages by what is returned, and its posts as rows, each once."""

    def __init__(self, asked: Asked):
        self.asked = asked
        self.options = SOURCE.options_with_defaults(asked.options)
        self.v5 = self.options["version"] == "v5"
        self.root = asked.address.strip().split("?")[0].split("/api/")[0].rstrip("/")
        self.address = f"{self.root}/api/{self.options['version']}/posts"
        host = self.root.partition("//")[2]
        self.withheld = Withheld(names_in(self.options.get("personal_fields")))
        self.rows = FormRows(f"ushahidi/{host}", self.withheld)
        self.shapes = Shapes(None, "the deployment")
        self.seen: set[str] = set()
        self.total: Optional[int] = None
        self.latest: Optional[datetime] = None
        self.without_id = self.newest = 0
        for name in (*TAKEN, "description", "date", "category", "created", "updated"):
            self.rows.know(name)

    def question(self, since: Optional[datetime], start: int, page: int) -> dict[str, Any]:
        """The parameters of one page."""
        asked = {name: self.options.get(name) for name in ("status", "form", "tags", "bbox")}
        asked = {name: value for name, value in asked.items() if value}
        asked.update(limit=int(self.options["page_size"]), orderby="created", order="asc")
        asked.update({"page": page} if self.v5 else {"offset": start})
        if since is not None:
            asked["updated_after"] = since.isoformat()
        return asked

    def all(self, since: Optional[datetime]) -> Generator[Batch, None, bool]:
        """All pages, again and again until no post of one reading lacks in the next; whether so.

        A deletion moves all later posts one place up, and one of them is on no page that is read
        then. The deleted one was read by that reading and lacks in the next: where none does, no
        post slipped through.
        """
        before: set[str] = set()
        for _ in range(READINGS):
            pages, ids, circle = yield from self.pages(since)
            if circle:
                return False
            self.newest = len(ids)
            if pages < 2 or (before and before <= ids):
                return True
            before = ids
        self.asked.warn(
            f"Posts were deleted each time that Ushahidi's pages were read, {READINGS} times: "
            "nothing is taken for withdrawn until the next time."
        )
        return False

    def pages(
        self, since: Optional[datetime]
    ) -> Generator[Batch, None, tuple[int, set[str], bool]]:
        """One reading, until a page has no post that it had not before: servers cap the limit.

        Gives how many pages had posts, their ids, and whether it ended in pages that repeat though
        more posts are said to be there, which is told.
        """
        ids: set[str] = set()
        self.without_id = 0
        start, page = 0, 1
        while True:
            reply, results = self.ask(since, start, page)
            new = {own_id(post) for post in results} - ids - {""}
            yield self.batch(reply, results)
            if not new:
                break
            ids |= new
            start, page = start + len(results), page + 1
        circle = bool(results) and (self.total is None or len(ids) < self.total)
        if circle:
            self.asked.warn(
                f"Ushahidi gives the same posts again as page {page:,}, and what comes after them "
                "is missing: nothing is taken for withdrawn."
            )
        return page - 1, ids, circle

    def ask(self, since: Optional[datetime], start: int, page: int) -> tuple[Reply, list]:
        """One page's reply and posts; FeedError where it has no list of them."""
        reply = self.asked.client.get(self.address, params=self.question(since, start, page))
        told = reply.json()
        results = told.get("results") if isinstance(told, Mapping) else None
        if not isinstance(results, list):
            raise FeedError(
                "The reply of Ushahidi has no list of posts: check the feed's address and the "
                "option version.",
                Reason.BROKEN,
            )
        meta = told.get("meta") if self.v5 else {"total": told.get("total_count")}
        total = meta.get("total") if isinstance(meta, Mapping) else None
        self.total = total if isinstance(total, int) else self.total
        return reply, results

    def batch(self, reply: Reply, results: list) -> Batch:
        """The rows of one page that no page before it had."""
        for post in results:
            own = own_id(post)
            if not own:
                self.without_id += 1
            elif own not in self.seen:
                self.seen.add(own)
                self.add(own, post)
        columns, rows = self.rows.take()
        notes = (*self.withheld.sentence(), *self.shapes.sentence())
        return Batch(reply, columns, rows, [], table_notes=notes, whole_schema=True)

    def add(self, own: str, post: Mapping[str, Any]) -> None:
        """One post: its own fields, its survey's answers by their labels, its first place."""
        answers, places = fields_of(post)
        answers.update({name: post.get(name) for name in TAKEN})
        answers["description"] = post.get("content") or post.get("description")
        answers["date"] = post.get("post_date")
        answers["created"], answers["updated"] = post.get("created"), post.get("updated")
        tags = [one.get("tag") for one in post.get("categories") or [] if isinstance(one, Mapping)]
        answers["category"] = "; ".join(filter(None, tags)) or answers.get("category")
        moment = instant_of(post.get("updated")) or instant_of(post.get("created"))
        # A stamp that lies ahead would hide all changes until that day.
        if moment is not None and moment <= self.asked.now + OVERLAP:
            self.latest = max(moment, self.latest or moment)
        cells = self.shapes.geojson(post.get("geometry") or (places[0] if places else None))
        workflow = None if post.get("status") in (None, "published") else "draft"
        self.rows.add(own, answers, cells, workflow=workflow)


def own_id(post: Any) -> str:
    """A post's own number as text; "" where it has none."""
    return str(post.get("id") or "") if isinstance(post, Mapping) else ""


def fields_of(post: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict]]:
    """The survey's answers by label and the places among them, of v5's stages or v3's values."""
    answers, places = {}, []
    for stage in post.get("post_content") or []:
        for field in stage.get("fields") or []:
            value = field.get("value")
            value = value.get("value") if isinstance(value, Mapping) and "value" in value else value
            put(str(field.get("label") or field.get("key")), value, answers, places)
    values = post.get("values")
    for key, found in values.items() if isinstance(values, Mapping) else ():
        for value in found if isinstance(found, list) else [found]:
            put(key, value, answers, places)
    return answers, places


def put(name: str, value: Any, answers: dict, places: list) -> None:
    """An answer, or a place: Ushahidi writes {"lat", "lon"}."""
    if isinstance(value, Mapping) and "lat" in value and "lon" in value:
        pair = [number_of(value["lon"]), number_of(value["lat"])]
        if None not in pair:
            places.append({"type": "Point", "coordinates": pair})
        return
    answers[name] = value


def instant_of(value: Any) -> Optional[datetime]:
    """An instant as ISO text or as seconds since 1970."""
    seconds = number_of(value)
    if seconds is not None:
        try:
            return datetime.fromtimestamp(seconds, timezone.utc)
        except (OverflowError, ValueError, OSError):
            return None
    return iso_instant(value) if isinstance(value, str) else None


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """All posts, or those updated since the mark."""
    posts = Posts(asked)
    settings = json.dumps([posts.address, asked.options], sort_keys=True)
    mark = asked.mark if asked.mark.get("settings") == settings else {}
    changed = iso_instant(mark.get("changed"))
    whole = asked.full or changed is None or due_in_full(asked, mark)
    complete = yield from posts.all(None if whole else changed - OVERLAP)
    if posts.without_id:
        complete = False
        asked.warn(f"{posts.without_id:,} posts came without a number and were left out.")
    if whole and complete and posts.total is not None and posts.newest < posts.total:
        complete = False
        asked.warn(
            f"Ushahidi says that there are {posts.total:,} posts and {posts.newest:,} came: "
            "nothing is taken for withdrawn until the next time."
        )
    latest = max(filter(None, (posts.latest, changed)), default=None)
    full_at = asked.now.isoformat() if whole else mark["full_at"]
    return Outcome(
        mark={
            "settings": settings,
            "full_at": full_at,
            "changed": latest.isoformat() if latest else None,
        },
        snapshot=whole and complete,
        complete=complete,
    )


def check(asked: Asked) -> Checked:
    """Whether posts can be read, and how many there are."""
    return trial(asked, look)


def look(asked: Asked, found: Checked) -> None:
    """Ask for the first page."""
    posts = Posts(asked)
    next(posts.pages(None), None)
    found.rows = posts.total
    found.last = posts.latest.date() if posts.latest else None
    found.sentences.append("The last day is that of the newest change on the first page.")


SOURCE = Source(
    name="ushahidi",
    title="Ushahidi",
    help=(
        "Posts of an Ushahidi deployment, published ones unless asked: what was updated since the "
        "last fetch, and once a day all again, when posts that are gone are withdrawn. The address "
        "is that of its API, as https://name.api.ushahidi.io."
    ),
    read=read,
    check=check,
    options=OPTIONS,
    credentials=("none", "token"),
    mapping={**MAPPING, "occurred_from": "date", "origin": {"value": "third_party"}},
    interval_minutes=30,
    id_prefix="ushahidi",
)
