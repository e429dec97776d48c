"""What the start page shows: the day's counts, what is owed, who is in hospital."""

import hashlib
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.core.paginator import Page
from django.db.models import Max, QuerySet

from naer.events.instant import DAY, Instant, from_local, local
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import conversation_list
from naer.site.messaging.models import Message
from naer.site.pathways import bounded, obligations
from naer.site.pathways.bounded import Chain, Pages
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.pathways.obligations import Row
from naer.site.sql import sql
from naer.site.ui.state import SOON
from naer.site.ui.times import ZONE

PAGE, PAGE_OWED = 25, 10
_SHOWN = (
    "over", "soon", "later", "at_once", "kept", "late", "old_due", "lingers", "owed_old_due", "owed_lingers",
    "owed_at_once",
)  # fmt: skip
"""What is counted and told as it is."""


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
    owe = _owe(user, now)
    owed = obligations.waiting(user, now, "owed_to").exclude(owed_by=user.organisation_id)
    known = _lengths(counted, part.old)
    plain = filters == Filters()
    owe_list = _split(_named(owe, filters), now, part.old, _until(filters, now), known[0] if plain else None)
    owe_page = Pages(owe_list, PAGE, part.page)
    shown = owe_page.asked()
    others = Pages(_split(owed, now, part.old, None, known[1]), PAGE_OWED, part.owed).asked()
    kept = kept_today(user, now)
    lists = (list(shown), list(others), list(kept[:10]))
    rows = iter(obligations.rows([one for some in lists for one in some], now))
    owe_rows, owed_rows, kept_rows = (list(islice(rows, len(some))) for some in lists)
    found = Today(
        now=now,
        counts=counted,
        owe=shown,
        before=[row for row in owe_rows if part.old or _past(row, now)],
        after=[row for row in owe_rows if not (part.old or _past(row, now))],
        owed=others,
        owed_rows=owed_rows,
        kept=kept_rows,
        shown=owe_page.counted,
        citizens=newest_in_hospital(user, now, 8),
        messages=list(notifications(user, now)[:6]),
    )
    _draw(found, owe, kept)
    return found


def _owe(user: User, now: Instant) -> QuerySet[Obligation]:
    return obligations.waiting(user, now, "owed_by")


def _split(
    waits: QuerySet[Obligation],
    now: Instant,
    old: bool,
    until: Instant | None,
    lengths: tuple[int, int] | None,
) -> Chain[Obligation]:
    """What is old, or what is not: what has a due time before what has none."""
    ago = now - obligations.OLD
    if old:
        dated = obligations.due(waits, now, None, ago if until is None else min(ago, until))
    else:
        dated = obligations.due(waits, now, ago, until)
    if until is not None:
        return Chain([dated])
    return Chain([dated, obligations.dateless(waits, now, lingers=old)], lengths)


def _lengths(counted: dict[str, int], old: bool) -> tuple[tuple[int, int], tuple[int, int]]:
    """Of what is owed by and to the user's organisation: how much has a due time, and how much has none."""
    if old:
        lists = (("old_due", "lingers"), ("owed_old_due", "owed_lingers"))
    else:
        lists = (("dated", "at_once"), ("owed_dated", "owed_at_once"))
    (by, by_none), (to, to_none) = lists
    return (counted[by], counted[by_none]), (counted[to], counted[to_none])


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


def _named(owe: QuerySet[Obligation], filters: Filters) -> QuerySet[Obligation]:
    if filters.to:
        owe = owe.filter(owed_to=filters.to)
    if filters.name:
        owe = owe.filter(citizen__name__icontains=filters.name)
    return owe


