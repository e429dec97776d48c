"""What waits may be taken back, and then is in nothing that leaves."""

from django.urls import reverse

from naer.events.instant import MINUTE, Instant
from naer.messages import read
from naer.site.messaging import correspondence, drafts, record, thread_marks
from naer.site.messaging.correspondence import Subject
from naer.site.messaging.models import OutgoingMessage, StoredLetter, Thread
from naer.site.pathways.models import LoggedEvent
from tests.integration.site.conftest import SignedIn
from tests.integration.site.talk import PDF, page, reply, stay, write
from tests.place import MUNICIPALITY, PRACTICE, Place, new_id

__all__ = ["stay"]


def test_taken_back_before_it_leaves(stay: Place, now: Instant, as_: SignedIn) -> None:
    def begin(text: str = "Forkert borger!", file: bytes = PDF) -> StoredLetter:
        files = [drafts.File("Fund.pdf", "application/pdf", file)]
        return correspondence.begin(
            stay.users["doris"], stay.citizen, MUNICIPALITY.sor,
            drafts.Written(text, phone="12345678", files=files), Subject("discharge"), now=now, new_id=new_id,
        )  # fmt: skip

    kept = begin()
    assert begin() == kept  # pressed twice
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
    letters = {kept.pk, begin().pk, begin("Rigtig borger").pk, begin(file=PDF + b" another").pk}
    assert len(letters) == 4  # said anew after it was taken back, or something else


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
