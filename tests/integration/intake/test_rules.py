"""What the intake does with a message: the receiver's rules of the handbook (3.7, 5, 6, 7)."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import transaction

from naer.messages.medcom import acknowledgement, events
from naer.site.access.models import AccessEntry
from naer.site.messaging import desk, record
from naer.site.messaging.answer import Answer
from naer.site.messaging.models import Message
from naer.site.pathways import enrol
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from tests.integration.intake.ward import (
    ELSEWHERE,
    HOSPITAL,
    LATER,
    NOBODY,
    NUMBER,
    OTHER_NUMBER,
    Stay,
    at,
    edited,
    one_by_one,
    resent,
    take_in,
    town,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def citizen() -> str:
    return town()


def report_obligations() -> list[Obligation]:
    return list(Obligation.objects.filter(clause="admission-report", withdrawn=False))


def test_a_notification_is_kept_shown_and_acknowledged() -> None:
    (answer,) = take_in(Stay().send("STIN", at("2 10:00"), report_requested=True))
    assert (answer.acknowledgement, answer.code, answer.http_status) == ("ok", "STIN", 200)
    assert answer.shown
    assert answer.stored
    assert answer.report_owed
    assert answer.citizen_status == "admitted"
    acknowledgement = json.loads(answer.body)
    header = acknowledgement["entry"][0]["resource"]
    assert header["response"] == {"identifier": "m-0-STIN", "code": "ok"}
    message = Message.objects.get()
    assert record.unpack(message.content).startswith(b"{")
    assert NUMBER.encode() not in bytes(message.content)
    (owed,) = report_obligations()
    assert (owed.owed_by, owed.owed_to, owed.outcome) == ("80000000026002", "80000000026001", "")
    assert list(AccessEntry.objects.values_list("action", "citizen", "user")) == [
        ("receive", "citizen", "test")
    ]


def test_without_a_request_no_report_is_owed() -> None:
    (answer,) = take_in(Stay().send("STIN", at("2 10:00")))
    assert not answer.report_owed
    assert report_obligations() == []


@pytest.mark.parametrize("case", ["other municipality", "closed case", "unknown citizen", "case not begun"])
def test_without_a_legal_basis_only_the_envelope_is_kept_and_the_answer_is_ok(case: str) -> None:
    stay = Stay(number=OTHER_NUMBER)
    if case == "other municipality":
        stay = Stay(receiver=ELSEWHERE)
    elif case == "closed case":
        ended = dt.date(2026, 3, 29)
        enrol.citizen(OTHER_NUMBER, "851", new_id=lambda: "c2", case="home-care", closed=ended)
    elif case == "case not begun":
        begins = dt.date(2026, 3, 31)
        enrol.citizen(OTHER_NUMBER, "851", new_id=lambda: "c2", case="home-care", opened=begins)
    (answer,) = take_in(stay.send("STIN", at("2 10:00"), report_requested=True))
    assert (answer.acknowledgement, answer.code) == ("ok", "STIN")
    assert {answer.shown, answer.stored, answer.report_owed} == {False}
    assert answer.citizen_status == "none"
    assert answer.pathway is None
    message = Message.objects.get()
    assert (message.content, message.citizen_id, message.code, message.event) == (None, None, "", "")
    assert message.reason == "no-legal-basis"
    assert not LoggedEvent.objects.exists()
    assert not Obligation.objects.exists()
    assert not AccessEntry.objects.exists()


def test_an_unknown_receiver_falls_back_to_the_municipality_of_residence() -> None:
    (answer,) = take_in(Stay(receiver=NOBODY).send("STIN", at("2 10:00")))
    assert answer.stored


@pytest.mark.parametrize("receiver", [NOBODY, HOSPITAL], ids=["unknown", "no municipality"])
def test_a_receiver_that_is_not_ours_is_refused_where_receivers_are_checked(settings, receiver) -> None:
    settings.CHECK_RECEIVER = True
    (answer,) = take_in(Stay(receiver=receiver).send("STIN", at("2 10:00")))
    assert answer.acknowledgement == "fatal-error"
    assert [issue.code for issue in answer.issues] == ["MSG_Receiver_Identifier_UNKNOWN"]
    assert not answer.stored


@pytest.mark.parametrize("again", ["same bundle", "new bundle", "in one batch"])
def test_a_duplicate_gets_the_original_answer_byte_for_byte_and_changes_nothing(again: str) -> None:
    message = Stay().send("STIN", at("2 10:00"), report_requested=True)
    copy = message if again == "same bundle" else resent(message, "sent-again")
    if again == "in one batch":
        first, second = take_in(message, copy)
    else:
        (first,), (second,) = take_in(message), take_in(copy, now=LATER + 5_000_000)
    assert second.body == first.body
    assert second.duplicate
    assert {second.shown, second.stored, second.report_owed} == {False}
    assert (second.code, second.citizen_status, second.pathway) == ("STIN", "admitted", first.pathway)
    assert LoggedEvent.objects.count() == 1
    assert len(report_obligations()) == 1
    original, duplicate = Message.objects.order_by("id")
    assert duplicate.duplicate_of == original
    assert duplicate.reason == "duplicate"


def test_a_copy_in_another_format_gets_the_first_answer_and_its_format() -> None:
    """The answer is the first one, byte for byte, so its media type is that of the first one too."""
    in_json = Stay().send("STIN", at("2 10:00"))
    in_xml = Stay().send("STIN", at("2 10:00"), format="xml")
    (first,), (second,) = take_in(in_json), take_in(in_xml)
    assert second.duplicate
    assert second.body == first.body
    assert second.content_type == first.content_type


def test_a_duplicate_of_a_refused_message_is_refused_with_the_same_answer() -> None:
    broken = edited(Stay().send("STIN", at("2 10:00")), lambda b: _patient(b)["identifier"].clear())
    (first,), (second,) = take_in(broken), take_in(resent(broken, "sent-again"))
    assert first.acknowledgement == second.acknowledgement == "fatal-error"
    assert second.duplicate
    assert second.body == first.body


def _patient(bundle: dict) -> dict:
    return next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")


def test_a_seen_bundle_and_header_is_answered_as_before_whatever_it_says_now() -> None:
    message = Stay().send("STIN", at("2 10:00"))
    (first,) = take_in(message)
    (second,) = take_in(edited(message, lambda b: b.update(timestamp="2026-03-05T10:00:00+01:00")))
    (third,) = take_in(edited(message, lambda b: _patient(b)["name"].clear()))
    assert first.body == second.body == third.body
    assert third.duplicate


def test_a_reused_header_with_other_content_is_its_own_message_and_flagged() -> None:
    stay = Stay()
    message = stay.send("STIN", at("2 10:00"))
    take_in(message)

    def other_start(bundle: dict) -> None:
        encounter = next(
            e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Encounter"
        )
        encounter["period"]["start"] = "2026-03-02T08:00:00+01:00"

    (answer,) = take_in(edited(message, other_start, "another-bundle"))
    assert answer.acknowledgement == "ok"
    assert answer.stored
    assert [issue.severity for issue in answer.issues] == ["warning"]
    assert LoggedEvent.objects.count() == 2
    assert Message.objects.order_by("id").last().flags[0]["code"] == "duplicate"


def test_a_bundle_id_of_another_message_is_refused() -> None:
    stay = Stay()
    first = stay.send("STIN", at("2 10:00"))
    bundle_id = json.loads(first)["id"]
    take_in(first)
    (answer,) = take_in(resent(stay.send("SLHJ", at("3 10:00")), bundle_id))
    assert answer.acknowledgement == "fatal-error"
    assert Citizen.objects.get().status == "admitted"


def test_a_refused_message_is_logged_without_content() -> None:
    (answer,) = take_in(
        edited(Stay().send("STIN", at("2 10:00")), lambda b: b["entry"].append(b["entry"][1]))
    )
    assert answer.acknowledgement == "fatal-error"
    assert answer.http_status == 200
    message = Message.objects.get()
    assert (message.content, message.citizen_id, message.reason) == (None, None, "refused")
    assert message.issues
    assert record.unpack(message.answer) == answer.body


@pytest.mark.parametrize("data", [b"", b"rubbish", b"{}", b"<a/>", b"\xff\xfe", b'{"resourceType":"Bundle"}'])
def test_what_cannot_be_answered_gets_an_operation_outcome_and_a_4xx(data: bytes) -> None:
    (answer,) = take_in(data)
    assert answer.acknowledgement == "fatal-error"
    assert answer.http_status in (400, 422)
    assert b"OperationOutcome" in answer.body
    assert Message.objects.get().reason == "refused"


def test_corrections_are_quiet_and_everything_else_is_shown() -> None:
    stay = Stay()
    first = stay.send("STIN", at("2 10:00"))
    answers = one_by_one(
        [
            first,
            stay.send("RE_STIN", at("2 09:00"), sent=at("2 11:00")),
            stay.send("STOR", at("3 10:00")),
            stay.send("SLHJ", at("4 10:00")),
            stay.send("AN_SLHJ", at("4 12:00")),
        ]
    )
    assert [(a.code, a.shown) for a in answers] == [
        ("STIN", True),
        ("RE_STIN", False),
        ("STOR", True),
        ("SLHJ", True),
        ("AN_SLHJ", True),
    ]
    assert [a.citizen_status for a in answers] == [
        "admitted",
        "admitted",
        "on-leave",
        "discharged",
        "on-leave",
    ]


def test_a_cancelled_admission_withdraws_what_it_opened() -> None:
    stay = Stay()
    take_in(stay.send("STIN", at("2 10:00"), report_requested=True))
    (answer,) = take_in(stay.send("AN_STIN", at("2 11:00")))
    assert answer.citizen_status == "none"
    assert report_obligations() == []
    assert Obligation.objects.filter(clause="admission-report", withdrawn=True).count() == 1


def test_a_late_start_does_not_reopen_the_stay() -> None:
    stay = Stay()
    start, end = stay.send("STIN", at("2 10:00")), stay.send("SLHJ", at("4 10:00"))
    answers = one_by_one([end, start])
    assert [a.citizen_status for a in answers] == ["discharged", "discharged"]
    assert [a.acknowledgement for a in answers] == ["ok", "ok"]


def test_a_death_after_a_death_is_a_correction() -> None:
    stay = Stay()
    answers = take_in(
        stay.send("STIN", at("2 10:00")),
        stay.send("MORS", at("3 10:00")),
        stay.send("RE_MORS", at("3 09:00"), sent=at("3 12:00")),
    )
    assert [a.code for a in answers] == ["STIN", "MORS", "RE_MORS"]
    assert answers[-1].citizen_status == "deceased"


def feed() -> list[bytes]:
    stay, other = Stay(), Stay(number=OTHER_NUMBER, name="n")
    first = stay.send("STIN", at("2 10:00"), report_requested=True)
    unknown, cancelled = other.send("STIN", at("2 10:00")), stay.send("AN_STIN", at("2 12:00"))
    return [first, unknown, b"rubbish", resent(first, "again"), cancelled]


def test_a_batch_gives_what_its_messages_give_one_by_one() -> None:
    def told(answers: list[Answer]) -> list[dict[str, Any]]:
        return [answer.as_json("x") for answer in answers]

    with transaction.atomic():
        together = told(take_in(*feed()))
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert told(one_by_one(feed())) == together
    assert [one["report_owed"] for one in together] == [True, False, False, False, False]
    assert [one["citizen_status"] for one in together] == ["admitted", "none", "none", "admitted", "none"]


def test_when_the_store_fails_nothing_is_kept_and_the_answer_is_transient(monkeypatch) -> None:
    """The database itself refuses the trace, after it has taken the message."""
    message = Stay().send("STIN", at("2 10:00"), report_requested=True)
    real = desk.entry
    with monkeypatch.context() as broken:
        broken.setattr(desk, "entry", lambda *given: (None, *real(*given)[1:]))
        (answer,) = take_in(message)
    assert (answer.acknowledgement, answer.http_status) == ("transient-error", 503)
    for model in (Message, LoggedEvent, Obligation, AccessEntry):
        assert not model.objects.exists()
    (again,) = take_in(message)
    assert again.acknowledgement == "ok"
    assert not again.duplicate


def test_one_message_that_cannot_be_processed_does_not_hold_up_the_others(monkeypatch) -> None:
    stay = Stay()
    good, bad = stay.send("STIN", at("2 10:00")), stay.send("SLHJ", at("3 10:00"))
    real = events.event

    def trip(incoming, *rest):
        if incoming.message_id.endswith("SLHJ"):
            raise RuntimeError("a fault of ours")
        return real(incoming, *rest)

    monkeypatch.setattr(events, "event", trip)
    answers = take_in(good, bad)
    assert [a.acknowledgement for a in answers] == ["ok", "transient-error"]
    assert LoggedEvent.objects.count() == 1


def test_one_whose_refusal_cannot_be_written_does_not_hold_up_the_others(monkeypatch) -> None:
    stay = Stay()
    good = stay.send("STIN", at("2 10:00"))
    bad = edited(stay.send("SLHJ", at("3 10:00")), lambda b: b["entry"].pop(1), "another")
    real = acknowledgement.write

    def trip(incoming, *, answer, **rest):
        if answer != "ok":
            raise RuntimeError("a fault of ours")
        return real(incoming, answer=answer, **rest)

    monkeypatch.setattr(acknowledgement, "write", trip)
    answers = take_in(bad, good)
    assert [(a.acknowledgement, a.http_status) for a in answers] == [("transient-error", 503), ("ok", 200)]
    assert json.loads(answers[0].body)["resourceType"] == "OperationOutcome"
    assert answers[0].message_id
    assert LoggedEvent.objects.count() == 1


def test_a_copy_of_a_message_whose_bundle_id_was_taken_gets_the_same_refusal() -> None:
    stay = Stay()
    started = stay.send("STIN", at("2 10:00"))
    taken = json.loads(started)["id"]
    ended = edited(stay.send("SLHJ", at("4 10:00")), lambda b: None, taken)
    first, second, third, fourth = one_by_one([started, ended, ended, resent(ended, "a-new-one")])
    assert [one.acknowledgement for one in (first, second, third, fourth)] == ["ok", *["fatal-error"] * 3]
    assert [one.duplicate for one in (first, second, third, fourth)] == [False, False, True, True]
    assert second.body == third.body == fourth.body
    (again,) = take_in(started)
    assert again.body == first.body


def test_a_known_message_under_the_bundle_id_of_another_gets_its_own_first_answer() -> None:
    stay = Stay()
    started, ended = stay.send("STIN", at("2 10:00")), stay.send("SLHJ", at("4 10:00"))
    first, second = one_by_one([started, ended])
    (again,) = take_in(resent(ended, json.loads(started)["id"]))
    assert again.duplicate
    assert again.body == second.body != first.body


@pytest.mark.parametrize("code", ["AN_MORS", "AN_SLHJ", "RE_SLHJ"])
def test_what_amends_a_message_never_seen_is_accepted_and_flagged(code: str) -> None:
    stay = Stay()
    take_in(stay.send("STIN", at("2 10:00")))
    stay.send(code.removeprefix("AN_").removeprefix("RE_"), at("3 10:00"))
    (answer,) = take_in(stay.send(code, at("3 11:00")))
    assert (answer.code, answer.acknowledgement, answer.citizen_status) == (code, "ok", "admitted")
    assert ("not-found", "warning") in [(issue.code, issue.severity) for issue in answer.issues]
