"""The one way in for messages: HTTP, upload, command line and demo.

parse → duplicate → validate → receiver → legal basis → classify → apply → acknowledge, all in the
transaction that stores the result. Reads and writes are a few statements for the whole batch; the
decisions are made in memory, and are the same however messages are batched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction

from naer.events.instant import ZONES, Instant, local_date
from naer.messages.content import Party
from naer.messages.envelope import Incoming, Issue, Notification, flag
from naer.messages.medcom import acknowledgement, classify, events
from naer.site import bulk
from naer.site.messaging import legal_basis, outbox, record, seen
from naer.site.messaging.answer import Acknowledgement, Answer, Prepared, Raw
from naer.site.messaging.prepared import OURSELVES, prepare
from naer.site.messaging.record import Logged
from naer.site.pathways import live, numbers, store
from naer.site.pathways.actor import AUTOMATIC, ENTRY, Actor, entry
from naer.site.pathways.register import Organisation, Register, query
from naer.site.pathways.state import State

NewId = Callable[[], str]
REPORT = "admission_report"
MUNICIPALITY = "municipality"
ATTEMPTS = 3
"""How often a batch is tried when another writer was in the way."""

_CITIZENS_SQL = 'SELECT number_index, "key" FROM pathways_citizen WHERE number_index {in} ORDER BY "key"'
_NOT_OURS = Issue(
    "MSG_Receiver_Identifier_UNKNOWN",
    "the receiver is not a municipality here",
    "MessageHeader.destination.receiver",
)
_NOT_TAKEN = Issue(
    "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE",
    "only HospitalNotification is received here",
    "MessageHeader.eventCoding",
)
_ORIGINAL_UNKNOWN = flag(
    "not-found", "what it corrects or cancels is not known here; it waits for that", "Provenance.entity"
)
_UNAVAILABLE = Issue("transient", "the message could not be stored; send it again later", "", "error")
_log = structlog.get_logger("naer.intake")


def receive(batch: Sequence[Raw], *, now: Instant, new_id: NewId, actor: Actor) -> list[Answer]:
    """Take in messages in one transaction; the answers are in the order of `batch`.

    Never raises for what a message says. When the database fails, or a message cannot be processed by our
    own fault, that message's answer is a transient-error, and nothing of it is stored.
    """
    return take_in(
        [prepare(raw, now=now, new_id=new_id) for raw in batch], now=now, new_id=new_id, actor=actor
    )


def take_in(batch: Sequence[Prepared], *, now: Instant, new_id: NewId, actor: Actor) -> list[Answer]:
    """What `receive` does, with messages that were prepared elsewhere."""
    return _Intake(now, new_id, actor).run(batch)


@dataclass(slots=True)
class _Intake:
    now: Instant
    new_id: NewId
    actor: Actor

    def run(self, batch: Sequence[Prepared]) -> list[Answer]:
        """Answer all, in one transaction; on a fault, each alone, so that one cannot hold up the others."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return [answer for some in _rounds(batch) for answer in _Round(self, some).run()]
            except Exception as error:
                _log.warning("batch failed", messages=len(batch), attempt=attempt, error=type(error).__name__)
                if not isinstance(error, DatabaseError):
                    break
        if len(batch) == 1:
            _log.error("message not processed", message_id=batch[0].incoming.message_id)
            return [self.answer(batch[0], "transient-error", [_UNAVAILABLE])]
        return [answer for message in batch for answer in self.run([message])]

    def answer(self, message: Prepared, word: Acknowledgement, issues: list[Issue], **more: Any) -> Answer:
        """The answer to a message, with the acknowledgement (or OperationOutcome) written."""
        incoming, status = message.incoming, 503 if word == "transient-error" else 200
        if word == "ok" and (message.thanks or incoming.response is not None):
            body = message.thanks
        elif incoming.answerable:
            body = acknowledgement.write(
                incoming,
                answer=word,
                issues=issues,
                sender_fallback=OURSELVES,
                now=self.now,
                new_id=self.new_id,
            )
        else:
            body = acknowledgement.operation_outcome(issues, incoming.format)
            status = 503 if word == "transient-error" else _refusal_status(incoming)
        return Answer(
            acknowledgement=word,
            body=body,
            http_status=status,
            format=incoming.format,
            message_id=incoming.message_id,
            standard=incoming.standard,
            issues=issues,
            **more,
        )


