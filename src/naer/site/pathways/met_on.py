"""Where something owed is met when no form records it: on the page that its kind is carried by.

A plan is agreed on the plan's page, a request answered on its own: the event alone would say what is not so.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse

from naer.events.kinds import KINDS
from naer.site.pathways.models import LoggedEvent, Obligation

Page = Callable[[Obligation, str], str]


def _plan(owed: Obligation, kind: str) -> str:
    return reverse("coordinator" if kind.startswith("coordinator_") else "plan", args=[owed.citizen_id])


def _request(owed: Obligation, kind: str) -> str:  # noqa: ARG001
    return _named(owed, "request", "request")


def _deviation(owed: Obligation, kind: str) -> str:  # noqa: ARG001
    return _named(owed, "deviation", "deviation")


def _named(owed: Obligation, attribute: str, page: str) -> str:
    """The page of what the event that opened the obligation names; empty when it names nothing."""
    found = LoggedEvent.objects.filter(citizen=owed.citizen_id, id=owed.trigger).order_by("seq").first()
    said: dict[str, Any] = json.loads(found.attributes) if found is not None else {}
    return reverse(page, args=[said[attribute]]) if said.get(attribute) else ""


PAGES: dict[str, Page] = {"plan page": _plan, "request for help": _request, "page of deviations": _deviation}
"""`Kind.carried_by` → the page."""


def by_hand(kinds: Sequence[str]) -> tuple[str, ...]:
    """Those of the kinds that deliver something which a form may record."""
    return tuple(
        kind for kind in kinds if not (ways := KINDS[kind].carried_by) or not PAGES.keys() >= set(ways)
    )


def page_of(owed: Obligation, kinds: Sequence[str]) -> str:
    """The address of the page where `owed` is met by one of `kinds`; empty when forms and messages do it."""
    if by_hand(kinds):
        return ""
    found = (PAGES[way](owed, kind) for kind in kinds for way in KINDS[kind].carried_by)
    return next(filter(None, found), "")
