"""The way home in Norway: answer and agreement go as dialogue, the day fee has five conditions, and a list of
medicines is taken over from the discharge report."""

import json

import msgspec
from django.urls import reverse

from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, local, local_date
from naer.messages import read
from naer.site.discharge import handover, queries
from naer.site.messaging import record
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.pathways.models import Citizen, LoggedEvent
from tests.contract.plo import stay_letters
from tests.integration.intake.office import KOMMUNE, SYKEHUS, post
from tests.integration.site.test_dialogue import kari, now, pass_on, take_in, worker

__all__ = ["kari", "now"]


def _written(at: Instant) -> str:
    """As systems there write a time: by their own clocks, without saying so."""
    return f"{local(at, ZONES['NO']):%Y-%m-%dT%H:%M:%S}"


def test_the_way_home_in_norway(kari: Citizen, now: Instant) -> None:
    take_in(post(stay_letters.warning("no-2", _written(now - 2 * DAY + HOUR), expected="2026-12-09")), now)
    ready = _written(now - 20 * HOUR)
    take_in(post(stay_letters.ready("no-3", ready, ready)), now)
    kari.refresh_from_db()
    assert kari.stage == "ready"
    (row,) = queries.rows([kari], now)
    assert row.country == "NO"
    assert row.clock is not None
    assert {one.name: one.holds for one in row.clock.conditions} == dict.fromkeys(
        ("warned", "assessed", "ready", "unanswered", "present"), True
    )
    assert row.clock.runs
    yesterday, today = (local_date(at, ZONES["NO"]) for at in (now - 20 * HOUR, now))
    assert row.clock.days == 1 + (today - yesterday).days

    kommune, sykehus = (
        worker("knut", "coordinator", KOMMUNE.name),
        worker("siri", "discharge_nurse", SYKEHUS.name),
    )
    page = kommune.get(reverse("discharge-stay", args=[kari.key])).content.decode()
    assert "§ 8" in page
    assert kommune.post(reverse("discharge-answer", args=[kari.key]), {"act": "receive"}).status_code == 302
    (out,) = OutgoingMessage.objects.filter(kind="letter")
    answer = read(record.unpack(bytes(out.content)), None).letter
    assert answer is not None
    assert answer.conversation is not None
    assert answer.conversation.category == "7"
    pass_on(now + MINUTE)
    kari.refresh_from_db()
    assert kari.stage == "can"
    (row,) = queries.rows([kari], now + HOUR)
    assert row.clock is not None
    assert not row.clock.runs

    given = {"at": _written(now + DAY)[:16], "place": "nursing-home", "text": "Sønnen henter.", "sure": ""}
    form = reverse("discharge-agree", args=[kari.key])
    answered = sykehus.post(form, given)
    if answered.status_code == 200:  # something is asked first; the page says what, and asks if that is meant
        sure = answered.content.decode().partition('name="sure" value="')[2].partition('"')[0]
        answered = sykehus.post(form, given | {"sure": sure})
    assert answered.status_code == 302
    agreed = json.loads(LoggedEvent.objects.get(kind="discharge_agreed").attributes)
    assert agreed["leaves_to"] == "nursing-home"
    told = read(record.unpack(bytes(OutgoingMessage.objects.latest("pk").content)), None).letter
    assert told is not None
    assert told.conversation is not None
    assert told.type == "DIALOG_HELSEFAGLIG"
    assert "til sykehjem." in told.conversation.segments[0].text
    assert "Sønnen henter." in told.conversation.segments[0].text
    pass_on(now + 2 * MINUTE)
    assert LoggedEvent.objects.filter(kind="discharge_agreed").count() == 1


def test_a_list_is_taken_over_from_a_report(kari: Citizen, now: Instant) -> None:
    rows = {
        "medicine1.name": "Prøvofurix", "medicine1.strength": "40", "medicine1.unit": "mg",
        "medicine1.dose": "2 tabletter morgen", "medicine1.use": "1", "medicine2.name": "Modelprofen",
        "medicine2.dose": "1 ved behov", "medicine2.use": "3",
    }  # fmt: skip
    report = stay_letters.summary("no-9", _written(now - HOUR))
    take_in(post(msgspec.structs.replace(report, details=dict(report.details) | rows)), now)
    letter = StoredLetter.objects.get(type="UTSKRIVNINGSRAPPORT")
    kommune = worker("knut", "coordinator", KOMMUNE.name)
    page = reverse("medicines", args=[kari.key])
    assert "2 medicines in a message" in kommune.get(page).content.decode()
    assert kommune.post(page, {"act": "take-over", "letter": str(letter.pk)}).status_code == 302
    held = handover.handover(kari, now)
    assert held.after is not None
    assert [(one.name, one.strength, one.use) for one in held.after.medicines] == [
        ("Prøvofurix", "40 mg", "fixed"), ("Modelprofen", "", "needed"),
    ]  # fmt: skip
    assert held.after.row.letter_id == letter.pk
    assert "2 medicines in a message" not in kommune.get(page).content.decode()
