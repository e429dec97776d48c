"""Telling by message what somebody does: the event is recorded, and the message that says so is sent.

Which message says what is a table of the standards (handbook Denmark 8, Norway 3). The message's id is the
event's id, so that what comes back in is known to be the same.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from naer.events.event import Event
from naer.events.instant import MINUTE, Instant
from naer.messages.content import Episode, Fact, Letter, Scalar
from naer.messages.medcom.notification import episode_as_sent
from naer.messages.writing import standard_of
from naer.site.accounts.models import Organisation
from naer.site.messaging import composing, letters, parties
from naer.site.messaging.models import Message, OutgoingMessage
from naer.site.messaging.tellers import DENMARK, NORWAY, TELLERS, Teller
from naer.site.pathways import actions
from naer.site.pathways.actor import Actor, organisation_of
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation

NewId = Callable[[], str]
HOLD = MINUTE
"""How long it waits before it leaves, so that it can be taken back."""
_NOT_TOLD = frozenset({"by", "channel", "note", "answers"})
"""Attributes that a message says in its own places, or not at all."""


@dataclass(frozen=True, slots=True)
class Offer:
    """That a message can say something: which kinds of event, to whom."""

    country: str
    kinds: frozenset[str]
    receiver: str
    """Key of the organisation."""
    name: str

    @property
    def takes_notes(self) -> bool:
        """Whether the message has room for a note, whichever kind it says."""
        return all(TELLERS[kind][self.country].takes_notes for kind in self.kinds)


def offer(actor: Actor, receiver: str, kinds: Collection[str]) -> Offer | None:
    """What the actor's organisation can tell `receiver` by message, of some kinds of event, if anything."""
    ours, theirs = _known(organisation_of(actor) or ""), _known(receiver)
    if ours is None or theirs is None or ours.pk == theirs.pk:
        return None
    country = _country(ours, theirs)
    told = frozenset(kind for kind in kinds if country in TELLERS.get(kind, {}))
    return Offer(country, told, theirs.key, theirs.name) if told else None


def offer_for(actor: Actor, owed: Obligation, kinds: Collection[str]) -> Offer | None:
    """What can be sent to meet an obligation of the actor's own organisation, if anything.

    It goes to whom it is owed; a report that a notification asks for, to the recipient it names.
    """
    if owed.owed_by != organisation_of(actor) or owed.outcome:
        return None
    asked = LoggedEvent.objects.filter(citizen=owed.citizen_id, id=owed.trigger).order_by("seq").first()
    named = json.loads(asked.attributes).get("report_recipient", "") if asked is not None else ""
    other = Organisation.objects.filter(sor=named).first() if named else None
    return offer(actor, other.key if other is not None else owed.owed_to, kinds)


def offer_about(actor: Actor, citizen: Citizen, pathway: str, kind: str) -> Offer | None:
    """What can be sent when somebody records a kind of event, if anything; to whom, see `_addressee`."""
    ours = _known(organisation_of(actor) or "")
    if ours is None or kind not in TELLERS:
        return None
    other = _addressee(ours, citizen, pathway, kind)
    return offer(actor, other.key, [kind]) if other is not None else None


_TO_THE_DOCTOR = frozenset({"service_offer", "health_information"})
"""Kinds of event that a municipality tells the citizen's own doctor."""


def _addressee(ours: Organisation, citizen: Citizen, pathway: str, kind: str) -> Organisation | None:
    """Whom `ours` tells a kind of event.

    A hospital and a doctor tell the municipality where the citizen lives. A municipality tells the doctor
    what is for the doctor, the one who asked for its acute function that the task has ended, and the hospital
    of the stay anything else.
    """
    roles = Organisation.Role
    if ours.role in (roles.HOSPITAL, roles.GP):
        homes = Organisation.objects.filter(role=roles.MUNICIPALITY, municipality=citizen.municipality)
        return homes.first()
    if kind in _TO_THE_DOCTOR:
        return citizen.gp
    told = LoggedEvent.objects.filter(pathway=pathway, citizen=citizen.key).exclude(organisation=None)
    if kind == "acute_closing":
        told, others = told.filter(kind="acute_referral"), Organisation.objects.exclude(pk=ours.pk)
    else:
        others = Organisation.objects.filter(role=roles.HOSPITAL)
    last = told.filter(organisation__in=others.values("pk")).order_by("-at", "-seq").first()
    return others.filter(pk=last.organisation).first() if last is not None else None


def fulfil(
    actor: Actor,
    owed: Obligation,
    offered: Offer,
    *,
    kind: str,
    at: Instant,
    attributes: Mapping[str, Any],
    now: Instant,
    new_id: NewId,
    hold: Instant = HOLD,
) -> OutgoingMessage:
    """Record the delivery that meets an obligation, and send the message that is the delivery.

    Raises:
        UnwritableError: when the standard cannot say it; the text may be shown, and nothing is recorded.
        actions.ActionRefusedError, PermissionDenied: as `actions.fulfil`.
    """
    message_id = new_id()
    teller = TELLERS[kind][offered.country]
    with transaction.atomic():
        event = actions.fulfil(
            actor,
            owed.pk,
            kind=kind,
            at=now if teller.sent_is_done else at,
            attributes=attributes,
            now=now,
            new_id=lambda: message_id,
        )
        name = f"{owed.agreement}/{owed.clause} {owed.trigger}"
        return _send(
            actor, event, offered, parent=owed.trigger, obligation=name, now=now, new_id=new_id, hold=hold
        )


