"""What a receiver says of a Norwegian message itself: a fault in it, or that nobody is there."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from naer.events.instant import DAY, MINUTE, Instant, local, text
from naer.messages import read
from naer.messages.content import Letter
from naer.site import clock
from naer.site.access.models import AccessEntry
from naer.site.messaging import record
from naer.site.messaging.models import Message, OutgoingMessage, StoredLetter
from naer.site.pathways import enrol
from naer.site.pathways.models import Citizen, LoggedEvent
from naer.site.ui.times import ZONE
from tests.contract.plo import stay_letters
from tests.integration.intake.office import KARI, KOMMUNE, SYKEHUS, fjord, post
from tests.integration.site.test_dialogue import letter_of, pass_on, take_in, worker
from tests.place import new_id


@pytest.fixture
def now(db: None) -> Instant:
    return clock.now()


@pytest.fixture
def kari(now: Instant) -> Citizen:
    """Kari, with home nursing in the municipality, was admitted: the hospital's message has come."""
    fjord()
    found, _ = enrol.citizen(KARI.number, "4601", new_id=new_id, name="Kari Nordmann", case="home-nursing")
    when = text(now)[:19]
    take_in(post(stay_letters.admitted("no-1", when, when)), now)
    return found


def came() -> tuple[Message, StoredLetter]:
    """The hospital's message as the municipality has it."""
    return Message.objects.get(message_id="no-1"), StoredLetter.objects.get(message_id="no-1")


def written(standard: str) -> tuple[OutgoingMessage, Letter]:
    out = OutgoingMessage.objects.get(standard=standard)
    letter = read(record.unpack(bytes(out.content)), None).letter
    assert letter is not None
    return out, letter


def test_a_fault_in_a_care_message_is_a_conversation_with_its_sender(kari: Citizen, now: Instant) -> None:
    knut = worker("knut", "coordinator", KOMMUNE.name)
    message, row = came()
    page = reverse("letter-fault", args=[row.pk])
    shown = knut.get(reverse("message", args=[message.pk])).content.decode()
    assert page in shown
    assert "Not for wrong health content" in knut.get(page).content.decode()
    wrong = knut.post(page, {"fault": "3", "text": " "})
    assert wrong.status_code == 422
    assert not OutgoingMessage.objects.filter(kind="letter").exists()
    given = {"fault": "1", "text": "<script>alert(1)</script> Gjelder nabokommunen.", "phone": "12345678"}
    assert knut.post(page, given).status_code == 302
    answer = knut.post(page, given, follow=True)  # pressed twice
    assert "&lt;script&gt;" in answer.content.decode()
    out, letter = written("plo-dialog-avvik")
    assert (letter.type, letter.parent, letter.root) == ("DIALOG_AVVIK", "no-1", "no-1")
    assert (letter.sender.service, letter.receiver.her) == (KOMMUNE.service, SYKEHUS.her)
    assert letter.conversation is not None
    assert (letter.conversation.category, letter.details["category_list"]) == ("1", "8117")
    assert letter.conversation.segments[0].text.endswith("Gjelder nabokommunen.\n\nTelefon: 12345678")
    event = LoggedEvent.objects.get(kind="message_fault")
    admitted = LoggedEvent.objects.get(kind="admitted")
    assert (event.id, event.pathway) == (out.message_id, admitted.pathway)
    said = json.loads(event.attributes)
    assert (said["fault"], said["answers"]) == ("1", "no-1")
    assert "nabokommunen" not in event.attributes
    assert 'href="/messages/out/' in knut.get(reverse("message", args=[message.pk])).content.decode()

    pass_on(now + MINUTE)
    assert LoggedEvent.objects.filter(kind="message_fault").count() == 1
    siri = worker("siri", "discharge_nurse", SYKEHUS.name)
    listed = siri.get(reverse("conversations")).content.decode()
    assert "Fault in a message: It is for somebody else" in listed
    talk = reverse("conversation", args=[letter_of(listed)])
    assert "Gjelder nabokommunen." in siri.get(talk).content.decode()
    assert siri.post(talk, {"text": "Takk.", "latest": out.message_id}).status_code == 302
    _, thanks = written("plo-dialog-helsefaglig")
    assert thanks.conversation is not None
    assert (thanks.parent, thanks.conversation.category) == (out.message_id, "")


