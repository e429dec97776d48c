"""Subscriptions: a real receiver on loopback is told of what is new, once, and only of what it may see."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from fhir.resources.R4B.subscription import Subscription as Resource

from naer.events.instant import DAY, HOUR, MINUTE, Instant
from naer.site import clock
from naer.site.access.models import AccessEntry
from naer.site.fhir import clients, rest_hook, work
from naer.site.fhir.models import Subscription
from naer.site.messaging import delivery
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.transport import Again
from naer.site.pathways.actor import Process
from tests.integration.fhir.system import System, register
from tests.integration.outbox.partner import dripping
from tests.place import OTHER_MUNICIPALITY, Place, new_id

JSON = "application/fhir+json"
ADDRESS = "/fhir/Subscription"


@dataclass
class Receiver:
    """What was called, and what to answer."""

    url: str
    calls: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server of its own on loopback that keeps every call."""
    found = Receiver("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def _keep(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.calls.append((self.command, self.path, dict(self.headers), body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_POST = _keep

        def log_message(self, *_: Any) -> None:
            """Nothing to stderr."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/told"
    yield found
    server.shutdown()
    server.server_close()


def wanted(receiver: Receiver, criteria: str, **channel: Any) -> dict[str, Any]:
    """A subscription to be asked for."""
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "omsorgssystemet følger med",
        "criteria": criteria,
        "channel": {
            "type": "rest-hook",
            "endpoint": receiver.url,
            "payload": JSON,
            "header": ["Authorization: Bearer hemmeligt"],
        }
        | channel,
    }


def subscribe(system: System, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    """Ask for it."""
    return system.browser.post(ADDRESS, body, content_type=JSON, headers=headers or system.headers())


def rounds(at: Instant) -> None:
    """What the process beside the server does, at an instant."""
    work.run(lambda: at, new_id)
    delivery.deliver(lambda: at, new_id=new_id, actor=Process("test"))


def test_what_is_new_is_told_once(system: System, here: Place, receiver: Receiver, now: Instant) -> None:
    answer = subscribe(system, wanted(receiver, "Task?status=requested,accepted,in-progress,ready"))
    assert answer.status_code == 201, answer.content
    Resource.model_validate(answer.json())
    assert answer.json()["status"] == "requested"
    rounds(now)
    assert Subscription.objects.get().status == "active"
    here.admit(now)
    for _ in range(3):
        rounds(clock.now())
    assert receiver.calls
    paths = [path for _, path, _, _ in receiver.calls]
    assert len(paths) == len(set(paths))
    for method, path, headers, body in receiver.calls:
        task = json.loads(body)
        assert (method, path) == ("PUT", f"/told/Task/{task['id']}")
        assert headers["Authorization"] == "Bearer hemmeligt"
        assert headers["Content-Type"].startswith(JSON)
        assert task["for"]["reference"] == f"Patient/{here.citizen.key}"
    assert set(OutgoingMessage.objects.filter(kind="subscription").values_list("state", flat=True)) == {
        "acknowledged"
    }
    trace = AccessEntry.objects.filter(subject=f"Subscription/{answer.json()['id']}")
    assert {one.citizen for one in trace} == {here.citizen.key}


def test_a_change_is_told_again_and_nothing_else(
    system: System, here: Place, receiver: Receiver, now: Instant
) -> None:
    here.admit(now, hours=5)
    subscribe(system, wanted(receiver, "Patient"))
    subscribe(system, wanted(receiver, "Encounter?patient=" + here.citizen.key))
    rounds(now)
    assert receiver.calls == []  # what was there is read, not told
    here.receive(here.notification("SLHJ", now - HOUR), now=now)
    rounds(clock.now())
    rounds(clock.now())
    told = [json.loads(body) for _, _, _, body in receiver.calls]
    encounters = [one for one in told if one["resourceType"] == "Encounter"]
    assert [one["status"] for one in encounters] == ["finished"]


def test_without_payload_it_is_an_empty_call(
    system: System, here: Place, receiver: Receiver, now: Instant
) -> None:
    body = wanted(receiver, "Encounter")
    del body["channel"]["payload"]
    assert subscribe(system, body).status_code == 201
    rounds(now)
    here.admit(now)
    rounds(clock.now())
    assert [(method, path, sent) for method, path, _, sent in receiver.calls] == [("POST", "/told", b"")]


def test_others_are_told_nothing(here: Place, receiver: Receiver, now: Instant) -> None:
    other = register(now, OTHER_MUNICIPALITY)
    subscribe(other, wanted(receiver, "Task"))
    rounds(now)
    here.admit(now)
    rounds(clock.now())
    assert receiver.calls == []


def test_who_lost_access_is_not_told_any_more(
    system: System, here: Place, receiver: Receiver, now: Instant
) -> None:
    subscribe(system, wanted(receiver, "Encounter"))
    work.run(lambda: now, new_id)
    here.admit(now)
    work.run(clock.now, new_id)  # the notice waits
    here.citizen.cases.all().delete()
    delivery.deliver(clock.now, new_id=new_id, actor=Process("test"))
    assert receiver.calls == []
    assert OutgoingMessage.objects.get(kind="subscription").state == "failed"


def test_trouble_is_tried_again_and_shown(
    system: System, here: Place, receiver: Receiver, now: Instant
) -> None:
    made = subscribe(system, wanted(receiver, "Encounter")).json()
    rounds(now)
    here.admit(now)
    receiver.status = 503
    rounds(clock.now())
    shown = system.browser.get(f"{ADDRESS}/{made['id']}", headers=system.headers()).json()
    assert (shown["status"], shown["error"]) == ("error", "the subscriber answered HTTP 503")
    assert "hemmeligt" not in json.dumps(shown)
    receiver.status = 204
    rounds(clock.now() + 5 * MINUTE)
    assert [method for method, *_ in receiver.calls] == ["PUT", "PUT"]
    assert receiver.calls[0][3] == receiver.calls[1][3]
    shown = system.browser.get(f"{ADDRESS}/{made['id']}", headers=system.headers()).json()
    assert (shown["status"], shown.get("error")) == ("active", None)


def test_it_ends_by_time_by_hand_and_with_the_system(
    system: System, here: Place, receiver: Receiver, now: Instant
) -> None:
    headers = system.headers()
    ending = wanted(receiver, "Task") | {"end": "2026-01-01T00:00:00Z"}
    subscribe(system, ending, headers)
    off = subscribe(system, wanted(receiver, "Encounter"), headers).json()
    gone = subscribe(system, wanted(receiver, "Patient"), headers).json()
    answer = system.browser.put(
        f"{ADDRESS}/{off['id']}",
        wanted(receiver, "Encounter") | {"id": off["id"], "status": "off"},
        content_type=JSON,
        headers=headers,
    )
    assert answer.json()["status"] == "off"
    assert system.browser.delete(f"{ADDRESS}/{gone['id']}", headers=headers).status_code == 204
    rounds(max(now, clock.now()) + 400 * DAY)
    assert set(Subscription.objects.values_list("status", flat=True)) == {"off"}
    still = subscribe(system, wanted(receiver, "Task"), system.headers()).json()
    clients.close(system.key)
    rounds(clock.now())
    assert Subscription.objects.get(pk=still["id"]).status == "off"


def test_scopes_taken_away_end_it(system: System, here: Place, receiver: Receiver, now: Instant) -> None:
    made = subscribe(system, wanted(receiver, "Task")).json()
    rounds(now)
    clients.change(system.key, ["system/Patient.read", "system/Subscription.read"])
    here.admit(now)
    rounds(clock.now())
    assert receiver.calls == []
    found = Subscription.objects.get(pk=made["id"])
    assert (found.status, found.error) == ("off", "the scopes do not allow it any more")


def test_each_system_sees_its_own(system: System, here: Place, receiver: Receiver, now: Instant) -> None:
    made = subscribe(system, wanted(receiver, "Task")).json()
    other = register(now)
    headers = other.headers()
    assert other.browser.get(f"{ADDRESS}/{made['id']}", headers=headers).status_code == 404
    assert other.browser.delete(f"{ADDRESS}/{made['id']}", headers=headers).status_code == 404
    assert "entry" not in other.browser.get(ADDRESS, headers=headers).json()
    own = system.browser.get(f"{ADDRESS}?status=requested", headers=system.headers()).json()
    assert [one["resource"]["id"] for one in own["entry"]] == [made["id"]]


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"criteria": "Task?nonsense=1"}, "Subscription.criteria"),
        ({"criteria": "Nothing?x=1"}, "Subscription.criteria"),
        ({"criteria": "Organization"}, "Subscription.criteria"),
        ({"criteria": "Task?_count=5"}, "Subscription.criteria"),
        ({"criteria": "Patient?identifier=7101901234"}, "Subscription.criteria"),
        ({"criteria": "Task?&&="}, "Subscription.criteria"),
        ({"endpoint": "http://example.org/x"}, "Subscription.channel.endpoint"),
        ({"endpoint": "https://example.org/x"}, "Subscription.channel.endpoint"),
        ({"endpoint": "https://localhost@example.org/"}, "Subscription.channel.endpoint"),
        ({"endpoint": "https://localhost:99999/"}, "Subscription.channel.endpoint"),
        ({"endpoint": "file:///etc/passwd"}, "Subscription.channel.endpoint"),
        ({"type": "email"}, "Subscription.channel.type"),
        ({"payload": "text/plain"}, "Subscription.channel.payload"),
        ({"header": ["Host: elsewhere"]}, "Subscription.channel.header"),
        ({"header": ["X: a\r\nY: b"]}, "Subscription.channel.header"),
        ({"status": "new"}, "Subscription.status"),
        ({"end": "2026-02-30T00:00:00Z"}, "Subscription.end"),
    ],
)
def test_what_is_not_offered_is_refused_where(
    system: System, receiver: Receiver, changed: dict[str, Any], path: str
) -> None:
    body = wanted(receiver, "Task")
    for name, value in changed.items():
        target = body if name in ("criteria", "status", "end") else body["channel"]
        target[name] = value
    answer = subscribe(system, body)
    assert answer.status_code == 422, answer.content
    assert [path] in [one.get("expression") for one in answer.json()["issue"]]
    assert not Subscription.objects.exists()


def test_only_what_may_be_read_and_by_systems(system: System, here: Place, receiver: Receiver) -> None:
    narrow = system.headers("system/Subscription.write system/Task.read")
    assert subscribe(system, wanted(receiver, "Encounter"), narrow).status_code == 403
    assert subscribe(system, wanted(receiver, "Task"), narrow).status_code == 201


def test_an_office_sees_the_notices_among_what_went_out(
    system: System, here: Place, receiver: Receiver, now: Instant
) -> None:
    subscribe(system, wanted(receiver, "Encounter"))
    rounds(now)
    here.admit(now)
    rounds(clock.now())
    office = Client()
    office.force_login(here.users["inge"])
    page = office.get("/messages/out/").content.decode()
    (notice,) = OutgoingMessage.objects.filter(kind="subscription")
    assert f"/messages/out/{notice.pk}/" in page
    shown = office.get(f"/messages/out/{notice.pk}/")
    assert shown.status_code == 200
    assert "Karen" not in shown.content.decode()
    assert "HTTP 200" in shown.content.decode()


def test_a_subscriber_that_drips_does_not_hold_a_notice_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_hook, "_ALTOGETHER_S", 0.3)
    with dripping(b"HTTP/1.1 200 OK\r\nX-Long: ") as url:
        began = time.monotonic()
        outcome = rest_hook._call(Subscription(endpoint=url), b"")
        assert time.monotonic() - began < 3
    assert outcome == Again("no answer: TimeoutError")
