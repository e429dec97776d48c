"""Facts as Naer gets them: notifications as a hospital's system writes them, the rest as recorded events."""

from collections.abc import Sequence

from naer.demo.courses import MUNICIPALITY_KEYS, seeded
from naer.demo.facts import Fact, new_id
from naer.demo.people import Resident
from naer.demo.region import hospitals, municipalities
from naer.events.event import Event
from naer.messages import read
from naer.messages.content import Party, Person
from naer.messages.envelope import Format
from naer.messages.medcom import events, hospitalnotification
from naer.messages.medcom.hospitalnotification import Link

SOURCE = "demo"
"""`Event.source` of what people and record systems of the demo write."""
XML_HOSPITALS = frozenset(party.key for party in hospitals()[3:])
"""Hospitals whose system writes XML; the others write JSON."""
_PARTIES = {
    party.key: Party(sor=party.key, gln=party.gln, name=party.name)
    for party in [*hospitals(), *municipalities()]
}


class Feed:
    """One citizen's facts, ready to be sent."""

    def __init__(self, person: Resident, facts: Sequence[Fact]) -> None:
        self.person = person
        self.facts = facts
        self._earlier = _chains(facts)

    def message(self, fact: Fact, *, copy: bool = False) -> bytes:
        """The HospitalNotification of a fact; a copy is the same letter in a new envelope."""
        notice = fact.notice
        if notice is None:
            raise ValueError(f"{fact.kind} is not told by a HospitalNotification")
        names = _Names(fact.id, copy)
        *given, family = self.person.name.split()
        return hospitalnotification.write(
            notice.code,
            person=Person(number=self.person.number, family=family, given=tuple(given)),
            sender=_PARTIES[fact.organisation],
            receiver=_PARTIES[MUNICIPALITY_KEYS[self.person.municipality]],
            episodes=[fact.course],
            header=fact.id,
            sent=fact.sent,
            start=notice.start,
            end=notice.end,
            leave_start=notice.leave_start,
            leave_end=notice.leave_end,
            encounter_class=notice.contact,
            report_requested=True if notice.report_requested else None,
            chain=self._earlier[fact.id],
            new_id=names,
            format=form(fact),
        )

    def event(self, fact: Fact) -> Event:
        """The event of a fact; that of a notification is made by reading its message."""
        if fact.notice is not None:
            incoming = read(self.message(fact))
            return events.event(
                incoming,
                self.person.key,
                self._pathway(fact),
                fact.organisation,
                self.person.municipality,
                fact.received,
            )
        return Event(
            id=fact.id,
            pathway=self._pathway(fact),
            kind=fact.kind,
            at=fact.at,
            citizen=self.person.key,
            sent=fact.sent,
            received=fact.received,
            organisation=fact.organisation,
            municipality=self.person.municipality,
            attributes=fact.attributes,
            source=SOURCE,
        )

    def _pathway(self, fact: Fact) -> str:
        """What the intake calls the pathway of this course."""
        return f"{self.person.key}.{fact.course.replace('-', '')}"


class _Names:
    """Ids for the parts of a letter: the same for a copy, but for the envelope's, which is asked for last."""

    PARTS = 4
    """Sender, receiver, patient, encounter; then comes the envelope."""

    def __init__(self, letter: str, copy: bool) -> None:
        self._rng = seeded("message", letter)
        self._copy = copy
        self._asked = 0

    def __call__(self) -> str:
        self._asked += 1
        if self._asked > self.PARTS and self._copy:
            return new_id(seeded("copy", new_id(self._rng)))
        return new_id(self._rng)


def form(fact: Fact) -> Format:
    """How the sender's system writes."""
    return "xml" if fact.organisation in XML_HOSPITALS else "json"


def _chains(facts: Sequence[Fact]) -> dict[str, tuple[Link, ...]]:
    """For each notification, by id, the messages sent before it in its course."""
    chains: dict[str, tuple[Link, ...]] = {}
    earlier: dict[str, tuple[Link, ...]] = {}
    for fact in sorted(facts, key=lambda fact: (fact.sent, fact.id)):
        if fact.notice is None:
            continue
        earlier[fact.id] = chains.get(fact.course, ())
        chains[fact.course] = hospitalnotification.extend(
            earlier[fact.id], fact.notice.code, fact.id, fact.sent, fact.notice.contact
        )
    return earlier
