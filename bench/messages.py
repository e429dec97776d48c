"""Messages decoded, checked and encoded again, of every type, beside fhir.resources in the same run.

    ./run bench messages [--seconds 1] [--json FILE]

Each line is one type on one core: bytes → value with every check → bytes. fhir.resources (R4B) reads and
writes the same bytes, and checks the base standard only. Beside XML, Norwegian or FHIR's, stands lxml, which
only parses and serialises. Both take turns, so that a busy machine slows both.
"""

import argparse
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from naer.events.instant import HOUR, MINUTE, Instant
from naer.messages import read
from naer.messages.content import Conversation, Episode, Fact, Letter, Party, Person, Segment
from naer.messages.envelope import Format, Incoming
from naer.messages.medcom import acknowledgement, hospitalnotification
from naer.messages.medcom.codes import CPR, ENDPOINT
from naer.messages.medcom.discharge_codes import TYPES as DANISH
from naer.messages.plo import apprec
from naer.messages.plo.types import TYPES as NORWEGIAN
from naer.messages.writing import standard_of, write
from tests.contract.plo.sample import message

SENT: Instant = 1_780_000_000_000_000
TURNS = 5
"""The quickest turn of each counts."""

HOSPITAL = Party(sor="80000000036001", gln="5799990000215", name="Bench Hospital")
TOWN = Party(sor="80000000036002", gln="5799990000222", name="Bench Kommune")
ALMA = Person(number="7201901234", system=CPR, family="Prøvesen", given=("Alma", "Test"))


@dataclass(frozen=True, slots=True)
class Work:
    """One type: a message, what Naer does with it, and what stands beside it."""

    name: str
    data: bytes
    ours: Callable[[], bytes]
    peer: str
    theirs: Callable[[], bytes | str]


def main() -> None:
    """Measure every type and print it."""
    asked = argparse.ArgumentParser(description="Benchmark of reading, checking and writing messages")
    asked.add_argument("--seconds", type=float, default=1.0, help="for each type and side")
    asked.add_argument("--json", type=Path, help="write the figures to this file")
    given = asked.parse_args()
    print(f"{'':34}{'bytes':>8}{'Naer/s':>10}{'peer/s':>10}{'ratio':>8}")
    told = []
    for work in (*_danish(), *_norwegian()):
        ours, theirs = _rates(work, given.seconds)
        print(
            f"{work.name:34}{len(work.data):8,}{ours:10,.0f}{theirs:10,.0f}{ours / theirs:7.1f}×  {work.peer}"
        )
        told.append(
            {"type": work.name, "bytes": len(work.data), "naer": ours, "peer": theirs, "beside": work.peer}
        )
    if given.json:
        given.json.write_text(json.dumps(told, indent=1))


def _rates(work: Work, seconds: float) -> tuple[float, float]:
    """How often a second each side does its work: its quickest turn, the sides taking turns."""
    best = [0.0, 0.0]
    for _ in range(TURNS):
        for side, do in enumerate((work.ours, work.theirs)):
            count, begun = 0, time.process_time()
            while (took := time.process_time() - begun) < seconds / TURNS or not count:
                do()
                count += 1
            best[side] = max(best[side], count / took)
    return best[0], best[1]


def _ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"00000000-0000-4000-8000-{next(numbers):012d}"


# Denmark


def _danish() -> Iterator[Work]:
    from fhir.resources.R4B.bundle import Bundle

    def beside(name: str, data: bytes, encode: Callable[[Incoming], bytes]) -> Work:
        assert not read(data).issues, (name, read(data).issues)
        return Work(
            name,
            data,
            lambda: encode(read(data)),
            "fhir.resources",
            lambda: Bundle.model_validate_json(data).model_dump_json(),
        )

    def as_xml(name: str, data: bytes, encode: Callable[[Incoming], bytes]) -> Work:
        return _beside_lxml(f"{name}, XML", data, encode)

    new_id = _ids()
    for code, end in (("STIN", None), ("SLHJ", SENT + HOUR)):
        notification = hospitalnotification.write(
            code, person=ALMA, sender=HOSPITAL, receiver=TOWN, episodes=["episode-1"], header="header-1",
            sent=SENT, start=SENT, end=end, new_id=new_id, report_requested=code == "STIN",
        )  # fmt: skip
        yield beside(f"HospitalNotification {code}", notification, partial(_again, code=code, new_id=new_id))
    notified = read(notification)
    yield as_xml(
        "HospitalNotification SLHJ", _again(notified, "SLHJ", new_id, "xml"),
        lambda one: _again(one, "SLHJ", new_id, "xml"),
    )  # fmt: skip
    receipt = acknowledgement.write(
        read(notification), answer="ok", issues=(), sender_fallback=TOWN, now=SENT, new_id=new_id
    )
    answered = read(notification)
    yield beside("Acknowledgement", receipt, lambda _: _receipt(answered, new_id))
    for letter in _care():
        data = write(letter, standard_of(letter), new_id=new_id)
        assert letter.conversation is not None
        name = f"CareCommunication {letter.conversation.activity.partition('-')[0]}"
        yield beside(name, data, lambda one: _written(one, new_id))
    xml = write(letter, standard_of(letter), new_id=new_id, format="xml")
    yield as_xml(name, xml, lambda one: _written(one, new_id, "xml"))
    for kind, described in DANISH.items():
        letter = Letter(
            type=kind, message_id=f"header-{kind}", sent=SENT, sender=HOSPITAL, receiver=TOWN, person=ALMA,
            episode=Episode(ENDPOINT + HOSPITAL.sor, "episode-1", "episode1"),
            facts=(Fact(kind=described.kinds[0], at=SENT - HOUR),), notes=(("Bemærkning", "Tekst."),),
        )  # fmt: skip
        yield beside(
            kind, write(letter, standard_of(letter), new_id=new_id), lambda one: _written(one, new_id)
        )
    xml = write(letter, standard_of(letter), new_id=new_id, format="xml")
    yield as_xml(kind, xml, lambda one: _written(one, new_id, "xml"))


