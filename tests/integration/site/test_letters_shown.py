"""The message page says what a letter says: to its sender and receiver, and to nobody else."""

import pytest
from django.urls import reverse

from naer.events.instant import HOUR, Instant
from naer.messages.content import Fact, Letter, Person
from naer.messages.medcom.codes import CPR
from naer.messages.writing import write
from naer.site.messaging.models import Message, OutgoingMessage
from tests.integration.site.conftest import SignedIn
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, Place, new_id

REPORT = "Borgeren får hjælp til bad tre gange om ugen."


@pytest.fixture
def report(here: Place, now: Instant) -> Message:
    """The municipality's admission report, as it came to the hospital."""
    here.admit(now, hours=3)
    letter = Letter(
        type="XDIS16",
        message_id=new_id(),
        sent=now - HOUR,
        sender=MUNICIPALITY,
        receiver=HOSPITAL,
        person=Person(number=NUMBERS[0], system=CPR, family="Testgaard", given=("Karen",)),
        facts=(Fact(kind="admission_report", at=now - HOUR),),
        notes=(("Hjælp i hjemmet", REPORT), ("Pårørende", "<b>Datter</b>, ringes op.")),
    )
    (answer,) = here.receive(write(letter, "medcom-xdis16", new_id=new_id), now=now)
    assert answer.acknowledgement == "ok", answer.issues
    return Message.objects.get(message_id=letter.message_id)


def test_both_sides_read_it(report: Message, as_: SignedIn) -> None:
    for who in ("doris", "mette"):
        page = as_(who).get(reverse("message", args=[report.pk])).content.decode()
        assert REPORT in page
        assert "&lt;b&gt;Datter&lt;/b&gt;" in page
        assert "Admission report sent" in page


def test_nobody_else_does(report: Message, as_: SignedIn) -> None:
    """The GP may see the citizen, and that there was a message; not what two others told each other."""
    answer = as_("gunnar").get(reverse("message", args=[report.pk]))
    assert answer.status_code == 200
    assert REPORT not in answer.content.decode()
    assert REPORT not in as_("adam").get(reverse("message", args=[report.pk])).content.decode()
    assert as_("ole").get(reverse("message", args=[report.pk])).status_code == 404
    assert not OutgoingMessage.objects.filter(kind="letter").exists()
