"""A Communication that a system writes becomes a letter in the outbox, and is answered the same way."""

import base64
import json
from typing import Any

import pytest
from fhir.resources.R4B.communication import Communication

from naer.events.instant import Instant
from naer.messages import read
from naer.messages.fhir.communication_in import PHONE
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.record import unpack
from naer.site.pathways.models import LoggedEvent
from tests.integration.fhir.system import System
from tests.place import HOSPITAL, PRACTICE, Place

JSON = "application/fhir+json"
PDF = base64.b64encode(b"%PDF-1.4 tom").decode()


def written(here: Place, **more: Any) -> dict[str, Any]:
    """A text to the practice."""
    return {
        "resourceType": "Communication",
        "extension": [{"url": PHONE, "valueString": "+45 12 34 56 78"}],
        "status": "preparation",
        "category": [{"coding": [{"system": "urn:naer:category", "code": "medicine"}]}],
        "subject": {"reference": f"Patient/{here.citizen.key}"},
        "recipient": [{"reference": f"Organization/{PRACTICE.sor}"}],
        "payload": [
            {"contentString": "Kan dosis ændres?"},
            {"contentAttachment": {"contentType": "application/pdf", "data": PDF, "title": "liste.pdf"}},
        ],
    } | more


def _post(system: System, body: Any) -> Any:
    return system.browser.post("/fhir/Communication", body, content_type=JSON, headers=system.headers())


def test_it_is_sent(system: System, here: Place, now: Instant) -> None:
    answer = _post(system, written(here))
    assert answer.status_code == 201, answer.content
    made = answer.json()
    Communication.model_validate(made)
    assert made["status"] == "preparation"
    out = OutgoingMessage.objects.get(kind="letter")
    assert (out.receiver, out.standard) == (PRACTICE.sor, "medcom-carecommunication")
    incoming = read(unpack(bytes(out.content)), "application/fhir+json")
    assert incoming.issues == []
    assert incoming.letter is not None
    assert incoming.letter.conversation is not None
    texts = [one.text for one in incoming.letter.conversation.segments if one.text]
    assert texts == ["Kan dosis ændres?"]
    assert [one.data for one in incoming.letter.conversation.segments if one.data] == [b"%PDF-1.4 tom"]
    assert LoggedEvent.objects.filter(kind="correspondence", id=out.message_id).exists()


def test_an_answer_names_what_it_answers(system: System, here: Place, now: Instant) -> None:
    first = _post(system, written(here)).json()
    body = written(here, inResponseTo=[{"reference": f"Communication/{first['id']}"}])
    del body["recipient"]
    answer = _post(system, body)
    assert answer.status_code == 201, answer.content
    second = answer.json()
    assert second["identifier"][1] == first["identifier"][1]  # the thread
    assert OutgoingMessage.objects.filter(kind="letter").count() == 2


def test_only_the_latest_message_is_answered_and_only_to_whom_it_was_exchanged_with(
    system: System, here: Place
) -> None:
    first = _post(system, written(here)).json()
    answering = {"inResponseTo": [{"reference": f"Communication/{first['id']}"}]}
    elsewhere = {"recipient": [{"reference": f"Organization/{HOSPITAL.sor}"}]}
    wrong = _post(system, written(here, **answering, **elsewhere))
    assert wrong.status_code == 409, wrong.content
    assert OutgoingMessage.objects.filter(kind="letter").count() == 1
    assert _post(system, written(here, **answering)).status_code == 201
    late = _post(system, written(here, **answering))
    assert late.status_code == 409, "another message is the latest now"
    assert late.json()["issue"][0]["code"] == "conflict"
    assert OutgoingMessage.objects.filter(kind="letter").count() == 2


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"status": "completed"}, "Communication.status"),
        ({"payload": [{"contentAttachment": {"contentType": "application/pdf", "data": PDF}}]}, None),
        ({"payload": [{"contentString": "Vedr. 710190-1234"}]}, "Communication.payload"),
        ({"payload": [{"contentString": "x" * 20_001}]}, "Communication.payload"),
        ({"recipient": []}, "Communication.recipient"),
        ({"recipient": [{"reference": "Organization/none"}]}, "Communication.recipient[0]"),
        ({"recipient": [{"reference": f"Organization/{HOSPITAL.sor}"}] * 2}, "Communication.recipient"),
        ({"subject": {"reference": "Patient/nobody"}}, "Communication.subject"),
        ({"inResponseTo": [{"reference": "Communication/999"}]}, "Communication.inResponseTo[0]"),
        ({"category": [{"coding": [{"code": "no-such-category"}]}]}, "Communication"),
        ({"extension": [{"url": "urn:other", "valueString": "x"}]}, "Communication.extension[0]"),
        (
            {
                "payload": [
                    {"contentString": "x"},
                    {"contentAttachment": {"contentType": "image/png", "data": PDF}},
                ]
            },
            "Communication.payload.contentAttachment",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_where(
    system: System, here: Place, changed: dict[str, Any], path: str | None
) -> None:
    answer = _post(system, written(here, **changed))
    assert answer.status_code == 422, answer.content
    paths = [one.get("expression", [None])[0] for one in answer.json()["issue"]]
    assert path is None or path in paths
    assert "710190" not in json.dumps(answer.json())
    assert not OutgoingMessage.objects.filter(kind="letter").exists()


def test_nobody_writes_about_the_neighbour(system: System, here: Place) -> None:
    subject = {"reference": f"Patient/{here.neighbour.key}"}
    assert _post(system, written(here, subject=subject)).status_code == 422