def _again(one: Incoming, code: str, new_id: Callable[[], str], form: Format = "json") -> bytes:
    said, sender, receiver = one.notification, one.sender, one.receiver
    assert said is not None
    assert sender is not None
    assert receiver is not None
    return hospitalnotification.write(
        code, person=ALMA, sender=sender, receiver=receiver, header=said.message_id, sent=said.sent,
        episodes=[(episode.system, episode.original) for episode in said.episodes], start=said.start,
        end=said.end, report_requested=said.report_requested, new_id=new_id, format=form,
    )  # fmt: skip


def _receipt(answered: Incoming, new_id: Callable[[], str]) -> bytes:
    return acknowledgement.write(
        answered, answer="ok", issues=(), sender_fallback=TOWN, now=SENT, new_id=new_id
    )


def _written(one: Incoming, new_id: Callable[[], str], form: Format = "json") -> bytes:
    assert one.letter is not None
    return write(one.letter, one.standard, new_id=new_id, format=form)


def _care() -> Iterator[Letter]:
    def text(number: int, new: bool = True) -> Segment:
        return Segment(
            id=f"urn:uuid:0dd5a0f0-bbbb-4bbb-8bbb-{number:012d}", at=SENT + number * MINUTE, new=new,
            text=f"Tekst {number}. " * 20, author="Ib Test Hansen", role="sygeplejerske", phone="00000000",
        )  # fmt: skip

    def letter(activity: str, *segments: Segment, previous: str = "") -> Letter:
        return Letter(
            type="CARE_COMMUNICATION", message_id=f"header-{activity}", sent=SENT + HOUR, sender=HOSPITAL,
            receiver=TOWN, person=ALMA, version="5.0", parent=previous,
            conversation=Conversation(
                thread="urn:uuid:0dd5a0f0-aaaa-4aaa-8aaa-000000000001", activity=activity,  # type: ignore[arg-type]
                segments=segments, category="carecoordination", previous=previous,
            ),
        )  # fmt: skip

    yield letter("new-message", text(1))
    yield letter(
        "reply-message", text(1, new=False), text(2, new=False), text(3), previous="header-new-message"
    )
    yield letter(
        "forward-message", text(1, new=False), text(2, new=False), text(4), previous="header-reply-message"
    )


def _beside_lxml(name: str, data: bytes, encode: Callable[[Incoming], bytes]) -> Work:
    from lxml import etree

    assert not read(data).issues, (name, read(data).issues)
    return Work(
        name,
        data,
        lambda: encode(read(data)),
        "lxml, unchecked",
        lambda: etree.tostring(etree.fromstring(data)),
    )


# Norway


def _norwegian() -> Iterator[Work]:
    new_id = _ids()
    first: bytes | None = None
    for kind, described in NORWEGIAN.items():
        for form in described.forms:
            data = message(kind, version=form.version)
            first = first or data
            yield _beside_lxml(f"{kind} {form.version}", data, lambda one: _written(one, new_id))
    assert first is not None
    answered = read(first)
    for edition in ("1.0", "1.1"):

        def again(_: Incoming, edition: str = edition) -> bytes:
            return _apprec(answered, edition, new_id)

        yield _beside_lxml(f"AppRec {edition}", _apprec(answered, edition, new_id), again)


def _apprec(answered: Incoming, edition: str, new_id: Callable[[], str]) -> bytes:
    return apprec.write(
        answered,
        answer="ok",
        issues=(),
        now=SENT,
        new_id=new_id,
        version=edition,  # type: ignore[arg-type]
    )


if __name__ == "__main__":
    main()