def _until(filters: Filters, now: Instant) -> Instant | None:
    """Before when everything must be due that is shown; None for whenever."""
    if not filters.until:
        return None
    tomorrow = day(now)[1]
    return tomorrow if filters.until == "today" else day(tomorrow + DAY // 2)[1]


def counts(user: User, now: Instant) -> dict[str, int]:
    """How many of everything on the page; none beyond `bounded.MOST + 1` of each kind (a sum of them may be).

    What is old (`obligations.old`) is in `all`, `past`, `old`, `owed`, `owed_over` and `owed_old` only.
    """
    _, tomorrow = day(now)
    ago, soon = now - obligations.OLD, now + SOON + 1
    own = user.organisation_id or ""
    owe = obligations.to_count(user, now, sql("owed_by = %s", own))
    owed = obligations.to_count(user, now, sql("owed_to = %s AND owed_by <> %s", own, own))
    within, without = obligations.within, obligations.without
    kept = list(kept_today(user, now).values_list("outcome", flat=True)[: bounded.MOST + 1])
    found = bounded.counts(
        {
            "old_due": owe(within(now, None, ago)),
            "lingers": owe(without(now, lingers=True)),
            "over": owe(within(now, ago, now)),
            "soon": owe(within(now, now, soon)),
            "later": owe(within(now, soon, tomorrow)),
            "beyond": owe(within(now, max(soon, tomorrow), None)),
            "at_once": owe(without(now, lingers=False)),
            "owed_old_due": owed(within(now, None, ago)),
            "owed_lingers": owed(without(now, lingers=True)),
            "owed_past": owed(within(now, ago, now)),
            "owed_ahead": owed(within(now, now, None)),
            "owed_at_once": owed(without(now, lingers=False)),
            **{status: in_hospital(user, now, status) for status in rules.IN_HOSPITAL},
        }
    )
    # How many were late is known of what was counted to its end only.
    found |= {"kept": len(kept), "late": kept.count("late") if len(kept) <= bounded.MOST else 0}
    old, past = found["old_due"] + found["lingers"], found["old_due"] + found["over"]
    owed_over = found["owed_old_due"] + found["owed_past"]
    newest = notifications(user, now).values_list("pk", flat=True).first()
    return {
        **{name: found[name] for name in _SHOWN},
        "dated": sum(found[name] for name in ("over", "soon", "later", "beyond")),
        "owed_dated": found["owed_past"] + found["owed_ahead"],
        "all": old + sum(found[name] for name in ("over", "soon", "later", "beyond", "at_once")),
        "old": old,
        "past": past,
        "owed": owed_over + sum(found[name] for name in ("owed_lingers", "owed_ahead", "owed_at_once")),
        "owed_over": owed_over,
        "owed_old": found["owed_old_due"] + found["owed_lingers"],
        "in_hospital": sum(found[status] for status in rules.IN_HOSPITAL),
        "newest": newest or 0,
        "unread": conversation_list.unread(user, now),
    }


def kept_today(user: User, now: Instant) -> QuerySet[Obligation]:
    """What the user's organisation delivered today, newest first."""
    start, end = day(now)
    return (
        obligations.visible(user, now)
        .filter(owed_by=user.organisation_id, outcome__in=("kept", "late"))
        .filter(closed_at__gte=start, closed_at__lt=end)
        .order_by("-closed_at", "pk")
    )


def in_hospital(user: User, now: Instant, status: str) -> QuerySet[Citizen]:
    """Citizens with a stay that runs, of one of `rules.IN_HOSPITAL`, newest first."""
    seen = rules.about_visible(user, now, field="pk")
    return Citizen.objects.filter(seen, status=status).order_by("-status_since", "key")


def newest_in_hospital(user: User, now: Instant, most: int) -> list[Citizen]:
    """The newest of all who are in hospital: a query for each status, as each has its own order."""
    found = [one for status in rules.IN_HOSPITAL for one in in_hospital(user, now, status)[:most]]
    return sorted(found, key=lambda one: (-(one.status_since or 0), one.key))[:most]


def notifications(user: User, now: Instant) -> QuerySet[Message]:
    """Messages that workers see, about citizens that `user` may see, newest first."""
    return (
        Message.objects.filter(rules.about_visible(user, now), shown=True)
        .select_related("citizen")
        .defer("content", "answer")
        .order_by("-received", "-pk")
    )


def recipients(user: User, now: Instant) -> list[tuple[str, str]]:
    """(key, name) of those the user's organisation owes something now, as far as the first `bounded.MOST`
    by due time tell."""
    parts = (
        obligations.due(_owe(user, now), now, now - obligations.OLD, None),
        obligations.dateless(_owe(user, now), now, lingers=False),
    )
    keys = {key for part in parts for key in part.values_list("owed_to", flat=True)[: bounded.MOST]}
    return list(Organisation.objects.filter(pk__in=keys).order_by("name").values_list("key", "name")[:60])


def _draw(found: Today, owe: QuerySet[Obligation], kept: QuerySet[Obligation]) -> None:
    """The day line: one mark for each obligation that falls due today, stacked where they meet."""
    start, end = day(found.now)
    due: list[tuple[Instant, str]] = [
        (at, "over" if at < found.now else "soon" if at - found.now <= SOON else "open")
        for at in (obligations.due(owe, found.now, start, end).values_list("due", flat=True)[:200])
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
