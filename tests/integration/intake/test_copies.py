"""One message to several receivers of this installation (Norway: OtherReceiver): kept for each, answered by
each in its own name (handbook Norway, 4: one receipt per receiver)."""

import pytest
from pytest_django import Settings

from naer.messages import read
from naer.messages.content import Party
from naer.site.accounts.models import Organisation
from naer.site.messaging import intake
from naer.site.messaging.answer import Answer, Raw
from naer.site.messaging.models import Message, StoredLetter
from naer.site.pathways import enrol
from naer.site.pathways.actor import Process
from naer.site.pathways.models import LoggedEvent
from tests.integration.intake.office import KOMMUNE, SYKEHUS, changed, fjord, norway, post
from tests.integration.intake.ward import LATER
from tests.place import new_id

pytestmark = pytest.mark.django_db
LEGE = Party(her="8811", service="8812", name="Fjord Legekontor", service_name="Prøve Lege")


@pytest.fixture(autouse=True)
def _place(settings: Settings) -> None:
    settings.CHECK_RECEIVER = True
    fjord()
    her = [enrol.Her(LEGE.her), enrol.Her(LEGE.service, "FLFA", LEGE.service_name)]
    enrol.organisation(LEGE.name, "gp", municipality="4601", her=her)


def report(*copies: Party, receiver: Party = KOMMUNE) -> bytes:
    said = norway.report("no-1", "2026-03-02T15:00:00")
    return post(changed(said, sender=SYKEHUS, receiver=receiver, copies=copies))


def take(data: bytes, to: str = "") -> Answer:
    raw = Raw(data, None, "http", to)
    (answer,) = intake.receive([raw], now=LATER, new_id=new_id, actor=Process("test"))
    return answer


def sender(answer: Answer) -> tuple[str, str, str]:
    """Who answers, how, and about which message."""
    receipt = read(answer.body, None)
    assert receipt.sender is not None
    assert receipt.response is not None
    return receipt.sender.her, receipt.response.code, receipt.response.message_id


def test_each_delivery_is_answered_by_the_next_receiver_and_then_by_the_first_again() -> None:
    data = report(LEGE)
    answers = [take(data) for _ in range(4)]
    assert [sender(one) for one in answers] == [
        (KOMMUNE.her, "ok", "no-1"),
        (LEGE.her, "ok", "no-1"),
        (KOMMUNE.her, "ok", "no-1"),
        (KOMMUNE.her, "ok", "no-1"),
    ]
    assert answers[2].body == answers[0].body, "the same answer as the first time"
    assert [one.duplicate for one in answers] == [False, True, True, True]
    names = Organisation.objects.filter(pk__in=StoredLetter.objects.values("receiver"))
    assert {one.name for one in names} == {KOMMUNE.name, LEGE.name}, "each has it to read"
    assert LoggedEvent.objects.filter(kind="admission_report").count() == 1
    assert Message.objects.filter(duplicate_of=None).count() == 1


def test_where_the_transport_says_to_whom_that_one_answers_and_always_the_same() -> None:
    data = report(LEGE)
    first, again, other, more = (take(data, to) for to in (LEGE.service, LEGE.service, KOMMUNE.her, LEGE.her))
    assert [sender(one)[0] for one in (first, again, other, more)] == [
        LEGE.her,
        LEGE.her,
        KOMMUNE.her,
        LEGE.her,
    ]
    assert first.body == again.body == more.body
    assert LoggedEvent.objects.filter(kind="admission_report").count() == 1, "the agreed receiver is here"
    assert take(data, "<nobody>").body == first.body


def test_a_copy_alone_still_tells_nothing_and_one_receiver_gets_one_answer() -> None:
    far = changed(KOMMUNE, her="997", service="996")
    first, again = (take(report(LEGE, receiver=far)) for _ in range(2))
    assert sender(first)[0] == LEGE.her
    assert first.body == again.body
    assert not LoggedEvent.objects.exists()
    assert StoredLetter.objects.count() == 1


def test_a_refusal_is_repeated_as_it_was() -> None:
    data = report(LEGE).replace(norway.PERSON.number.encode(), b"")
    answers = [take(data) for _ in range(3)]
    assert sender(answers[0])[1] == "rejected"
    assert len({one.body for one in answers}) == 1
    assert not StoredLetter.objects.exists()
