"""The Messages place: who sees which messages out, why they stand as they do, what people do about them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from naer.events.instant import DAY, HOUR, MINUTE
from naer.site.access.models import AccessEntry
from naer.site.messaging.models import Delivery, OutgoingMessage
from naer.site.pathways.tick import tick
from tests.integration.outbox.office import Office, again
from tests.place import HOSPITAL, MUNICIPALITY

State = OutgoingMessage.State
Connect = Callable[[str], Path]
FILE = '[[connection]]\nreceiver = "*"\ntransport = "file"\naddress = "out"\n'
PLACES = ("/messages/", "/messages/out/", "/messages/needs-somebody/", "/messages/notices/")


@pytest.fixture
def signed_in(office: Office) -> Callable[[str], Client]:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(office.here.users[name])
        return client

    return sign_in


@pytest.fixture
def admitted(office: Office) -> Office:
    """The citizen is at the hospital, so that its people may see them."""
    office.here.admit(office.now)
    return office


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("name", ["mette", "doris", "adam"])
def test_every_tab_opens(admitted: Office, signed_in: Callable[[str], Client], name: str) -> None:
    admitted.write()
    for address in PLACES:
        expected = 403 if name == "adam" and "notices" in address else 200
        assert signed_in(name).get(address).status_code == expected


@pytest.mark.parametrize(
    ("name", "sees"),
    [("doris", True), ("adam", True), ("mette", False), ("dennis", False), ("gunnar", False)],
)
def test_who_sees_a_message_of_the_hospitals(
    admitted: Office, signed_in: Callable[[str], Client], name: str, sees: bool
) -> None:
    written = admitted.write()
    client = signed_in(name)
    assert (f"out-{written.pk}" in page(client, "/messages/out/")) is sees
    answer = client.get(f"/messages/out/{written.pk}/")
    assert answer.status_code == (200 if sees else 404)


def test_an_office_sees_no_citizen_and_no_content(
    admitted: Office, signed_in: Callable[[str], Client]
) -> None:
    written = admitted.write()
    shown = page(signed_in("adam"), f"/messages/out/{written.pk}/")
    assert "Testgaard" not in shown
    assert admitted.here.citizen.key not in shown
    assert "Testgaard" in page(signed_in("doris"), f"/messages/out/{written.pk}/")


def test_opening_a_message_leaves_a_trace(admitted: Office, signed_in: Callable[[str], Client]) -> None:
    written = admitted.write()
    page(signed_in("doris"), f"/messages/out/{written.pk}/")
    seen = AccessEntry.objects.filter(user="doris", action="look-message", subject=f"outgoing {written.pk}")
    assert seen.count() == 1


def test_a_role_without_the_log_sees_nothing(admitted: Office, signed_in: Callable[[str], Client]) -> None:
    for address in (*PLACES, "/messages/connections/"):
        assert signed_in("dina").get(address).status_code == 403


def test_late_then_sent_again_then_given_up(
    admitted: Office, signed_in: Callable[[str], Client], connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naer.site.clock.now", lambda: admitted.now)
    connect(FILE)
    written = admitted.write()
    admitted.deliver()
    admitted.deliver(later=30 * MINUTE)
    doris, address = signed_in("doris"), f"/messages/out/{written.pk}/"
    assert "No receipt came within 30 minutes." in page(doris, "/messages/needs-somebody/")
    assert doris.post(address, {"act": "again"}).status_code == 302
    assert again(written).state == State.WAITING
    admitted.deliver()
    admitted.deliver(later=30 * MINUTE)
    assert "It was sent again 1 time" in page(doris, address)
    assert doris.post(address, {"act": "give-up", "why": ""}).status_code == 422
    number = doris.post(address, {"act": "give-up", "why": "610190-1234 ringede"})
    assert number.status_code == 422
    assert doris.post(address, {"act": "give-up", "why": "Read out by telephone"}).status_code == 302
    assert again(written).closed_by == "doris"
    assert "Doris Vagt gave it up: Read out by telephone" in page(doris, address)
    assert "Nothing waits for anybody" in page(doris, "/messages/needs-somebody/")
    assert list(Delivery.objects.filter(message=written, by="doris").values_list("outcome", flat=True)) == [
        "resent",
        "given-up",
    ]
    traced = AccessEntry.objects.filter(user="doris", subject=written.message_id)
    assert {one.action for one in traced} == {"resent", "given-up"}


def test_others_decide_nothing(
    admitted: Office, signed_in: Callable[[str], Client], connect: Connect
) -> None:
    connect('[[connection]]\nreceiver = "nobody"\ntransport = "local"\n')
    OutgoingMessage.objects.filter(pk=admitted.write().pk).update(receiver="unknown-here")
    written = OutgoingMessage.objects.get()
    admitted.deliver()
    for name in ("mette", "dennis", "gunnar"):
        answer = signed_in(name).post(f"/messages/out/{written.pk}/", {"act": "retry"})
        assert answer.status_code == 404
    assert again(written).state == State.FAILED
    adam = signed_in("adam")
    assert "There is no connection to the receiver." in page(adam, "/messages/needs-somebody/")
    assert adam.post(f"/messages/out/{written.pk}/", {"act": "retry"}).status_code == 302
    assert again(written).state == State.WAITING
    entry = AccessEntry.objects.get(user="adam", action="retried")
    assert entry.relation == "office"


def test_what_waits_can_be_taken_back(admitted: Office, signed_in: Callable[[str], Client]) -> None:
    written = admitted.write(hold=HOUR)
    doris = signed_in("doris")
    assert "Until then it can be taken back." in page(doris, "/messages/out/")
    doris.post(f"/messages/out/{written.pk}/", {"act": "take-back"})
    assert "took it back before it left" in page(doris, f"/messages/out/{written.pk}/")
    answer = doris.post(f"/messages/out/{written.pk}/", {"act": "take-back"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()


def test_a_filter_by_state(admitted: Office, signed_in: Callable[[str], Client]) -> None:
    written = admitted.write()
    doris = signed_in("doris")
    assert f"out-{written.pk}" in page(doris, "/messages/out/?state=waiting")
    assert "No message is in this state." in page(doris, "/messages/out/?state=late")
    assert f"out-{written.pk}" in page(doris, "/messages/out/?state=nonsense")


def test_an_escalation_is_told_and_noted(admitted: Office, signed_in: Callable[[str], Client]) -> None:
    tick(admitted.now + 3 * DAY)
    told = OutgoingMessage.objects.filter(kind="escalation", receiver=MUNICIPALITY.sor)
    assert told.exists()
    assert admitted.deliver().sent == 0, "a notice is no message to be delivered"
    mette = signed_in("mette")
    assert "Karen Testgaard" in page(mette, "/messages/notices/")
    assert "Karen Testgaard" not in page(signed_in("ole"), "/messages/notices/")
    keys = [str(one.pk) for one in told]
    signed_in("ole").post("/messages/notices/", {"notice": keys})
    assert set(told.values_list("state", flat=True)) == {State.WAITING}
    mette.post("/messages/notices/", {"notice": keys})
    assert set(told.values_list("state", "closed_by")) == {(State.ACKNOWLEDGED, "mette")}
    assert "No new notice." in page(mette, "/messages/notices/")
    assert "Karen Testgaard" in page(mette, "/messages/notices/?all")
    assert AccessEntry.objects.filter(user="mette", action="noted").count() == len(keys)


def test_connections_are_shown_to_those_who_look_after_them(
    office: Office, signed_in: Callable[[str], Client], connect: Connect
) -> None:
    connect(
        FILE + f'[[connection]]\nreceiver = "{HOSPITAL.sor}"\ntransport = "http"\n'
        'address = "https://gate.example.dk/in?token=secret"\ntoken_variable = "T"\n'
    )
    shown = page(signed_in("inge"), "/messages/connections/")
    assert "https://gate.example.dk/in" in shown
    assert "secret" not in shown
    connect("[[connection]]\n")
    assert "receiver is missing" in page(signed_in("inge"), "/messages/connections/")
    assert signed_in("doris").get("/messages/connections/").status_code == 403
