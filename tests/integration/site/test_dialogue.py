"""Norwegian dialogue on the pages: a request and its answer, and whether the municipality can receive."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from naer.events.instant import DAY, MINUTE, Instant, text
from naer.messages import read
from naer.site import clock
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import correspondence, drafts, intake, record
from naer.site.messaging.answer import Raw
from naer.site.messaging.correspondence import Subject
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways import enrol
from naer.site.pathways.actor import Process
from naer.site.pathways.models import Citizen, LoggedEvent
from tests.contract.plo import stay_letters
from tests.integration.intake.office import KARI, KOMMUNE, SYKEHUS, fjord, post
from tests.place import new_id


@pytest.fixture
def now(db: None) -> Instant:
    return clock.now()


@pytest.fixture
def kari(now: Instant) -> Citizen:
    """Kari, with home nursing in the municipality, was admitted two days ago."""
    fjord()
    found, _ = enrol.citizen(KARI.number, "4601", new_id=new_id, name="Kari Nordmann", case="home-nursing")
    when = text(now - 2 * DAY)[:19]
    take_in(post(stay_letters.admitted("no-1", when, when)), now)
    return found


def take_in(data: bytes, now: Instant) -> None:
    (answer,) = intake.receive([Raw(data, None, "local")], now=now, new_id=new_id, actor=Process("test"))
    assert answer.acknowledgement == "ok", answer.issues


def pass_on(now: Instant) -> None:
    """What waits comes in through the intake."""
    for waiting in OutgoingMessage.objects.filter(state="waiting", kind="letter").order_by("pk"):
        take_in(record.unpack(bytes(waiting.content)), now)
        OutgoingMessage.objects.filter(pk=waiting.pk).update(state="sent", sent=now)


def worker(name: str, role: str, organisation: str) -> Client:
    party = Organisation.objects.get(name=organisation)
    user = User.objects.create(username=name, first_name=name.title(), role=role, organisation=party)
    client = Client()
    client.force_login(user)
    return client


def letter_of(page: str) -> int:
    found = re.search(r"/conversations/(\d+)/", page)
    assert found is not None
    return int(found[1])


def test_a_request_and_its_answer(kari: Citizen, now: Instant) -> None:
    sykehus = worker("siri", "discharge_nurse", SYKEHUS.name)
    kommune = worker("knut", "coordinator", KOMMUNE.name)
    write = reverse("write", args=[kari.key])
    form = sykehus.get(write).content.decode()
    assert "Attach files" not in form
    town = Organisation.objects.get(name=KOMMUNE.name)
    given = {
        "receiver": town.key,
        "category": "DIALOG_FORESPORSEL",
        "topic": "Hjelpemidler",
        "text": "Har hun rullator?",
    }
    sent = sykehus.post(write, given)
    assert sent.status_code == 302, sent.content.decode()
    (out,) = OutgoingMessage.objects.filter(kind="letter")
    assert (out.standard, out.format) == ("plo-dialog-foresporsel", "xml")
    pass_on(now + MINUTE)
    listed = kommune.get(reverse("conversations")).content.decode()
    assert "Har hun rullator?" in listed
    address = reverse("conversation", args=[letter_of(listed)])
    given = {"text": "Ja.", "phone": "12345678", "latest": out.message_id}
    assert kommune.post(address, given).status_code == 302
    answer = OutgoingMessage.objects.get(standard="plo-dialog-svar")
    letter = read(record.unpack(bytes(answer.content)), None).letter
    assert letter is not None
    assert letter.parent == out.message_id
    pass_on(now + 2 * MINUTE)
    shown = sykehus.get(sent["Location"]).content.decode()
    assert shown.index("Har hun rullator?") < shown.index("Telefon: 12345678")
    assert "Forward" not in shown
    kinds = list(LoggedEvent.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds == ["admitted", "request", "answer"]


def test_can_receive_is_theme_7(kari: Citizen, now: Instant) -> None:
    kommune = worker("knut", "coordinator", KOMMUNE.name)
    address = reverse("can-receive", args=[kari.key])
    given = {"can": "yes", "since": "2026-12-01T10:00", "text": "", "phone": ""}
    answer = kommune.post(address, given)
    assert answer.status_code == 302, answer.content.decode()
    event = LoggedEvent.objects.get(kind="municipality_answer")
    assert json.loads(event.attributes)["can_receive"] is True
    (out,) = OutgoingMessage.objects.filter(kind="letter")
    assert out.standard == "plo-dialog-helsefaglig"
    letter = read(record.unpack(bytes(out.content)), None).letter
    assert letter is not None
    assert letter.conversation is not None
    assert letter.conversation.category == "7"
    assert letter.conversation.segments[0].text == "Vi KAN TA IMOT pasienten fra 01.12.2026 kl. 10:00."
    pass_on(now + MINUTE)
    assert LoggedEvent.objects.filter(kind="municipality_answer").count() == 1
    sykehus = worker("siri", "discharge_nurse", SYKEHUS.name)
    page = sykehus.get(reverse("conversations")).content.decode()
    assert "Answer about a patient who is ready for discharge" in page
    shown = sykehus.get(reverse("conversation", args=[letter_of(page)])).content.decode()
    assert "Recorded: yes, it can." in shown


def test_theme_7_is_the_answer_however_it_is_written(kari: Citizen, now: Instant) -> None:
    """A system that writes a dialogue of theme 7 answers, as if the same message had come in."""
    worker("knut", "coordinator", KOMMUNE.name)
    hospital = Organisation.objects.get(name=SYKEHUS.name)
    written = drafts.Written("Vi KAN TA IMOT pasienten.")
    knut = User.objects.get(username="knut")
    kept = correspondence.begin(
        knut, kari, hospital.key, written, Subject("7"), pathway="", now=now, new_id=new_id
    )
    assert LoggedEvent.objects.get(id=kept.message_id).kind == "municipality_answer"
    plain = correspondence.begin(
        knut, kari, hospital.key, written, Subject("DIALOG_HELSEFAGLIG"), now=now, new_id=new_id
    )
    assert LoggedEvent.objects.get(id=plain.message_id).kind == "correspondence"
    pass_on(now + MINUTE)
    assert LoggedEvent.objects.filter(kind="municipality_answer").count() == 1
