"""Posting to a partner's system: real servers, real TLS, every way it can go wrong."""

import http.client
import time
from pathlib import Path

import pytest

from naer.events.instant import SECOND
from naer.messages import read
from naer.messages.content import Person
from naer.messages.medcom import acknowledgement, hospitalnotification
from naer.site.messaging import deadline, delivery, received_back
from naer.site.messaging.connections import Connection
from naer.site.messaging.models import Message
from naer.site.messaging.transport import Again, Handed, Never, Outcome, Parcel, hand_over, target
from naer.site.pathways.actor import Process
from tests import place
from tests.integration.outbox.partner import Answer, Authority, dripping, mutual, partner
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, new_id

PARCEL = Parcel(b'{"resourceType":"Bundle"}', "json", "medcom-hospitalnotification", "m-1", "b-1", "one")
SECRET = "7401901234"


def yes(_: bytes) -> Answer:
    return 200, "application/fhir+json", b'{"resourceType":"Bundle","id":"receipt"}'


def written(header: str) -> Parcel:
    """A notification with the given MessageHeader.id."""
    data = hospitalnotification.write(
        "STIN",
        person=Person(number=NUMBERS[0], family="Testgaard", given=("Karen",)),
        sender=HOSPITAL,
        receiver=MUNICIPALITY,
        episodes=["episode-1"],
        header=header,
        sent=10**15,
        start=10**15,
        new_id=new_id,
        format="json",
    )
    return Parcel(data, "json", "medcom-hospitalnotification", header, "b-1", "one")


def receipt(data: bytes) -> bytes:
    return acknowledgement.write(
        read(data, None), answer="ok", issues=(), sender_fallback=MUNICIPALITY, now=10**15, new_id=new_id
    )


def test_the_message_arrives_and_the_receipt_comes_back() -> None:
    parcel = written(new_id())
    with partner(lambda data: (200, "application/fhir+json", receipt(data))) as system:
        outcome = hand_over(parcel, Connection("*", "http", system.url))
    assert system.got == [parcel.data]
    assert system.headers[0]["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert isinstance(outcome, Handed)
    said = read(outcome.receipt, None).response
    assert said is not None
    assert said.message_id == parcel.message_id


@pytest.mark.parametrize("status", [200, 422])
def test_an_answer_that_is_no_receipt_for_this_message_is_none(status: int) -> None:
    """A notification about somebody, and the receipt for another message, do not come in this way."""
    parcel, other = written(new_id()), written(new_id())
    for body in (other.data, receipt(other.data), b"{}", b"[" * 5000):
        with partner(lambda _, body=body: (status, "application/fhir+json", body)) as system:  # type: ignore[misc]
            outcome = hand_over(parcel, Connection("*", "http", system.url))
        assert getattr(outcome, "receipt", b"") == b""
        assert isinstance(outcome, Handed if status == 200 else Never)


def test_what_comes_with_an_answer_and_is_no_receipt_is_dropped(db: None) -> None:
    place.build()
    body = written(new_id()).data
    received_back.take(Handed("", body, "application/fhir+json"), lambda: 10**15, new_id, Process("outbox"))
    assert not Message.objects.exists()


def test_norwegian_messages_are_plain_xml() -> None:
    with partner(lambda _: (202, "text/plain", b"")) as system:
        outcome = hand_over(
            Parcel(b"<MsgHead/>", "xml", "plo-log-innlagt", "m", "m", "m"),
            Connection("*", "http", system.url),
        )
    assert system.headers[0]["Content-Type"] == "application/xml; charset=utf-8"
    assert outcome == Handed("HTTP 202")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Never),
        (415, Never),
        (422, Never),
        (401, Again),
        (404, Again),
        (429, Again),
        (500, Again),
        (302, Again),
    ],
)
def test_what_a_status_means(status: int, kind: type[Outcome]) -> None:
    with partner(lambda _: (status, "text/html", SECRET.encode())) as system:
        outcome = hand_over(PARCEL, Connection("*", "http", system.url))
    assert isinstance(outcome, kind)
    assert str(status) in outcome.detail
    assert SECRET not in repr(outcome), "what the partner says is kept out of the record"


