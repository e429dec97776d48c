"""What the start page shows: the day's counts, what is owed, who is in hospital."""

import hashlib
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from django.core.paginator import Page
from django.db import connection

from naer.events.instant import DAY, Instant, from_local, local
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.pathways import bounded, obligations
from naer.site.pathways.bounded import Chain, Listed, Pages
from naer.site.pathways.models import Citizen
from naer.site.pathways.obligations import Row
from naer.site.pathways.running import OLD, Running, running, within, without
from naer.site.sql import Sql, sql
from naer.site.ui.state import SOON
from naer.site.ui.times import ZONE

PAGE, PAGE_OWED = 25, 10
KEPT, STAYS, NOTICES = 10, 8, 6
"""Rows of what was kept today, of citizens in hospital, of notifications."""
_MARKS, _KEPT_MARKS = 200, 100
"""Marks on the day line, of what falls due and of what was kept."""
_RECIPIENTS = 60
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


class Spot(NamedTuple):
    """A mark on the day line: x in percent, y in pixels."""

    x: str
    y: int
    state: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification that came."""

    pk: int
    citizen: Citizen
    received: Instant
    code: str


@dataclass(slots=True)
class Today:
    """The whole page. `now` and everything in it are microseconds since the epoch."""

    now: Instant
    counts: dict[str, int]
    owe: Page[bulk.Row]
    """Of primary keys, for its numbers: the rows are in `before` and `after`."""
    before: list[Row]
    """Rows above the "now" line: due earlier."""
    after: list[Row]
    owed: Page[bulk.Row]
    owed_rows: list[Row]
    kept: list[Row]
    shown: int
    citizens: list[Citizen]
    messages: list[Notice]
    recipients: list[tuple[str, str]]
    """(key, name) of those the user's organisation owes something now, as far as the first `bounded.MOST`
    with a due time, and the newest without, tell."""
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
    own, known = user.organisation_id or "", _lengths(counted, part.old)
    owe = running(user, now, _named(sql("owed_by = %s", own), filters))
    all_owe = running(user, now, sql("owed_by = %s", own))
    owed = running(user, now, sql("owed_to = %s AND owed_by <> %s", own, own))
    plain = filters == Filters()
    owe_list = _split(owe, now, part.old, _until(filters, now), known[0] if plain else None)
    owe_page = Pages(owe_list, PAGE, part.page)
    shown = owe_page.asked()
    others = Pages(_split(owed, now, part.old, None, known[1]), PAGE_OWED, part.owed).asked()
    start, end = day(now)
    recent = all_owe.dated(now, now - OLD, None, "owed_to")
    at_once = Listed(all_owe.that(without(now, lingers=False)), "owed_to", "start DESC, id DESC")
    kept, falls_due, notices, *asked = bulk.read(
        [
            kept_today(user, now).query(0, _KEPT_MARKS),
            all_owe.dated(now, start, end, "due").query(0, _MARKS),
            _notifications(user, now).query(0, NOTICES),
            recent.query(0, bounded.MOST),
            at_once.query(0, bounded.MOST),
            *(one.query(0, STAYS) for one in _in_hospital(user, now).values()),
        ]
    )
    lists = [[key for key, *_ in some] for some in (shown, others, kept[:KEPT])]
    rows = iter(obligations.found([key for some in lists for key in some], now))
    owe_rows, owed_rows, kept_rows = (list(islice(rows, len(some))) for some in lists)
    in_hospital = bounded.merged(asked[2:])[:STAYS]
    citizens = Citizen.objects.in_bulk({*in_hospital, *(about for _, about, *_ in notices)})
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
        citizens=[citizens[key] for key in in_hospital],
        messages=[Notice(pk, citizens[about], came, code) for pk, about, came, code in notices],
        recipients=_organisations({key for some in asked[:2] for (key,) in some}),
    )
    _draw(found, [at for (at,) in falls_due], [(at, outcome) for _, at, outcome in kept])
    return found


def _split(
    waits: Running, now: Instant, old: bool, until: Instant | None, lengths: tuple[int, int] | None
) -> Chain[bulk.Row]:
    """What is old, or what is not: what has a due time before what has none."""
    ago = now - OLD
    if old:
        dated = waits.dated(now, None, ago if until is None else min(ago, until))
    else:
        dated = waits.dated(now, ago, until)
    if until is not None:
        return Chain([dated])
    return Chain([dated, waits.dateless(now, lingers=old)], lengths)


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
    ends = "SELECT (SELECT max(seq) FROM pathways_loggedevent), (SELECT max(id) FROM messaging_message)"
    return _digest(bulk.read([(ends, ())])[0])


def fingerprint(counted: dict[str, int]) -> str:
    """Changes when something happened that `counts` counts, not when the clock alone moved."""
    return _digest(sorted(counted.items()))


def _digest(value: object) -> str:
    return hashlib.blake2s(repr(value).encode(), digest_size=8).hexdigest()


def _past(row: Row, now: Instant) -> bool:
    return row.obligation.due is not None and row.obligation.due < now


def _named(side: Sql, filters: Filters) -> Sql:
    """What is owed by somebody, narrowed to whom it is owed and whom it is about."""
    if filters.to:
        side = sql("{} AND owed_to = %s", side, filters.to)
    if filters.name:
        like = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
        name = f"%{connection.ops.prep_for_like_query(filters.name)}%"
        same = 'named."key" = pathways_obligation.citizen_id'
        named = sql(f"{same} AND named.name {like} %s ESCAPE '\\'", name)
        side = sql("{} AND EXISTS (SELECT 1 FROM pathways_citizen AS named WHERE {})", side, named)
    return side


def _until(filters: Filters, now: Instant) -> Instant | None:
    """Before when everything must be due that is shown; None for whenever."""
    if not filters.until:
        return None
    tomorrow = day(now)[1]
    return tomorrow if filters.until == "today" else day(tomorrow + DAY // 2)[1]


def counts(user: User, now: Instant) -> dict[str, int]:
    """How many of everything on the page; none beyond `bounded.MOST + 1` of each kind (a sum of them may be).

    What is old (`OLD`) is in `all`, `past`, `old`, `owed`, `owed_over` and `owed_old` only.
    """
    _, tomorrow = day(now)
    ago, soon = now - OLD, now + SOON + 1
    own = user.organisation_id or ""
    owe = running(user, now, sql("owed_by = %s", own))
    owed = running(user, now, sql("owed_to = %s AND owed_by <> %s", own, own))

    def newest(listed: Sql) -> Sql:
        """Those that began last first: what lingers, and is not meant, began long ago."""
        return Sql(f"{listed.text} ORDER BY start DESC", listed.parameters)

    kept = [outcome for _, _, outcome in kept_today(user, now)[: bounded.MOST + 1]]
    found = bounded.counts(
        {
            "old_due": owe.that(within(now, None, ago)),
            "lingers": owe.that(without(now, lingers=True)),
            "over": owe.that(within(now, ago, now)),
            "soon": owe.that(within(now, now, soon)),
            "later": owe.that(within(now, soon, tomorrow)),
            "beyond": owe.that(within(now, max(soon, tomorrow), None)),
            "at_once": newest(owe.that(without(now, lingers=False))),
            "owed_old_due": owed.that(within(now, None, ago)),
            "owed_lingers": owed.that(without(now, lingers=True)),
            "owed_past": owed.that(within(now, ago, now)),
            "owed_ahead": owed.that(within(now, now, None)),
            "owed_at_once": newest(owed.that(without(now, lingers=False))),
            "unread": rules.unread_threads(user),
            **_in_hospital(user, now),
        }
    )
    # How many were late is known of what was counted to its end only.
    found |= {"kept": len(kept), "late": kept.count("late") if len(kept) <= bounded.MOST else 0}
    old, past = found["old_due"] + found["lingers"], found["old_due"] + found["over"]
    owed_over = found["owed_old_due"] + found["owed_past"]
    newest_notice = _notifications(user, now)[:1]
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
        "newest": newest_notice[0][0] if newest_notice else 0,
        "unread": found["unread"],
    }


def kept_today(user: User, now: Instant) -> Listed:
    """What the user's organisation delivered today, newest first: the key, when and how it was kept."""
    found = sql(
        "FROM pathways_obligation WHERE owed_by = %s AND closed_at >= %s AND closed_at < %s "
        "AND outcome IN ('kept', 'late') AND NOT withdrawn AND {}",
        user.organisation_id,
        *day(now),
        rules.sight(user, now)("pathways_obligation.citizen_id"),
    )
    return Listed(found, "id, closed_at, outcome", "closed_at DESC, id")


