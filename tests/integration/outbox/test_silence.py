"""Receiver type C: what comes in is kept and judged, and not acknowledged."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from naer.messages import read
from naer.site.identity import new_id
from naer.site.messaging import inbox_folder
from naer.site.messaging.models import Message
from naer.site.pathways.actor import Process
from naer.site.pathways.models import LoggedEvent
from tests.integration.intake.office import care, fjord, norway, post
from tests.integration.intake.ward import HOSPITAL, LATER, Stay, at, edited, resent, take_in, town
from tests.sender import Sender

pytestmark = pytest.mark.django_db

Connect = Callable[[str], Path]
ENTRY = '[[connection]]\nreceiver = "{}"\ntransport = "file"\naddress = "out"\ninbox = "in"\n'
SILENT = ENTRY + 'acknowledge = false\nstandards = ["{}"]\n'
OURS = norway.report("no-1", "2026-03-03T10:00:00")


def test_a_notification_is_kept_and_not_answered(connect: Connect) -> None:
    town()
    connect(SILENT.format(HOSPITAL.gln, "medcom-hospitalnotification"))
    (answer,) = take_in(Stay().send("STIN", at("2 10:00")))
    assert (answer.acknowledgement, answer.stored, answer.body, answer.http_status) == ("ok", True, b"", 202)
    kept = Message.objects.get()
    assert (kept.acknowledgement, kept.answer) == ("ok", None)
    assert LoggedEvent.objects.count() == 1


def test_another_standard_of_the_same_sender_is_answered(connect: Connect) -> None:
    town()
    connect(SILENT.format(HOSPITAL.sor, "medcom-hospitalnotification"))
    (answer,) = take_in(post(care("cc-1", at("2 10:00"))))
    assert answer.http_status == 200
    assert read(answer.body).response is not None


def test_the_first_connection_that_fits_decides(connect: Connect) -> None:
    town()
    connect(ENTRY.format(HOSPITAL.sor) + SILENT.format("*", "*"))
    (answer,) = take_in(Stay().send("STIN", at("2 10:00")))
    assert read(answer.body).response is not None


def test_a_refusal_is_in_the_log_only(connect: Connect) -> None:
    town()
    connect(SILENT.format("*", "*"))
    twice = edited(
        Stay().send("STIN", at("2 10:00")), lambda bundle: bundle["entry"].append(bundle["entry"][1])
    )
    (answer,) = take_in(twice)
    assert (answer.acknowledgement, answer.body, answer.http_status) == ("fatal-error", b"", 202)
    assert Message.objects.get().issues


def test_a_copy_is_not_answered_either(connect: Connect) -> None:
    town()
    connect(SILENT.format("*", "*"))
    message = Stay().send("STIN", at("2 10:00"))
    take_in(message)
    (again,) = take_in(resent(message, "another-sending"))
    assert (again.duplicate, again.acknowledgement, again.body, again.http_status) == (True, "ok", b"", 202)


def test_what_cannot_be_read_is_answered_all_the_same(connect: Connect) -> None:
    connect(SILENT.format("*", "*"))
    (answer,) = take_in(b"{}")
    assert b"OperationOutcome" in answer.body
    assert answer.http_status == 400


@pytest.mark.parametrize("name", [OURS.sender.her, OURS.sender.service])
def test_norway_by_any_of_the_addresses(connect: Connect, name: str) -> None:
    town()
    fjord()
    connect(SILENT.format(name, "plo-*"))
    (answer,) = take_in(post(OURS))
    assert (answer.acknowledgement, answer.body, answer.http_status) == ("ok", b"", 202)


def test_no_answer_is_put_into_the_folder(connect: Connect) -> None:
    town()
    folder = connect(SILENT.format("*", "*"))
    (folder / "in").mkdir()
    (folder / "in" / "one.json").write_bytes(Stay().send("STIN", at("2 10:00")))
    assert inbox_folder.take(lambda: LATER, new_id=new_id, actor=Process("outbox")) == 1
    assert (folder / "in" / "taken" / "one.json").exists()
    assert not (folder / "out").exists()
    assert Message.objects.get().acknowledgement == "ok"


def test_http_says_202_and_nothing(connect: Connect, settings: Settings) -> None:
    town()
    connect(SILENT.format("*", "*"))
    settings.INTAKE_TOKEN = "secret"
    answer = Sender().post(
        "/messages/",
        Stay().send("STIN", at("2 10:00")),
        content_type="application/fhir+json",
        headers={"Authorization": "Bearer secret"},
    )
    assert (answer.status_code, answer.content) == (202, b"")


def test_a_wrong_file_holds_nothing_up(connect: Connect) -> None:
    town()
    connect("[[connection")
    (answer,) = take_in(Stay().send("STIN", at("2 10:00")))
    assert read(answer.body).response is not None
