"""What the start page shows: the day's counts, what is owed, who is in hospital."""

from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from naer.events.instant import DAY, Instant, from_local, local
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging.models import Message
from naer.site.pathways import obligations
from naer.site.pathways.models import Citizen, Obligation
from naer.site.pathways.obligations import Row
from naer.site.ui.state import SOON
from naer.site.ui.times import ZONE

PAGE, PAGE_OWED = 25, 10
IN_HOSPITAL = ("acute-ambulant", "admitted", "on-leave")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for. `name` never stands in an address."""

    to: str = ""
    """Organisation key; empty is anyone."""
    until: str = ""
    """today, tomorrow, or empty for whenever."""
    name: str = ""


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
    owed_over: int
    kept: list[Row]
    shown: int
    citizens: list[Citizen]
    in_hospital: int
    messages: list[Message]
    spots: list[Spot] = field(default_factory=list)
    hours: list[tuple[str, str]] = field(default_factory=list)
    now_x: str = "0"

    @property
    def fingerprint(self) -> str:
        """Changes when something happened, not when the clock alone moved."""
        counted = ".".join(str(self.counts[name]) for name in sorted(self.counts))
        return f"{counted}-{self.in_hospital}-{self.messages[0].pk if self.messages else 0}"


def day(now: Instant) -> tuple[Instant, Instant]:
    """The local day around `now`: its first instant, and the first of the next."""
    midnight = local(now, ZONE).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    start = from_local(midnight, ZONE)
    following = local(start + DAY + DAY // 2, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, from_local(following.replace(tzinfo=None), ZONE)


def today(user: User, now: Instant, filters: Filters, page: str, owed_page: str) -> Today:
    """The start page of `user` at `now`."""
    _, tomorrow = day(now)
    owe = obligations.owed(user, now, "owed_by")
    owed = obligations.owed(user, now, "owed_to").exclude(owed_by=user.organisation_id)
    wanted = _filtered(owe, filters, tomorrow)
    owe_page = Paginator(wanted, PAGE).get_page(page)
    owed_page_ = Paginator(owed, PAGE_OWED).get_page(owed_page)
    owe_rows = obligations.rows(owe_page, now)
    kept = kept_today(user, now)
    citizens = in_hospital(user, now)
    found = Today(
        now=now,
        counts=_counts(owe, owed, kept, now, tomorrow),
        owe=owe_page,
        before=[row for row in owe_rows if _past(row, now)],
        after=[row for row in owe_rows if not _past(row, now)],
        owed=owed_page_,
        owed_rows=obligations.rows(owed_page_, now),
        owed_over=owed.filter(due__lt=now).count(),
        kept=obligations.rows(kept[:10], now),
        shown=owe_page.paginator.count,
        citizens=list(citizens[:8]),
        in_hospital=citizens.count(),
        messages=list(notifications(user, now)[:6]),
    )
    _draw(found, owe, kept)
    return found


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


def _counts(
    owe: QuerySet[Obligation],
    owed: QuerySet[Obligation],
    kept: QuerySet[Obligation],
    now: Instant,
    tomorrow: Instant,
) -> dict[str, int]:
    running = owe.order_by().aggregate(
        all=Count("pk"),
        over=Count("pk", filter=Q(due__lt=now)),
        soon=Count("pk", filter=Q(due__gte=now, due__lte=now + SOON)),
        later=Count("pk", filter=Q(due__gt=now + SOON, due__lt=tomorrow)),
        at_once=Count("pk", filter=Q(due=None)),
    )
    closed = kept.order_by().aggregate(kept=Count("pk"), late=Count("pk", filter=Q(outcome="late")))
    return {**running, **closed, "owed": owed.order_by().count()}


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
    return rules.visible_citizens(user, now).filter(status__in=IN_HOSPITAL).order_by("-status_since", "key")


def notifications(user: User, now: Instant) -> QuerySet[Message]:
    """Messages that workers see, about citizens that `user` may see, newest first."""
    return (
        Message.objects.filter(shown=True, citizen__in=rules.visible_citizens(user, now))
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
