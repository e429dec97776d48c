"""The JSON API as a system uses it: what it sees, decides and says."""

import json
from typing import Any

import pytest
from django.test import Client as Browser

from naer.events.instant import HOUR, Instant, text
from naer.site.access.models import AccessEntry
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways.models import LoggedEvent
from tests.integration.fhir.system import System, register
from tests.place import HOSPITAL, MUNICIPALITY, PRACTICE, Place

pytestmark = pytest.mark.django_db


def ask(system: System, method: str, path: str, body: Any = None, scope: str = "system/*.*") -> Any:
    return system.browser.generic(
        method,
        f"/api/{path}",
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers=system.headers(scope),
    )


def test_nobody_is_asked_to_sign_in_and_a_narrow_token_is_refused(system: System):
    assert Browser().get("/api/messages/in").status_code == 401
    assert Browser().get("/api/messages/in").json()["detail"].startswith("sign in")
    refused = ask(system, "GET", "obligations", scope="system/Communication.read")
    assert refused.status_code == 403
    assert "system/Task.read" in refused.json()["detail"]
    assert ask(system, "GET", "messages/in", scope="system/Communication.read").status_code == 200


def test_what_came_in_and_what_is_owed(system: System, here: Place, now: Instant):
    here.admit(now)
    listed = ask(system, "GET", "messages/in").json()
    assert (listed["count"], listed["pages"]) == (1, 1)
    (message,) = listed["items"]
    assert (message["standard"], message["acknowledgement"]) == ("medcom-hospitalnotification", "ok")
    assert (message["citizen"], message["received"]) == (here.citizen.key, text(now))
    looks = AccessEntry.objects.filter(action="look-message")
    assert not looks.exists()
    assert ask(system, "GET", f"messages/in/{message['id']}").json() == message
    assert looks.get().citizen == here.citizen.key
    assert ask(system, "GET", f"messages/in/{message['id'] + 1}").status_code == 404
    (owed,) = [one for one in ask(system, "GET", "obligations").json()["items"] if one["due"]][:1]
    assert (owed["owed_by"], owed["citizen"]) == (MUNICIPALITY.sor, here.citizen.key)
    assert ask(system, "GET", "messages/in?page=2").json() == {"items": [], "count": 1, "pages": 1}


def test_a_municipality_says_that_it_can_receive_and_the_message_is_followed(
    system: System, here: Place, now: Instant
):
    here.admit(now)
    pathway = LoggedEvent.objects.filter(citizen=here.citizen.key).first()
    assert pathway is not None
    said = {
        "citizen": here.citizen.key,
        "pathway": pathway.pathway,
        "receiver": HOSPITAL.sor,
        "can_receive": True,
        "since": text(now + 24 * HOUR),
        "phone": "+45 00 00 00 00",
    }
    assert ask(system, "POST", "ready-answers", said | {"since": "soon"}).status_code == 422
    assert ask(system, "POST", "ready-answers", said | {"citizen": "nobody"}).status_code == 404
    assert ask(system, "POST", "ready-answers", said | {"receiver": "nobody"}).status_code == 404
    assert "phone" in ask(system, "POST", "ready-answers", said | {"phone": ""}).json()["detail"]
    answer = ask(system, "POST", "ready-answers", said)
    assert answer.status_code == 201, answer.content
    event = LoggedEvent.objects.get(kind="municipality_answer")
    assert event.citizen == here.citizen.key
    (sent,) = ask(system, "GET", "messages/out").json()["items"]
    assert (sent["message_id"], sent["state"]) == (answer.json()["message_id"], "waiting")
    assert ask(system, "GET", "messages/out?state=sent").json()["count"] == 0
    out = f"messages/out/{sent['id']}"
    assert ask(system, "POST", f"{out}/give-up", {"reason": " "}).status_code == 422
    assert ask(system, "POST", f"{out}/give-up", {"reason": "told by phone"}).status_code == 409
    OutgoingMessage.objects.update(state="failed", last_error="no way")
    assert ask(system, "GET", out).json()["state"] == "failed"
    assert ask(system, "POST", f"{out}/retry").json()["state"] == "waiting"
    OutgoingMessage.objects.update(state="failed")
    given = ask(system, "POST", f"{out}/give-up", {"reason": "told by phone"}).json()
    assert given["state"] == "given-up"
    assert "told by phone" in given["reason"]


