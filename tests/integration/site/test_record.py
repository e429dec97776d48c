"""People record what happened when nobody owed it: who may say what, and what follows."""

import datetime as dt
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from naer.events.instant import DAY, HOUR, MINUTE, Instant, local
from naer.events.kinds import KINDS
from naer.site.access.models import AccessEntry
from naer.site.pathways.attribute_fields import FIELDS
from naer.site.pathways.models import LoggedEvent, Obligation
from naer.site.pathways.record_form import attributes_of, kinds_of
from naer.site.ui import words
from naer.site.ui.times import ZONE, date
from tests.integration.site.conftest import SignedIn
from tests.place import Place

ROLES = ("hospital", "municipality", "gp")


def page_of(here: Place, kind: str = "") -> str:
    return reverse("record", args=[here.citizen.key]) + (f"?kind={kind}" if kind else "")


def record(client: Client, here: Place, kind: str, when: Instant, **more: str) -> tuple[int, str]:
    """Fill the form as a browser would, and send it: the status, and where it leads or what it says."""
    course = re.search(r'name="course" value="([^"]*)"', client.get(page_of(here, kind)).content.decode())
    given = {"course": course[1] if course else "", "channel": "phone", "note": ""}
    given["at"] = local(when, ZONE).strftime("%Y-%m-%dT%H:%M")
    answer = client.post(page_of(here, kind), given | more)
    return answer.status_code, answer.get("Location") or answer.content.decode()


def test_every_attribute_that_a_person_can_say_has_a_field_and_words() -> None:
    said = {name for role in ROLES for kind in kinds_of(role, "NO") for name in attributes_of(kind)}
    assert said == set(FIELDS) == set(words.ATTRIBUTES)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_says_what_another_role_says(role: str) -> None:
    kinds = kinds_of(role)
    assert all(role in KINDS[kind].senders and "form" in KINDS[kind].carried_by for kind in kinds)
    assert not {"cancelled", "waived", "admitted", "message_sent"} & set(kinds)
    assert ("treatment_finished" in kinds) is (role == "hospital")
    assert ("rehabilitation_started" in kinds) is (role == "municipality")
    assert "phone_call" in kinds


@pytest.mark.parametrize(
    ("who", "kind"), [("mette", "treatment_finished"), ("doris", "offer_ready"), ("gunnar", "need_assessed"),
                      ("mette", "cancelled"), ("doris", "admitted"), ("mette", "nothing")]
)  # fmt: skip
def test_a_kind_that_is_not_ones_own_is_refused(
    who: str, kind: str, here: Place, now: Instant, as_: SignedIn
) -> None:
    here.admit(now)
    client = as_(who)
    assert f"kind={kind}" not in client.get(page_of(here)).content.decode()
    assert record(client, here, kind, now - HOUR)[0] == 404
    assert LoggedEvent.objects.count() == 1


@pytest.mark.parametrize("who", ["ole", "dennis", "grete", "dina", "adam", "inge"])
def test_without_a_care_relation_nothing_is_recorded(
    who: str, here: Place, now: Instant, as_: SignedIn
) -> None:
    here.admit(now)
    assert record(as_(who), here, "phone_call", now - HOUR)[0] in {403, 404}
    assert LoggedEvent.objects.count() == 1


def test_pressed_twice_is_recorded_once(here: Place, now: Instant, as_: SignedIn) -> None:
    """The same again at once is the same; another time, or after it was taken back, it is another."""
    here.admit(now)
    mette = as_("mette")
    for minutes in (60, 60, 90):
        assert record(mette, here, "phone_call", now - minutes * MINUTE)[0] == 302
    calls = LoggedEvent.objects.filter(kind="phone_call")
    assert calls.count() == 2
    first = calls.order_by("seq")[0]
    mette.post(reverse("undo", args=[here.citizen.key, first.id]))
    assert record(mette, here, "phone_call", now - HOUR)[0] == 302
    assert calls.count() == 3
    for note in ("Ringes op igen", "", "Ringes op igen"):  # who says less says something else
        assert record(mette, here, "phone_call", now - 2 * HOUR, note=note)[0] == 302
    assert calls.count() == 5


