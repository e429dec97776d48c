"""Telling by message what somebody does: the event is recorded, and the message that says so is sent.

Which message says what is a table of the standards (handbook Denmark 8, Norway 3). The message's id is the
event's id, so that what comes back in is known to be the same.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django.db import transaction

from naer.events.event import Event
from naer.events.instant import MINUTE, Instant
from naer.events.kinds import KINDS
from naer.messages.content import Episode, Fact, Letter
from naer.messages.medcom.notification import episode_as_sent
from naer.messages.writing import standard_of
from naer.site.accounts.models import Organisation
from naer.site.messaging import composing, letter_content, letters, parties
from naer.site.messaging.addressees import addressee
from naer.site.messaging.models import Message, OutgoingMessage
from naer.site.messaging.tellers import DENMARK, NORWAY, TELLERS, Teller
from naer.site.pathways import actions, live, store
from naer.site.pathways.actor import Actor, organisation_of
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.pathways.state import State

NewId = Callable[[], str]
HOLD = MINUTE
"""How long it waits before it leaves, so that it can be taken back."""
UPDATE = "warning_updated"


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
        return all(teller.takes_notes for teller in self._tellers)

    @property
    def asks(self) -> tuple[str, ...]:
        """Attributes that the messages have a place for beside the note."""
        return tuple(dict.fromkeys(name for teller in self._tellers for name in teller.asks))

    def teller(self, kind: str) -> Teller:
        """The message that says one of its kinds."""
        return TELLERS[kind][self.country]

    @property
    def _tellers(self) -> list[Teller]:
        return [self.teller(kind) for kind in sorted(self.kinds)]


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
    found = offer(actor, other.key if other is not None else owed.owed_to, kinds)
    return _sendable(found, owed.citizen_id, owed.pathway, owed.owed_by)


def offer_about(actor: Actor, citizen: Citizen, pathway: str, kind: str) -> Offer | None:
    """What can be sent when somebody records a kind of event, if anything; to whom, see `addressee`."""
    ours = _known(organisation_of(actor) or "")
    if ours is None or kind not in TELLERS:
        return None
    other = addressee(ours, citizen, pathway, kind)
    found = offer(actor, other.key, [kind]) if other is not None else None
    return _sendable(found, citizen.key, pathway, ours.key)


def _sendable(found: Offer | None, citizen: str, pathway: str, sender: str) -> Offer | None:
    """The offer without the kinds that only add to a message which `sender` has not sent of the pathway."""
    if found is None:
        return None
    kinds = frozenset(
        kind
        for kind, teller in ((kind, found.teller(kind)) for kind in found.kinds)
        if _possible(teller, citizen, pathway, sender)
    )
    return replace(found, kinds=kinds) if kinds else None


def _possible(teller: Teller, citizen: str, pathway: str, sender: str) -> bool:
    """Whether what a message adds to, or is about, is there."""
    if teller.adds:
        return bool(letter_content.earlier(citizen, pathway, sender, teller.type)[0])
    if not teller.part:
        return True
    about = letter_content.recorded(citizen, pathway, teller.also[0], sender)
    return about is not None and about.id in {event.id for event in _standing(citizen, about.at)}


def _standing(citizen: str, now: Instant) -> list[Event]:
    (state,) = store.load([citizen], locked=False).values()
    return live.log(state.events, now).events


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
            attributes=whole(kind, teller, attributes),
            now=now,
            new_id=lambda: _event_id(message_id, teller),
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
            whole(kind, teller, attributes),
            now=now,
            new_id=lambda: _event_id(message_id, teller),
        )
        return _send(actor, event, offered, parent="", obligation="", now=now, new_id=new_id)


def _event_id(message_id: str, teller: Teller) -> str:
    """The id that a reader of the message gives the event."""
    return f"{message_id}~{teller.part}" if teller.part else message_id


def tellers(kind: str) -> list[Teller]:
    """The messages that say a kind of event, in either country."""
    return list(TELLERS.get(kind, {}).values())


def whole(kind: str, teller: Teller, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes; of a warning also whether it says all that is asked, as its receiver will find."""
    if "complete" not in KINDS[kind].attributes:
        return attributes
    return {**attributes, "complete": letter_content.complete(attributes, teller)}


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
    teller = offered.teller(event.kind)
    letter = _letter(actor, citizen, event, offered, _message(parent), now)
    standard = standard_of(letter)
    if teller.part:
        _say_again(actor, event, letter.message_id, teller, now)
    for fact in letter_content.brought(event, teller):
        actions.record_event(
            actor,
            citizen.key,
            event.pathway,
            fact.kind,
            fact.at,
            {"channel": "message", **fact.attributes},
            now=now,
            new_id=lambda fact=fact: f"{event.id}~{fact.suffix}",  # type: ignore[misc]
        )
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


def _say_again(actor: Actor, event: Event, message_id: str, teller: Teller, now: Instant) -> None:
    """Let what the message is about, and was recorded before, be what it says: one event, not two."""

    def same(state: State) -> list[Event]:
        held = [one for one in live.log(state.events, now).events if one.pathway == event.pathway]
        kind, sender = teller.also[0], event.organisation
        about = [one for one in held if one.kind == kind and one.organisation == sender]
        return [
            msgspec.structs.replace(one, id=message_id, sent=now, received=now, changes=one.id)
            for one in about[-1:]
        ]

    actions.append(actor, event.citizen or "", same, now=now)


def _letter(
    actor: Actor, citizen: Citizen, event: Event, offered: Offer, parent: str, now: Instant
) -> Letter:
    teller = TELLERS[event.kind][offered.country]
    danish = offered.country == DENMARK
    root = ""
    if teller.adds or event.kind == UPDATE:
        sender = event.organisation or ""
        parent, root = letter_content.earlier(event.citizen or "", event.pathway, sender, teller.type)
    notes, details = letter_content.notes(event, teller, offered.country)
    said = letter_content.said(event, offered.country)
    main = Fact(kind=event.kind, at=event.at, attributes=said, suffix=teller.part)
    return Letter(
        type=teller.type,
        message_id=str(event.id).removesuffix(f"~{teller.part}"),
        sent=now,
        sender=parties.party(organisation_of(actor) or "", teller.by),
        receiver=parties.party(offered.receiver, teller.to),
        person=parties.person(citizen),
        status="new" if not root else "addition" if teller.adds else "change",
        parent=parent,
        root=root,
        episode=episode_of(event.citizen, event.pathway) if danish else None,
        facts=(main, *letter_content.brought(event, teller), *letter_content.repeated(event, teller)),
        notes=notes,
        details=details,
    )


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
