"""Receipts for messages of ours: matched, told as an event, the same in any order, never answered."""

import itertools
from typing import Any

import pytest
from django.db import transaction

from naer.events.instant import HOUR
from naer.messages.content import Party
from naer.site.access.models import AccessEntry
from naer.site.messaging.models import Message, OutgoingMessage
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import LoggedEvent
from tests.integration.intake.office import KOMMUNE, SYKEHUS, appreceipt, fjord, norway, receipt
from tests.integration.intake.ward import (
    ELSEWHERE,
    HOSPITAL,
    LATER,
    NOBODY,
    TOWN,
    at,
    edited,
    one_by_one,
    take_in,
    town,
)

pytestmark = pytest.mark.django_db

SENT = at("3 10:00")
OURS = norway.report("no-1", "2026-03-03T10:00:00")


def sent(message_id: str = "out-1", receiver: str = HOSPITAL.sor, **more: object) -> OutgoingMessage:
    """A message from the town that was handed over."""
    given = {
        "kind": "letter",
        "sender": TOWN.sor,
        "receiver": receiver,
        "citizen_id": "citizen",
        "pathway": "citizen.stay",
        "created": SENT,
        "sent": SENT,
        "state": "sent",
        "content": b"",
    }
    return OutgoingMessage.objects.create(message_id=message_id, **(given | more))


def came(name: str, word: str = "ok", hours: int = 1, **more: object) -> bytes:
    """An Acknowledgement of out-1 by the hospital."""
    given = {"by": HOSPITAL, "to": TOWN, "name": name, "when": SENT + hours * HOUR, "word": word}
    return receipt("out-1", **(given | more))  # type: ignore[arg-type]


def test_an_acknowledgement_closes_the_message_and_is_an_event() -> None:
    town()
    out = sent()
    (answer,) = take_in(came("ack-1"))
    assert (answer.acknowledgement, answer.body, answer.http_status, answer.issues) == ("ok", b"", 200, [])
    out.refresh_from_db()
    assert (out.state, out.answered_with, out.answer) == ("acknowledged", "ok", Message.objects.get())
    event = LoggedEvent.objects.get()
    assert (event.kind, event.id, event.pathway) == ("message_acknowledged", "ack-1", "citizen.stay")
    assert (event.at, event.organisation) == (SENT + HOUR, HOSPITAL.sor)
    assert event.attributes == '{"answer":"ok","message":"out-1"}'
    assert AccessEntry.objects.values_list("action", "citizen", "subject").get() == (
        "receive",
        "citizen",
        "ack-1",
    )
    assert examine(LATER).sound


def test_a_second_copy_of_a_receipt_changes_nothing() -> None:
    town()
    sent()
    first, second = one_by_one([came("ack-1"), came("ack-1")])
    assert (first.duplicate, second.duplicate, second.body) == (False, True, b"")
    assert LoggedEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("ok", "fatal-error"), "acknowledged"),
        (("ok", "transient-error", "fatal-error"), "acknowledged"),
        (("fatal-error", "transient-error"), "refused"),
    ],
)
def test_the_order_of_receipts_decides_nothing(words: tuple[str, ...], state: str) -> None:
    found = set()
    feed = [came(f"ack-{word}", word, hours) for hours, word in enumerate(words, 1)]
    for order, together in itertools.product(itertools.permutations(feed), (True, False)):
        with transaction.atomic():
            town()
            out = sent()
            if together:
                take_in(*order)
            else:
                one_by_one(order)
            out.refresh_from_db()
            found.add((out.state, out.answered_with))
            assert LoggedEvent.objects.filter(kind="message_acknowledged").count() == len(words)
            transaction.set_rollback(True)
    assert {one[0] for one in found} == {state}


@pytest.mark.parametrize("other", [ELSEWHERE, NOBODY], ids=["another", "in no register"])
def test_somebody_else_cannot_acknowledge_what_was_sent_to_the_hospital(other: Party) -> None:
    town()
    out = sent()
    (answer,) = take_in(came("ack-1", by=other))
    assert [issue.code for issue in answer.issues] == ["conflict"]
    out.refresh_from_db()
    assert out.state == "sent"
    assert not LoggedEvent.objects.exists()


def test_a_receipt_for_what_was_never_sent_is_flagged() -> None:
    town()
    (answer,) = take_in(came("ack-1"))
    assert (answer.acknowledgement, [issue.code for issue in answer.issues]) == ("ok", ["not-found"])
    assert Message.objects.get().flags[0]["code"] == "not-found"


def test_a_receipt_that_names_another_message_is_matched_by_its_provenance_and_flagged() -> None:
    town()
    out = sent()
    strange = edited(came("ack-1"), _answers_another)
    (answer,) = take_in(strange)
    codes = ["conflict", "not-found"]
    assert (answer.acknowledgement, [issue.code for issue in answer.issues]) == ("ok", codes)
    assert [one["code"] for one in Message.objects.get().flags] == codes
    out.refresh_from_db()
    assert out.state == "acknowledged"
    assert '"message":"out-1"' in LoggedEvent.objects.get().attributes


def test_a_provenance_does_not_outweigh_the_answer_itself() -> None:
    town()
    named, chained = sent("another"), sent()
    (answer,) = take_in(edited(came("ack-1"), _answers_another))
    assert [issue.code for issue in answer.issues] == ["conflict"]
    named.refresh_from_db()
    chained.refresh_from_db()
    assert (named.state, chained.state) == ("acknowledged", "sent")


def _answers_another(bundle: dict[str, Any]) -> None:
    bundle["entry"][0]["resource"]["response"]["identifier"] = "another"


@pytest.mark.parametrize(
    ("word", "state", "said"),
    [
        ("ok", "acknowledged", "ok"),
        ("ok-with-errors", "acknowledged", "ok"),
        ("rejected", "refused", "fatal-error"),
    ],
)
def test_an_apprec_says_the_same_in_norway(word: str, state: str, said: str) -> None:
    town()
    fjord()
    out = sent("no-1", f"her:{KOMMUNE.her}", sender=f"her:{SYKEHUS.her}", standard="plo-innleggelsesrapport")
    (answer,) = take_in(appreceipt(OURS, name="rec-1", when=SENT + HOUR, word=word))
    assert (answer.standard, answer.acknowledgement, answer.body) == ("apprec", "ok", b"")
    out.refresh_from_db()
    assert (out.state, out.answered_with) == (state, said)
    event = LoggedEvent.objects.get()
    assert (event.kind, event.source) == ("message_acknowledged", "AppRec")
