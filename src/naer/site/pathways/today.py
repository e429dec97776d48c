"""What the start page shows: the day's counts, what is owed, who is in hospital."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q, QuerySet

from naer.events.instant import DAY, Instant, from_local, local
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import conversation_list
from naer.site.messaging.models import Message
from naer.site.pathways import obligations
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.pathways.obligations import Row
from naer.site.ui.state import SOON
from naer.site.ui.times import ZONE

PAGE, PAGE_OWED = 25, 10


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for. `name` never stands in an address."""

    to: str = ""
    """Organisation key; empty is anyone."""
    until: str = ""
    """today, tomorrow, or empty for whenever."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the lists is shown: page numbers as they stand in the address."""

    page: str = "1"
    owed: str = "1"
    old: bool = False
    """What has waited for more than two weeks, instead of the day's work."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark on the day line: x in percent, y in pixels."""

    x: str
    y: int
    state: str


@dataclass(slots=True)
class Today:
    """The whole page. `now` and everything in it are microseconds since the epoch."""

    now: Instant
    counts: dict[str, int]
    owe: Page[Obligation]
    before: list[Row]
    """Rows above the "now" line: due earlier."""
    after: list[Row]
    owed: Page[Obligation]
    owed_rows: list[Row]
    kept: list[Row]
    shown: int
    citizens: list[Citizen]
    messages: list[Message]
    spots: list[Spot] = field(default_factory=list)
    hours: list[tuple[str, str]] = field(default_factory=list)
    now_x: str = "0"

    @property
    def now_row(self) -> bool:
        """Whether the line between what is past due and what is not runs through this page."""
        reached = bool(self.after) or not self.owe.has_next()
        return reached and (bool(self.before) or self.owe.number == 1)


