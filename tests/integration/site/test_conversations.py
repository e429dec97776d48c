"""Conversations: begun, read, answered, forwarded, taken back; who sees them, and what is left of it."""

import re

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from naer.events.instant import HOUR, MINUTE, Instant
from naer.messages import read
from naer.messages.content import Person
from naer.messages.medcom import carecommunication
from naer.messages.medcom.codes import CPR
from naer.site.access.models import AccessEntry
from naer.site.messaging import correspondence, drafts, intake, letters, record, thread_marks
from naer.site.messaging.answer import Raw
from naer.site.messaging.correspondence import Subject
from naer.site.messaging.models import OutgoingMessage, StoredLetter, Thread
from naer.site.pathways.actor import Process
from naer.site.pathways.models import Citizen, LoggedEvent
from tests.integration.site.conftest import SignedIn
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, OTHER_MUNICIPALITY, PRACTICE, Place, new_id

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


def test_from_the_form_to_the_answer(stay: Place, now: Instant, as_: SignedIn) -> None:
    doris, mette = as_("doris"), as_("mette")
    address = reverse("write", args=[stay.citizen.key])
    assert address in page(doris, reverse("citizen", args=[stay.citizen.key]))
    upload = SimpleUploadedFile("Fund.pdf", PDF, content_type="text/html")
    sent = doris.post(address, WORDS | {"text": "Kan hun gå på trapper?", "attachments": [upload]})
    assert sent.status_code == 302
    shown = page(doris, sent["Location"])
    assert "Kan hun gå på trapper?" in shown
    assert "Take back" in shown
    (waiting,) = OutgoingMessage.objects.filter(kind="letter")
    assert (waiting.next_attempt or 0) - waiting.created == MINUTE
    pass_on(now + MINUTE)

    listed = page(mette, reverse("conversations"))
    assert "1 conversation with something unread" in listed
    assert "Kan hun gå på trapper?" in listed
    pk = letter_of(listed)
    shown = page(mette, reverse("conversation", args=[pk]))
    assert "Unread" in shown
    assert "Doris Vagt" in shown
    file = re.search(r'href="(/conversations/\d+/files/\d+/\d+/)"', shown)
    assert file is not None
    got = mette.get(file[1])
    assert (got.content, got["Content-Type"]) == (PDF, "application/pdf")
    assert got["Content-Disposition"].startswith("attachment;")

    answer(mette, pk, "Ja, med støtte.")
    pass_on(now + 3 * MINUTE)
    assert "Everything is read." in page(mette, reverse("conversations"))
    shown = page(doris, sent["Location"])
    assert shown.index("Kan hun gå") < shown.index("Ja, med støtte.")
    assert Thread.objects.count() == 1
    assert LoggedEvent.objects.filter(kind="correspondence").count() == 2
    looks = AccessEntry.objects.filter(user="mette", action="look-list")
    assert set(looks.values_list("citizen", "subject")) == {(stay.citizen.key, "conversations")}
    assert {e.action for e in AccessEntry.objects.filter(user="mette")} >= {
        "look-thread",
        "look-attachment",
        "send",
    }


def test_a_conversation_says_which_stay_it_is_about(stay: Place, now: Instant, as_: SignedIn) -> None:
    """By the episode of care of the stay, from the notification of it; also in the municipality's answer."""
    doris, mette = as_("doris"), as_("mette")
    key = stay.citizen.key
    assert doris.post(reverse("write", args=[key]), WORDS | {"text": "Hej"}).status_code == 302
    given = {"can": "yes", "since": "", "text": "", "phone": "12345678"}
    assert mette.post(reverse("can-receive", args=[key]), given).status_code == 302
    for out in OutgoingMessage.objects.filter(kind="letter"):
        letter = read(record.unpack(bytes(out.content)), None).letter
        assert letter is not None
        assert letter.episode is not None
        assert letter.episode.original == "episode-1"