def _refusal_status(incoming: Incoming) -> int:
    """400 for what is not readable at all, 422 for what is read and refused."""
    return 422 if incoming.standard or incoming.bundle_id else 400


def _rounds(batch: Sequence[Prepared]) -> list[list[Prepared]]:
    """The batch in parts, so that no message id or bundle id stands twice in one part."""
    rounds: list[list[Prepared]] = []
    used: set[tuple[str, str]] = set()
    for message in batch:
        incoming = message.incoming
        ids = {("header", incoming.message_id), ("bundle", incoming.bundle_id)} - {
            ("header", ""),
            ("bundle", ""),
        }
        if not rounds or not used.isdisjoint(ids):
            rounds.append([])
            used = set()
        rounds[-1].append(message)
        used |= ids
    return rounds


class _Round:
    """Messages with different ids, decided together."""

    def __init__(self, intake: _Intake, batch: list[Prepared]) -> None:
        self.intake = intake
        self.now = intake.now
        self.today = local_date(intake.now, ZONES["DK"])
        self.batch = batch
        self.register = Register()
        self.citizens: dict[str, str] = {}
        """Number index → citizen."""
        self.numbers: dict[str, str] = {}
        """Person number → its index."""
        self.states: dict[str, State] = {}
        self.others: dict[str, State] = {}
        """Citizens of earlier copies, to tell their status."""
        self.traced: list[tuple[str, str]] = []

    def run(self) -> list[Answer]:
        known = self._load([message.incoming for message in self.batch])
        verdicts = [known.judge(message.incoming) for message in self.batch]
        originals = seen.originals(verdict.original for verdict in verdicts if verdict.original is not None)
        others = {one.citizen for one in originals.values() if one.citizen} - self.states.keys()
        self.others = store.load(others, locked=False)
        logged = []
        for message, verdict in zip(self.batch, verdicts, strict=True):
            if verdict.original is not None:
                logged.append(self._again(message, originals[verdict.original]))
            else:
                logged.append(self._first(message, verdict))
        self._write(logged)
        return [one.answer for one in logged]

    def _load(self, batch: list[Incoming]) -> seen.Seen:
        """Lock the citizens, then ask at once for all that the messages need."""
        self.numbers = {
            said.person_number: numbers.index(said.person_number)
            for incoming in batch
            if (said := incoming.notification) is not None
        }
        self.citizens = dict(bulk.lock((_CITIZENS_SQL, [sorted(set(self.numbers.values()))])))
        keys = sorted(self.citizens.values())
        parties = [party for incoming in batch for party in (incoming.sender, incoming.receiver) if party]
        ids = sorted({number for party in parties for number in (party.sor, party.gln) if number})
        questions = [seen.query(batch), query(ids, keys), *store.queries(keys)]
        known, organisations, *citizens = bulk.read(questions)
        self.states = store.take(citizens)
        self.register.take(organisations, self.states.values())
        return seen.take(known)

    def _again(self, message: Prepared, original: seen.Original) -> Logged:
        """A copy: the answer the first one got, byte for byte; nothing shown, nothing kept (section 7)."""
        incoming = message.incoming
        said = incoming.notification
        key = original.citizen or ""
        state = self.states.get(key) or self.others.get(key)
        first = record.issues_from_text(original.issues)
        body = record.unpack(original.answer) if original.answer else b""
        word: Acknowledgement = original.acknowledgement  # type: ignore[assignment]
        answerable = incoming.answerable or incoming.response is not None
        answer = Answer(
            acknowledgement=word,
            body=body,
            http_status=200 if answerable else _refusal_status(incoming),
            format=original.format,
            message_id=incoming.message_id,
            standard=incoming.standard,
            code=original.code or (classify.provisional(said) if said else None),
            issues=first,
            duplicate=True,
            citizen_status=state.status if state else "none",
            citizen=original.citizen,
            pathway=original.pathway or None,
            event=original.event or None,
        )
        return self._logged(message, answer, "duplicate", original.row)

    def _first(self, message: Prepared, verdict: seen.Verdict) -> Logged:
        """A message that was not here before."""
        incoming = message.incoming
        refusals = [*incoming.issues, *([verdict.issue] if verdict.issue else [])]
        said = incoming.notification
        receiver = self._organisation(incoming.receiver)
        if incoming.response is not None and not refusals:
            return self._logged(message, self.intake.answer(message, "ok", []), "response")
        if not refusals and said is None:
            refusals = [_NOT_TAKEN]
        ours = receiver is not None and receiver.role == MUNICIPALITY
        if not refusals and not ours and settings.CHECK_RECEIVER:
            refusals = [_NOT_OURS]
        state = self._citizen(said)
        if refusals or said is None:
            status = state.status if state else "none"
            code = classify.provisional(said) if said else None
            answer = self.intake.answer(message, "fatal-error", refusals, code=code, citizen_status=status)
            return self._logged(message, answer, "refused")
        flags = [*incoming.flags, *([verdict.flag] if verdict.flag else [])]
        municipality = self._receiving(receiver, state)
        if state is None or legal_basis.basis(state.cases, municipality, self.today) is None:
            answer = self.intake.answer(message, "ok", [], code=classify.provisional(said))
            return self._logged(message, answer, "no-legal-basis")
        return self._apply(message, said, state, municipality, flags, verdict.reused)

    def _apply(
        self,
        message: Prepared,
        said: Notification,
        state: State,
        municipality: str,
        flags: list[Issue],
        reused: bool,
    ) -> Logged:
        """Append the event, bring the citizen's state up to date, and say what came of it."""
        incoming = message.incoming
        event = events.event(
            incoming,
            state.key,
            f"{state.key}.{said.episode.key}",
            self._name(incoming.sender) or None,
            municipality,
            self.now,
            reused,
        )
        state.append(event)
        judged = live.judge(state, self.register, self.now)
        linked = judged.of(event)
        code = str(linked.attributes["code"])
        if linked.attributes.get("original") == "unknown":
            flags = [*flags, _ORIGINAL_UNKNOWN]
        correction = linked.changes is not None and linked.changes in judged.linked and code.startswith("RE_")
        answer = self.intake.answer(
            message,
            "ok",
            flags,
            code=code,
            shown=not correction,
            stored=True,
            citizen_status=state.status,
            citizen=state.key,
            pathway=linked.pathway,
            event=str(linked.id),
            report_owed=any(
                identity.trigger == linked.id
                and not owed.withdrawn
                and REPORT in live.deliveries(identity.agreement, identity.clause)
                for identity, owed in state.owed.items()
            ),
        )
        self.traced.append((state.key, incoming.message_id))
        return self._logged(message, answer, "", flags=flags)

    def _write(self, logged: list[Logged]) -> None:
        writes = bulk.Writes()
        record.write(logged, self.now, writes)
        answered = [
            one.message.incoming.response.message_id
            for one in logged
            if one.reason == "response" and one.message.incoming.response
        ]
        outbox.acknowledge(answered, writes)
        writes.insert(
            "access_accessentry",
            ENTRY,
            [
                entry(self.intake.actor, citizen, "receive", message_id, AUTOMATIC, self.now)
                for citizen, message_id in self.traced
            ],
        )
        store.save(list(self.states.values()), writes)
        writes.flush()

    def _citizen(self, said: Notification | None) -> State | None:
        if said is None:
            return None
        return self.states.get(self.citizens.get(self.numbers[said.person_number], ""))

    def _receiving(self, receiver: Organisation | None, state: State | None) -> str:
        """Code of the municipality that receives: the receiver's, else where the citizen lives."""
        if receiver is not None and receiver.role == MUNICIPALITY and receiver.municipality:
            return receiver.municipality
        return state.municipality if state else ""

    def _organisation(self, party: Party | None) -> Organisation | None:
        return self.register.named(party.sor, party.gln) if party else None

    def _name(self, party: Party | None) -> str:
        """What the party is called here: its key in the register, else its SOR id or location number."""
        known = self._organisation(party)
        if known is not None:
            return known.key
        return (party.sor or party.gln)[:64] if party else ""

    def _logged(
        self,
        message: Prepared,
        answer: Answer,
        reason: str,
        duplicate_of: int | None = None,
        flags: Sequence[Issue] = (),
    ) -> Logged:
        incoming = message.incoming
        sender, receiver = self._name(incoming.sender), self._name(incoming.receiver)
        return Logged(message, answer, sender, receiver, reason, duplicate_of, list(flags))
