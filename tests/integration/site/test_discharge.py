"""The discharge table and the page of one stay: who stands where, and what is said with one click."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from naer.events.instant import DAY, HOUR, Instant
from naer.site.access.models import AccessEntry
from naer.site.discharge import actions as discharge
from naer.site.discharge import queries, suppose
from naer.site.messaging import letters
from naer.site.messaging.drafts import Written
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.pathways import actions
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from tests import place
from tests.integration.site.conftest import SignedIn
from tests.place import Place


def _ready(here: Place, now: Instant, hours: int = 5) -> Citizen:
    """`citizen` was admitted two days ago, and is ready since some hours."""
    admitted = now - 2 * DAY
    here.receive(here.notification("STIN", admitted), now=admitted)
    _record(here, "doris", "ready_for_discharge", now - hours * HOUR)
    return Citizen.objects.get(pk=here.citizen.pk)


def _record(here: Place, who: str, kind: str, at: Instant, **said: object) -> None:
    pathway = LoggedEvent.objects.filter(kind="admitted").values_list("pathway", flat=True).first() or ""
    actions.record_event(
        here.users[who], here.citizen.key, pathway, kind, at, said, now=at, new_id=place.new_id
    )


def _stands(here: Place, now: Instant, who: str) -> dict[str, int]:
    found = queries.Table(here.users[who], now).counts()
    return {name: number for name, number in found.items() if number}


def test_the_way_home_by_one_click_each(here: Place, now: Instant, as_: SignedIn) -> None:
    citizen = _ready(here, now)
    key = citizen.key
    assert _stands(here, now, "mette") == {"waiting": 1, "answer": 1} == _stands(here, now, "doris")
    assert not _stands(here, now, "ole")
    assert not _stands(here, now, "dennis")
    mette, doris = as_("mette"), as_("doris")
    page = mette.get(reverse("discharge")).content.decode()
    assert "Karen Testgaard" in page
    assert AccessEntry.objects.filter(action="look-list", user="mette", citizen=key).exists()

    # The first answer asks where one can be called; then one click is enough.
    address = reverse("discharge-answer", args=[key])
    assert mette.post(address, {"act": "receive"}).headers["Location"] == reverse("can-receive", args=[key])
    assert not OutgoingMessage.objects.filter(kind="letter").exists()
    session = mette.session
    session["phone"] = "+45 12 34 56 78"
    session.save()
    mette.post(address, {"act": "receive", "show": "answer"})
    said = LoggedEvent.objects.get(kind="municipality_answer")
    assert OutgoingMessage.objects.get(event=said.id).receiver == place.HOSPITAL.sor
    assert _stands(here, now, "doris") == {"waiting": 1, "can": 1, "today": 1}

    # Until it leaves it can be taken back; nobody else can.
    assert said.id in mette.get(reverse("discharge")).content.decode()
    assert said.id not in doris.get(reverse("discharge-stay", args=[key])).content.decode()
    doris.post(address, {"act": "take-back", "event": said.id})
    assert _stands(here, now, "mette")["can"] == 1
    mette.post(address, {"act": "take-back", "event": said.id})
    assert _stands(here, now, "mette") == {"waiting": 1, "answer": 1}

    mette.post(address, {"act": "receive"})
    agreed = {
        "at": "2000-01-01T10:00",
        "place": "home",
        "text": "<script>alert(1)</script>",
        "phone": "12345678",
    }
    form = reverse("discharge-agree", args=[key])
    assert doris.post(form, agreed).status_code == 422
    assert doris.get(form).status_code == 200
    user, soon = here.users["doris"], now + DAY
    for _ in range(2):  # pressed twice is said once
        discharge.agree(
            user, Citizen.objects.get(pk=key), discharge.Agreed(soon, "home"), Written("", phone="12345678"),
            pathway="", now=now, new_id=place.new_id,
        )  # fmt: skip
    assert Citizen.objects.get(pk=key).stage == "agreed"
    assert Citizen.objects.get(pk=key).stage_plan == soon
    told = LoggedEvent.objects.get(kind="discharge_agreed").id
    assert told in doris.get(reverse("discharge-stay", args=[key])).content.decode()
    assert "Home, not visited" not in mette.get(reverse("discharge-stay", args=[key])).content.decode()
    here.receive(here.notification("SLHJ", now), now=now)
    assert _stands(here, now, "mette") == {"home": 1}
    _record(here, "mette", "home_visit", now)
    assert _stands(here, now, "mette") == {"visited": 1}
    assert not _stands(here, now + 15 * DAY, "mette")


def test_the_same_agreed_with_other_words_is_said_again(here: Place, now: Instant) -> None:
    citizen = _ready(here, now)
    for words in ("Han har krykker med.", "Han har krykker med.", "Hent ham ved indgang 2.", ""):
        discharge.agree(
            here.users["doris"], citizen, discharge.Agreed(now + DAY, "home"),
            Written(words, phone="12345678"), pathway="", now=now, new_id=place.new_id,
        )  # fmt: skip
    sent = [letters.unpack(bytes(one.content)) for one in StoredLetter.objects.order_by("pk")]
    told = [one.conversation.segments[-1].text for one in sent if one.conversation is not None]
    assert len(told) == 2
    assert "krykker" in told[0]
    assert "indgang 2" in told[1]


def test_who_may_not(here: Place, now: Instant, as_: SignedIn) -> None:
    citizen = _ready(here, now)
    for who in ("doris", "gunnar"):
        with pytest.raises(PermissionDenied):
            discharge.receive_now(here.users[who], citizen, "12345678", now=now, new_id=place.new_id)
    with pytest.raises(PermissionDenied):
        discharge.agree(
            here.users["gunnar"], citizen, discharge.Agreed(now + DAY, "home"), Written(""),
            pathway="", now=now, new_id=place.new_id,
        )  # fmt: skip
    with pytest.raises(actions.ActionRefusedError):
        discharge.agree(
            here.users["doris"], citizen, discharge.Agreed(now + DAY, "moon"), Written("", phone="12345678"),
            pathway="", now=now, new_id=place.new_id,
        )  # fmt: skip
    assert as_("gunnar").get(reverse("discharge-agree", args=[citizen.key])).status_code == 404
    assert (
        as_("ole").post(reverse("discharge-answer", args=[citizen.key]), {"act": "receive"}).status_code
        == 404
    )


def test_a_page_takes_as_many_queries_for_one_as_for_many(here: Place, now: Instant) -> None:
    _ready(here, now)
    user = here.users["mette"]

    def waiting() -> list[Citizen]:
        return queries.citizens(queries.Table(user, now).of("waiting")[0:25])

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            queries.rows(waiting(), now)
        return len(found)

    asked()  # what is read once
    alone = asked()
    for number in range(3):
        other = place.citizen(f"730355124{number}", "860", f"Anden {number}", place.PRACTICE)
        Citizen.objects.filter(pk=other.pk).update(stage="ready", stage_since=now, status="admitted")
    assert len(waiting()) == 4
    assert asked() == alone


def test_what_the_agreements_ask_of_a_time(here: Place, now: Instant) -> None:
    citizen = _ready(here, now)
    _record(here, "doris", "need_assessed", now - DAY, services_needed=True)
    found = {one.clause.id: one.done for one in suppose.asked(citizen.key, now + DAY, now)}
    assert found["care-forecast"] is False
    _record(here, "doris", "care_forecast", now)
    found = {one.clause.id: one.done for one in suppose.asked(citizen.key, now + 2 * DAY, now)}
    assert found["care-forecast"] is True
    assert LoggedEvent.objects.filter(kind="discharged").count() == 0


def test_the_page_of_a_practice(here: Place, now: Instant, as_: SignedIn) -> None:
    _ready(here, now)
    gunnar = as_("gunnar")
    page = reverse("practice")
    shown = gunnar.get(page).content.decode()
    assert "Karen Testgaard" in shown
    assert "You owe nothing now." in shown
    _record(here, "gunnar", "acute_referral", now - HOUR, referrer="gp")
    owed = Obligation.objects.get(clause="acute-call-gp")
    waits = Obligation.objects.get(clause="acute-closing-gp")
    shown = gunnar.get(page).content.decode()
    assert f'id="by-{owed.pk}"' in shown
    assert f'id="to-{waits.pk}"' in shown
    done = reverse("practice-done", args=[owed.pk])
    assert as_("grete").post(done).status_code == 404
    assert as_("mette").post(done).status_code == 403
    assert gunnar.post(reverse("practice-done", args=[waits.pk])).status_code == 404
    assert gunnar.post(done).status_code == 302
    call = LoggedEvent.objects.get(kind="phone_call")
    shown = gunnar.get(page).content.decode()
    assert f'id="by-{owed.pk}"' not in shown
    assert reverse("undo", args=[here.citizen.key, call.id]) in shown
    assert gunnar.post(done).status_code == 404
    assert "Karen Testgaard" not in as_("grete").get(page).content.decode()
    assert AccessEntry.objects.filter(user="gunnar", subject="practice", citizen=here.citizen.key).exists()