def test_a_ward_writes_and_is_answered(stay: Place, now: Instant, as_: SignedIn) -> None:
    doris = as_("doris")
    address = reverse("write", args=[stay.citizen.key])
    number = doris.post(address, WORDS | {"text": "Hej", "from_unit": "Bo 710190-1234"})
    assert (number.status_code, OutgoingMessage.objects.filter(kind="letter").count()) == (422, 0)
    assert doris.post(address, WORDS | {"text": "Hej", "from_unit": "Afsnit B3"}).status_code == 302
    assert 'value="Afsnit B3"' in page(doris, address)
    pass_on(now + MINUTE)
    reply(stay, Thread.objects.get(), "mette", "Hej selv", now + 2 * MINUTE)
    first, second = (
        read(record.unpack(bytes(out.content)), None).letter
        for out in OutgoingMessage.objects.filter(kind="letter").order_by("pk")
    )
    assert first is not None
    assert first.conversation is not None
    assert (first.conversation.from_unit, first.conversation.to_unit) == ("Afsnit B3", "")
    assert second is not None
    assert second.conversation is not None
    assert second.conversation.to_unit == "Afsnit B3"


def test_the_message_page_tells_receipt_and_business_answer_apart(
    stay: Place, now: Instant, as_: SignedIn
) -> None:
    kept = write(stay, now - 10 * MINUTE)
    address = reverse("message-out", args=[kept.outgoing_id])
    doris = as_("doris")
    shown = page(doris, address)
    assert "Acknowledged" in shown
    assert "None yet" in shown
    reply(stay, Thread.objects.get(), "doris", "Og om natten?", now - 8 * MINUTE)
    pass_on(now - 7 * MINUTE)
    assert "None yet" in page(doris, address)  # one's own next message is no answer
    second = StoredLetter.objects.filter(outgoing__isnull=False).latest("pk")
    reply(stay, Thread.objects.get(), "mette", "Ja, med støtte.", now - 5 * MINUTE)
    pass_on(now - 4 * MINUTE)
    shown = page(doris, reverse("message-out", args=[second.outgoing_id]))
    assert "None yet" not in shown
    answered = StoredLetter.objects.filter(outgoing=None).latest("pk")
    assert reverse("message", args=[answered.incoming_id]) in shown


def test_only_those_who_take_part_see_it(stay: Place, now: Instant, as_: SignedIn) -> None:
    kept = write(stay, now)
    for who in ("ole", "gunnar", "dennis", "grete", "dina", "adam", "anna"):
        client = as_(who)
        assert client.get(reverse("conversation", args=[kept.pk])).status_code == 404, who
        assert client.post(reverse("conversation-mark", args=[kept.pk]), {"act": "read"}).status_code == 404
    assert as_("dina").get(reverse("conversations")).status_code == 403
    assert "Kan hun" not in page(as_("gunnar"), reverse("citizen", args=[stay.citizen.key]))
    assert as_("nora").get(reverse("conversation", args=[kept.pk])).status_code == 200


def test_who_was_written_to_may_answer_without_a_care_relation(
    stay: Place, now: Instant, as_: SignedIn
) -> None:
    write(stay, now, receiver=OTHER_MUNICIPALITY.sor)
    ole = as_("ole")
    listed = page(ole, reverse("conversations"))
    pk = letter_of(listed)
    shown = page(ole, reverse("conversation", args=[pk]))
    assert "No care relation." in shown
    assert reverse("citizen", args=[stay.citizen.key]) not in shown
    assert ole.get(reverse("citizen", args=[stay.citizen.key])).status_code == 404
    answer(ole, pk, "Forkert kommune.")
    entry = AccessEntry.objects.filter(user="ole", action="send").get()
    assert entry.relation == "conversation"
    StoredLetter.objects.update(read=now)
    Thread.objects.get().parties.update(unread=0, newest=now - 31 * 24 * HOUR)
    assert ole.get(reverse("conversation", args=[pk])).status_code == 404


def test_read_and_unread(stay: Place, now: Instant, as_: SignedIn) -> None:
    write(stay, now)
    mette = as_("mette")
    pk = letter_of(page(mette, reverse("conversations")))
    mark = reverse("conversation-mark", args=[pk])
    assert mette.get(mark).status_code == 405
    mette.post(mark, {"act": "read"})
    assert "Everything is read." in page(mette, reverse("conversations"))
    assert "Mark as unread" in page(mette, reverse("conversation", args=[pk]))
    mette.post(mark, {"act": "unread"})
    assert "1 unread" in page(mette, reverse("conversations"))
    assert mette.post(mark, {"act": "burn"}).status_code == 404


