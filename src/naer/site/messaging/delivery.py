"""Delivering the outbox: what is due is handed over, what came back is taken in, what is late is said so.

May be run by several processes at once: a message is claimed before it leaves, and a claim runs out when
its holder is gone. A message may reach the partner twice then, under the same ids, which receivers know.
Nothing is ever dropped: what cannot be handed over is tried again and again, visibly.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from naer.events.instant import MINUTE, Instant
from naer.messages.envelope import Format
from naer.site.messaging import dead_letters, received_back, record, resending, sent_event, ways
from naer.site.messaging.connections import Connection, WrongConnectionsError
from naer.site.messaging.models import Delivery, OutgoingMessage
from naer.site.messaging.outbox import ESCALATION
from naer.site.messaging.transport import Again, Handed, Never, Outcome, Parcel, hand_over, hook_of, target
from naer.site.pathways import store
from naer.site.pathways.actor import Process, leave_trace

NewId = Callable[[], str]
State = OutgoingMessage.State
LEASE = 5 * MINUTE
"""How long a claim holds: longer than any transport may take (`deadline`)."""
MOST = 200
"""Messages that are tried in one round."""
PAGE = 1_000
"""Messages that are looked at at once, to find those."""
NO_WAY = "there is no connection to the receiver"


@dataclass(slots=True)
class Delivered:
    """What a round did."""

    sent: int = 0
    resent: int = 0
    failed: int = 0
    """Tries that failed; each is made again later."""
    stuck: int = 0
    """Messages that were put on the list of what needs a person."""
    late: int = 0
    """Messages whose receipt is overdue now."""

    def add(self, other: "Delivered") -> None:
        """Count what another round did, too."""
        for name in ("sent", "resent", "failed", "stuck", "late"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def deliver(
    clock: Callable[[], Instant], *, new_id: NewId, actor: Process, most: int = MOST, drop: str = ""
) -> Delivered:
    """One round over everything that is due now; `drop` is a folder that takes it all instead.

    After a try that failed, the rest for the same address waits for the next round.
    """
    done = Delivered(late=_find_late(clock()))
    done.resent = _send_late_again(clock(), new_id, actor)
    tries, troubled = 0, set[str]()
    known: dict[tuple[str, str, str], Connection | str] = {}
    for message in _due(clock()):
        if tries == most:
            break
        if drop and hook_of(message.transport) is not None:
            continue  # a notice to a subscriber is no message that a partner could be given as a file
        course = (message.transport, message.standard, message.receiver)
        if course not in known:
            known[course] = _way(message, drop)
        attempt = _Attempt(message, known[course], clock, new_id, actor, clock())
        if attempt.road in troubled or not _claim(message, attempt.began):
            continue
        tries += 1
        outcome = attempt.run()
        if isinstance(outcome, Again):
            troubled.add(attempt.road)
        _write_down(attempt, outcome, done)
        if isinstance(outcome, Handed) and outcome.receipt:
            received_back.take(outcome, clock, new_id, actor)
    return done


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One message with the way it is to leave; `way` is a text when there is none, and says why."""

    message: OutgoingMessage
    way: Connection | str
    clock: Callable[[], Instant]
    new_id: NewId
    actor: Process
    began: Instant
    """When it left us: a receipt that comes at once comes after it."""

    @property
    def transport(self) -> str:
        return self.way.transport if isinstance(self.way, Connection) else self.message.transport

    @property
    def address(self) -> str:
        """Where it goes; messages of a transport of its own go to their receiver."""
        if isinstance(self.way, Connection) and self.way.transport != "local":
            return target(self.way)[:300]
        return f"{self.transport} {self.message.receiver}".strip()

    @property
    def road(self) -> str:
        """What is in trouble when a try fails; of an organisation's subscriptions only the one."""
        hook = hook_of(self.message.transport)
        return self.address if hook is None else f"{self.address} {self.message.answers}"

    def holds(self, row: OutgoingMessage) -> bool:
        """Whether the claim still holds: nobody else took, sent or closed it, and no receipt came."""
        return row.state in (State.WAITING, State.FAILED) and row.next_attempt == self.began + LEASE

    def run(self) -> Outcome:
        """Try once; outside any transaction."""
        hook = hook_of(self.message.transport)
        if hook is not None:
            return hook(self.message, record.unpack(bytes(self.message.content)))
        if isinstance(self.way, str):
            return Never(self.way) if self.way == NO_WAY else Again(self.way)
        if self.way.transport == "local":
            return received_back.pass_on(parcel_of(self.message), self.clock, self.new_id, self.actor)
        return hand_over(parcel_of(self.message), self.way)


def _due(now: Instant) -> Iterator[OutgoingMessage]:
    """Messages to be tried now, in the order they were written; their contents are read when asked for."""
    waiting = Q(state__in=(State.WAITING, State.FAILED), next_attempt__lte=now)
    found = OutgoingMessage.objects.filter(waiting).exclude(kind=ESCALATION).order_by("created", "pk")
    found = found.defer("content", "letter")
    page = list(found[:PAGE])
    while page:
        yield from page
        last = page[-1]
        after = Q(created__gt=last.created) | Q(created=last.created, pk__gt=last.pk)
        page = list(found.filter(after)[:PAGE]) if len(page) == PAGE else []