def record(
    actor: Actor,
    citizen: Citizen,
    offered: Offer,
    *,
    pathway: str,
    kind: str,
    at: Instant,
    attributes: Mapping[str, Any],
    now: Instant,
    new_id: NewId,
) -> OutgoingMessage:
    """Record that something happened, and send the message that says so.

    Raises:
        UnwritableError: when the standard cannot say it; the text may be shown, and nothing is recorded.
        actions.ActionRefusedError, PermissionDenied: as `actions.record_event`.
    """
    message_id = new_id()
    teller = TELLERS[kind][offered.country]
    with transaction.atomic():
        event = actions.record_event(
            actor,
            citizen.key,
            pathway,
            kind,
            now if teller.sent_is_done else at,
            attributes,
            now=now,
            new_id=lambda: message_id,
        )
        return _send(actor, event, offered, parent="", obligation="", now=now, new_id=new_id)


def _send(
    actor: Actor,
    event: Event,
    offered: Offer,
    *,
    parent: str,
    obligation: str,
    now: Instant,
    new_id: NewId,
    hold: Instant = HOLD,
) -> OutgoingMessage:
    citizen = Citizen.objects.get(pk=event.citizen)
    letter = _letter(actor, citizen, event, offered, _message(parent), now)
    standard = standard_of(letter)
    outgoing = composing.send(
        letter,
        standard,
        actor=actor,
        citizen=citizen,
        receiver=offered.receiver,
        now=now,
        new_id=new_id,
        obligation=obligation,
        event=str(event.id),
        pathway=event.pathway,
        hold=hold,
    )
    letters.keep(
        letter,
        standard=standard,
        citizen=citizen,
        sender=organisation_of(actor) or "",
        receiver=offered.receiver,
        outgoing=outgoing,
        now=now,
    )
    return outgoing


def _letter(
    actor: Actor, citizen: Citizen, event: Event, offered: Offer, parent: str, now: Instant
) -> Letter:
    teller = TELLERS[event.kind][offered.country]
    note = str(event.attributes.get("note", ""))
    danish = offered.country == DENMARK
    said: dict[str, Scalar] = {
        name: value for name, value in event.attributes.items() if name not in _NOT_TOLD
    }
    if danish and "answers" in event.attributes:
        said["answers"] = event.attributes["answers"]
    return Letter(
        type=teller.type,
        message_id=str(event.id),
        sent=now,
        sender=parties.party(organisation_of(actor) or "", teller.by),
        receiver=parties.party(offered.receiver, teller.to),
        person=parties.person(citizen),
        parent=parent,
        episode=episode_of(event.citizen, event.pathway) if danish else None,
        facts=(Fact(kind=event.kind, at=event.at, attributes=said), *_repeated(event, teller)),
        notes=(((_HEADINGS[offered.country], note),) if note and teller.takes_notes else ()),
    )


_HEADINGS = {DENMARK: "Bemærkning", NORWAY: ""}
"""What stands above a note: a Danish section has a title, a Norwegian one a code that this has not."""


def _repeated(event: Event, teller: Teller) -> list[Fact]:
    """The latest event of each kind that the message repeats, as far as the pathway has one."""
    found = []
    for kind in teller.also:
        known = LoggedEvent.objects.filter(
            citizen=event.citizen, pathway=event.pathway, kind=kind, changes=None
        )
        last = known.order_by("-at", "-seq").first()
        if last is not None:
            found.append(Fact(kind=kind, at=last.at, suffix=kind))
    return found


def episode_of(citizen: str | None, pathway: str) -> Episode | None:
    """The episode-of-care id of a stay of a citizen (keys), from a notification of it; None without one."""
    same = LoggedEvent.objects.filter(citizen=citizen, pathway=pathway)
    told = same.filter(attributes__contains='"episode":').order_by("seq").first()
    if told is None:
        return None
    said = json.loads(told.attributes)
    named = str(said.get("episode_sent") or said.get("episode", ""))
    return episode_as_sent(named) if named else None


def _message(trigger: str) -> str:
    """The id of the message that an event came by; "" when it came by none."""
    name = trigger.partition("~")[0]
    return name if name and Message.objects.filter(message_id=name, stored=True).exists() else ""


def _known(key: str) -> Organisation | None:
    return Organisation.objects.prefetch_related("addresses").filter(pk=key).first() if key else None


def _country(ours: Organisation, theirs: Organisation) -> str:
    """In which country's messages two organisations can be addressed; "" when in none."""
    if all(one.addresses.exists() for one in (ours, theirs)):
        return NORWAY
    return DENMARK if all(one.sor or one.gln for one in (ours, theirs)) else ""