def test_what_is_recorded_opens_what_is_owed_and_can_be_taken_back(
    here: Place, now: Instant, as_: SignedIn
) -> None:
    here.admit(now)
    doris = as_("doris")
    citizen = reverse("citizen", args=[here.citizen.key])
    assert page_of(here) in doris.get(citizen).content.decode()
    assert "kind=need_assessed" in doris.get(page_of(here)).content.decode()
    done = record(doris, here, "need_assessed", now - HOUR, services_needed="true", act_within_24_h="false")
    assert done == (302, citizen)
    event = LoggedEvent.objects.get(kind="need_assessed")
    assert event.pathway == LoggedEvent.objects.get(kind="admitted").pathway
    said = json.loads(event.attributes)
    assert said == {"by": "Doris Vagt", "channel": "phone", "services_needed": True, "act_within_24_h": False}
    assert Obligation.objects.get(clause="care-forecast").withdrawn is False
    assert AccessEntry.objects.filter(action="record", citizen=here.citizen.key, user="doris").exists()
    undo = reverse("undo", args=[here.citizen.key, event.id])
    page = doris.get(citizen).content.decode()
    assert undo in page
    assert "<small>Municipal services are needed: Yes</small>" in page
    assert "<small>The municipality must act within 24 hours: No</small>" in page
    assert "Recorded: Need for help assessed" in page
    assert undo not in as_("mette").get(citizen).content.decode()
    doris.post(undo)
    assert Obligation.objects.get(clause="care-forecast").withdrawn is True


def test_what_was_not_said_opens_nothing(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now)
    assert record(as_("doris"), here, "need_assessed", now - HOUR)[0] == 302
    assert "services_needed" not in json.loads(LoggedEvent.objects.get(kind="need_assessed").attributes)
    assert not Obligation.objects.filter(clause="care-forecast").exists()


def test_the_date_of_a_plan_is_the_due_day(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now)
    day = local(now + 20 * DAY, ZONE).date()
    assert record(as_("doris"), here, "rehabilitation_plan", now - HOUR, start_by=day.isoformat())[0] == 302
    page = as_("mette").get(reverse("citizen", args=[here.citizen.key])).content.decode()
    assert f"Start by, if the plan gives a date: {date(now + 20 * DAY, now)}" in page
    due = Obligation.objects.get(clause="rehabilitation-start-by-plan").due
    assert due is not None
    assert local(due - HOUR, ZONE).date() == day


def test_a_time_is_kept_with_its_offset(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now)
    assert record(as_("doris"), here, "expected_ready", now, expected_at="2026-03-02T10:00")[0] == 302
    kept = json.loads(LoggedEvent.objects.get(kind="expected_ready").attributes)["expected_at"]
    assert dt.datetime.fromisoformat(kept) == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"at": ""}, "Say when it was done."),
        ({"at": "2099-01-01T10:00"}, "That is in the future"),
        ({"at": "0026-01-01T10:00"}, "Check the year"),
        ({"channel": "pigeon"}, "field__error"),
        ({"services_needed": "perhaps"}, "field__error"),
        ({"note": "about 710190-1234"}, "Leave the person number out"),
    ],
)
def test_mistakes_stand_under_their_field(
    more: dict[str, str], said: str, here: Place, now: Instant, as_: SignedIn
) -> None:
    here.admit(now)
    status, page = record(as_("doris"), here, "need_assessed", now - HOUR, **more)
    assert status == 422
    assert said in page
    assert 'class="field__error" id="id_' + next(iter(more)) in page
    assert LoggedEvent.objects.count() == 1


def test_before_any_pathway_it_begins_one(here: Place, now: Instant, as_: SignedIn) -> None:
    assert record(as_("mette"), here, "phone_call", now - HOUR)[0] == 302
    assert "Telephone call" in as_("mette").get(reverse("citizen", args=[here.citizen.key])).content.decode()


def test_a_pathway_of_somebody_else_is_not_written_to(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now)
    theirs = LoggedEvent.objects.get().pathway
    sent = {
        "course": theirs,
        "channel": "phone",
        "note": "",
        "at": local(now, ZONE).strftime("%Y-%m-%dT%H:%M"),
    }
    there = reverse("record", args=[here.neighbour.key]) + "?kind=phone_call"
    assert as_("ole").post(there, sent).status_code == 302
    assert LoggedEvent.objects.get(kind="phone_call").pathway != theirs
