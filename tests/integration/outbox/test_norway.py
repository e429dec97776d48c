"""The 96-hour rule from end to end: a Norwegian message by folder, late, and its receipt all the same."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from naer.events.instant import HOUR, local
from naer.messages import read
from naer.messages.plo import apprec
from naer.site.accounts.models import Address, Organisation
from naer.site.agreements import in_force
from naer.site.messaging import exchange, telling
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.record import unpack
from naer.site.pathways import live, numbers
from naer.site.pathways.models import LoggedEvent, Obligation
from naer.site.pathways.tick import tick
from naer.site.ui.times import ZONE
from tests.integration.outbox.office import Office, again
from tests.place import HOSPITAL, MUNICIPALITY, new_id

Connect = Callable[[str], Path]
State = OutgoingMessage.State
NUMBER = "15815010016"
"""Of the Tenor series: nobody's."""
FOLDERS = '[[connection]]\nreceiver = "*"\ntransport = "file"\naddress = "out"\ninbox = "in"\n'


@pytest.fixture(autouse=True)
def in_norway(settings: Settings) -> Iterator[None]:
    """The agreements of Norway are in force."""
    settings.COUNTRY = "NO"
    kept = (in_force.agreements, live.deliveries, live._of_municipalities)
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


@pytest.fixture
def written(office: Office, monkeypatch: pytest.MonkeyPatch, connect: Connect) -> OutgoingMessage:
    """The report on an admitted citizen, written to the hospital, still here."""
    monkeypatch.setattr("naer.site.clock.now", lambda: office.now)
    connect(FOLDERS)
    for key, number in ((HOSPITAL.sor, "8100001"), (MUNICIPALITY.sor, "8200001")):
        Address.objects.create(organisation=Organisation.objects.get(pk=key), value=number)
    office.here.admit(office.now)
    citizen = office.here.citizen
    citizen.number_cipher, citizen.number_index = numbers.seal(NUMBER), numbers.index(NUMBER)
    citizen.save()
    mette = Client()
    mette.force_login(office.here.users["mette"])
    at = local(office.now, ZONE).strftime("%Y-%m-%dT%H:%M")
    course = LoggedEvent.objects.get(kind="admitted").pathway
    form = {"at": at, "channel": "send", "note": "", "course": course}
    answer = mette.post(f"/citizens/{citizen.key}/record/?kind=admission_report", form)
    assert answer.status_code == 302, answer.content.decode()
    return OutgoingMessage.objects.get(kind="letter")


def receipt(written: OutgoingMessage, office: Office, answer: str) -> bytes:
    """The hospital's AppRec."""
    incoming = read(unpack(bytes(written.content)), "application/xml")
    issues = incoming.issues
    return apprec.write(incoming, answer=answer, issues=issues, now=office.now, new_id=new_id)  # type: ignore[arg-type]


def test_a_receipt_after_96_hours_is_late_and_still_taken(
    office: Office, written: OutgoingMessage, tmp_path: Path
) -> None:
    office.deliver(later=telling.HOLD)
    assert (again(written).state, again(written).due) == (State.SENT, written.created + 96 * HOUR)
    owed = Obligation.objects.get(trigger=f"{written.message_id}~sent")
    assert (owed.owed_by, owed.due, owed.outcome) == (HOSPITAL.sor, written.created + 96 * HOUR, "")

    office.now = written.created + 96 * HOUR
    assert office.deliver().late == 1
    office.now += HOUR
    tick(office.now)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "receipt.xml").write_bytes(receipt(written, office, "ok"))
    assert exchange.once("outbox", lambda: office.now).taken == 1
    assert again(written).state == State.ACKNOWLEDGED
    owed.refresh_from_db()
    assert owed.outcome == "late"


def test_a_negative_receipt_refuses(office: Office, written: OutgoingMessage, tmp_path: Path) -> None:
    office.deliver(later=telling.HOLD)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "receipt.xml").write_bytes(receipt(written, office, "rejected"))
    exchange.once("outbox", lambda: office.now)
    assert (again(written).state, again(written).answered_with) == (State.REFUSED, "fatal-error")
