"""What people are told of: a sentence without health content, and where it leads.

A sentence stands in the app and is counted in e-mails; it names no citizen, no clause and no organisation.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Where = Callable[[str, int | None, str], str]
"""(key of the citizen, row of the obligation, subject) → address within the site."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of news: its sentence, its address, and the word of its switch."""

    sentence: str | Promise
    where: Where
    by_email: bool = True
    """Whether it is worth an e-mail at all."""
    to_own: bool = False
    """Whether citizens and those near them are told of it."""


def _obligation(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("obligation", args=[citizen, obligation])


def _deviation(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("deviation", args=[subject])


def _citizen(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("citizen", args=[citizen])


def _emergency(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("access-reviews")


def _coordinator(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("coordinator", args=[citizen])


def _plan(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("plan", args=[citizen])


def _address(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("notification-confirm")


def _request(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("request", args=[subject])


def _own(citizen: str, obligation: int | None, subject: str) -> str:  # noqa: ARG001
    return reverse("own")


KINDS: dict[str, Kind] = {
    "escalation": Kind(_("Something your organisation owes has not been done"), _obligation),
    "escalation-owed": Kind(_("Something owed to your organisation has not been done"), _obligation),
    "escalation-leader": Kind(
        _("Something is taken to you as the leader: it has not been done in time"), _obligation
    ),
    "deviation-raised": Kind(_("A deviation was raised with your organisation"), _deviation),
    "deviation-answered": Kind(_("A deviation was answered"), _deviation),
    "deviation-suggested": Kind(_("The other party suggests what to learn from a deviation"), _deviation),
    "deviation-agreed": Kind(_("What a deviation teaches was agreed"), _deviation),
    "deviation-closed": Kind(_("The other party closed a deviation on its side"), _deviation),
    "deviation-said": Kind(_("The other party wrote about a deviation"), _deviation, by_email=False),
    "deviation-proposed": Kind(_("Missed obligations propose a deviation"), _deviation, by_email=False),
    "deviation-serious": Kind(_("A deviation is serious: has the authority been told?"), _deviation),
    "deviation-late": Kind(_("A deviation waits past the time that was asked for or agreed"), _deviation),
    "emergency": Kind(_("A colleague opened a record in an emergency: look into it"), _emergency),
    "coordinator": Kind(_("You are the coordinator of a citizen from now on"), _coordinator),
    "plan-ended": Kind(_("A plan has ended by itself: take it up again if that is wrong"), _plan),
    "hand-over": Kind(_("A hand-over between coordinators waits for you to confirm it"), _coordinator),
    "help-asked": Kind(_("The municipality is asked for help: sort the request"), _request),
    "help-given": Kind(_("A request for help is yours now"), _request),
    "help-answered": Kind(_("What you asked for was answered"), _request, to_own=True),
    "grant-ended": Kind(
        _("A page that you were let in to is closed to you from now on"), _own, by_email=False, to_own=True
    ),
    "grant-again": Kind(
        _("A page that was closed to you is open to you again"), _own, by_email=False, to_own=True
    ),
    "address": Kind(_("Confirm your e-mail address: a code is sent to it"), _address, by_email=False),
    "citizen": Kind(_("There is news about a citizen"), _citizen),
}
"""Kind → what it says and where it leads. A test asks each for its address."""


def offered(own: bool) -> list[tuple[str, str | Promise]]:
    """What one may be e-mailed about: name and sentence; `own`, a citizen or somebody near one."""
    return [
        (name, kind.sentence) for name, kind in KINDS.items() if kind.by_email and (kind.to_own or not own)
    ]
