"""Conversations: begun, read, answered, forwarded, taken back; who sees them, and what is left of it."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from naer.events.instant import HOUR, MINUTE, Instant
from naer.messages import read
from naer.messages.content import Person
from naer.messages.medcom import carecommunication
from naer.messages.medcom.codes import CPR
from naer.site.access.models import AccessEntry
from naer.site.messaging import correspondence, drafts, record
from naer.site.messaging.models import OutgoingMessage, StoredLetter, Thread
from naer.site.pathways.models import Citizen, LoggedEvent
from tests.integration.site.conftest import SignedIn
from tests.integration.site.talk import PDF, WORDS, answer, letter_of, page, pass_on, reply, stay, write
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, OTHER_MUNICIPALITY, PRACTICE, Place, new_id

__all__ = ["stay"]


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
    assert mette.post(address, given)["Location"] == sent["Location"]  # pressed twice
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


def test_delivery_words_stand_beside_ones_own(stay: Place, now: Instant, as_: SignedIn) -> None:
    kept = write(stay, now)
    shown = page(as_("doris"), reverse("conversation", args=[kept.pk]))
    assert "Acknowledged" in shown
    mette = as_("mette")
    pk = letter_of(page(mette, reverse("conversations")))
    mette.post(reverse("conversation-mark", args=[pk]), {"act": "read"})
    assert "Read " in page(as_("doris"), reverse("conversation", args=[kept.pk]))


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


def test_a_conversation_that_shows_nothing_is_none(as_: SignedIn, stay: Place, now: Instant) -> None:
    kept = write(stay, now)
    OutgoingMessage.objects.filter(kind="letter").update(state="waiting")
    StoredLetter.objects.filter(outgoing=None).delete()
    turned = StoredLetter.objects.get(pk=kept.pk)
    turned.pk, turned.outgoing = None, None
    turned.sender, turned.receiver = MUNICIPALITY.sor, HOSPITAL.sor
    turned.save()
    assert as_("mette").get(reverse("conversation", args=[turned.pk])).status_code == 404