def test_taken_back_before_it_leaves(stay: Place, now: Instant, as_: SignedIn) -> None:
    written = drafts.Written("Forkert borger!", phone="12345678")
    kept = correspondence.begin(
        stay.users["doris"], stay.citizen, MUNICIPALITY.sor, written, Subject("discharge"),
        now=now, new_id=new_id,
    )  # fmt: skip
    doris = as_("doris")
    mark = reverse("conversation-mark", args=[kept.pk])
    said = doris.post(mark, {"act": "take-back", "letter": kept.pk}, follow=True).content.decode()
    assert "Taken back. It was never sent." in said
    assert "Given up" in said
    assert OutgoingMessage.objects.get(kind="letter").state == "given-up"
    held = {event.kind for event in LoggedEvent.objects.filter(citizen=stay.citizen.key)}
    assert held == {"admitted", "correspondence", "cancelled"}
    again = doris.post(mark, {"act": "take-back", "letter": kept.pk}, follow=True).content.decode()
    assert "It has left already." in again
    assert not thread_marks.take_back(stay.users["doris"], kept, now=now, new_id=new_id)


def take_back(here: Place, kept: StoredLetter, now: Instant) -> bool:
    return thread_marks.take_back(here.users["doris"], kept, now=now, new_id=new_id)


def test_what_was_taken_back_is_in_nothing_that_leaves(stay: Place, now: Instant, as_: SignedIn) -> None:
    first = write(stay, now - 10 * MINUTE)
    thread = Thread.objects.get()
    reply(stay, thread, "doris", "Hemmelig tekst om en anden", now)
    wrong = StoredLetter.objects.latest("pk")
    assert take_back(stay, wrong, now)
    reply(stay, thread, "doris", "Undskyld, det rigtige er dette.", now + 1)
    doris = as_("doris")
    address = reverse("conversation-forward", args=[first.pk])
    form = page(doris, address)
    assert wrong.message_id not in form
    given = {"receiver": PRACTICE.sor, "sure": "on", "text": "Se her", "phone": "12345678"}
    assert doris.post(address, given | {"letters": [wrong.message_id]}).status_code == 422
    assert doris.post(address, given | {"letters": [first.message_id]}).status_code == 302
    leaving = OutgoingMessage.objects.filter(state="waiting", kind="letter")
    assert leaving.count() == 2
    for one in leaving:
        data = record.unpack(bytes(one.content)).decode()
        assert "Hemmelig" not in data
        assert wrong.message_id not in data
        letter = read(data.encode(), None).letter
        assert letter is not None
        assert letter.conversation is not None
        assert "Kan hun gå på trapper?" in [segment.text for segment in letter.conversation.segments]


def test_when_all_was_taken_back_there_is_nothing_to_answer(stay: Place, now: Instant, as_: SignedIn) -> None:
    written = drafts.Written("Forkert borger!", phone="12345678")
    kept = correspondence.begin(
        stay.users["doris"], stay.citizen, MUNICIPALITY.sor, written, Subject("discharge"),
        now=now, new_id=new_id,
    )  # fmt: skip
    assert take_back(stay, kept, now)
    address = reverse("conversation", args=[kept.pk])
    given = {"text": "Hej", "phone": "12345678", "latest": kept.message_id}
    refused = as_("doris").post(address, given)
    assert (refused.status_code, OutgoingMessage.objects.filter(kind="letter").count()) == (422, 1)
    assert "There is no message to answer." in refused.content.decode()


def test_what_a_later_message_repeats_is_not_taken_back_before_that(
    stay: Place, now: Instant, as_: SignedIn
) -> None:
    written = drafts.Written("Forkert borger!", phone="12345678")
    kept = correspondence.begin(
        stay.users["doris"], stay.citizen, MUNICIPALITY.sor, written, Subject("discharge"),
        now=now, new_id=new_id,
    )  # fmt: skip
    reply(stay, Thread.objects.get(), "doris", "Og en ting til.", now + 1)
    mark = reverse("conversation-mark", args=[kept.pk])
    said = as_("doris").post(mark, {"act": "take-back", "letter": kept.pk}, follow=True).content.decode()
    assert "A later message repeats it. Take that one back first." in said
    assert OutgoingMessage.objects.filter(kind="letter", state="waiting").count() == 2
    later = StoredLetter.objects.latest("pk")
    assert take_back(stay, later, now + 2)
    assert take_back(stay, kept, now + 2)


