"""The lists of the way home as lines: the values that the templates of their rows put in their places."""

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from naer.events.instant import Instant
from naer.site.discharge.pages import Shown
from naer.site.pathways.obligations import Row
from naer.site.ui.filled import fill
from naer.site.ui.templatetags.naer import moment, party, state

_NOTHING = mark_safe("")


class Stay(NamedTuple):
    """Somebody on the way home: `discharge/table_row.html` and `discharge/practice_row.html`."""

    key: str
    address: str
    who: str
    stage: str
    waited: str
    plan: SafeString
    other: SafeString
    """The hospital for a municipality, the municipality for a hospital."""
    fee: SafeString = _NOTHING
    next: SafeString = _NOTHING


class Next(NamedTuple):
    """What can be done next about somebody in the table: `discharge/next.html`."""

    csrf_token: str
    tab: str
    event: str
    """What can be taken back."""
    who: str
    answer: str
    """Addresses, as the others."""
    say: str
    agree: str
    record: str


class Owed(NamedTuple):
    """What a practice owes, or is owed: `discharge/owed_by.html`, `discharge/owed_to.html`."""

    id: int
    address: str
    what: str
    who: str
    state: SafeString
    party: SafeString
    csrf_token: str = ""
    done: str = ""
    """Address that says it was done."""


class Kept(NamedTuple):
    """What a practice did today: `discharge/kept.html`."""

    what: str
    who: str
    undo: str
    """Address that takes it back."""
    at: SafeString


def table(rows: Sequence[Shown], now: Instant, *, town: bool, tab: str, token: str) -> SafeString:
    """Rows of the table for a `town`, or a hospital; `token` is for its forms."""
    lines = [
        _stay(row, now)._replace(
            fee=state(row.fee) if row.fee is not None else _NOTHING, next=_next(row, tab, token)
        )
        for row in rows
    ]
    return fill("discharge/table_row.html", lines, town=town)


def patients(rows: Sequence[Shown], now: Instant) -> SafeString:
    """Rows of a section of a practice's page."""
    return fill("discharge/practice_row.html", [_stay(row, now) for row in rows])


def owed_by(rows: Sequence[Row], token: str) -> SafeString:
    """What the practice owes, each with a form that says it was done; `token` is for those."""
    lines = [
        Owed(
            id=row.obligation.pk,
            address=_obligation(row),
            what=row.clause.title,
            who=str(row.citizen),
            state=state(row.state, row.unverified),
            party=party(row.owed_to.role, row.owed_to.name),
            csrf_token=token,
            done=reverse("practice-done", args=[row.obligation.pk]),
        )
        for row in rows
    ]
    return fill("discharge/owed_by.html", lines)


def owed_to(rows: Sequence[Row]) -> SafeString:
    """What is owed to the practice."""
    lines = [
        Owed(
            id=row.obligation.pk,
            address=_obligation(row),
            what=row.clause.title,
            who=str(row.citizen),
            state=state(row.state, row.unverified),
            party=party(row.owed_by.role, row.owed_by.name),
        )
        for row in rows
    ]
    return fill("discharge/owed_to.html", lines)


def kept(rows: Sequence[Row], now: Instant) -> SafeString:
    """What the practice did today; what an event closed can be taken back."""
    found = ""
    for row in rows:
        event = row.obligation.closed_by
        line = Kept(
            what=row.clause.title,
            who=str(row.citizen),
            undo=reverse("undo", args=[row.citizen.key, event]) if event else "",
            at=moment(row.obligation.closed_at, now),
        )
        found += fill("discharge/kept.html", [line], undone=bool(event))
    return mark_safe(found)  # noqa: S308 - of filled lines


def _stay(row: Shown, now: Instant) -> Stay:
    key = row.citizen.key
    return Stay(
        key=key,
        address=reverse("discharge-stay", args=[key]),
        who=str(row.citizen),
        stage=row.stage,
        waited=row.waited,
        plan=moment(row.plan, now),
        other=party(row.other.role, row.other.name) if row.other is not None else _NOTHING,
    )


def _next(row: Shown, tab: str, token: str) -> SafeString:
    if not (row.can or row.take_back):
        return _NOTHING
    key = row.citizen.key
    line = Next(
        csrf_token=token,
        tab=tab,
        event=row.take_back,
        who=str(row.citizen),
        answer=reverse("discharge-answer", args=[key]),
        say=reverse("can-receive", args=[key]),
        agree=reverse("discharge-agree", args=[key]),
        record=reverse("record", args=[key]),
    )
    return fill("discharge/next.html", [line], can=row.can, undo=bool(row.take_back))


def _obligation(row: Row) -> str:
    return reverse("obligation", args=[row.citizen.key, row.obligation.pk])