def test_who_is_away_says_till_when_and_whether_it_was_passed_on(kari: Citizen, now: Instant) -> None:
    knut = worker("knut", "coordinator", KOMMUNE.name)
    message, row = came()
    page = reverse("letter-away", args=[row.pk])
    assert page in knut.get(reverse("message", args=[message.pk])).content.decode()
    today = local(now, ZONE).date().isoformat()
    wrong = knut.post(page, {"since": today, "until": "2020-01-01"})
    assert wrong.status_code == 422
    assert "It ends before it begins." in wrong.content.decode()
    assert knut.post(page, {"note": "710190-1234"}).status_code == 422
    for _ in range(2):  # pressed twice
        given = {"since": today, "passed_on": "on", "note": "Ring vakttelefonen."}
        assert knut.post(page, given, follow=True).status_code == 200
    _, letter = written("plo-fravarsmelding")
    assert (letter.version, letter.parent, letter.status) == ("v1.5", "no-1", "new")
    assert (letter.details["away"], letter.details["forwarded"]) == (True, True)
    assert letter.details["away_from"] == today
    assert "away_to" not in letter.details
    assert letter.details["away_note"] == "Ring vakttelefonen."
    event = LoggedEvent.objects.get(kind="absence_notice")
    assert json.loads(event.attributes)["answers"] == "no-1"
    pass_on(now + MINUTE)
    assert LoggedEvent.objects.filter(kind="absence_notice").count() == 1


def test_only_the_receiver_with_a_reason_may_and_not_about_a_remark(kari: Citizen, now: Instant) -> None:
    _, row = came()
    siri = worker("siri", "discharge_nurse", SYKEHUS.name)
    pages = [reverse(name, args=[row.pk]) for name in ("letter-fault", "letter-away")]
    for page in pages:
        assert siri.get(page).status_code == 404, "the sender"
        assert Client().get(page).status_code == 302
    knut = worker("knut", "coordinator", KOMMUNE.name)
    knut.post(pages[0], {"fault": "9", "text": "Uleselig."})
    pass_on(now + MINUTE)
    back = StoredLetter.objects.get(type="DIALOG_AVVIK", outgoing=None)
    assert siri.get(reverse("letter-fault", args=[back.pk])).status_code == 404, (
        "a fault report is not at fault"
    )
    StoredLetter.objects.filter(pk=row.pk).update(stored=now - 31 * DAY)
    kari.cases.all().delete()
    assert knut.get(pages[0]).status_code == 404, "it came long ago, and there is no care relation"


def test_what_was_written_to_somebody_without_a_case_is_read_and_sent_back(now: Instant) -> None:
    """An early warning about a citizen whom the municipality does not know yet, or that went astray."""
    fjord()
    when = text(now)[:19]
    take_in(post(stay_letters.admitted("no-1", when, when)), now)
    (message, row), knut = came(), worker("knut", "coordinator", KOMMUNE.name)
    listed = knut.get(reverse("messages")).content.decode()
    page = reverse("message", args=[message.pk])
    assert page in listed
    shown = knut.get(page).content.decode()
    assert "No care relation." in shown
    assert f"/citizens/{row.citizen_id}/" not in shown
    assert knut.get(f"/citizens/{row.citizen_id}/").status_code == 404
    entry = AccessEntry.objects.filter(citizen=row.citizen_id, action="look-message").latest("pk")
    assert (entry.user, entry.relation) == ("knut", "conversation")
    sent = knut.post(reverse("letter-fault", args=[row.pk]), {"fault": "1", "text": "Hører til Fjellvik."})
    assert sent.status_code == 302
    assert written("plo-dialog-avvik")[1].parent == "no-1"
    siri = worker("siri", "discharge_nurse", SYKEHUS.name)
    assert siri.get(reverse("letter-away", args=[row.pk])).status_code == 404


def test_systems_say_the_same_through_the_json_api(kari: Citizen, now: Instant) -> None:
    knut = worker("knut", "coordinator", KOMMUNE.name)
    message, _ = came()

    def say(what: str, body: object) -> tuple[int, dict[str, str]]:
        address = f"/api/messages/in/{message.pk}/{what}"
        answer = knut.post(address, json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    assert say("fault", {"fault": "1", "text": "x"})[0] == 422
    assert say("fault", {"fault": "other", "text": " "})[0] == 422
    code, said = say("fault", {"fault": "lacking-information", "text": "Innleggelsestid mangler."})
    assert (code, said["citizen"]) == (201, kari.key)
    assert json.loads(LoggedEvent.objects.get(id=said["message_id"]).attributes)["fault"] == "2"
    assert say("absence", {"since": "2026-12-24", "until": "2026-12-01"})[0] == 409
    code, said = say("absence", {"since": "2026-12-24", "until": "2026-12-27", "passed_on": True})
    assert code == 201
    _, letter = written("plo-fravarsmelding")
    assert (letter.message_id, letter.details["away_to"]) == (said["message_id"], "2026-12-27")
    siri = worker("siri", "discharge_nurse", SYKEHUS.name)
    gone = siri.post(f"/api/messages/in/{message.pk}/absence", "{}", content_type="application/json")
    assert gone.status_code == 404, "only who got it is away"