def test_what_has_left_is_not_taken_back(stay: Place, now: Instant, as_: SignedIn) -> None:
    kept = write(stay, now)
    assert "Take back" not in page(as_("doris"), reverse("conversation", args=[kept.pk]))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": ""}, "Write what you want to say."),
        ({"text": "Hun hedder 710190-1234"}, "Leave the person number out"),
        ({"phone": ""}, "Write where you can be called."),
        ({"phone": "ring mig"}, "Write a telephone number"),
        ({"category": ""}, "Choose what it is about."),
        ({"category": "other"}, "Say what it is about."),
        ({"priority": "asap"}, "Only a message about a referral has a priority."),
        ({"receiver": ""}, "Choose whom it goes to."),
        ({"receiver": OTHER_MUNICIPALITY.sor}, "Nothing here says that they take part in the care."),
        ({"receiver": HOSPITAL.sor}, "Select a valid choice"),
        ({"attachments": SimpleUploadedFile("x.pdf", b"PK\x03\x04zip")}, "is not a PDF, GIF"),
        ({"attachments": SimpleUploadedFile("x.bmp", b"BM" + b"x" * 3_200_000)}, "larger than 3 MB"),
    ],
)  # fmt: skip
def test_mistakes_stand_under_their_field(
    more: dict[str, str], said: str, stay: Place, now: Instant, as_: SignedIn
) -> None:
    given = WORDS | {"text": "Hej"} | more
    answer = as_("doris").post(reverse("write", args=[stay.citizen.key]), given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not StoredLetter.objects.exists()
    assert not OutgoingMessage.objects.filter(kind="letter").exists()


def test_other_and_referral_have_their_rules(stay: Place, now: Instant, as_: SignedIn) -> None:
    doris = as_("doris")
    for more in (
        {"category": "other", "topic": "Nøgle"},
        {"category": "regarding-referral", "priority": "asap"},
        {"receiver": OTHER_MUNICIPALITY.sor, "sure": "on"},
    ):
        assert doris.post(
            reverse("write", args=[stay.citizen.key]), WORDS | {"text": "Hej"} | more
        ).status_code == 302  # fmt: skip
    first, second, _ = StoredLetter.objects.order_by("pk")
    assert "Nøgle" in page(doris, reverse("conversation", args=[first.pk]))
    assert "As soon as possible" in page(doris, reverse("conversation", args=[second.pk]))


def test_forwarded_with_its_file(stay: Place, now: Instant, as_: SignedIn) -> None:
    write(stay, now)
    mette = as_("mette")
    pk = letter_of(page(mette, reverse("conversations")))
    address = reverse("conversation-forward", args=[pk])
    form = page(mette, address)
    message = re.search(r'name="letters" value="([^"]+)"', form)
    assert message is not None
    given = {
        "receiver": PRACTICE.sor,
        "text": "Til orientering",
        "phone": "12345678",
        "letters": [message[1]],
    }
    sent = mette.post(address, given)
    assert sent.status_code == 302
    (out,) = OutgoingMessage.objects.filter(receiver=PRACTICE.sor)
    letter = read(record.unpack(bytes(out.content)), None).letter
    assert letter is not None
    assert letter.conversation is not None
    assert letter.conversation.activity == "forward-message"
    assert [one.data for one in letter.conversation.segments if one.is_attachment] == [PDF]
    pass_on(now + 5 * MINUTE)
    gunnar = as_("gunnar")
    theirs = letter_of(page(gunnar, reverse("conversations")))
    shown = page(gunnar, reverse("conversation", args=[theirs]))
    assert "Til orientering" in shown
    assert "Kan hun gå på trapper?" in shown
    file = re.search(r'href="(/conversations/\d+/files/\d+/\d+/)"', shown)
    assert file is not None
    assert gunnar.get(file[1]).content == PDF
    assert Thread.objects.count() == 2
    del given["letters"]
    nothing = mette.post(address, given)
    assert (nothing.status_code, "Choose at least one message." in nothing.content.decode()) == (422, True)


def test_parallel_answers_and_a_late_one_are_told(stay: Place, now: Instant, as_: SignedIn) -> None:
    kept = write(stay, now)
    thread = Thread.objects.get(pk=kept.thread_id)
    for who, text, at in (("doris", "Også om natten?", 5), ("mette", "Ja.", 5)):
        correspondence.reply(
            stay.users[who],
            thread,
            drafts.Written(text, phone="12345678"),
            now=now + at * MINUTE,
            new_id=new_id,
        )
    pass_on(now + 7 * MINUTE)
    shown = page(as_("mette"), reverse("conversation", args=[kept.pk]))
    assert shown.count("Written at the same time as another answer.") == 2
    listed = page(as_("mette"), reverse("conversations"))
    assert "Også om natten?" in listed  # unread, so it stands before what was written last


def test_what_came_while_one_wrote_is_read_first(stay: Place, now: Instant, as_: SignedIn) -> None:
    kept = write(stay, now - 10 * MINUTE)
    mette = as_("mette")
    address = reverse("conversation", args=[kept.pk])
    latest = re.search(r'name="latest" value="([^"]+)"', page(mette, address))
    assert latest is not None
    reply(stay, Thread.objects.get(pk=kept.thread_id), "doris", "Glem det, hun er rask.", now - 5 * MINUTE)
    pass_on(now - 4 * MINUTE)
    given = {"text": "Ja, vi kommer.", "phone": "12345678", "latest": latest[1]}
    refused = mette.post(address, given)
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert "Something was written meanwhile." in shown
    assert "Glem det, hun er rask." in shown
    assert "Ja, vi kommer." in shown  # what was written stays in the field
    assert OutgoingMessage.objects.filter(kind="letter").count() == 2


class TestCanReceive:
    def test_yes_is_recorded_and_sent_in_words(self, stay: Place, now: Instant, as_: SignedIn) -> None:
        mette = as_("mette")
        address = reverse("can-receive", args=[stay.citizen.key])
        assert address in page(mette, reverse("citizen", args=[stay.citizen.key]))
        given = {"can": "no", "since": "2026-12-01T10:00", "text": "Ring først.", "phone": "12345678"}
        assert mette.post(address, given).status_code == 302
        event = LoggedEvent.objects.get(kind="municipality_answer")
        assert '"can_receive":false' in event.attributes
        assert '"from":"2026-12-01T' in event.attributes
        assert event.organisation == MUNICIPALITY.sor
        (out,) = OutgoingMessage.objects.filter(kind="letter")
        letter = read(record.unpack(bytes(out.content)), None).letter
        assert letter is not None
        assert letter.conversation is not None
        said = letter.conversation.segments[0].text
        assert said == "Vi KAN ENDNU IKKE MODTAGE borgeren; tidligst 01.12.2026 kl. 10:00.\n\nRing først."
        pass_on(now + 2 * MINUTE)
        assert LoggedEvent.objects.filter(kind="municipality_answer").count() == 1
        doris = as_("doris")
        pk = letter_of(page(doris, reverse("conversations")))
        assert "Recorded: no, not yet." in page(doris, reverse("conversation", args=[pk]))

    def test_words_are_proposed_and_confirmed_by_a_person(
        self, stay: Place, now: Instant, as_: SignedIn
    ) -> None:
        kept = write(stay, now - 10 * MINUTE)
        thread = Thread.objects.get(pk=kept.thread_id)
        reply(stay, thread, "mette", "Vi kan modtage fra 01.12.2026 kl. 10:00.", now - 8 * MINUTE)
        pass_on(now - 7 * MINUTE)
        doris = as_("doris")
        shown = page(doris, reverse("conversation", args=[kept.pk]))
        assert "The words of the message seem to say this." in shown
        assert 'value="2026-12-01T10:00"' in shown
        assert not LoggedEvent.objects.filter(kind="municipality_answer").exists()
        letter = re.search(r'value="reading"><input type="hidden" name="letter" value="(\d+)"', shown)
        assert letter is not None
        mark = reverse("conversation-mark", args=[kept.pk])
        given = {"act": "reading", "letter": letter[1], "can": "yes", "since": "2026-12-01T10:00"}
        doris.post(mark, given)
        shown = page(doris, reverse("conversation", args=[kept.pk]))
        assert "Recorded: yes, it can." in shown
        doris.post(mark, given | {"can": "no", "since": ""})
        shown = page(doris, reverse("conversation", args=[kept.pk]))
        assert "Recorded: no, not yet." in shown
        events = LoggedEvent.objects.filter(kind="municipality_answer").order_by("seq")
        assert [event.changes is None for event in events] == [True, False]
        assert {event.organisation for event in events} == {MUNICIPALITY.sor}
        assert as_("mette").post(mark, given).status_code == 404

    def test_nobody_else_answers_for_the_municipality(self, stay: Place, as_: SignedIn) -> None:
        address = reverse("can-receive", args=[stay.citizen.key])
        assert as_("doris").get(address).status_code == 404
        Citizen.objects.update(status="discharged")
        assert as_("mette").get(address).status_code == 404


def test_delivery_words_stand_beside_ones_own(stay: Place, now: Instant, as_: SignedIn) -> None:
    kept = write(stay, now)
    shown = page(as_("doris"), reverse("conversation", args=[kept.pk]))
    assert "Acknowledged" in shown
    mette = as_("mette")
    pk = letter_of(page(mette, reverse("conversations")))
    mette.post(reverse("conversation-mark", args=[pk]), {"act": "read"})
    assert "Read " in page(as_("doris"), reverse("conversation", args=[kept.pk]))


def test_what_has_not_left_is_not_seen_by_the_other_side(stay: Place, now: Instant, as_: SignedIn) -> None:
    written = drafts.Written("Fortryder jeg måske", phone="12345678")
    kept = correspondence.begin(
        stay.users["doris"], stay.citizen, MUNICIPALITY.sor, written, Subject("discharge"),
        now=now, new_id=new_id,
    )  # fmt: skip
    mette = as_("mette")
    assert mette.get(reverse("conversation", args=[kept.pk])).status_code == 404
    assert "Fortryder" not in page(mette, reverse("conversations") + "?show=all")
    assert "Fortryder" not in page(mette, reverse("citizen", args=[stay.citizen.key]))


def test_about_somebody_nobody_knew(stay: Place, now: Instant, as_: SignedIn) -> None:
    """Somebody wrote to us about a citizen who is in no register: it is read and answered, and flagged."""
    person = Person(number="8904904321", system=CPR, family="Ukendt", given=("Bo",))
    written = drafts.Written("Kender I Bo?", "Doris Vagt", "sygeplejerske", "12345678")
    sending = drafts.Sending(HOSPITAL, MUNICIPALITY, now - HOUR, new_id)
    letter = drafts.begin(written, sending, person, category="nursing")
    (answer_,) = stay.receive(carecommunication.write(letter, new_id=new_id), now=now - HOUR)
    assert answer_.acknowledgement == "ok"
    mette = as_("mette")
    shown = page(mette, reverse("conversation", args=[letter_of(page(mette, reverse("conversations")))]))
    assert "This citizen is not in your register" in shown
    assert "Bo Ukendt" in shown
    assert "8904904321" not in shown
    answer(mette, letter_of(page(mette, reverse("conversations"))), "Nej.")
    assert mette.get(reverse("citizen", args=[Citizen.objects.get(provisional=True).key])).status_code == 404


def test_what_is_written_is_shown_as_text(stay: Place, now: Instant, as_: SignedIn) -> None:
    """Nothing that somebody elsewhere writes becomes markup, or a link to somewhere."""
    person = Person(number=NUMBERS[0], system=CPR, family="Testgaard", given=("Karen",))
    nasty = '<script>alert(1)</script> {{ user }} {% now "Y" %} " onload=x'
    written = drafts.Written(nasty, "<i>Doris</i>", "<b>x</b>", '12345678"><script>')
    sending = drafts.Sending(HOSPITAL, MUNICIPALITY, now - HOUR, new_id)
    letter = drafts.begin(
        written, sending, person, category="other", topic="<h1>Emne</h1>", to_unit="<u>A</u>"
    )
    (answer_,) = stay.receive(carecommunication.write(letter, new_id=new_id), now=now - HOUR)
    assert answer_.acknowledgement == "ok"
    mette = as_("mette")
    listed = page(mette, reverse("conversations"))
    shown = page(mette, reverse("conversation", args=[letter_of(listed)]))
    for text in (listed, shown):
        assert "&lt;script&gt;alert(1)" in text
        assert not re.search(r"<script>alert|<i>Doris|<h1>Emne|<b>x|<u>A", text)


def slip_in(here: Place, thread: Thread, sent: Instant, now: Instant) -> None:
    """The practice writes into a conversation that it takes no part in, about the same citizen."""
    letter = drafts.begin(
        drafts.Written("Hvad blev der sagt?", author="Ib", role="speciallaegeipraksis", phone="12345678"),
        drafts.Sending(PRACTICE, MUNICIPALITY, sent, new_id),
        Person(number=NUMBERS[0], system=CPR, family="Testgaard", given=("Karen",)),
        category="discharge",
    )
    theirs = letters.unpack(bytes(StoredLetter.objects.filter(thread=thread)[0].content)).conversation
    assert letter.conversation is not None
    assert theirs is not None
    said = msgspec.structs.replace(letter.conversation, thread=theirs.thread)
    data = carecommunication.write(msgspec.structs.replace(letter, conversation=said), new_id=new_id)
    (answer,) = intake.receive([Raw(data, None, "http")], now=now, new_id=new_id, actor=Process("test"))
    assert answer.acknowledgement == "ok", answer.issues


def test_who_slips_into_a_conversation_gets_nothing_of_it(stay: Place, now: Instant) -> None:
    kept = write(stay, now)
    thread = kept.thread
    assert thread is not None
    slip_in(stay, thread, now + HOUR, now + HOUR)
    assert Thread.objects.count() == 1
    reply(stay, thread, "mette", "Det kan vi ikke sige her.", now + 2 * HOUR)
    out = OutgoingMessage.objects.get(receiver=PRACTICE.sor)
    letter = read(record.unpack(bytes(out.content)), None).letter
    assert letter is not None
    assert letter.conversation is not None
    assert [one.text for one in letter.conversation.segments if one.text] == [
        "Hvad blev der sagt?",
        "Det kan vi ikke sige her.",
    ]
    assert kept.message_id not in {one.message_id for one in letter.conversation.chain}


def test_a_clock_that_runs_ahead_is_not_the_latest_for_ever(stay: Place, now: Instant) -> None:
    kept = write(stay, now)
    thread = kept.thread
    assert thread is not None
    slip_in(stay, thread, now + 9_000 * HOUR, now + HOUR)
    thread.refresh_from_db()
    assert thread.newest == now + HOUR + letters.AHEAD
    reply(stay, thread, "doris", "Kan hun gå på trapper nu?", now + 2 * HOUR)
    pass_on(now + 2 * HOUR + MINUTE)
    reply(stay, thread, "mette", "Ja.", now + 3 * HOUR)
    assert OutgoingMessage.objects.filter(sender=MUNICIPALITY.sor).latest("pk").receiver == HOSPITAL.sor


def test_a_reply_to_what_is_not_the_latest_any_more_is_refused(stay: Place, now: Instant) -> None:
    kept = write(stay, now)
    assert kept.thread is not None
    reply(stay, kept.thread, "mette", "Ja.", now + HOUR)
    with pytest.raises(correspondence.MovedOnError):
        correspondence.reply(
            stay.users["mette"],
            kept.thread,
            drafts.Written("Ja.", phone="12345678"),
            answers=kept.message_id,
            now=now + HOUR,
            new_id=new_id,
        )
    assert OutgoingMessage.objects.filter(sender=MUNICIPALITY.sor, kind="letter").count() == 1


def test_a_conversation_that_shows_nothing_is_none(as_: SignedIn, stay: Place, now: Instant) -> None:
    kept = write(stay, now)
    OutgoingMessage.objects.filter(kind="letter").update(state="waiting")
    StoredLetter.objects.filter(outgoing=None).delete()
    turned = StoredLetter.objects.get(pk=kept.pk)
    turned.pk, turned.outgoing = None, None
    turned.sender, turned.receiver = MUNICIPALITY.sor, HOSPITAL.sor
    turned.save()
    assert as_("mette").get(reverse("conversation", args=[turned.pk])).status_code == 404
