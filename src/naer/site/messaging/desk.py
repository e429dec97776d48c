"""What lies on the desk while one round of messages is decided: the citizens, the register, what was seen.

Reads and writes are a few statements for the whole round; the decisions are made in memory, and are the same
however messages are batched.
"""

from collections.abc import Callable, Sequence
from typing import Any

from naer.events.instant import ZONES, Instant, local_date
from naer.messages.content import Party
from naer.messages.envelope import Incoming, Issue, Notification
from naer.site import bulk
from naer.site.messaging import answering, record, seen
from naer.site.messaging.answer import Acknowledgement, Answer, Prepared
from naer.site.messaging.arrivals import Arrivals
from naer.site.messaging.receipts import Receipts
from naer.site.messaging.record import Logged
from naer.site.pathways import numbers, register, store, voices
from naer.site.pathways.actor import AUTOMATIC, ENTRY, Actor, entry
from naer.site.pathways.register import Organisation, Register
from naer.site.pathways.state import State

NewId = Callable[[], str]

_CITIZENS = f"SELECT number_index, {store.CITIZEN_COLUMNS} FROM pathways_citizen"  # noqa: S608
_CITIZENS_SQL = _CITIZENS + ' WHERE number_index {in} ORDER BY "key"'
_ALSO_SQL = _CITIZENS + ' WHERE number_index {in} OR "key" {in} ORDER BY "key"'


class Desk:
    """Everything that a round of messages needs, and what came of them so far."""

    def __init__(self, *, now: Instant, new_id: NewId, actor: Actor) -> None:
        self.now, self.new_id, self.actor = now, new_id, actor
        self.today = local_date(now, ZONES["DK"])
        self.register = Register()
        self.states: dict[str, State] = {}
        self.others: dict[str, State] = {}
        """Citizens of earlier copies, to tell their status."""
        self.arrivals, self.receipts = Arrivals(()), Receipts(())
        self._citizens: dict[str, str] = {}
        """Number index → citizen."""
        self._numbers: dict[str, str] = {}
        """Person number of a notification → its index."""
        self._asked: dict[str, str] = {}
        """Every index that it may be stored with → that index."""
        self._parties: dict[Party, Organisation | None] = {}
        """The parties of this round's messages, each looked up once."""
        self._traced: list[tuple[str, str]] = []

    def load(self, messages: Sequence[Prepared]) -> seen.Seen:
        """Lock the citizens, then ask at once for all that the messages need."""
        batch = [message.incoming for message in messages]
        found = {
            said.person_number: message.indices
            for message in messages
            if (said := message.incoming.notification) is not None
        }
        self._numbers = {number: every[0] for number, every in found.items()}
        self._asked = numbers.asked_as(found.values())
        more = any(one.letter is not None or one.response is not None for one in batch)
        rows = self._locked_also(batch) if more else bulk.lock((_CITIZENS_SQL, [sorted(self._asked)]))
        self._citizens = {self._asked.get(row[0], str(row[0])): row[1] for row in rows}
        keys = [row[1] for row in rows]
        parties = [party for one in batch for party in (one.sender, one.receiver) if party]
        if more:
            parties += [party for one in batch if one.letter is not None for party in one.letter.copies]
        ids = sorted({number for party in parties for number in (party.sor, party.gln) if number})
        her = register.addresses(number for party in parties for number in (party.her, party.service))
        asked = register.query(ids, keys, sorted({key for _, key in her}))
        known, organisations, *about = bulk.read([seen.query(batch), asked, *store.queries(keys)])
        self.states = store.take((row[1:] for row in rows), about)
        self.register.take(organisations, self.states.values())
        self.register.address(her)
        if more:
            self.arrivals.load(batch, self.states)
        return seen.take(known)

    def _locked_also(self, batch: Sequence[Incoming]) -> list[bulk.Row]:
        """The rows, locked, of all citizens that notifications, letters and receipts are about."""
        self.arrivals, self.receipts = Arrivals(batch), Receipts(batch)
        indices = sorted({*self._asked, *self.arrivals.indices})
        rows = bulk.lock((_ALSO_SQL, [indices, sorted(self.receipts.citizens)]))
        self.arrivals.know((row[0], row[1], row[7]) for row in rows)
        return rows

    def citizen(self, said: Notification | None) -> State | None:
        """Whom a notification is about, when the citizen is known here."""
        if said is None:
            return None
        return self.states.get(self._citizens.get(self._numbers[said.person_number], ""))

    def organisation(self, party: Party | None) -> Organisation | None:
        """The party in the register; in Norway by its service first, since messages are routed by it."""
        if party is None:
            return None
        if party not in self._parties:
            self._parties[party] = self.register.named(*voices.ids(party))
        return self._parties[party]

    def name(self, party: Party | None) -> str:
        """What the party is called here: its key in the register, else an id as it was sent."""
        known = self.organisation(party)
        if known is not None:
            return known.key
        if party is None:
            return ""
        number = party.her or party.service
        return (party.sor or party.gln or (register.her_id(number) if number else ""))[:64]

    def trace(self, citizen: str, message_id: str) -> None:
        """A message about a citizen was kept."""
        self._traced.append((citizen, message_id))

    def answer(self, message: Prepared, word: Acknowledgement, issues: list[Issue], **more: Any) -> Answer:
        """The answer to a message, as it goes back."""
        return answering.answer(message, word, issues, now=self.now, new_id=self.new_id, **more)

    def logged(
        self,
        message: Prepared,
        answer: Answer,
        reason: str,
        duplicate_of: int | None = None,
        flags: Sequence[Issue] = (),
    ) -> Logged:
        """The row of the message log for a message with its answer."""
        sender, receiver = self.name(message.incoming.sender), self.name(message.incoming.receiver)
        return Logged(message, answer, sender, receiver, reason, duplicate_of, list(flags))

    def write(self, logged: list[Logged]) -> None:
        """Store everything."""
        writes = bulk.Writes()
        self.arrivals.newcomers.save(self.states, writes)
        record.write(logged, self.now, writes)
        writes.insert(
            "access_accessentry",
            ENTRY,
            [
                entry(self.actor, citizen, "receive", message_id, AUTOMATIC, self.now)
                for citizen, message_id in self._traced
            ],
        )
        store.save(list(self.states.values()), writes)
        self.arrivals.save(self.now, writes)
        self.receipts.save(self.now, writes)
        writes.flush()
