"""From the tables to numbers: shares by clause, municipality and month; days ready; readmissions.

Which case counts where is decided once, in the column `part` of `kept`, `days_ready` and `readmitted`: the
numerator, the rest of the denominator, or the reason it is left out. The list behind a number filters the
same tables by the same columns, so it is as long as the number says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from naer.events.instant import Instant, utc
from naer.indicators import stays
from naer.indicators.disclosure import LEAST, covered
from naer.site.governance.counted import Count
from naer.site.governance.period import Period
from naer.site.ui.times import ZONE

NUMERATOR, REST = "numerator", "rest"
COUNTED = (NUMERATOR, REST)


@dataclass(frozen=True, slots=True)
class Share:
    """One number: `numerator` of `denominator`, and the cases left out by reason."""

    numerator: int = 0
    denominator: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    hidden: bool = False
    """Too few to be shown (see `naer.indicators.disclosure`)."""
    rough: bool = False
    """Few are counted, or few are not: only a bound may be said, and it is drawn as if they were 2."""

    @property
    def few_counted(self) -> bool:
        """Of a rough one: whether those counted are the few, and not the rest."""
        return self.numerator < LEAST

    @property
    def drawn(self) -> int:
        """The numerator to draw: the same for all rough ones with this denominator."""
        if not self.rough:
            return self.numerator
        return LEAST // 2 if self.few_counted else self.denominator - LEAST // 2

    @property
    def left_out(self) -> int:
        return sum(self.excluded.values())

    @property
    def initial(self) -> int:
        """All cases: numerator, the rest of the denominator, and those left out."""
        return self.denominator + self.left_out

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None of no cases, and where it is not shown."""
        return self.drawn / self.denominator if self.denominator and not self.hidden else None

    @property
    def percent(self) -> float | None:
        return None if self.share is None else 100 * self.share

    @property
    def exact(self) -> float | None:
        """As `percent`, for a method and not for a page."""
        return None if self.share is None else 100 * self.numerator / self.denominator


def kept(count: Count, now: Instant) -> pl.DataFrame:
    """One row for each obligation, with `outcome` at `now`, `part`, and `month` (a first day, local).

    It belongs to the month it was due in; one without due time to when it was closed, or opened. Silence
    where the evidence is partial is left out as "not recorded", never a breach (S31).
    """
    overdue = (pl.col("outcome") == "open") & (pl.col("due") < utc(now))
    released = pl.col("outcome") == "released"
    part = (
        pl.when(pl.col("outcome") == "kept").then(pl.lit(NUMERATOR))
        .when((pl.col("outcome") == "missing") & pl.col("partial")).then(pl.lit("not recorded"))
        .when(pl.col("outcome").is_in(["late", "missing"])).then(pl.lit(REST))
        .when(released & (pl.col("closed_by_kind") == "died")).then(pl.lit("died"))
        .when(released & (pl.col("closed_by_kind") == "waived")).then(pl.lit("waived"))
        .otherwise(pl.col("outcome"))
    )  # fmt: skip
    outcome = pl.when(overdue).then(pl.lit("missing")).otherwise(pl.col("outcome"))
    when = pl.coalesce("due", "closed_at", "triggered_at")
    return count.obligations.with_columns(outcome=outcome).with_columns(part=part, month=_month(when))


def days_ready(count: Count) -> pl.DataFrame:
    """One row for each stay, with `part` for the days ready and `month` of its end (no end: of its start)."""
    return _stays(count, stays.days_ready())


def readmitted(count: Count, now: Instant) -> pl.DataFrame:
    """One row for each stay, with `part` for readmission and `month` as in `days_ready`."""
    return _stays(count, stays.readmission(now))


def within(table: pl.DataFrame, period: Period, municipality: str = "") -> pl.DataFrame:
    """The cases of a period, of one municipality or (empty) of all."""
    chosen = table.filter(pl.col("month").is_between(period.first, period.end, closed="left"))
    return chosen.filter(pl.col("municipality") == municipality) if municipality else chosen


