"""The message log, upload, and the address that systems post to."""

import gzip
import json
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from naer.events.instant import HOUR, Instant
from naer.site.messaging import gate
from naer.site.messaging.answer import Answer, Raw
from naer.site.messaging.log import filtered
from naer.site.messaging.models import Message
from tests.integration.intake.office import appreceipt, norway, post
from tests.integration.site.conftest import SignedIn
from tests.place import NUMBERS, Place
from tests.sender import Sender

JSON = "application/fhir+json"


@pytest.fixture
def system(settings: Settings) -> Sender:
    """A system on this machine, in demo mode."""
    settings.MODE = "demo"
    return Sender(REMOTE_ADDR="127.0.0.1")


class TestPost:
    @pytest.mark.parametrize("form", ["json", "xml"])
    def test_accepted(self, form: str, here: Place, now: Instant, system: Sender) -> None:
        data = here.notification("STIN", now - HOUR, format=form)
        answer = system.post("/messages/", data, content_type=f"application/fhir+{form}")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(f"application/fhir+{form}")
        assert b"ok" in answer.content
        assert Message.objects.get().stored

    def test_the_same_message_gets_the_same_answer(self, here: Place, now: Instant, system: Sender) -> None:
        data = here.notification("STIN", now - HOUR)
        first, second = (system.post("/messages/", data, content_type=JSON) for _ in range(2))
        assert first.content == second.content
        assert Message.objects.filter(shown=True).count() == 1

    @pytest.mark.parametrize(
        "kind", ["application/xml", "text/xml; charset=utf-8", "application/octet-stream"]
    )
    def test_a_norwegian_message_is_answered_by_an_apprec(
        self, kind: str, here: Place, system: Sender
    ) -> None:
        data = post(norway.admitted("no-1", "2026-03-02T10:20:00", "2026-03-02T10:00:00"))
        answer = system.post("/messages/", data, content_type=kind)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml; charset=utf-8")
        assert b"AppRec" in answer.content
        assert Message.objects.get().code == "LOG_INNLAGT"
        again = system.post("/messages/", data, content_type=kind)
        assert again.content == answer.content

    def test_a_norwegian_message_that_is_refused_is_told_so_by_an_apprec(
        self, here: Place, system: Sender
    ) -> None:
        letter = norway.admitted("no-1", "2026-03-02T10:20:00", "2026-03-02T10:00:00")
        data = post(letter).replace(norway.PERSON.number.encode(), b"12345678901")
        answer = system.post("/messages/", data, content_type="application/xml")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml; charset=utf-8")
        assert b'V="2"' in answer.content
        for asked, found in (("fatal-error", 1), ("ok", 0)):
            assert filtered(Message.objects.all(), {"answer": asked}).count() == found
        assert b"12345678901" not in answer.content

    @pytest.mark.parametrize(
        "data",
        [
            b"<MsgHead",
            b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><MsgHead>&b;</MsgHead>",
            b"<MsgHead xmlns='http://www.kith.no/xmlstds/msghead/2006-05-24'/>",
            b"<AppRec xmlns='http://www.kith.no/xmlstds/apprec/2004-11-21'/>",
            b"PK\x03\x04",
        ],
    )
    def test_xml_that_cannot_be_answered_is_4xx(self, data: bytes, here: Place, system: Sender) -> None:
        answer = system.post("/messages/", data, content_type="application/xml")
        assert answer.status_code in {400, 422}
        assert b"OperationOutcome" in answer.content

    def test_a_receipt_is_taken_without_an_answer(self, here: Place, system: Sender) -> None:
        letter = norway.report("no-1", "2026-03-03T10:00:00")
        data = appreceipt(letter, name="rec-1", when=letter.sent)
        answer = system.post("/messages/", data, content_type="application/xml")
        assert (answer.status_code, answer.content) == (200, b"")

    @pytest.mark.parametrize(
        "data", [b"", b"{", b"<", b"[]", b"\xff\xfe", b"null", b'{"resourceType":"Bundle"}']
    )
    def test_what_cannot_be_answered_is_4xx_with_an_outcome(
        self, data: bytes, here: Place, system: Sender
    ) -> None:
        answer = system.post("/messages/", data, content_type=JSON)
        assert answer.status_code in {400, 422}
        assert b"OperationOutcome" in answer.content

    def test_too_large(self, here: Place, system: Sender) -> None:
        answer = system.post("/messages/", b" " * (5 * 1024 * 1024 + 1), content_type=JSON)
        assert answer.status_code == 413
        assert json.loads(answer.content)["resourceType"] == "OperationOutcome"

    @pytest.mark.parametrize("kind", ["text/html", "multipart/form-data; boundary=x", "image/png"])
    def test_wrong_type(self, kind: str, here: Place, system: Sender) -> None:
        answer = system.generic("POST", "/messages/", b"{}", content_type=kind)
        assert answer.status_code == 415

    def test_other_methods(self, here: Place, system: Sender) -> None:
        assert system.put("/messages/", b"{}", content_type=JSON).status_code == 405

    def test_closed_outside_the_demo_without_a_token(self, here: Place, now: Instant) -> None:
        answer = Sender().post("/messages/", here.notification("STIN", now), content_type=JSON)
        assert answer.status_code == 401
        assert not Message.objects.exists()

    @pytest.mark.parametrize("extra", [{"REMOTE_ADDR": "10.1.2.3"}, {"HTTP_X_FORWARDED_FOR": "10.1.2.3"}])
    def test_the_demo_is_open_to_this_machine_only(
        self, extra: dict[str, str], here: Place, now: Instant, system: Sender
    ) -> None:
        data = here.notification("STIN", now)
        assert system.post("/messages/", data, content_type=JSON, **extra).status_code == 401

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_a_page_of_another_site_sends_nothing(
        self, site: str, here: Place, now: Instant, system: Sender
    ) -> None:
        """A page in the browser of somebody who tries the demo could reach it: it is on this machine."""
        data = here.notification("STIN", now)
        answer = system.post("/messages/", data, content_type=JSON, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert json.loads(answer.content)["resourceType"] == "OperationOutcome"
        assert not Message.objects.exists()

    def test_what_is_packed_is_refused_in_words(self, here: Place, now: Instant, system: Sender) -> None:
        data = gzip.compress(here.notification("STIN", now))
        answer = system.post("/messages/", data, content_type=JSON, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 415
        assert b"Content-Encoding" in answer.content
        assert not Message.objects.exists()

    def test_by_a_name_that_is_not_ours_nothing_is_sent(
        self, here: Place, now: Instant, system: Sender
    ) -> None:
        data = here.notification("STIN", now)
        answer = system.post("/messages/", data, content_type=JSON, headers={"Host": "elsewhere.example"})
        assert answer.status_code == 400
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        ("header", "status"),
        [("Bearer right", 200), ("Bearer wrong", 401), ("right", 401), ("Bearer ræt", 401), ("", 401)],
    )
    def test_token(self, header: str, status: int, here: Place, now: Instant, settings: Settings) -> None:
        settings.INTAKE_TOKEN = "right"
        data = here.notification("STIN", now)
        answer = Sender().post("/messages/", data, content_type=JSON, headers={"Authorization": header})
        assert answer.status_code == status

    def test_headers_are_those_of_the_site(self, here: Place, now: Instant, system: Sender) -> None:
        data = here.notification("STIN", now)
        told = system.post("/messages/", data, content_type=JSON).headers
        page = system.get("/sign-in/").headers
        for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"):
            assert told[name] == page[name]
        assert told["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(("said", "status"), [({}, 301), ({"X-Forwarded-Proto": "https"}, 200)])
    def test_by_https_where_that_is_asked(
        self, said: dict[str, str], status: int, here: Place, now: Instant, settings: Settings, system: Sender
    ) -> None:
        settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECURE_HSTS_SECONDS = 60
        data = here.notification("STIN", now)
        answer = system.post("/messages/", data, content_type=JSON, headers=said)
        assert answer.status_code == status
        assert answer.headers.get("Strict-Transport-Security") == ("max-age=60" if said else None)
        assert Message.objects.exists() == bool(said)

    def test_a_fault_of_ours_is_told_to_send_again(
        self, here: Place, now: Instant, system: Sender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object, **__: object) -> None:
            raise RuntimeError("of ours")

        monkeypatch.setattr(gate, "receive", fails)
        answer = system.post("/messages/", here.notification("STIN", now), content_type=JSON)
        assert answer.status_code == 500
        assert json.loads(answer.content)["issue"][0]["code"] == "transient"
        assert b"of ours" not in answer.content

    def test_whom_it_was_handed_to_is_said_in_the_address(
        self, here: Place, now: Instant, system: Sender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[Raw] = []

        def taken(raw: Raw, **_: object) -> Answer:
            told.append(raw)
            return Answer("ok", b"", 200)

        monkeypatch.setattr(gate, "receive", taken)
        for asked in ("", "?to=her%3A1", "?to="):
            system.post(f"/messages/{asked}", b"{}", content_type=f"{JSON}; charset=utf-8")
        assert told == [Raw(b"{}", JSON, "http", to) for to in ("", "her:1", "")]

    def test_what_is_longer_than_said_is_read_no_further(self, here: Place, system: Sender) -> None:
        answer = system.post("/messages/", b"{}", content_type=JSON, CONTENT_LENGTH="1")
        assert answer.status_code == 400
        answer = system.post("/messages/", b"{}", content_type=JSON, CONTENT_LENGTH="much")
        assert answer.status_code == 400
        sent = {"CONTENT_LENGTH": "9" * 5000, "wsgi.input": BytesIO(b"{}")}
        assert system.post("/messages/", content_type=JSON, **sent).status_code == 413

    def test_a_token_that_is_no_text_is_a_wrong_one(
        self, here: Place, system: Sender, settings: Settings
    ) -> None:
        settings.INTAKE_TOKEN = "secret"
        for token, status in (("\udcff", 401), ("secret", 400)):
            given = {"Authorization": f"Bearer {token}"}
            answer = system.post("/messages/", b"{}", content_type=JSON, headers=given)
            assert answer.status_code == status


class TestUpload:
    def test_several_files(self, here: Place, now: Instant, as_: SignedIn) -> None:
        files = [
            SimpleUploadedFile("in.json", here.notification("STIN", now - 2 * HOUR, report_requested=True)),
            SimpleUploadedFile("out.xml", here.notification("SLHJ", now - HOUR, format="xml")),
            SimpleUploadedFile("broken.json", b"{"),
        ]
        page = as_("mette").post("/messages/upload/", {"message_files": files}).content.decode()
        assert "3 files taken in" in page
        assert "An admission report is now owed" in page
        assert "Refused" in page
        assert Message.objects.filter(channel="upload", stored=True).count() == 2

    @pytest.mark.parametrize(("who", "status"), [("mette", 403), ("adam", 200), ("inge", 200)])
    def test_in_production_only_those_who_run_the_site(
        self, who: str, status: int, here: Place, as_: SignedIn, settings: Settings
    ) -> None:
        settings.MODE = "production"
        assert as_(who).get("/messages/upload/").status_code == status

    def test_nothing_chosen(self, here: Place, as_: SignedIn) -> None:
        answer = as_("mette").post("/messages/upload/", {})
        assert answer.status_code == 422
        assert "Choose at least one file." in answer.content.decode()


class TestLog:
    def test_filters(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        here.receive(here.notification("STIN", now, number=NUMBERS[2], fresh=True), now=now)
        adam = as_("adam")
        assert "2 messages" in adam.get("/messages/").content.decode()
        assert "1 message<" in adam.get("/messages/?content=deleted").content.decode()
        assert "No message matches" in adam.get("/messages/?answer=transient-error").content.decode()
        assert adam.get("/messages/?answer=%00&page=zzz&content='").status_code == 200

    def test_the_acknowledgement_as_sent(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        page = as_("mette").get(f"/messages/{Message.objects.get().pk}/").content.decode()
        assert "acknowledgement" in page
        assert "Accepted" in page
