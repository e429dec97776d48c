"""Obligations as lines of the start page: the values that the templates of its rows put in their places."""

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from naer.events.instant import Instant
from naer.site.pathways.obligations import Row
from naer.site.pathways.today import Spot
from naer.site.ui import times, words
from naer.site.ui.filled import fill
from naer.site.ui.templatetags.naer import mark, moment, party, state, unverified_limit


class Work(NamedTuple):
    """What we owe: `pathways/today_row.html`."""

    id: int
    address: str
    state: str
    mark: SafeString
    due: SafeString
    said: str
    unverified: SafeString
    what: str
    opened: SafeString
    citizen: str
    """Address of the citizen's page."""
    who: str
    to: SafeString
    button: str
    """Classes of the button."""


class Owed(NamedTuple):
    """What others owe us: `pathways/today_owed.html`."""

    id: int
    address: str
    due: SafeString | str
    what: str
    who: str
    by: SafeString
    state: SafeString


class Kept(NamedTuple):
    """What was delivered today: `pathways/today_kept.html`."""

    id: int
    citizen: str
    who: str
    what: str
    state: SafeString


class Recipient(NamedTuple):
    """An organisation to narrow the list to: `pathways/today_recipient.html`."""

    key: str
    name: str
    selected: SafeString


def recipients(known: Sequence[tuple[str, str]], chosen: str) -> SafeString:
    """Options of (key, name), with that of the key `chosen` selected."""
    selected, other = mark_safe(" selected"), mark_safe("")
    lines = [Recipient(key, name, selected if key == chosen else other) for key, name in known]
    return fill("pathways/today_recipient.html", lines)


def spots(drawn: Sequence[Spot]) -> SafeString:
    """The marks on the day line."""
    return fill("pathways/today_spot.html", drawn)


def work(rows: Sequence[Row], now: Instant, *, primary: bool) -> SafeString:
    """Table rows of what we owe; with `primary` the first one's button stands out."""
    return fill("pathways/today_row.html", [_work(row, now, primary and row is rows[0]) for row in rows])


def owed(rows: Sequence[Row], now: Instant) -> SafeString:
    """Table rows of what others owe us."""
    lines = [
        Owed(
            id=row.obligation.pk,
            address=_address(row),
            due=row.no_due if row.obligation.due is None else moment(row.obligation.due, now),
            what=row.clause.title,
            who=str(row.citizen),
            by=party(row.owed_by.role, row.owed_by.name),
            state=state(row.state, row.unverified),
        )
        for row in rows
    ]
    return fill("pathways/today_owed.html", lines)


def kept(rows: Sequence[Row]) -> SafeString:
    """List items of what was delivered today."""
    lines = [
        Kept(
            id=row.obligation.pk,
            citizen=reverse("citizen", args=[row.citizen.key]),
            who=str(row.citizen),
            what=row.clause.title,
            state=state(row.state, row.unverified),
        )
        for row in rows
    ]
    return fill("pathways/today_kept.html", lines)


def _work(row: Row, now: Instant, primary: bool) -> Work:
    obligation = row.obligation
    if obligation.due is not None:
        due = moment(obligation.due, now)
    else:
        due = format_html('<time datetime="{}">{}</time>', times.iso(obligation.start), row.no_due)
    return Work(
        id=obligation.pk,
        address=_address(row),
        state=row.state.name,
        mark=mark(row.state.mark),
        due=due,
        said=row.state.words,
        unverified=unverified_limit() if row.state.breach and row.unverified else mark_safe(""),
        what=row.clause.title,
        opened=_opened(row, now),
        citizen=reverse("citizen", args=[row.citizen.key]),
        who=str(row.citizen),
        to=party(row.owed_to.role, row.owed_to.name),
        button="btn btn--primary" if primary else "btn",
    )


def _address(row: Row) -> str:
    return reverse("obligation", args=[row.citizen.key, row.obligation.pk])


def _opened(row: Row, now: Instant) -> SafeString:
    """When it was opened, and by what."""
    opened = moment(row.obligation.triggered_at, now)
    if not row.opened_by:
        return mark_safe(_("Opened %(opened)s") % {"opened": opened})  # noqa: S308 - a translation of our own
    said = {"opened": opened, "what": escape(words.kind(row.opened_by))}
    return mark_safe(_("Opened %(opened)s by: %(what)s") % said)  # noqa: S308
