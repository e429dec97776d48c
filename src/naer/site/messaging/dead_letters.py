"""What people do about messages that do not get through: try now, send again, give up, take back.

Each checks that the message is the actor's to decide on, leaves a `Delivery` and an `AccessEntry`, and
refuses what makes no sense as things stand.
"""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from naer.events.instant import Instant
from naer.messages.envelope import Format
from naer.messages.medcom.resending import again
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import letters, record, resending
from naer.site.messaging.models import Delivery, OutgoingMessage, StoredLetter
from naer.site.messaging.outbox import ESCALATION
from naer.site.pathways.actor import AUTOMATIC, ENTRY, Actor, Process, entry

NewId = Callable[[], str]
State = OutgoingMessage.State
TAKEN_BACK = "taken back"
OFFICE = "office"
"""The relation of who looks after the traffic, and sees no citizen (`access.actions.RELATIONS`)."""
NEEDS_SOMEBODY = (State.FAILED, State.REFUSED, State.LATE)
"""The states of the dead-letter list."""


class NothingToDoError(ValueError):
    """What was asked makes no sense for the message as it stands; the text may be shown."""


def possible(message: OutgoingMessage) -> frozenset[str]:
    """What can be done about a message now: retry, again, give-up, take-back; nothing while it is tried."""
    if message.kind == ESCALATION or message.state in (State.ACKNOWLEDGED, State.GIVEN_UP):
        return frozenset()
    if on_its_way(message):
        return frozenset()
    found = set()
    tried = message.attempts > 0
    if message.state == State.FAILED or (message.state == State.WAITING and tried):
        found |= {"retry", "give-up"}
    if message.state == State.WAITING and not tried:
        found.add("retry")
        if message.sent is None:
            found.add("take-back")
    if message.state in (State.LATE, State.REFUSED):
        found.add("give-up")
        unanswered = message.state == State.LATE or message.answered_with == "transient-error"
        if unanswered and resending.may_again(message.standard, message.resends):
            found.add("again")
    return frozenset(found)


def on_its_way(message: OutgoingMessage) -> bool:
    """Whether somebody is handing the message over now: a try has begun, and nothing has come of it yet."""
    return message.state in (State.WAITING, State.FAILED) and message.attempts > 0 and not message.last_error


def may(user: User, message: OutgoingMessage, now: Instant) -> bool:
    """Whether `user` decides about a message: somebody of its sender who may send about the citizen, or
    whoever looks after the connections."""
    if rules.may(user, "deliver"):
        return True
    if not message.sender or message.sender != user.organisation_id:
        return False
    citizen = message.citizen
    return citizen is None or bool(rules.relation(user, citizen, now, "send"))


def retry(message: OutgoingMessage, actor: Actor, *, now: Instant) -> None:
    """Try the transport at once.

    Raises:
        NothingToDoError: when it does not wait for that.
        PermissionDenied: when it is not the actor's to decide on.
    """
    with transaction.atomic():
        row = _held(message, actor, "retry", now)
        row.state, row.next_attempt = State.WAITING, now
        row.save(update_fields=["state", "next_attempt"])
        _told(row, actor, "retried", "", now)


def send_again(message: OutgoingMessage, actor: Actor, *, now: Instant, new_id: NewId) -> bool:
    """Send a message again that nobody answered: a Danish one with a new Bundle.id, the rest unchanged.

    False when somebody else was first.

    Raises:
        NothingToDoError: when it may not be sent again.
        PermissionDenied: when it is not the actor's to decide on.
    """
    with transaction.atomic():
        row = _held(message, actor, "again", now)
        if row.resends != message.resends:
            return False
        if row.standard.startswith("medcom-"):
            form: Format = "xml" if row.format == "xml" else "json"
            data, row.bundle_id = again(record.unpack(bytes(row.content)), form, now=now, new_id=new_id)
            row.content = record.pack(data)
        row.resends += 1
        row.state, row.next_attempt, row.due = State.WAITING, now, None
        row.attempts, row.answered_with, row.answered, row.issues = 0, "", None, []
        row.save()
        _told(row, actor, "resent", "", now)
    return True