def _in_hospital(user: User, now: Instant) -> dict[str, Listed]:
    """Citizens with a stay that runs, newest first: a list for each status, as each has its own order."""
    seen = rules.sight(user, now, citizens=True)(rules.KEY)
    return {
        status: Listed(
            # A stay has begun at some time: without this PostgreSQL would put those without one first.
            sql("FROM pathways_citizen WHERE status = %s AND status_since IS NOT NULL AND {}", status, seen),
            '-status_since, "key"',
            'status_since DESC, "key"',
        )
        for status in rules.IN_HOSPITAL
    }


def _notifications(user: User, now: Instant) -> Listed:
    """Messages that workers see, about citizens that `user` may see, newest first."""
    seen = rules.sight(user, now)("messaging_message.citizen_id")
    found = sql("FROM messaging_message WHERE shown AND {}", seen)
    return Listed(found, "id, citizen_id, received, code", "received DESC, id DESC")


def _organisations(keys: set[str]) -> list[tuple[str, str]]:
    """(key, name) of those that are in the register, by name."""
    known = 'SELECT "key", name FROM accounts_organisation WHERE "key" {in}'
    found = bulk.read([(known, [sorted(keys)])])[0]
    return sorted(((key, name) for key, name in found), key=lambda one: (one[1], one[0]))[:_RECIPIENTS]


def _draw(found: Today, falls_due: list[Instant], kept: list[tuple[Instant, str]]) -> None:
    """The day line: one mark for each obligation that falls due today, stacked where they meet."""
    start, end = day(found.now)
    due = [
        (at, "over" if at < found.now else "soon" if at - found.now <= SOON else "open") for at in falls_due
    ]
    due += kept
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
