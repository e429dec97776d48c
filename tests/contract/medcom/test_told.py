"""A hospital that sends from Naer: what it can tell next, and that Naer reads it as it was meant."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.event import Event
from naer.events.instant import HOUR, MINUTE
from naer.messages import read
from naer.messages.content import Party, Person
from naer.messages.medcom import events
from naer.messages.medcom.codes import KINDS, family
from naer.messages.medcom.link import link
from naer.messages.medcom.told import Told, told, write

HOSPITAL = Party(sor="999000000000011", gln="5790000000111", name="Prøvesygehuset")
MUNICIPALITY = Party(sor="999000000000860", gln="5790000000860", name="Hjørring Prøvekommune")
KAREN = Person(number="7101901234", family="Testgaard", given=("Karen",))
CLASSES = {"STAA": "EMER", "STIN": "IMP"}
"""What begins a contact says its class; what follows has the class of the contact."""
BEGIN = 1_772_704_800_000_000  # 2026-03-05 10:00 UTC


class Ward:
    """Tells one stay, step by step, one minute apart."""

    def __init__(self) -> None:
        self.log: list[Event] = []
        self.now = BEGIN
        counter = itertools.count(1)
        self.new_id: Callable[[], str] = lambda: f"id-{next(counter)}"

    @property
    def before(self) -> Told:
        return told(self.log, HOSPITAL.sor, "stay", self.now)

    def tell(self, code: str, after: int = 10 * MINUTE) -> Event:
        self.now += after
        _, data = write(
            code,
            self.now - min(MINUTE, after),
            before=self.before,
            person=KAREN,
            sender=HOSPITAL,
            receiver=MUNICIPALITY,
            now=self.now,
            new_id=self.new_id,
            report_requested=True,
        )
        incoming = read(data, "application/fhir+json")
        assert (incoming.issues, incoming.flags) == ([], [])
        said = events.event(incoming, "karen", "stay", HOSPITAL.sor, "860", self.now)
        self.log.append(said)
        return next(one for one in link(self.log) if one.id == said.id)


@pytest.mark.parametrize(
    ("codes", "status", "possible"),
    [
        ([], "none", "STAA STIN"),
        (["STAA"], "acute-ambulant", "STIN SLHJ MORS RE_STAA AN_STAA"),
        (["STAA", "STIN"], "admitted", "STOR SLHJ STAA MORS RE_STIN AN_STIN"),
        (["STIN", "RE_STIN"], "admitted", "STOR SLHJ STAA MORS RE_STIN AN_STIN"),
        (["STIN", "AN_STIN"], "none", "STAA STIN"),
        (["STIN", "STOR"], "on-leave", "SLOR SLHJ MORS RE_STOR AN_STOR"),
        (["STIN", "STOR", "AN_STOR"], "admitted", "STOR SLHJ STAA MORS"),
        (["STIN", "STOR", "SLOR"], "admitted", "STOR SLHJ STAA MORS RE_SLOR AN_SLOR"),
        (["STIN", "STOR", "SLOR", "AN_SLOR"], "on-leave", "SLOR SLHJ MORS"),
        (["STIN", "SLHJ"], "discharged", "RE_SLHJ AN_SLHJ"),
        (["STIN", "SLHJ", "AN_SLHJ"], "admitted", "STOR SLHJ STAA MORS"),
        (["STIN", "MORS"], "deceased", "RE_MORS AN_MORS"),
        (["STIN", "STOR", "MORS", "AN_MORS"], "on-leave", "SLOR SLHJ MORS"),
    ],
)
def test_what_can_be_told_next(codes: list[str], status: str, possible: str) -> None:
    ward = Ward()
    for code in codes:
        assert ward.tell(code).attributes["code"] == code
    assert ward.before.status == status
    assert ward.before.possible == tuple(possible.split())


def test_what_was_told_last_is_last_though_a_message_says_its_time_to_the_second() -> None:
    ward = Ward()
    names = iter(f"id-{number:04d}" for number in range(9999, 0, -1))
    ward.new_id = lambda: next(names)
    ward.tell("STIN")
    ward.tell("SLHJ", after=300_000)
    assert ward.log[0].sent == ward.log[1].sent
    assert ward.before.possible == ("RE_SLHJ", "AN_SLHJ")
    assert [link.header for link in ward.before.chain] == [event.id for event in ward.log]


def test_a_correction_moves_the_time_and_a_cancellation_repeats_it() -> None:
    ward = Ward()
    first = ward.tell("STIN")
    corrected = ward.tell("RE_STIN")
    assert corrected.changes == first.id
    assert corrected.at == first.at + 10 * MINUTE
    assert ward.before.start == corrected.at
    assert ward.tell("AN_STIN").changes == first.id


def test_only_the_first_message_asks_for_a_report() -> None:
    ward = Ward()
    assert ward.tell("STIN").attributes["report_requested"] is True
    assert "report_requested" not in ward.tell("STOR").attributes


def test_what_cannot_follow_is_refused() -> None:
    with pytest.raises(ValueError, match="SLHJ cannot follow: STAA, STIN"):
        Ward().tell("SLHJ")


def test_another_hospital_has_told_nothing() -> None:
    ward = Ward()
    ward.tell("STIN")
    assert told(ward.log, "another", "stay", ward.now) == Told()


@settings(max_examples=60)
@given(st.data())
def test_any_course_reads_as_it_was_told(data: st.DataObject) -> None:
    """Whatever is told, in any order that is possible: no refusal, no flag, and the same back.

    Its code, kind, time, class, and the episode of the stay.
    """
    ward = Ward()
    for _ in range(data.draw(st.integers(1, 8))):
        possible = ward.before.possible
        if not possible:
            break
        code, before = data.draw(st.sampled_from(possible)), ward.before
        event, said = ward.tell(code), ward.log[-1]
        assert event.attributes["code"] == code
        undone = code.startswith("AN_")
        assert said.kind == ("cancelled" if undone else KINDS[family(code)])
        if undone:
            (former,) = [one for one in ward.log if one.id == event.changes]
            assert former.kind == KINDS[family(code)]
        else:
            assert said.at == ward.now - MINUTE
        assert said.attributes["class"] == CLASSES.get(family(code), before.encounter_class)
        if before.episode:
            assert said.attributes["episode_sent"] == before.episode
    assert ward.now < BEGIN + 24 * HOUR
