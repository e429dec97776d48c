"""The receipts of one round of the intake: which messages of ours they are about, and what they tell."""

from collections.abc import Iterable

from naer.events.event import Event
from naer.events.instant import Instant
from naer.messages.envelope import Incoming, Issue, flag
from naer.site import bulk
from naer.site.messaging import outbox
from naer.site.messaging.outbox import Receipt
from naer.site.pathways.state import State

WORDS = {"ok-with-errors": "ok", "rejected": "fatal-error"}
"""Words of an AppRec → those of the outbox."""
KIND = "message_acknowledged"

_SENT_SQL = """
SELECT message_id, receiver, citizen_id, pathway FROM messaging_outgoingmessage WHERE message_id {in}
ORDER BY id"""
_UNKNOWN = flag("not-found", "no message with that id was sent from here", "MessageHeader.response")
_BY_CHAIN = flag(
    "not-found",
    "it answers a message that was not sent from here; taken for the one that its Provenance names",
    "MessageHeader.response",
)
_STRANGER = flag(
    "conflict",
    "another organisation answers than the one it was sent to; not applied",
    "MessageHeader.sender",
)


class Receipts:
    """Acknowledgements and AppRecs, with the messages they answer."""

    def __init__(self, batch: Iterable[Incoming]) -> None:
        said = [one.response for one in batch if one.response is not None]
        wanted = sorted({name for one in said for name in (one.message_id, one.chained_to) if name})
        self._sent: dict[str, list[bulk.Row]] = {}
        for row in bulk.read([(_SENT_SQL, [wanted])])[0] if wanted else []:
            self._sent.setdefault(row[0], []).append(row)
        self.taken: list[Receipt] = []

    @property
    def citizens(self) -> set[str]:
        """Those whom the answered messages are about."""
        return {row[2] for rows in self._sent.values() for row in rows if row[2]}

    def take(
        self,
        incoming: Incoming,
        sender: str,
        states: dict[str, State],
        now: Instant,
        reused: bool,
    ) -> tuple[State | None, list[Issue]]:
        """Apply a receipt: the citizen whose log says so now, and what is strange about it.

        `sender` is its key in the register, else its id as sent. Only whom it was sent to may answer.
        """
        said = incoming.response
        if said is None:
            return None, []
        rows = self._sent.get(said.message_id, [])
        doubts = []
        if not rows and (rows := self._sent.get(said.chained_to or "", [])):
            doubts.append(_BY_CHAIN)
        if not rows:
            return None, [_UNKNOWN]
        mine = [row for row in rows if row[1] == sender]
        if not mine:
            return None, [_STRANGER]
        message_id, _, citizen, pathway = mine[0]
        word = WORDS.get(said.code, said.code)
        self.taken.append(Receipt(message_id, word, incoming.message_id, sender, said.issues))
        state = states.get(citizen) if citizen else None
        if state is not None:
            mark = f"~{incoming.content_hash[:12]}" if reused else ""
            state.append(
                Event(
                    id=incoming.message_id + mark,
                    pathway=pathway or f"{state.key}.{message_id}",
                    citizen=state.key,
                    kind=KIND,
                    at=now if incoming.sent is None else incoming.sent,
                    sent=incoming.sent,
                    received=now,
                    organisation=sender or None,
                    municipality=state.municipality or None,
                    attributes={"message": message_id, "answer": word},
                    source="AppRec" if incoming.standard == "apprec" else "Acknowledgement",
                )
            )
        return state, doubts

    def save(self, now: Instant, writes: bulk.Writes) -> None:
        """Put what they say about our messages into `writes`, after the receipts themselves."""
        outbox.take_receipts(self.taken, now, writes)
