"""A person number stands in no page, no address and no log line; nothing on a page bends the policy."""

import errno
import json
import logging
import re
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
import structlog
from django.contrib.sessions.models import Session
from django.test import Client

from naer.events.instant import HOUR, Instant
from naer.site.access.models import AccessEntry
from naer.site.logs import Formatter, masked
from naer.site.messaging.models import Message
from tests.integration.site.conftest import SignedIn
from tests.integration.site.crawl import name_of
from tests.place import NUMBERS, Place

_LINK = re.compile(r'(?:href|hx-get|action)="(/[^"#]*)')
_SHAPES = [re.compile(f"{number[:6]}[^0-9]?{number[6:]}") for number in NUMBERS]


def every_page(client: Client) -> dict[str, str]:
    """Every page that can be reached by links from the start page, by address; of what only a filter makes
    another page, two of each kind.
    """
    pages: dict[str, str] = {}
    kinds: Counter[tuple[str, ...]] = Counter()
    waiting = deque(["/"])
    while waiting:
        address = waiting.popleft()
        parts = urlsplit(address)
        kind = (name_of(address), *sorted(key for key, _ in parse_qsl(parts.query)))
        if (
            address in pages
            or (parts.query and kinds[kind] == 2)
            or address.startswith(("/static/", "/sign-out"))
        ):
            continue
        answer = client.get(address)
        if answer.status_code == 405 or "text/html" not in answer.get("Content-Type", "text/html"):
            continue
        assert answer.status_code in {200, 302}, address
        kinds[kind] += 1
        pages[address] = answer.content.decode()
        waiting.extend(_LINK.findall(pages[address].replace("&amp;", "&")))
    return pages


@pytest.fixture
def busy(here: Place, now: Instant) -> Place:
    """A place where messages were accepted, refused, deleted and repeated."""
    here.admit(now, hours=30)
    discharge = here.notification("SLHJ", now - HOUR)
    stranger = here.notification("STIN", now - HOUR, number=NUMBERS[2], fresh=True)
    here.receive(discharge, discharge, stranger, discharge[:-20], now=now)
    return here


@pytest.mark.parametrize("who", ["mette", "doris", "gunnar", "adam", "inge", "dina"])
def test_no_number_on_any_page_or_in_any_address(who: str, busy: Place, as_: SignedIn) -> None:
    """Nor does a style or a script stand in a page."""
    pages = every_page(as_(who))
    assert len(pages) > 2
    for address, page in pages.items():
        for shape in _SHAPES:
            assert not shape.search(address)
            assert not shape.search(page), address
        assert " style=" not in page, address
        assert "<style" not in page, address
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), address
        assert not re.search(r"\son\w+=", page), address


def test_the_policy(here: Place, as_: SignedIn) -> None:
    answer = as_("mette").get("/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


def test_style_sheets_may_be_cached(here: Place) -> None:
    answer = Client().get("/static/naer/tokens.css")
    assert answer.status_code == 200
    assert "no-store" not in answer.get("Cache-Control", "")


def test_no_number_in_the_access_log(busy: Place, as_: SignedIn) -> None:
    as_("mette").post("/citizens/", {"text": NUMBERS[0]})
    for entry in AccessEntry.objects.all():
        for shape in _SHAPES:
            assert not shape.search(f"{entry.subject} {entry.citizen} {entry.action} {entry.user}")


@pytest.mark.parametrize("written", ["{}-{}", "{}{}", " {} {} "])
def test_a_number_typed_into_a_filter_is_not_kept_in_the_session(
    written: str, here: Place, as_: SignedIn
) -> None:
    mette = as_("mette")
    for number in NUMBERS[:2]:
        mette.post("/", {"name": written.format(number[:6], number[6:])})
        for kept in Session.objects.all():
            for shape in _SHAPES:
                assert not shape.search(str(kept.get_decoded()))


def test_a_number_typed_into_the_filter_leads_to_its_citizen(here: Place, as_: SignedIn) -> None:
    answer = as_("mette").post("/", {"name": NUMBERS[0]})
    assert answer["Location"] == f"/citizens/{here.citizen.key}/"


def test_without_legal_basis_only_the_envelope_is_shown(busy: Place, as_: SignedIn) -> None:
    message = Message.objects.get(reason="no-legal-basis")
    page = as_("mette").get(f"/messages/{message.pk}/").content.decode()
    assert "No active case in the municipality" in page
    assert "Karen" not in page
    assert message.citizen_id is None
    assert message.content is None


def test_a_number_in_an_address_does_not_reach_the_log(
    here: Place, as_: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="django.request")
    as_("mette").get(f"/citizens/{NUMBERS[0]}/")
    lines = [Formatter().format(record) for record in caplog.records]
    assert lines
    assert NUMBERS[0] not in "".join(lines)


def test_a_request_by_a_foreign_name_is_one_short_line(
    here: Place, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/", headers={"host": "foreign.example"})
    (line,) = [json.loads(Formatter().format(one)) for one in caplog.records if "security" in one.name]
    assert line == {"level": "error", "logger": "django.security.DisallowedHost", "event": "DisallowedHost"}


def _told(error: Exception) -> Iterator[str]:
    """What either library writes to the log of an error."""
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "failed", None, (None, error, None))
    yield Formatter().format(record)
    record = logging.LogRecord("django.template", logging.ERROR, "", 0, str(error), None, (None, error, None))
    yield Formatter().format(record)
    with structlog.testing.capture_logs(structlog.get_config()["processors"][:-1]) as lines:
        structlog.get_logger().error("failed", exc_info=error)
    yield str(lines)


def test_an_error_is_told_with_where_it_came_from_and_without_its_words() -> None:
    whom = "Karen Hansen"

    def looks_up(name: str) -> None:
        try:
            raise OSError(errno.ENOSPC, name)
        except OSError as error:
            raise ExceptionGroup(name, [KeyError(name), ValueError(name)]) from error

    with pytest.raises(ExceptionGroup) as caught:
        looks_up(whom)
    for line in _told(caught.value):
        assert "Karen" not in line
        for part in ("in looks_up", "OSError ENOSPC", "KeyError", "ValueError", "ExceptionGroup"):
            assert part in line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("710190-1234", "[number]"),
        ("7101901234", "[number]"),
        ("a 71019012345 b", "a [number] b"),
        ("0a433152-0c35-4469-a89b-f8d40421ead9", "0a433152-0c35-4469-a89b-f8d40421ead9"),
        ("message 131", "message 131"),
    ],
)
def test_masking(text: str, shown: str) -> None:
    assert masked(text) == shown
