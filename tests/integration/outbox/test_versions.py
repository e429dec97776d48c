"""The version of Norwegian messages and receipts: what is agreed, else the partner's own."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from naer.messages import read
from naer.messages.content import Fact, Letter
from naer.messages.plo.types import APPREC
from naer.site.identity import new_id
from naer.site.messaging import composing, drafts, parties
from naer.site.messaging.connections import WrongConnectionsError, connections
from naer.site.messaging.drafts import Sending, Written
from naer.site.messaging.record import unpack
from naer.site.pathways import enrol
from naer.site.pathways.actor import Process
from naer.site.pathways.models import Citizen
from tests.integration.intake.office import KOMMUNE, SYKEHUS, fjord, norway, post
from tests.integration.intake.ward import LATER, take_in, town

pytestmark = pytest.mark.django_db

Connect = Callable[[str], Path]
ENTRY = f'[[connection]]\nreceiver = "{SYKEHUS.her}"\ntransport = "file"\naddress = "out"\n'
SUMMARY = norway.summary("no-1", "2026-03-03T10:00:00")
"""From the hospital to the municipality."""


@pytest.fixture(autouse=True)
def place() -> None:
    town()
    fjord()


def known() -> Citizen:
    """The Norwegian citizen, whom the hospital writes about."""
    found, _ = enrol.citizen(norway.PERSON.number, "4601", new_id=new_id, name="Kari Prøve")
    return found


def came(version: str) -> None:
    (answer,) = take_in(post(msgspec.structs.replace(SUMMARY, version=version)))
    assert answer.stored


def sent_version() -> str:
    """The version of what the municipality writes to the hospital."""
    letter = Letter(
        type="INNLEGGELSESRAPPORT",
        message_id=new_id(),
        sent=LATER,
        sender=parties.party(f"her:{KOMMUNE.her}"),
        receiver=parties.party(f"her:{SYKEHUS.her}"),
        person=parties.person(Citizen.objects.get(name="Kari Prøve")),
        facts=(Fact(kind="admission_report", at=LATER),),
    )
    outgoing = composing.send(
        letter,
        "plo-innleggelsesrapport",
        actor=Process("test"),
        citizen=Citizen.objects.get(name="Kari Prøve"),
        receiver=f"her:{SYKEHUS.her}",
        sender=f"her:{KOMMUNE.her}",
        now=LATER,
        new_id=new_id,
    )
    written = read(unpack(bytes(outgoing.content)), "application/xml").letter
    assert written is not None
    return written.version


def test_the_newest_unless_something_is_known() -> None:
    known()
    assert sent_version() == "v1.6"


def test_who_writes_the_older_version_is_answered_in_it() -> None:
    known()
    came("v1.5")
    assert sent_version() == "v1.5"


def test_what_is_agreed_goes_first(connect: Connect) -> None:
    known()
    came("v1.5")
    connect(ENTRY + 'plo = "v1.6"\n')
    assert sent_version() == "v1.6"
    connect(ENTRY + 'plo = "v1.5"\n')
    assert sent_version() == "v1.5"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_receipt(connect: Connect, version: str) -> None:
    connect(ENTRY + f'apprec = "{version}"\n')
    (answer,) = take_in(post(SUMMARY))
    assert APPREC[version].encode() in answer.body  # type: ignore[index]
    assert read(answer.body).response.message_id == "no-1"


def test_a_receipt_is_1_1_without_agreement() -> None:
    (answer,) = take_in(post(SUMMARY))
    assert APPREC["1.1"].encode() in answer.body


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_a_dialogue_is_answered_in_its_version(version: str) -> None:
    sides = Sending(SYKEHUS, KOMMUNE, LATER, new_id)
    begun = drafts.begin(
        Written("Hei."), sides, norway.PERSON, standard="plo-dialog-helsefaglig", category="6"
    )
    asked = msgspec.structs.replace(begun, version=version)
    mine = Sending(KOMMUNE, SYKEHUS, LATER, new_id)
    assert drafts.reply([asked], Written("Takk."), mine).version == version


@pytest.mark.parametrize("wrong", ['plo = "v1.7"', 'apprec = "2"', "apprec = 1.1"])
def test_no_other_versions(connect: Connect, wrong: str) -> None:
    connect(ENTRY + wrong)
    with pytest.raises(WrongConnectionsError):
        connections()