def _way(message: OutgoingMessage, drop: str = "") -> Connection | str:
    """The connection that carries a message; when there is none, why. A transport of its own needs none."""
    if hook_of(message.transport) is not None:
        return NO_WAY
    if drop:
        return Connection("*", "file", drop)
    try:
        return ways.way(message.standard, message.receiver) or NO_WAY
    except WrongConnectionsError:
        return "the file of connections cannot be used"


def _claim(message: OutgoingMessage, now: Instant) -> bool:
    """Whether this process may send the message now; another that looks finds it taken.

    The try counts from here on: what was claimed may have left, and cannot be taken back any more.
    """
    mine = OutgoingMessage.objects.filter(
        pk=message.pk, state=message.state, next_attempt=message.next_attempt
    ).update(next_attempt=now + LEASE, attempts=F("attempts") + 1, last_error="")
    return mine == 1


def parcel_of(message: OutgoingMessage) -> Parcel:
    """The latest sending of a message, as it goes over the wire."""
    form: Format = "xml" if message.format == "xml" else "json"
    name = f"{message.pk:08d}-{message.resends}-{message.message_id}"
    return Parcel(
        record.unpack(bytes(message.content)),
        form,
        message.standard,
        message.message_id,
        message.bundle_id,
        name,
    )


def _write_down(attempt: _Attempt, outcome: Outcome, done: Delivered) -> None:
    """Store what came of a try, with its trace and the event it makes, in one transaction.

    A failure changes nothing for a message whose claim was lost meanwhile; it is on record all the same.
    """
    message, now = attempt.message, attempt.clock()
    with transaction.atomic():
        if message.citizen_id:
            store.lock([message.citizen_id])  # in the order of the intake: citizen first, then message
        row = OutgoingMessage.objects.select_for_update().get(pk=message.pk)
        if isinstance(outcome, Handed):
            row.transport = attempt.transport
            _sent(row, outcome, attempt.way, attempt.began)
            row.save()
            done.sent += 1
        elif attempt.holds(row):
            row.transport = attempt.transport
            done.stuck += _not_sent(row, outcome, now)
            row.save()
        done.failed += not isinstance(outcome, Handed)
        Delivery.objects.create(
            message=row,
            at=now,
            transport=attempt.transport,
            target=attempt.address,
            bundle_id=row.bundle_id,
            outcome=_OUTCOMES[type(outcome)],
            detail=outcome.detail[:300],
            by=attempt.actor.name,
        )
        if isinstance(outcome, Handed):
            if row.citizen_id:
                leave_trace(attempt.actor, row.citizen_id, "deliver", row.message_id, now)
            sent_event.tell(row, attempt.began, now)


_OUTCOMES: dict[type, str] = {Handed: "delivered", Again: "failed", Never: "refused"}


def _sent(row: OutgoingMessage, outcome: Handed, way: Connection | str, now: Instant) -> None:
    """The partner has it; a receipt that overtook us stands."""
    row.sent = row.sent if row.sent is not None else now
    row.attempts, row.last_error, row.next_attempt = 0, "", None
    if row.answered_with not in ("", "transient-error"):
        return
    row.state = State.SENT
    if outcome.final:
        row.state, row.answered, row.answered_with = State.ACKNOWLEDGED, now, "ok"
    elif isinstance(way, Connection) and way.receipts:
        row.due = resending.due(row.standard, row.created, now)


def _not_sent(row: OutgoingMessage, outcome: Again | Never, now: Instant) -> int:
    """Try again later, or ask for a person; 1 when it came onto that list now."""
    row.last_error = outcome.detail[:300]
    before = row.state
    if isinstance(outcome, Never):
        row.state, row.next_attempt = State.FAILED, None
    else:
        row.next_attempt = now + resending.pause(row.attempts)
        begun = Delivery.objects.filter(message=row, outcome="failed").order_by("-pk")[: row.attempts - 1]
        first = min((one.at for one in begun), default=now)
        if now - first >= resending.STUCK_AFTER:
            row.state = State.FAILED
    return int(row.state == State.FAILED and before != State.FAILED)


def _find_late(now: Instant) -> int:
    """Mark what was sent and whose receipt is overdue; how many there were."""
    return OutgoingMessage.objects.filter(state=State.SENT, due__lte=now).update(state=State.LATE)


def _send_late_again(now: Instant, new_id: NewId, actor: Process) -> int:
    """Send again what may be by itself: the standard allows it and it is agreed with the partner."""
    unanswered = Q(state=State.LATE) | Q(state=State.REFUSED, answered_with="transient-error")
    found = OutgoingMessage.objects.filter(
        unanswered, closed=None, due__lte=now, standard__startswith="medcom-"
    ).order_by("created", "pk")[:MOST]
    count = 0
    for message in found:
        way = _way(message)
        agreed = isinstance(way, Connection) and way.resend == "automatic"
        if (
            agreed
            and resending.rules(message.standard).by_itself
            and "again" in dead_letters.possible(message)
        ):
            count += dead_letters.send_again(message, actor, now=now, new_id=new_id)
    return count
