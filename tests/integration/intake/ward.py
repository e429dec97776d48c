"""A hospital, two municipalities and citizens who cannot exist, to send real messages between."""

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from naer.events.instant import HOUR, ZONES, Instant, parse
from naer.messages.content import Party, Person
from naer.messages.medcom.codes import family
from naer.messages.medcom.hospitalnotification import Link, extend, write
from naer.site.messaging.answer import Answer, Raw
from naer.site.messaging.intake import receive
from naer.site.pathways import enrol
from naer.site.pathways.actor import Process

NUMBER, OTHER_NUMBER = "7202904321", "8303904321"
HOSPITAL = Party("80000000026001", "5799990000116", "Prøvehospital")
TOWN = Party("80000000026002", "5799990000123", "Prøveby Kommune")
ELSEWHERE = Party("80000000026003", "5799990000130", "Andenby Kommune")
NOBODY = Party("80000000026009", "5799990000192", "Ukendt")
CODE, OTHER_CODE = "851", "860"
CLERK = Process("test")


def at(text: str) -> Instant:
    """A time in March 2026: "2 10:00" is the second at ten, Danish time."""
    day, _, clock = text.partition(" ")
    return parse(f"2026-03-{int(day):02d}T{clock or '00:00'}", ZONES["DK"])


START, LATER = at("2 10:00"), at("30 12:00")


def counter(prefix: str) -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{prefix}-{next(numbers)}"


def town() -> str:
    """The register, with one citizen who has a case; gives the citizen's key."""
    enrol.organisation(HOSPITAL.name, "hospital", municipality=CODE, sor=HOSPITAL.sor, gln=HOSPITAL.gln)
    enrol.organisation(TOWN.name, "municipality", municipality=CODE, sor=TOWN.sor, gln=TOWN.gln)
    enrol.organisation(
        ELSEWHERE.name, "municipality", municipality=OTHER_CODE, sor=ELSEWHERE.sor, gln=ELSEWHERE.gln
    )
    found, _ = enrol.citizen(NUMBER, CODE, new_id=lambda: "citizen", name="Alma Prøve", case="home-care")
    return found.key


@dataclass
class Stay:
    """Writes the messages of one stay, each with the provenance of those before."""

    number: str = NUMBER
    receiver: Party = TOWN
    episode: str = "0a0a0a0a-1111-4222-8333-444455556666"
    name: str = "m"
    chain: tuple[Link, ...] = ()
    start: Instant = START
    new_id: Callable[[], str] = field(default_factory=lambda: counter("id"))

    def send(self, code: str, when: Instant, sent: Instant | None = None, **given: Any) -> bytes:
        """The next message: what happened at `when`, written a minute later unless `sent` says."""
        base = family(code)
        written = when + HOUR // 60 if sent is None else sent
        header = f"{self.name}-{len(self.chain)}-{code}"
        if base in ("STAA", "STIN"):
            self.start = when
        elif base in ("SLHJ", "MORS") and not code.startswith("AN_"):
            given.setdefault("end", when)
        elif base in ("STOR", "SLOR"):
            given.setdefault("leave_start", when if base == "STOR" else when - HOUR)
            if base == "SLOR":
                given.setdefault("leave_end", when)
        message = write(
            code,
            person=Person(number=self.number, family="Prøve", given=("Alma",)),
            sender=HOSPITAL,
            receiver=self.receiver,
            episodes=[self.episode],
            header=header,
            sent=written,
            start=self.start,
            new_id=counter(f"{header}-x"),
            chain=self.chain,
            **given,
        )
        self.chain = extend(self.chain, code, header, written)
        return message


def resent(message: bytes, bundle_id: str) -> bytes:
    """The same message sent again: another Bundle.id, the rest unchanged."""
    bundle = json.loads(message)
    bundle["id"] = bundle_id
    return json.dumps(bundle).encode()


def edited(message: bytes, edit: Callable[[dict[str, Any]], object], bundle_id: str | None = None) -> bytes:
    """The message with its Bundle changed."""
    bundle = json.loads(message)
    edit(bundle)
    bundle["id"] = bundle_id or bundle["id"]
    return json.dumps(bundle).encode()


def take_in(*messages: bytes, now: Instant = LATER, channel: str = "command") -> list[Answer]:
    """What the intake answers, in one batch."""
    return receive(
        [Raw(message, None, channel) for message in messages], now=now, new_id=counter("ack"), actor=CLERK
    )


def one_by_one(messages: Sequence[bytes], now: Instant = LATER) -> list[Answer]:
    """What the intake answers, each message alone."""
    return [answer for message in messages for answer in take_in(message, now=now)]
