"""Posting to a partner's system: real servers, real TLS, every way it can go wrong."""

import json
import time
from pathlib import Path

import pytest

from naer.site.messaging.connections import Connection
from naer.site.messaging.transport import Again, Handed, Never, Outcome, Parcel, hand_over, target
from tests.integration.outbox.partner import Answer, Authority, mutual, partner

PARCEL = Parcel(b'{"resourceType":"Bundle"}', "json", "medcom-hospitalnotification", "m-1", "b-1", "one")
SECRET = "7401901234"


def yes(_: bytes) -> Answer:
    return 200, "application/fhir+json", b'{"resourceType":"Bundle","id":"receipt"}'


def test_the_message_arrives_and_the_receipt_comes_back() -> None:
    with partner(yes) as system:
        outcome = hand_over(PARCEL, Connection("*", "http", system.url))
    assert system.got == [PARCEL.data]
    assert system.headers[0]["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert isinstance(outcome, Handed)
    assert json.loads(outcome.receipt)["id"] == "receipt"


def test_norwegian_messages_are_plain_xml() -> None:
    with partner(lambda _: (202, "text/plain", b"")) as system:
        outcome = hand_over(
            Parcel(b"<MsgHead/>", "xml", "plo-log-innlagt", "m", "m", "m"),
            Connection("*", "http", system.url),
        )
    assert system.headers[0]["Content-Type"] == "application/xml; charset=utf-8"
    assert outcome == Handed("HTTP 202", b"", "text/plain")


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