def give_up(message: OutgoingMessage, actor: Actor, why: str, *, now: Instant) -> None:
    """Close a message for good, for a reason; what it should have told must be told another way.

    Raises:
        NothingToDoError: when it is closed or still on its way, or no reason is given.
        PermissionDenied: when it is not the actor's to decide on.
    """
    if not why.strip():
        raise NothingToDoError("giving a message up needs a reason")
    with transaction.atomic():
        row = _held(message, actor, "give-up", now)
        _close(row, actor, why.strip(), now)
        _told(row, actor, "given-up", why.strip(), now)


def never_left(message: OutgoingMessage | None) -> bool:
    """Whether a message was taken back, or given up before it was handed over: nobody else may read it."""
    return message is not None and message.state == State.GIVEN_UP and message.sent is None


def repeated(message: OutgoingMessage) -> bool:
    """Whether a later message of its sender, that left or will, answers it or carries what it says."""
    own = StoredLetter.objects.filter(outgoing=message).order_by("pk").first()
    said = letters.unpack(bytes(own.content)).conversation if own is not None else None
    if own is None or said is None:
        return False
    ids = {segment.id for segment in said.segments if segment.new}
    later = StoredLetter.objects.filter(
        citizen=own.citizen_id, sender=own.sender, pk__gt=own.pk, outgoing__isnull=False
    ).exclude(outgoing__state=State.GIVEN_UP)
    for row in later:
        other = letters.unpack(bytes(row.content)).conversation
        if other is not None and (
            other.previous == own.message_id or any(one.id in ids for one in other.segments)
        ):
            return True
    return False


def take_back(message: OutgoingMessage, actor: Actor, *, now: Instant) -> bool:
    """Stop a message that has not left yet; False when it has, or when a later one repeats it."""
    with transaction.atomic():
        row = OutgoingMessage.objects.select_for_update().get(pk=message.pk)
        _permit(row, actor, now)
        if "take-back" not in possible(row) or repeated(row):
            return False
        _close(row, actor, TAKEN_BACK, now)
        _told(row, actor, "given-up", TAKEN_BACK, now)
    return True


def _held(message: OutgoingMessage, actor: Actor, act: str, now: Instant) -> OutgoingMessage:
    """The message as it stands, locked until the commit."""
    row = OutgoingMessage.objects.select_for_update().get(pk=message.pk)
    _permit(row, actor, now)
    if act not in possible(row):
        raise NothingToDoError("the message is closed, on its way, or was answered meanwhile")
    return row


def _permit(row: OutgoingMessage, actor: Actor, now: Instant) -> None:
    if not isinstance(actor, Process) and not may(actor, row, now):
        raise PermissionDenied("not a message that the reader decides on")


def _close(row: OutgoingMessage, actor: Actor, why: str, now: Instant) -> None:
    row.state, row.next_attempt = State.GIVEN_UP, None
    row.closed, row.closed_by, row.reason = now, _name(actor), why[:300]
    row.save(update_fields=["state", "next_attempt", "closed", "closed_by", "reason"])


def _told(row: OutgoingMessage, actor: Actor, outcome: str, detail: str, now: Instant) -> None:
    """The record of what somebody did, beside the tries, and in the citizen's trace."""
    Delivery.objects.create(
        message=row, at=now, bundle_id=row.bundle_id, outcome=outcome, detail=detail[:300], by=_name(actor)
    )
    if row.citizen_id is None:
        return
    relation = AUTOMATIC
    if not isinstance(actor, Process) and row.citizen is not None:
        relation = rules.relation(actor, row.citizen, now, "send") or OFFICE
    writes = bulk.Writes()
    trace = entry(actor, row.citizen_id, outcome, row.message_id, relation, now)
    writes.insert("access_accessentry", ENTRY, [trace])
    writes.flush()


def _name(actor: Actor) -> str:
    return (actor.name if isinstance(actor, Process) else actor.get_username())[:64]
