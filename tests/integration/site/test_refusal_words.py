"""Why something could not be sent is said in the reader's language, whatever writer refused it."""

import inspect

import pytest
from django.utils import translation

from naer.messages.content import Conversation, Fact, Letter, Party, Person, Segment
from naer.messages.medcom import carecommunication_faults, discharge_faults
from naer.messages.medcom.codes import CPR
from naer.messages.writing import UnwritableError, standard_of, write
from naer.site.messaging import refusal_words
from naer.site.pathways import actions

DANE = Person(number="7101901234", system=CPR, family="Testgaard", given=("Karen",))
NORWEGIAN = Person(number="15815010016", system="FNR", family="Nordmann")
DANISH_TOWN, TOWN, HOSPITAL = (
    Party(sor="1", gln="2"),
    Party(her="8801", name="By"),
    Party(her="7101", name="S"),
)


def refused(letter: Letter) -> UnwritableError:
    with pytest.raises(UnwritableError) as caught:
        write(letter, standard_of(letter), new_id=iter("abcdefgh").__next__)
    return caught.value


def care(**changes: object) -> Letter:
    text = Segment(id="urn:uuid:0dd5a0f0-bbbb-4bbb-8bbb-000000000001", at=0, text="Hej", **changes)  # type: ignore[arg-type]
    talk = Conversation(
        thread="urn:uuid:0dd5a0f0-aaaa-4aaa-8aaa-000000000001", activity="new-message", segments=(text,),
        category="nursing",
    )  # fmt: skip
    return Letter(
        type="CARE_COMMUNICATION", message_id="m-1", sent=0, sender=DANISH_TOWN, receiver=DANISH_TOWN,
        person=DANE, conversation=talk,
    )  # fmt: skip


def care_message(type: str, *facts: Fact, **changes: object) -> Letter:
    given: dict[str, object] = {"sender": TOWN, "receiver": HOSPITAL, "person": NORWEGIAN}
    return Letter(type=type, message_id="m-1", sent=0, facts=facts, **(given | changes))  # type: ignore[arg-type]


CASES = (
    (care(author="A", role="B"), "Skriv, hvor man kan ringe til dig.", "called"),
    (care_message("INNLEGGELSESRAPPORT", receiver=Party(name="Nobody")), "modtagerens HER-id", "HER id"),
    (care_message("ORIENTERING_TJENESTETILBUD"), "hvilken ydelse", "which service"),
    (care_message("LOG_INNLAGT", Fact(kind="died", at=0)), "død", "Died"),
    (
        care_message("INNLEGGELSESRAPPORT", notes=(("x" * 300, "y"),)),
        "længere end 200 tegn",
        "longer than 200 characters",
    ),
)


@pytest.mark.parametrize(("letter", "danish", "english"), CASES)
def test_the_reason_is_in_the_readers_language(letter: Letter, danish: str, english: str) -> None:
    error = refused(letter)
    with translation.override("da"):
        assert danish.lower() in refusal_words.why(error).lower()
        assert "cannot" not in refusal_words.why(error)
    with translation.override("en"):
        assert english in refusal_words.why(error)
    with translation.override("nb"):
        assert refusal_words.why(error) != str(error)


def test_every_sentence_of_the_table_is_one_that_somebody_says() -> None:
    said = "".join(
        inspect.getsource(module) for module in (carecommunication_faults, discharge_faults, actions)
    )
    from naer.site.messaging import can_receive, correcting, dead_letters, drafts

    said += "".join(inspect.getsource(module) for module in (can_receive, correcting, dead_letters, drafts))
    assert [one for one in refusal_words.SENTENCES if one not in said] == []


def test_what_is_not_known_is_shown_as_it_is() -> None:
    assert refusal_words.why(ValueError("Something odd (Patient.name)")) == "Something odd"
