"""A letter written as a Bundle of resources and read again is the letter it was: event → bundle → event."""

import itertools

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given
from hypothesis import strategies as st

from naer.events.instant import DAY, ZONES, parse
from naer.events.kinds import KINDS
from naer.messages import letter_events, read
from naer.messages.content import Episode, Fact, Letter, Party, Person, Scalar
from naer.messages.fhir import bundle_writing
from naer.messages.fhir.bundle_reading import NOT_SAID
from naer.messages.medcom.codes import CPR
from naer.messages.writing import FHIR_BUNDLE, UnwritableError, standard_of, write

FIRST, LAST = (parse(f"{year}-01-01", ZONES["DK"]) for year in (1901, 2199))

WORDS = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="\x00"), min_size=1, max_size=30)
TEXTS = st.lists(WORDS, min_size=1, max_size=5).map("\n".join)
PARTIES = st.sampled_from(
    [
        Party(sor="999000000000011", gln="5790000000111", name="Prøvesygehuset"),
        Party(gln="5790000000860"),
        Party(her="8800", name="Fjord kommune"),
    ]
)
PERSONS = st.sampled_from(
    [
        Person(
            number="7101901234", system=CPR, family="Testgaard", given=("Karen", "Anne"), born="1990-01-11"
        ),
        Person(number="15815010016", system="FNR", family="Nordmann", sex="female"),
        Person(number="7101901234"),
    ]
)
EPISODES = st.none() | st.sampled_from(
    [Episode("urn:x", "URN:UUID:0000-AB", "0000ab"), Episode("", "course 7", "course 7")]
)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    kind = draw(st.sampled_from(sorted(KINDS.keys() - NOT_SAID)))
    names = sorted(KINDS[kind].attributes)
    values: st.SearchStrategy[Scalar] = st.booleans() | st.integers(-(2**31), 2**31 - 1) | WORDS
    said = draw(st.dictionaries(st.sampled_from(names), values, max_size=3)) if names else {}
    suffix = draw(st.sampled_from(["", "notice", "Task-1", "Encounter-e", "Encounter-e-end", "ø"]))
    return Fact(kind=kind, at=draw(st.integers(FIRST, LAST)), attributes=said, suffix=suffix)


STAY = st.builds(
    lambda start, end, at: [Fact(kind=start, at=at), Fact(kind=end, at=at + DAY, suffix="end")],
    st.sampled_from(["admitted", "acute_ambulant"]),
    st.sampled_from(["discharged", "died"]),
    st.integers(FIRST, LAST),
)
LETTERS = st.builds(
    lambda said, stay, **more: Letter(type="FHIR_BUNDLE", facts=(*said, *stay), **more),
    said=st.lists(facts(), min_size=1, max_size=6),
    stay=STAY | st.just([]),
    message_id=st.sampled_from(["b-1", "0f0e-1111"]),
    sent=st.integers(FIRST, LAST),
    sender=PARTIES,
    receiver=PARTIES,
    person=PERSONS,
    episode=EPISODES,
    notes=st.lists(st.tuples(WORDS, TEXTS), max_size=3).map(tuple),
)


def ids() -> itertools.chain[str]:
    return itertools.chain(f"id-{number}" for number in itertools.count())


@given(LETTERS)
def test_what_is_written_is_read_again(letter: Letter) -> None:
    data = write(letter, standard_of(letter), new_id=ids().__next__)
    incoming = read(data, "application/fhir+json")
    assert (incoming.issues, incoming.flags) == ([], [])
    known = bundle_writing.normalised(letter)
    assert incoming.letter == known
    assert [(one.kind, one.at, one.attributes) for one in known.facts] == [
        (one.kind, one.at, one.attributes) for one in letter.facts
    ]
    assert bundle_writing.normalised(known) == known
    assert write(known, FHIR_BUNDLE, new_id=ids().__next__) == data, "and what was read is written the same"
    told = letter_events.events(incoming, citizen="c", organisation="o", municipality="860", received=0)
    assert [(one.kind, one.at) for one in told] == [(one.kind, one.at) for one in letter.facts]


def test_it_is_a_bundle_of_fhir_r4() -> None:
    at = parse("2026-03-02", ZONES["DK"])
    said = [Fact(kind="admitted", at=at), Fact(kind="died", at=at + DAY)]
    said += [Fact(kind="municipality_answer", at=at, attributes={"can_receive": True, "from": "2026-03-03"})]
    said += [Fact(kind="correspondence", at=at)]
    letter = Letter(
        type="FHIR_BUNDLE", message_id="b-1", sent=at, sender=Party(her="8800"), receiver=Party(),
        person=Person(number="15815010016", system="FNR", family="Nordmann"), facts=tuple(said),
        notes=(("Bemærkning", "To\nlinjer"),),
    )  # fmt: skip
    bundle = Bundle.model_validate_json(bundle_writing.write(letter, new_id=ids().__next__))
    assert [entry.resource.get_resource_type() for entry in bundle.entry] == [
        "Patient", "Organization", "Encounter", "Task", "Communication", "Observation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"details": {"x": 1}}, "details"),
        ({"status": "cancel", "parent": "a"}, "a letter that is a cancel"),
        ({"facts": (Fact(kind="cancelled", at=0),)}, "cancelled"),
        ({"facts": (Fact(kind="admitted", at=0, attributes={"colour": "red"}),)}, "admitted.colour"),
        ({"facts": ()}, "nothing"),
        ({"sender": Party(name="Nobody")}, "sender"),
        ({"notes": (("", "x"),)}, "a note with this heading or text"),
        ({"person": Person(number="1", system="DUF")}, "person.number"),
    ],
)
def test_what_it_cannot_say_is_refused_by_name(change: dict[str, object], lost: str) -> None:
    letter = Letter(
        type="FHIR_BUNDLE", message_id="b-1", sent=0, sender=Party(her="8800"), receiver=Party(),
        person=Person(number="15815010016", system="FNR"), facts=(Fact(kind="care_plan", at=0),),
    )  # fmt: skip
    with pytest.raises(UnwritableError, match=f"cannot say {lost}$"):
        write(msgspec.structs.replace(letter, **change), FHIR_BUNDLE, new_id=ids().__next__)
    with pytest.raises(UnwritableError, match="JSON"):
        write(letter, FHIR_BUNDLE, new_id=ids().__next__, format="xml")
