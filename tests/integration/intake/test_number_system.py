"""Numbers that are no person numbers: kept with their register, and sent with it."""

from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from naer.cli.register import citizen as command
from naer.messages.content import Letter, Person
from naer.messages.medcom.codes import CPR
from naer.site.identity import new_id
from naer.site.messaging import parties
from naer.site.pathways import enrol
from naer.site.pathways.models import Citizen
from tests.integration.intake.office import fjord, norway, post
from tests.integration.intake.ward import NUMBER, take_in, town

pytestmark = pytest.mark.django_db

HELP = "81234567918"
"""A common help number (FHN) by its control digits: nobody's."""
REPLACEMENT = ("urn:oid:1.2.208.176.1.6.1.3", "0101ABCD01")


def report(person: Person) -> Letter:
    letter: Letter = norway.report("no-1", "2026-03-03T10:00:00")
    return msgspec.structs.replace(letter, person=person)


def add(number: str, system: str, **more: Any) -> Citizen:
    return enrol.citizen(number, "4601", new_id=new_id, system=system, **more)[0]


@pytest.mark.parametrize(
    ("number", "system"),
    [(HELP, "FHN"), ("12345678901", "HNR"), ("123456789012", "DUF"), (norway.PERSON.number, "FNR")],
)
def test_whom_a_message_made_known_is_written_about_under_the_same_number(number: str, system: str) -> None:
    town()
    fjord()
    (answer,) = take_in(post(report(msgspec.structs.replace(norway.PERSON, number=number, system=system))))
    assert answer.stored
    known = Citizen.objects.get(pk=answer.citizen)
    assert known.number_system == ("" if system == "FNR" else system)
    said = parties.person(known)
    assert (said.number, said.system) == (number, system)


def test_a_danish_number_is_of_the_cpr() -> None:
    town()
    known = Citizen.objects.get()
    assert (known.number_system, parties.person(known).system) == ("", CPR)
    assert parties.person(known).number == NUMBER


def test_who_was_added_is_found_by_a_message() -> None:
    town()
    fjord()
    known = add(HELP, "FHN", name="Kari Prøve")
    (answer,) = take_in(post(report(msgspec.structs.replace(norway.PERSON, number=HELP, system="FHN"))))
    assert answer.citizen == known.key
    assert Citizen.objects.count() == 2


def test_the_same_digits_of_two_registers_are_two_people() -> None:
    assert add(HELP, "FHN").key == add(HELP, "FHN").key
    assert add(HELP, "HNR").number_system == "HNR"
    assert Citizen.objects.count() == 2


def test_a_replacement_number_by_its_urn() -> None:
    system, number = REPLACEMENT
    said = parties.person(add(number, system))
    assert (said.system, said.number) == (system, number)


@pytest.mark.parametrize(
    ("number", "system", "words"),
    [
        ("81234567919", "FHN", "cannot be a number of FHN"),
        ("1234", "DUF", "cannot be a number of DUF"),
        (HELP, "", "not a person number"),
        (HELP, "passport", "URN of a register"),
        ("0101/01", REPLACEMENT[0], "letters and digits"),
        (HELP, "urn:" + "x" * 200, "URN of a register"),
    ],
)
def test_what_cannot_be_is_refused_without_the_number(number: str, system: str, words: str) -> None:
    with pytest.raises(enrol.EnrolmentError, match=words) as error:
        add(number, system)
    assert number not in str(error.value)
    assert not Citizen.objects.exists()


def test_the_command_takes_the_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naer.site.boot.setup", lambda *_: None)
    given = ["add", "--id", HELP, "--system", "FHN", "--municipality", "4601"]
    done = CliRunner().invoke(command, given, catch_exceptions=False)
    assert done.exit_code == 0
    assert HELP not in done.output
    assert Citizen.objects.get().number_system == "FHN"