def test_a_page_for_people_is_no_receipt() -> None:
    with partner(lambda _: (200, "text/html", b"<html>thanks</html>")) as system:
        outcome = hand_over(PARCEL, Connection("*", "http", system.url))
    assert isinstance(outcome, Handed)
    assert outcome.receipt == b""


def test_nobody_there_and_nobody_answering() -> None:
    with partner(yes) as system:
        url = system.url
    assert isinstance(hand_over(PARCEL, Connection("*", "http", url)), Again)

    def slow(_: bytes) -> Answer:
        time.sleep(1)
        return yes(b"")

    with partner(slow) as system:
        outcome = hand_over(PARCEL, Connection("*", "http", system.url, timeout_s=0.2))
    assert outcome == Again("no answer: it took too long")


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"],
    ids=["head", "body"],
)
def test_a_system_that_drips_does_not_hold_a_message_for_ever(head: bytes) -> None:
    with dripping(head) as url:
        began = time.monotonic()
        outcome = hand_over(PARCEL, Connection("*", "http", url, timeout_s=0.2))
        assert time.monotonic() - began < 3
    assert outcome == Again("no answer: it took too long")


def test_a_claim_outlasts_every_call() -> None:
    assert deadline.LONGEST_S * SECOND < delivery.LEASE


def test_after_the_time_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting alone took all of the time: the partner sees no message."""
    real = http.client.HTTPConnection.connect

    def connect(link: http.client.HTTPConnection) -> None:
        real(link)
        time.sleep(1)

    monkeypatch.setattr(http.client.HTTPConnection, "connect", connect)
    with partner(yes) as system:
        outcome = hand_over(PARCEL, Connection("*", "http", system.url, timeout_s=0.2))
    assert outcome == Again("no answer: it took too long")
    assert system.got == []


def test_the_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with partner(yes) as system:
        connection = Connection("*", "http", system.url, token_variable="PARTNER_TOKEN")
        assert hand_over(PARCEL, connection) == Again("PARTNER_TOKEN is not set: the token is missing")
        monkeypatch.setenv("PARTNER_TOKEN", "s3cret")
        assert isinstance(hand_over(PARCEL, connection), Handed)
    assert [headers["Authorization"] for headers in system.headers] == ["Bearer s3cret"]


def test_mutual_tls(tmp_path: Path) -> None:
    """Both sides show a certificate; without ours the partner hangs up, without theirs we do."""
    theirs, ours = Authority(tmp_path, "partner-ca"), Authority(tmp_path, "naer-ca")
    client = ours.issue("naer")
    with partner(yes, mutual(theirs.issue("partner"), ours)) as system:
        known = {
            "receiver": "*",
            "transport": "http",
            "address": system.url,
            "authority": str(theirs.certificate),
        }
        shown = {"certificate": str(client.certificate), "key": str(client.key)}
        assert isinstance(hand_over(PARCEL, Connection(**known, **shown)), Handed)  # type: ignore[arg-type]
        without = hand_over(PARCEL, Connection(**known))  # type: ignore[arg-type]
        assert isinstance(without, Again)
        stranger = hand_over(PARCEL, Connection(**known | {"authority": str(ours.certificate)}, **shown))  # type: ignore[arg-type]
        assert isinstance(stranger, Again)
        assert "certificate is not trusted" in stranger.detail
        broken = hand_over(PARCEL, Connection(**known, certificate=str(theirs.certificate)))  # type: ignore[arg-type]
        assert isinstance(broken, Again)
        assert "cannot be used" in broken.detail
    assert len(system.got) == 1, "only the one that showed our certificate was let in"


def test_the_record_of_a_target_has_no_parameters() -> None:
    connection = Connection("*", "http", "https://gate.example.dk:8443/in?key=secret")
    assert target(connection) == "https://gate.example.dk:8443/in"
