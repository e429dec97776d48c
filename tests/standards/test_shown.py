"""The official conversations as people see them: every page opens, every text is there, an answer goes."""

import os
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from naer.events.instant import HOUR
from naer.messages import read
from naer.messages.content import Letter, Party
from naer.site.accounts.models import User
from naer.site.messaging import intake
from naer.site.messaging.answer import Raw
from naer.site.messaging.models import OutgoingMessage, Thread
from naer.site.pathways import enrol
from naer.site.pathways.actor import Process
from tests.place import new_id

STANDARDS = Path(os.environ.get("NAER_STANDARDS") or Path(__file__).parents[3] / "shared" / "standards")
CARE = STANDARDS / "medcom" / "carecommunication"
DIALOGUE = STANDARDS / "norway" / "examples"
pytestmark = [
    pytest.mark.standards,
    pytest.mark.django_db,
    pytest.mark.skipif(not CARE.is_dir(), reason=f"no official examples in {CARE}; set NAER_STANDARDS"),
]


def conversations() -> list[bytes]:
    """Every official message that is part of a conversation."""
    files = [*sorted(CARE.glob("*.json")), *sorted(DIALOGUE.glob("*.xml"))]
    found = [path.read_bytes() for path in files]
    return [data for data in found if (letter := read(data, None).letter) and letter.conversation]


def worker(party: Party, number: int) -> Client:
    """Somebody who works at the receiver."""
    norway = bool(party.her)
    her = [enrol.Her(party.her)] if norway else []
    known, _ = enrol.organisation(
        party.name or f"Receiver {number}",
        "municipality",
        municipality="860",
        sor=party.sor or None,
        gln=party.gln or None,
        her=her,
    )
    user, _ = User.objects.get_or_create(
        username=f"reader{number}", defaults={"role": "coordinator", "organisation": known}
    )
    client = Client()
    client.force_login(user)
    return client


def texts(letter: Letter) -> list[str]:
    assert letter.conversation is not None
    return [line for one in letter.conversation.segments for line in one.text.splitlines() if line.strip()]


def test_there_are_some() -> None:
    assert len(conversations()) >= 8


@pytest.mark.parametrize("number", range(len(conversations()) if CARE.is_dir() else 0))
def test_it_is_read_and_answered(number: int) -> None:
    data = conversations()[number]
    letter = read(data, None).letter
    assert letter is not None
    client = worker(letter.receiver, number)
    now = letter.sent + HOUR
    (answer,) = intake.receive([Raw(data, None, "http")], now=now, new_id=new_id, actor=Process("test"))
    assert answer.acknowledgement == "ok", answer.issues
    listed = client.get(reverse("conversations")).content.decode()
    found = re.search(r"/conversations/(\d+)/", listed)
    assert found is not None
    address = reverse("conversation", args=[int(found[1])])
    page = client.get(address).content.decode()
    for line in texts(letter):
        assert escape(line.strip()) in page
    assert "No care relation." in page
    latest = re.search(r'name="latest" value="([^"]+)"', page)
    assert latest is not None
    sent = client.post(address, {"text": "Tak.", "phone": "+45 12 34 56 78", "latest": latest[1]})
    assert sent.status_code == 302
    assert Thread.objects.count() == 1
    reply = OutgoingMessage.objects.get(kind="letter")
    assert reply.answers == letter.message_id
