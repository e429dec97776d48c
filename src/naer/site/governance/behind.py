"""The cases behind a number, as far as the reader may see them.

Who treats the citizen sees the citizen: name and link. Health directors and analysts see rows without a
name, those of their own organisation only, with days and no clock times; the case has a pseudonym that is
the reader's own, so that two readers cannot put their lists together. What a reader may not see is counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from django.core.paginator import Page, Paginator
from django.utils.crypto import salted_hmac

from naer.events.instant import Instant, from_datetime
from naer.indicators.disclosure import LEAST, rough
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.bounded import DEEP
from naer.site.pathways.models import Obligation

PAGE = 25


@dataclass(frozen=True, slots=True)
class Row:
    """One case. `who` is a name or a pseudonym; `key` and `obligation` are empty where no link may be."""

    who: str
    key: str
    obligation: int | None
    case: Mapping[str, object]
    """The columns of its table; instants in microseconds."""


@dataclass(frozen=True, slots=True)
class Behind:
    """One page of cases."""

    page: Page[int]
    rows: tuple[Row, ...]
    others: int
    """Cases that the number holds and the reader may not see; 0 where that is not known."""
    named: bool
    few: bool = False
    """Too few for a list without names."""
    newest: int = 0
    """So many cases were looked through, the newest; 0 for all."""


def behind(user: User, table: pl.DataFrame, now: Instant, number: str, order: str) -> Behind:
    """Page `number` of the cases in `table` that `user` may see at `now`, newest by `order` first.

    Pages are turned to no further than `DEEP` cases, and whom the reader may see is asked of so many only.

    Raises:
        PermissionDenied: when the role sees no results at all.
    """
    sight = rules.sight_of_results(user)
    named = sight == "citizen"
    newest = named and table.height > DEEP
    if named:
        looked = _newest(table, order).head(DEEP)
        seen = rules.among_visible(user, set(looked["citizen"].drop_nulls()), now)
        mine = looked.filter(pl.col("citizen").is_in(list(seen)))
    else:
        seen = {}
        mine = _newest(table.filter(_own(user, table)), order)
    split = False
    if not named:
        mine, split = _without_few(mine)
    few = split or (not named and 0 < mine.height < LEAST)
    shown = mine.clear() if few else mine
    page = Paginator(range(min(shown.height, DEEP)), PAGE).get_page(number)
    part = shown[[*page.object_list]] if shown.height else shown
    cases = [_plain(row) for row in part.iter_rows(named=True)]
    links = _obligations(cases) if named and "clause" in table.columns else {}
    rows = tuple(
        Row(
            who=(seen[str(one["citizen"])] if named else _pseudonym(user, str(one["citizen"]))),
            key=str(one["citizen"]) if named else "",
            obligation=links.get(_identity(one)),
            case=one if named else _without_identity(one),
        )
        for one in cases
    )
    others = 0 if newest else table.height - shown.height
    return Behind(page, rows, others, named, few, DEEP if newest else 0)


def _newest(table: pl.DataFrame, order: str) -> pl.DataFrame:
    return table.sort(order, descending=True, nulls_last=True, maintain_order=True)


def _own(user: User, table: pl.DataFrame) -> pl.Expr:
    """The cases of the reader's own organisation."""
    organisation = user.organisation
    if organisation is None:
        return pl.lit(False)
    found = pl.lit(False)
    if organisation.role == Organisation.Role.MUNICIPALITY:
        found = pl.col("municipality") == organisation.municipality
    for side in ("owed_by", "owed_to", "hospital"):
        if side in table.columns:
            found = found | (pl.col(side) == organisation.key).fill_null(False)
    return found


def _without_few(mine: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """The cases without those left out for a reason that few have; whether counted or rest are few."""
    sizes: dict[str, int] = dict(mine.group_by("part").len().iter_rows())
    counted, rest = sizes.pop("numerator", 0), sizes.pop("rest", 0)
    few = [part for part, size in sizes.items() if size < LEAST]
    return mine.filter(~pl.col("part").is_in(few)), rough(counted, counted + rest)


def _pseudonym(user: User, citizen: str) -> str:
    return salted_hmac("naer.results", f"{user.pk}:{citizen}", algorithm="sha256").hexdigest()[:6].upper()


def _without_identity(case: Mapping[str, object]) -> dict[str, object]:
    return {name: case[name] for name in case if name not in ("citizen", "pathway", "trigger", "closed_by")}


def _plain(row: dict[str, object]) -> dict[str, object]:
    """A row with instants as microseconds."""
    return {
        name: from_datetime(value) if hasattr(value, "tzinfo") and value is not None else value  # type: ignore[arg-type]
        for name, value in row.items()
    }


def _identity(case: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(case.get(name)) for name in ("citizen", "agreement", "clause", "trigger"))


def _obligations(cases: list[dict[str, object]]) -> dict[tuple[str, ...], int]:
    """The stored obligations behind some rows; what a later message withdrew is not there."""
    found = Obligation.objects.filter(
        citizen__in={str(one["citizen"]) for one in cases},
        clause__in={str(one["clause"]) for one in cases},
        withdrawn=False,
    ).values_list("citizen_id", "agreement", "clause", "trigger", "pk")
    return {tuple(row[:4]): row[4] for row in found}
