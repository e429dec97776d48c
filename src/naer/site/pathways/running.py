"""Obligations that run: what somebody is asked for, by when it is due, in the order it is worked on.

Written in SQL, for pages that ask for a dozen of these lists and counts.
"""

from dataclasses import dataclass

from django.db import connection

from naer.events.instant import DAY, Instant
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.agreements import clauses
from naer.site.pathways.bounded import Listed
from naer.site.sql import Sql, sql

OLD = 14 * DAY
"""After this long an obligation leaves the day's list for the list of old ones, in microseconds."""
EVERYBODY = Sql("1 = 1")


@dataclass(frozen=True, slots=True)
class Running:
    """What runs, of those obligations for which `meant` holds; `seen` says about whom a reader sees any."""

    meant: Sql
    seen: Sql = EVERYBODY

    def that(self, narrowed: Sql) -> Sql:
        """Those that meet a condition besides: `FROM … WHERE …`."""
        # As the indexes of what waits have it. Were it a parameter, SQLite would plan anew at every use.
        stands = Sql("withdrawn = 0" if connection.vendor == "sqlite" else "NOT withdrawn")
        return sql(
            "FROM pathways_obligation WHERE {} AND outcome = '' AND {} AND {} AND {}",
            self.meant,
            stands,
            narrowed,
            self.seen,
        )

    def dated(
        self, now: Instant, begin: Instant | None = None, end: Instant | None = None, column: str = "id"
    ) -> Listed:
        """A column of what is `within` two instants, soonest first."""
        return Listed(self.that(within(now, begin, end)), column, "due, start, id")

    def dateless(self, now: Instant, *, lingers: bool) -> Listed:
        """The keys of what is `without` a due time, oldest first."""
        return Listed(self.that(without(now, lingers=lingers)), "id", "start, id")

    def in_order(self, now: Instant) -> tuple[Listed, Listed]:
        """The keys of all that somebody is asked for: what has a due time, and then what has none."""
        return self.dated(now), Listed(self.that(Sql("due IS NULL")), "id", "start, id")

    def first(self, now: Instant, most: int) -> list[int]:
        """The first keys `in_order`."""
        soon, at_last = bulk.read([listed.query(0, most) for listed in self.in_order(now)])
        return [key for (key,) in (*soon, *at_last)][:most]


def running(user: User, now: Instant, meant: Sql) -> Running:
    """What runs about citizens that `user` may see; `meant` says more, as who owes it, or is owed."""
    return Running(meant, rules.sight(user, now)("pathways_obligation.citizen_id"))


def within(now: Instant, begin: Instant | None, end: Instant | None) -> Sql:
    """What somebody is asked for that is due from `begin` up to before `end`."""
    found = Sql("due IS NOT NULL") if begin is None else sql("due >= %s", begin)
    if end is not None:
        found = sql("{} AND due < %s", found, end)
    if begin is None or begin < now:
        found = sql("{} AND {}", found, clauses.asked("due", "agreement", "clause", now))
    return found


def without(now: Instant, *, lingers: bool) -> Sql:
    """What has no due time: that which lingers, as it has been open for more than `OLD`, or the rest.

    What must be met before something else happens has no due time until that happens: it waits for as long
    as the stay lasts, and does not linger.
    """
    before = clauses.among("agreement", "clause", clauses.before())
    if lingers:
        return sql("due IS NULL AND start < %s AND NOT {}", now - OLD, before)
    return sql("due IS NULL AND (start >= %s OR {})", now - OLD, before)
