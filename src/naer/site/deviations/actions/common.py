"""What every act about a deviation does: one transaction, access asked, what was said kept, a trace left."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.site.access import deviations as access
from naer.site.accounts.models import User
from naer.site.deviations import classes, sealed, tellers
from naer.site.deviations.models import Contribution, Deviation
from naer.site.pathways import actions as pathway_actions
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.models import LoggedEvent
from naer.site.pathways.repeats import TWICE
from naer.site.pathways.state import State as CitizenState

SOURCE = "deviation"
"""`Event.source` of what is done here: it is not taken back as something recorded by hand is."""
_AGAIN = frozenset({"answer", "note", "suggest", "tell"})
"""What can be said of a deviation more than once."""


def act(user: User, key: str, action: str, do: Callable[[Deviation], None], now: Instant) -> Deviation:
    """Lock it, check access, do it, and leave the trace."""
    with transaction.atomic():
        found = Deviation.objects.select_for_update(of=("self",)).select_related("citizen").get(pk=key)
        relation = access.require(user, found, action, now)
        do(found)
        found.save()
        access.trace(user, found, action, relation, now)
    return found


def only(found: Deviation, *states: str) -> None:
    """Raises ActionRefusedError when it stands in none of `states`."""
    if found.state not in states:
        raise ActionRefusedError("it has moved on; read it again")


def needed(text: str) -> str:
    """The text; raises ActionRefusedError when there is none."""
    if not text.strip():
        raise ActionRefusedError("a text is needed")
    return text.strip()


def say(found: Deviation, user: User, act: str, content: Mapping[str, Any], now: Instant) -> None:
    """Keep what was said, and tell the other party: once, though the button was pressed twice."""
    if act in _AGAIN and _just_said(found, user, act, content, now):
        return
    said = Contribution.objects.create(
        deviation=found,
        at=now,
        by=user.username,
        organisation=user.organisation,
        act=act,
        content=sealed.seal(content),
    )
    tellers.tell(found, said, user, now)
    if act == "raise" and found.severity == classes.SERIOUS:
        tellers.serious(found, now)


def _just_said(found: Deviation, user: User, act: str, content: Mapping[str, Any], now: Instant) -> bool:
    """Whether the last that was said of it is the same, by the user's organisation, moments ago."""
    last = found.said.order_by("-pk").first()
    return (
        last is not None
        and (last.act, last.organisation_id) == (act, user.organisation_id)
        and last.at > now - TWICE
        and sealed.read(bytes(last.content)) == content
    )


def tell_log(found: Deviation, user: User, kind: str, now: Instant, new_id: NewId) -> None:
    """The event that says so, in the citizen's pathway; nothing about nobody."""
    if found.citizen_id is None:
        return
    if not found.pathway:
        last = LoggedEvent.objects.filter(citizen=found.citizen_id).order_by("-seq").first()
        found.pathway = last.pathway if last else f"{found.citizen_id}.{new_id()}"
    other = found.counterpart if access.is_raiser(user, found) else found.raised_by
    said = {
        "by": user.name,
        "deviation": found.key,
        "raised_by": found.raised_by.role,
        "to": other.role,
    }
    if kind == "deviation_raised":
        said |= {"stage": found.stage, "harm": found.harm, "severity": found.severity}
        said |= {"departed_from": f"{found.agreement}/{found.clause}"} if found.clause else {}
    else:
        said |= {"answers": found.event}

    def make(state: CitizenState) -> list[Event]:
        event = Event(
            id=new_id(),
            pathway=found.pathway,
            citizen=state.key,
            kind=kind,
            at=now,
            sent=now,
            received=now,
            organisation=user.organisation_id,
            municipality=state.municipality,
            attributes={"by": said["by"]} if kind == CANCELLED else said,
            source=SOURCE,
            changes=found.event if kind == CANCELLED else None,
        )
        return [event]

    (event,) = pathway_actions.append(user, found.citizen_id, make, now=now)
    if kind == "deviation_raised":
        found.event = str(event.id)
        Deviation.objects.filter(pk=found.pk).update(event=found.event, pathway=found.pathway)