def shares(table: pl.DataFrame, *by: str) -> dict[tuple[Any, ...], Share]:
    """The share of each group of cases; a group that has none is not there."""
    parts: dict[tuple[Any, ...], dict[str, int]] = {}
    for *key, part, number in table.group_by(*by, "part").len().iter_rows():
        parts.setdefault(tuple(key), {})[part] = number
    return {key: _share(found) for key, found in parts.items()}


def share(table: pl.DataFrame) -> Share:
    """The share of all cases in a table."""
    return _share(dict(table.group_by("part").len().iter_rows()))


def cover[Key](groups: Mapping[Key, Share]) -> dict[Key, Share]:
    """The groups of a whole that is shown, those hidden or rough that are too few or tell of too few."""
    gone, about = covered({key: (one.numerator, one.denominator) for key, one in groups.items()})
    return {
        key: replace(one, hidden=one.hidden or key in gone, rough=one.rough or key in about)
        for key, one in groups.items()
    }


def alone(whole: Share) -> Share:
    """A share that stands by itself, hidden when it is of too few."""
    return cover({"": whole})[""]


def months(groups: Mapping[Any, Share], period: Period) -> tuple[Share, ...]:
    """One share for each month of a period, small ones hidden."""
    found = {month: groups.get(month, Share()) for month in period.months}
    return tuple(cover(found).values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """Days ready for discharge of one municipality, or of all."""

    stays: Share
    """Numerator: stays with such days; denominator: discharges."""
    days: int = 0
    without: int = 0
    """Stays that were ready and left the same day."""
    to_ready: float | None = None
    """Median days from admission to ready."""

    @property
    def rate(self) -> float | None:
        """Days per 100 discharges; None of no discharges, and where it is not shown."""
        shown = self.stays.denominator and not self.stays.hidden
        return 100 * self.days / self.stays.denominator if shown else None

    @property
    def each(self) -> float | None:
        """Days for each stay that has any."""
        shown = self.stays.numerator and not self.stays.hidden
        return self.days / self.stays.numerator if shown else None


def waiting(table: pl.DataFrame) -> dict[str, Waiting]:
    """Days ready by municipality, small ones hidden; "" is all of them."""
    groups = cover({key[0]: one for key, one in shares(table, "municipality").items() if key[0]})
    return {"": _waiting(table, alone(share(table)))} | {
        code: _waiting(table.filter(pl.col("municipality") == code), one) for code, one in groups.items()
    }


def _waiting(table: pl.DataFrame, whole: Share) -> Waiting:
    """Days tell how many had them: a rough share hides them with the rest."""
    whole = replace(whole, hidden=whole.hidden or whole.rough)
    discharged = table.filter(pl.col("part").is_in(COUNTED))
    ready = discharged.filter(pl.col("ready").is_not_null())
    to_ready = (ready["ready"] - ready["start"]).dt.total_minutes().median()
    return Waiting(
        whole,
        days=int(discharged["ready_days"].sum()),
        without=ready.filter(pl.col("ready_days") == 0).height,
        to_ready=float(to_ready) / (24 * 60) if isinstance(to_ready, int | float) else None,
    )


def codes(table: pl.DataFrame) -> Sequence[str]:
    """The municipalities that a table names."""
    return sorted(code for code in table["municipality"].unique().to_list() if code)


def _share(parts: Mapping[str, int]) -> Share:
    excluded = {part: number for part, number in parts.items() if part not in COUNTED}
    numerator = parts.get(NUMERATOR, 0)
    return Share(numerator, numerator + parts.get(REST, 0), dict(sorted(excluded.items())))


def _stays(count: Count, part: pl.Expr) -> pl.DataFrame:
    when = pl.coalesce("end", "start")
    return count.stays.with_columns(part=part, month=_month(when))


def _month(when: pl.Expr) -> pl.Expr:
    return when.dt.convert_time_zone(str(ZONE)).dt.date().dt.truncate("1mo")


def total(found: Iterable[Share]) -> Share:
    """Several shares together."""
    whole: dict[str, int] = {}
    numerator = denominator = 0
    for one in found:
        numerator, denominator = numerator + one.numerator, denominator + one.denominator
        for reason, number in one.excluded.items():
            whole[reason] = whole.get(reason, 0) + number
    return Share(numerator, denominator, whole)