def test_a_list_leaves_a_look_at_every_citizen_it_names(system: System, here: Place, now: Instant):
    here.admit(now)
    looks = AccessEntry.objects.filter(action="look-list")
    own = LoggedEvent.objects.filter(citizen=here.citizen.key)[0].pathway
    said = {"citizen": here.citizen.key, "pathway": own, "receiver": HOSPITAL.sor, "can_receive": True}
    assert ask(system, "POST", "ready-answers", said | {"phone": "00000000"}).status_code == 201
    for path in ("messages/in", "messages/out", "obligations"):
        assert ask(system, "GET", path).json()["count"] > 0
    assert list(looks.order_by("pk").values_list("citizen", "subject", "relation")) == [
        (here.citizen.key, subject, "case") for subject in ("messages in", "messages out", "obligations")
    ]
    office = register(now, role="integration")
    assert ask(office, "GET", "messages/in").json()["count"] > 0
    assert looks.count() == 3, "an office is shown no names"


def test_only_the_municipality_of_somebody_in_hospital_says_so_and_on_their_own_pathway(
    system: System, here: Place, now: Instant
):
    said = {"citizen": here.citizen.key, "receiver": HOSPITAL.sor, "can_receive": True, "phone": "00000000"}
    early = ask(system, "POST", "ready-answers", said | {"pathway": "p"})
    assert early.status_code == 403, "nobody is in hospital"
    here.admit(now)
    own = LoggedEvent.objects.filter(citizen=here.citizen.key)[0].pathway
    elsewhere = ask(system, "POST", "ready-answers", said | {"pathway": f"{here.neighbour.key}.stay"})
    assert elsewhere.status_code == 409
    practice = register(now, PRACTICE, role="gp")
    assert ask(practice, "POST", "ready-answers", said | {"pathway": own}).status_code == 403
    assert not LoggedEvent.objects.filter(kind="municipality_answer").exists()
    assert not OutgoingMessage.objects.filter(kind="letter").exists()
    assert ask(system, "POST", "ready-answers", said | {"pathway": own}).status_code == 201


@pytest.mark.parametrize(
    "since", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2200-01-01T12:00"]
)
def test_a_time_outside_the_calendar_is_refused(system: System, here: Place, now: Instant, since: str):
    here.admit(now)
    own = LoggedEvent.objects.filter(citizen=here.citizen.key)[0].pathway
    said = {"citizen": here.citizen.key, "receiver": HOSPITAL.sor, "can_receive": True, "phone": "00000000"}
    answer = ask(system, "POST", "ready-answers", said | {"pathway": own, "since": since})
    assert answer.status_code == 422
    assert "since" in answer.json()["detail"]
    assert not LoggedEvent.objects.filter(kind="municipality_answer").exists()


def test_a_message_nobody_answered_is_sent_again_and_one_that_has_not_left_is_taken_back(
    system: System, here: Place, now: Instant
):
    here.admit(now)
    event = LoggedEvent.objects.filter(citizen=here.citizen.key)[0]
    said = {"citizen": here.citizen.key, "pathway": event.pathway, "receiver": HOSPITAL.sor}
    more = {"can_receive": False, "phone": "+45 00 00 00 00"}
    assert ask(system, "POST", "ready-answers", said | more).status_code == 201
    out = f"messages/out/{OutgoingMessage.objects.get().pk}"
    assert ask(system, "POST", f"{out}/again").status_code == 409
    narrow = ask(system, "POST", f"{out}/take-back", scope="system/Communication.read")
    assert narrow.status_code == 403
    OutgoingMessage.objects.update(state="late", sent=now, bundle_id="first")
    assert ask(system, "POST", f"{out}/take-back").status_code == 409
    answer = ask(system, "POST", f"{out}/again")
    assert answer.status_code == 200, answer.content
    row = OutgoingMessage.objects.get()
    assert (answer.json()["state"], row.resends) == ("waiting", 1)
    assert row.bundle_id != "first"
    OutgoingMessage.objects.update(sent=None)
    taken = ask(system, "POST", f"{out}/take-back").json()
    assert taken["state"] == "given-up"
    assert ask(system, "POST", f"{out}/take-back").status_code == 409
    assert set(row.deliveries.values_list("outcome", flat=True)) == {"resent", "given-up"}
    assert ask(system, "POST", "messages/out/999999/again").status_code == 404


def test_a_person_signed_in_reads_and_writes_only_with_form_protection(here: Place, now: Instant):
    here.admit(now)
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(here.users["mette"])
    assert browser.get("/api/messages/in").json()["count"] == 1
    refused = browser.post("/api/messages/out/1/retry")
    assert refused.status_code == 403
    assert "X-CSRFToken" in refused.json()["detail"]
