"""One round of the intake: messages with different ids, decided one after the other and stored together."""

from collections.abc import Callable, Sequence

from django.conf import settings
from msgspec.structs import replace

from naer.events.instant import Instant
from naer.messages.content import Letter
from naer.messages.envelope import Issue
from naer.messages.medcom import classify
from naer.site.messaging import answering, copies, letter_intake, notification_intake, record, seen, silence
from naer.site.messaging.answer import Acknowledgement, Answer, Prepared
from naer.site.messaging.desk import Desk
from naer.site.messaging.record import Logged
from naer.site.pathways import live, store
from naer.site.pathways.actor import Actor
from naer.site.pathways.register import Organisation

_NOT_TAKEN = Issue(
    "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE",
    "messages of this kind are not received here",
    "MessageHeader.eventCoding",
)


class Round:
    """Messages with different ids, decided together."""

    def __init__(
        self, batch: Sequence[Prepared], *, now: Instant, new_id: Callable[[], str], actor: Actor
    ) -> None:
        self.batch = batch
        self.desk = Desk(now=now, new_id=new_id, actor=actor)
        self._logged: list[Logged] = []

    def decide(self) -> list[Answer]:
        """Lock and read what the messages touch, and decide; the answers are in the order of the batch."""
        desk = self.desk
        known = desk.load(self.batch)
        verdicts = [known.judge(message.incoming) for message in self.batch]
        originals = seen.originals(verdict.original for verdict in verdicts if verdict.original is not None)
        others = {one.citizen for one in originals.values() if one.citizen} - desk.states.keys()
        desk.others = store.load(others, locked=False)
        logged = []
        for message, verdict in zip(self.batch, verdicts, strict=True):
            if verdict.original is not None:
                logged.append(self._again(message, originals[verdict.original]))
            else:
                logged.append(self._first(message, verdict))
        if agreements := silence.agreed():
            logged = [silence.hush(one, agreements, desk.register) for one in logged]
        self._logged = logged
        return [one.answer for one in logged]

    def write(self) -> None:
        """Store what was decided."""
        self.desk.write(self._logged)

    def _again(self, message: Prepared, original: seen.Original) -> Logged:
        """A copy: the answer the first one got, byte for byte; nothing shown, nothing kept (section 7).

        Handed to another of its receivers, it is answered with the same word in that one's name.
        """
        message, body = self._in_own_name(message, original)
        desk, incoming = self.desk, message.incoming
        said, letter = incoming.notification, incoming.letter
        key = original.citizen or ""
        state = desk.states.get(key) or desk.others.get(key)
        word: Acknowledgement = original.acknowledgement  # type: ignore[assignment]
        code = original.code or (classify.provisional(said) if said else None)
        position, segments = desk.arrivals.place(key, letter) if letter is not None else (None, None)
        answer = Answer(
            acknowledgement=word,
            body=body,
            http_status=200 if word in ("ok", "ok-with-errors") else answering.status(incoming, word),
            format=original.format,
            message_id=incoming.message_id,
            standard=incoming.standard,
            code=code if answering.has_code(incoming.standard) else None,
            issues=record.issues_from_text(original.issues),
            duplicate=True,
            citizen_status=state.status if state else "none",
            citizen=original.citizen,
            pathway=original.pathway or None,
            event=original.event or None,
            position=position,
            segments=segments,
            **answering.named(incoming, word),
        )
        logged = desk.logged(message, answer, "duplicate", original.row)
        return replace(logged, own_answer=logged.receiver != original.receiver)

    def _in_own_name(self, message: Prepared, original: seen.Original) -> tuple[Prepared, bytes]:
        """A copy as the receiver got it whom it was handed to, and its answer: from before, or new."""
        letter = message.incoming.letter
        first = record.unpack(original.answer) if original.answer else b""
        those = copies.here(self.desk, letter) if letter is not None and letter.copies else []
        if len(those) < 2 or not original.answer:
            return message, first
        before = seen.answered(original)
        party = copies.named(message.to, those)
        party = party or next((one for key, one in those if key not in before), None)
        if party is None:
            return message, first
        message = copies.handed_to(message, party)
        key = self.desk.name(party)
        if key in before:
            return message, record.unpack(before[key])
        word: Acknowledgement = original.acknowledgement  # type: ignore[assignment]
        issues = [*message.incoming.partial, *record.issues_from_text(original.issues)]
        body, _ = answering.written(
            message.incoming, word, issues, now=self.desk.now, new_id=self.desk.new_id
        )
        return message, body

    def _first(self, message: Prepared, verdict: seen.Verdict) -> Logged:
        """A message that was not here before."""
        desk, incoming = self.desk, message.incoming
        refusals = [*incoming.issues, *([verdict.issue] if verdict.issue else [])]
        if incoming.response is not None and not refusals:
            return self._receipt(message, verdict)
        receiver = desk.organisation(incoming.receiver)
        if incoming.letter is not None and incoming.letter.copies:
            message, receiver = self._addressed(message, incoming.letter, receiver)
            incoming = message.incoming
        if not refusals and incoming.notification is None and incoming.letter is None:
            refusals = [_NOT_TAKEN]
        if not refusals and settings.CHECK_RECEIVER:
            refusals = answering.not_ours(incoming, receiver)
        if refusals:
            return self._refused(message, refusals)
        if incoming.notification is not None:
            return notification_intake.take(desk, message, incoming.notification, receiver, verdict)
        assert incoming.letter is not None
        return letter_intake.take(desk, message, incoming.letter, receiver, verdict)

    def _addressed(
        self, message: Prepared, letter: Letter, receiver: Organisation | None
    ) -> tuple[Prepared, Organisation | None]:
        """A letter with several receivers as the one got it whom it was handed to, or who is here."""
        those = copies.here(self.desk, letter)
        party = copies.named(message.to, those) or (those[0][1] if receiver is None and those else None)
        if party is None or party == message.incoming.receiver:
            return message, receiver
        return copies.handed_to(message, party), receiver or self.desk.organisation(party)

    def _refused(self, message: Prepared, refusals: list[Issue]) -> Logged:
        """Refused: only the envelope is kept."""
        incoming = message.incoming
        said = incoming.notification
        state = self.desk.citizen(said)
        answer = self.desk.answer(
            message,
            answering.refusal(incoming),
            refusals,
            code=classify.provisional(said) if said else None,
            citizen_status=state.status if state else "none",
        )
        return self.desk.logged(message, answer, "refused")

    def _receipt(self, message: Prepared, verdict: seen.Verdict) -> Logged:
        """A receipt for a message of ours: it is never answered itself."""
        desk, incoming = self.desk, message.incoming
        sender = desk.name(incoming.sender)
        state, strange = desk.receipts.take(incoming, sender, desk.states, desk.now, verdict.reused)
        if state is not None:
            live.judge(state, desk.register, desk.now)
            desk.trace(state.key, incoming.message_id)
        flags = [*incoming.flags, *([verdict.flag] if verdict.flag else []), *strange]
        return desk.logged(message, desk.answer(message, "ok", flags), "response", flags=flags)