def day(now: Instant) -> tuple[Instant, Instant]:
    """The local day around `now`: its first instant, and the first of the next."""
    midnight = local(now, ZONE).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    start = from_local(midnight, ZONE)
    following = local(start + DAY + DAY // 2, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, from_local(following.replace(tzinfo=None), ZONE)


def today(user: User, now: Instant, filters: Filters, part: Part, counted: dict[str, int]) -> Today:
    """The start page of `user` at `now`; `counted` as from `counts`."""
    _, tomorrow = day(now)
    owe = obligations.owed(user, now, "owed_by")
    owed = obligations.owed(user, now, "owed_to").exclude(owed_by=user.organisation_id)
    split = Q(obligations.old(now)) if part.old else ~obligations.old(now)
    owe_page = Paginator(_filtered(owe.filter(split), filters, tomorrow), PAGE).get_page(part.page)
    owed_page = Paginator(owed.filter(split), PAGE_OWED).get_page(part.owed)
    owe_rows = obligations.rows(owe_page, now)
    kept = kept_today(user, now)
    found = Today(
        now=now,
        counts=counted,
        owe=owe_page,
        before=[row for row in owe_rows if part.old or _past(row, now)],
        after=[row for row in owe_rows if not (part.old or _past(row, now))],
        owed=owed_page,
        owed_rows=obligations.rows(owed_page, now),
        kept=obligations.rows(kept[:10], now),
        shown=owe_page.paginator.count,
        citizens=list(in_hospital(user, now)[:8]),
        messages=list(notifications(user, now)[:6]),
    )
    _draw(found, owe, kept)
    return found


def pulse() -> str:
    """Changes whenever anything is written about anybody: two looks at the ends of two tables."""
    ends = (
        LoggedEvent.objects.aggregate(end=Max("seq"))["end"],
        Message.objects.aggregate(end=Max("pk"))["end"],
    )
    return _digest(ends)


def fingerprint(counted: dict[str, int]) -> str:
    """Changes when something happened that `counts` counts, not when the clock alone moved."""
    return _digest(sorted(counted.items()))


def _digest(value: object) -> str:
    return hashlib.blake2s(repr(value).encode(), digest_size=8).hexdigest()


def _past(row: Row, now: Instant) -> bool:
    return row.obligation.due is not None and row.obligation.due < now


def _filtered(owe: QuerySet[Obligation], filters: Filters, tomorrow: Instant) -> QuerySet[Obligation]:
    if filters.to:
        owe = owe.filter(owed_to=filters.to)
    if filters.until == "today":
        owe = owe.filter(due__lt=tomorrow)
    elif filters.until == "tomorrow":
        owe = owe.filter(due__lt=day(tomorrow + DAY // 2)[1])
    if filters.name:
        owe = owe.filter(citizen__name__icontains=filters.name)
    return owe


def counts(user: User, now: Instant) -> dict[str, int]:
    """How many of everything on the page.

    What is old (`obligations.old`) is in `all`, `past`, `old`, `owed`, `owed_over` and `owed_old` only.
    """
    _, tomorrow = day(now)
    old = obligations.old(now)
    running = (
        obligations.owed(user, now, "owed_by")
        .order_by()
        .aggregate(
            all=Count("pk"),
            old=Count("pk", filter=old),
            over=Count("pk", filter=Q(due__lt=now) & ~old),
            past=Count("pk", filter=Q(due__lt=now)),
            soon=Count("pk", filter=Q(due__gte=now, due__lte=now + SOON)),
            later=Count("pk", filter=Q(due__gt=now + SOON, due__lt=tomorrow)),
            at_once=Count("pk", filter=Q(due=None) & ~old),
        )
    )
    owed = (
        obligations.owed(user, now, "owed_to")
        .exclude(owed_by=user.organisation_id)
        .order_by()
        .aggregate(
            owed=Count("pk"),
            owed_over=Count("pk", filter=Q(due__lt=now)),
            owed_old=Count("pk", filter=old),
        )
    )
    closed = (
        kept_today(user, now)
        .order_by()
        .aggregate(kept=Count("pk"), late=Count("pk", filter=Q(outcome="late")))
    )
    newest = notifications(user, now).values_list("pk", flat=True).first()
    here = in_hospital(user, now).order_by().count()
    unread = conversation_list.unread(user, now)
    return {**running, **owed, **closed, "in_hospital": here, "newest": newest or 0, "unread": unread}


def kept_today(user: User, now: Instant) -> QuerySet[Obligation]:
    """What the user's organisation delivered today, newest first."""
    start, end = day(now)
    return (
        obligations.visible(user, now)
        .filter(owed_by=user.organisation_id, outcome__in=("kept", "late"))
        .filter(closed_at__gte=start, closed_at__lt=end)
        .order_by("-closed_at", "pk")
    )


def in_hospital(user: User, now: Instant) -> QuerySet[Citizen]:
    """Citizens with a stay that runs, newest first."""
    seen = rules.visible_citizens(user, now)
    return seen.filter(status__in=rules.IN_HOSPITAL).order_by("-status_since", "key")


def notifications(user: User, now: Instant) -> QuerySet[Message]:
    """Messages that workers see, about citizens that `user` may see, newest first."""
    return (
        Message.objects.filter(rules.about_visible(user, now), shown=True)
        .select_related("citizen")
        .defer("content", "answer")
        .order_by("-received", "-pk")
    )


def recipients(user: User, now: Instant) -> list[tuple[str, str]]:
    """(key, name) of those the user's organisation owes something now."""
    keys = obligations.owed(user, now, "owed_by").order_by().values_list("owed_to", flat=True).distinct()
    return list(Organisation.objects.filter(pk__in=keys).order_by("name").values_list("key", "name")[:60])


def _draw(found: Today, owe: QuerySet[Obligation], kept: QuerySet[Obligation]) -> None:
    """The day line: one mark for each obligation that falls due today, stacked where they meet."""
    start, end = day(found.now)
    due: list[tuple[Instant, str]] = [
        (at, "over" if at < found.now else "soon" if at - found.now <= SOON else "open")
        for at in (
            owe.filter(due__gte=start, due__lt=end).order_by("due").values_list("due", flat=True)[:200]
        )
        if at is not None
    ]
    due += list(kept.values_list("closed_at", "outcome")[:100])  # type: ignore[arg-type]
    stacked: dict[int, int] = {}
    for at, name in sorted(due):
        share = 100 * (at - start) / (end - start)
        slot = int(share / 1.6)
        height = stacked.get(slot, 0)
        stacked[slot] = height + 1
        if height < 3:
            found.spots.append(Spot(f"{slot * 1.6 + 0.8:.1f}%", -9 - 13 * height, name))
    found.hours = [(f"{100 * hour / 24:.1f}%", f"{hour:02d}") for hour in range(2, 24, 2)]
    found.now_x = f"{100 * (found.now - start) / (end - start):.2f}%"


def as_filters(given: dict[str, Any]) -> Filters:
    """Filters from a session or a form; what is not understood is left out."""
    until = given.get("until", "")
    return Filters(
        to=str(given.get("to", ""))[:64],
        until=until if until in {"today", "tomorrow"} else "",
        name=str(given.get("name", "")).strip()[:100],
    )
