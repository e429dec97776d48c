"""Putting a message into the outbox, in the transaction of what it tells: the one way out.

What is written is read again before it is stored: nothing leaves that Naer itself would refuse.
"""

from collections.abc import Callable

from naer.events.instant import Instant
from naer.messages import read
from naer.messages.content import Letter, Party, Person
from naer.messages.envelope import Format
from naer.messages.writing import UnwritableError, write, written_as
from naer.site import bulk
from naer.site.messaging import parties, record, versions, ways
from naer.site.messaging.connections import WrongConnectionsError
from naer.site.messaging.models import Message, OutgoingMessage
from naer.site.pathways.actor import ENTRY, Actor, Process, entry, organisation_of, permit
from naer.site.pathways.models import Citizen

NewId = Callable[[], str]
LETTER, NOTIFICATION = "letter", "notification"
"""Kinds of outgoing messages, beside escalations: written from a letter, or given as bytes."""


def party(key: str, service: str = "") -> Party:
    """An organisation as messages name it; see `parties.party`."""
    return parties.party(key, service)


def person(citizen: Citizen) -> Person:
    """A citizen as messages name one; see `parties.person`."""
    return parties.person(citizen)


def send(
    letter: Letter,
    standard: str,
    *,
    actor: Actor,
    citizen: Citizen,
    receiver: str,
    now: Instant,
    new_id: NewId,
    sender: str = "",
    obligation: str = "",
    answers: str = "",
    event: str = "",
    pathway: str = "",
    cause: Message | None = None,
    hold: Instant = 0,
    action: str = "send",
    relation: str = "",
) -> OutgoingMessage:
    """Write a letter to the organisation `receiver` and let it wait for delivery.

    `sender` is the key of the organisation it is from (default the actor's). It waits at least `hold`
    microseconds, during which it can be taken back. `obligation` names what it fulfils, `event` what it
    tells; `action` is what `access.rules` must allow the actor about the citizen, and a `relation` says that
    the caller has checked that already, and which it was (a conversation with an organisation without care
    relation).

    Raises:
        UnwritableError: when the standard cannot carry the letter; the text may be shown.
        PermissionDenied: when no care relation lets the actor send about the citizen.
    """
    form = written_as(standard, format_for(standard, receiver))
    letter = versions.versioned(letter, citizen, receiver)
    data = write(letter, standard, new_id=new_id, format=form)
    return put(
        data,
        message_id=letter.message_id,
        standard=standard,
        type=letter.type,
        format=form,
        sender=sender or organisation_of(actor) or "",
        receiver=receiver,
        citizen=citizen,
        actor=actor,
        now=now,
        kind=LETTER,
        obligation=obligation,
        answers=answers or letter.parent,
        event=event,
        pathway=pathway,
        cause=cause,
        hold=hold,
        action=action,
        relation=relation,
    )


def put(
    data: bytes,
    *,
    message_id: str,
    standard: str,
    type: str,
    format: Format,
    sender: str,
    receiver: str,
    citizen: Citizen,
    actor: Actor,
    now: Instant,
    kind: str = NOTIFICATION,
    bundle_id: str = "",
    obligation: str = "",
    answers: str = "",
    event: str = "",
    pathway: str = "",
    cause: Message | None = None,
    hold: Instant = 0,
    action: str = "send",
    relation: str = "",
) -> OutgoingMessage:
    """Let bytes that are a message already wait for delivery; else as `send`.

    Raises:
        UnwritableError: when a receiver would have to refuse it, or could not be reached by its ids.
        PermissionDenied: when no care relation lets the actor send about the citizen.
    """
    relation = relation or permit(actor, citizen, action, now)
    checked = read(data, f"application/{format}")
    if checked.issues:
        first = checked.issues[0]
        raise UnwritableError(f"{first.code}: {first.text} {first.path}".rstrip())
    stored = OutgoingMessage.objects.create(
        message_id=message_id,
        kind=kind,
        standard=standard,
        type=type,
        sender=sender,
        receiver=receiver,
        citizen=citizen,
        pathway=pathway,
        cause=cause,
        answers=answers,
        obligation=obligation[:300],
        event=event,
        by=(actor.name if isinstance(actor, Process) else actor.get_username())[:64],
        created=now,
        bundle_id=bundle_id or checked.bundle_id,
        next_attempt=now + hold,
        format=format,
        content=record.pack(data),
    )
    writes = bulk.Writes()
    trace = entry(actor, citizen.key, "send", message_id, relation, now)
    writes.insert("access_accessentry", ENTRY, [trace])
    writes.flush()
    return stored


def format_for(standard: str, receiver: str) -> Format:
    """How a receiver wants MedCom messages; JSON when nothing is agreed."""
    try:
        found = ways.way(standard, receiver)
    except WrongConnectionsError:
        return "json"
    return found.format if found else "json"
