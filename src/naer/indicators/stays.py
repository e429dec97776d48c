"""Stays in hospital as a director counts them: days ready for discharge, and readmission.

From messages alone, so both are approximate: a notification says neither whether an admission was
planned nor what for.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from naer.events.event import Event
from naer.events.instant import DAY, HOUR, Instant, local_date, utc
from naer.messages.medcom.status import Stay, stays


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters; lengths in microseconds. Defaults: Denmark (esundhed.dk)."""

    gap: Instant = 4 * HOUR
    """Stays this near to each other are one."""
    shortest: Instant = 12 * HOUR
    """A shorter stay is neither followed up nor a readmission."""
    window: Instant = 30 * DAY
    """A readmission begins so soon after the discharge."""
    include_ready_day: bool = True
    include_leaving_day: bool = False


DENMARK = Rules()
LEFT_OUT = ("no end", "no start", "died", "not admitted", "too short", "follow-up not complete")
"""Why a stay is in neither numerator nor denominator, in this order."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One stay, with what is counted of it. Instants in microseconds."""

    citizen: str
    pathway: str
    municipality: str | None
    """Of residence, as the hospital's last message of the stay says."""
    hospital: str | None
    start: Instant | None
    end: Instant | None
    died: bool
    inpatient: bool
    """Admitted at some time: more than an acute ambulant contact."""
    ready: Instant | None
    """When the citizen was first ready for discharge; None when never."""
    ready_days: int | None
    """Days in hospital while ready; None when never ready, or the end is not known."""
    again: Instant | None
    """When the next inpatient stay began, if ever."""


def count(citizen: str, events: Sequence[Event], zone: ZoneInfo, rules: Rules = DENMARK) -> list[Counted]:
    """The stays of one citizen, first to last, from the effective events in log order (S2)."""
    merged = _merged([(stay, _admitted(stay, events)) for stay in stays(events)], rules.gap)
    found: list[Counted] = []
    again: Instant | None = None
    for stay, inpatient in reversed(merged):
        within = [event for event in events if _in(stay, event)]
        periods = _ready(within, stay.end)
        told = [event.municipality for event in within if event.municipality is not None]
        found.append(
            Counted(
                citizen=citizen,
                pathway=stay.pathway,
                municipality=told[-1] if told else None,
                hospital=stay.hospital,
                start=stay.start,
                end=stay.end,
                died=stay.died,
                inpatient=inpatient,
                ready=periods[0][0] if periods else None,
                ready_days=_days(periods, zone, rules),
                again=again,
            )
        )
        if inpatient and stay.start is not None and not _short(stay, rules):
            again = stay.start
    return found[::-1]


def readmission(now: Instant, rules: Rules = DENMARK) -> pl.Expr:
    """What each stay is for readmission at `now`: "numerator", "rest", or why it is left out.

    Over a table with the columns of `Counted`; the reasons are of `LEFT_OUT`, first matching wins.
    """
    window = pl.duration(microseconds=rules.window)
    short = pl.col("end") - pl.col("start") < pl.duration(microseconds=rules.shortest)
    return (
        pl.when(pl.col("end").is_null()).then(pl.lit("no end"))
        .when(pl.col("start").is_null()).then(pl.lit("no start"))
        .when(pl.col("died")).then(pl.lit("died"))
        .when(~pl.col("inpatient")).then(pl.lit("not admitted"))
        .when(short).then(pl.lit("too short"))
        .when(pl.col("end") + window > pl.lit(utc(now))).then(pl.lit("follow-up not complete"))
        .when(pl.col("again") <= pl.col("end") + window).then(pl.lit("numerator"))
        .otherwise(pl.lit("rest"))
    )  # fmt: skip


def days_ready() -> pl.Expr:
    """What each stay is for the days ready: "numerator" (it has such days), "rest", or why it is left out."""
    return (
        pl.when(pl.col("end").is_null()).then(pl.lit("no end"))
        .when(pl.col("died")).then(pl.lit("died"))
        .when(~pl.col("inpatient")).then(pl.lit("not admitted"))
        .when(pl.col("ready_days") > 0).then(pl.lit("numerator"))
        .otherwise(pl.lit("rest"))
    )  # fmt: skip


def _merged(found: Sequence[tuple[Stay, bool]], gap: Instant) -> list[tuple[Stay, bool]]:
    """Stays that overlap or are near to each other, joined."""
    merged: list[tuple[Stay, bool]] = []
    for stay, inpatient in found:
        if merged and _near(merged[-1][0], stay, gap):
            before, was = merged[-1]
            joined = Stay(before.start, stay.end, stay.kind, stay.hospital, before.pathway, died=stay.died)
            merged[-1] = (joined, was or inpatient)
        else:
            merged.append((stay, inpatient))
    return merged


def _near(before: Stay, after: Stay, gap: Instant) -> bool:
    return before.end is not None and after.start is not None and after.start - before.end <= gap


def _in(stay: Stay, event: Event) -> bool:
    """Whether an event lies in a stay; one whose start nobody told takes only its own pathway's."""
    if stay.start is None:
        return event.pathway == stay.pathway and (stay.end is None or event.at <= stay.end)
    return stay.start <= event.at and (stay.end is None or event.at <= stay.end)


def _admitted(stay: Stay, events: Iterable[Event]) -> bool:
    return stay.kind == "admitted" or any(event.kind == "admitted" and _in(stay, event) for event in events)


def _short(stay: Stay, rules: Rules) -> bool:
    return stay.start is not None and stay.end is not None and stay.end - stay.start < rules.shortest


def _ready(events: Iterable[Event], end: Instant | None) -> list[tuple[Instant, Instant | None]]:
    """The periods in which the citizen was ready: from a ready notice until it is taken back, or the end."""
    periods: list[tuple[Instant, Instant | None]] = []
    since: Instant | None = None
    for event in events:
        if event.kind == "ready_for_discharge" and since is None:
            since = event.at
        elif event.kind == "ready_withdrawn" and since is not None:
            periods.append((since, event.at))
            since = None
    if since is not None:
        periods.append((since, end))
    return periods


def _days(periods: Sequence[tuple[Instant, Instant | None]], zone: ZoneInfo, rules: Rules) -> int | None:
    """Days ready, all periods together; None without a period, or when one has no end."""
    if not periods or any(end is None for _, end in periods):
        return None
    extra = int(rules.include_ready_day) + int(rules.include_leaving_day) - 1
    days = [_between(local_date(start, zone), local_date(end or start, zone)) for start, end in periods]
    return sum(max(one + extra, 0) if one else 0 for one in days)


def _between(first: dt.date, last: dt.date) -> int:
    return (last - first).days
