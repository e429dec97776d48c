"""A conversation in the small place: written, passed on, answered; shared by the tests of conversations."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from naer.events.instant import MINUTE, Instant
from naer.site.messaging import correspondence, drafts, intake, record
from naer.site.messaging.answer import Raw
from naer.site.messaging.correspondence import Subject
from naer.site.messaging.models import OutgoingMessage, StoredLetter, Thread
from naer.site.pathways.actor import Process
from tests.place import MUNICIPALITY, Place, new_id

PDF = b"%PDF-1.4 invented"


WORDS = {"receiver": MUNICIPALITY.sor, "category": "discharge", "phone": "+45 12 34 56 78"}


@pytest.fixture
def stay(here: Place, now: Instant) -> Place:
    """The citizen is admitted, so that hospital and municipality both have a care relation."""
    here.admit(now)
    return here


def pass_on(now: Instant) -> None:
    """What the companion does within one installation: what waits comes in through the intake."""
    for waiting in OutgoingMessage.objects.filter(state="waiting", kind="letter").order_by("pk"):
        data = record.unpack(bytes(waiting.content))
        (answer,) = intake.receive(
            [Raw(data, None, "local")], now=now, new_id=new_id, actor=Process("naer serve")
        )
        assert (answer.acknowledgement, [i for i in answer.issues if i.severity != "warning"]) == ("ok", [])
        OutgoingMessage.objects.filter(pk=waiting.pk).update(state="acknowledged", sent=now)


def write(here: Place, now: Instant, who: str = "doris", receiver: str = MUNICIPALITY.sor) -> StoredLetter:
    """Somebody writes with a file, and it arrives."""
    written = drafts.Written(
        "Kan hun gå på trapper?", phone="12345678", files=[drafts.File("Fund.pdf", "application/pdf", PDF)]
    )
    kept = correspondence.begin(
        here.users[who], here.citizen, receiver, written, Subject("discharge"), now=now, new_id=new_id
    )
    pass_on(now + MINUTE)
    return kept


def reply(here: Place, thread: Thread, who: str, text: str, now: Instant) -> None:
    written = drafts.Written(text, phone="12345678")
    correspondence.reply(here.users[who], thread, written, now=now, new_id=new_id)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def letter_of(address: str) -> int:
    found = re.search(r"/conversations/(\d+)/", address)
    assert found is not None
    return int(found[1])


def answer(client: Client, pk: int, text: str) -> None:
    """Answer by the form of a conversation."""
    address = reverse("conversation", args=[pk])
    latest = re.search(r'name="latest" value="([^"]+)"', page(client, address))
    assert latest is not None
    given = {"text": text, "phone": "12345678", "latest": latest[1]}
    assert client.post(address, given).status_code == 302
