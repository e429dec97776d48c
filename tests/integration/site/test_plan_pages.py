"""The pages of a plan: two who write at once, hostile text, consent withdrawn, coordinators; a fixed cost."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from naer.events.instant import DAY, Instant
from naer.site.access import rules
from naer.site.pathways import met_on
from naer.site.pathways.models import Obligation
from naer.site.plans.actions import coordinator, part, plan
from naer.site.plans.models import Coordinator, Part, Participant, Plan, PlanVersion
from tests import place
from tests.integration.site.conftest import SignedIn
from tests.place import Place, new_id

BAD = "<script>alert(1)</script>"


@pytest.fixture
def key(here: Place, now: Instant) -> str:
    """A citizen with a plan of the municipality and the general practice."""
    plan.start(
        here.users["mette"], here.citizen.key, "oral", [place.PRACTICE.sor], now=now - DAY, new_id=new_id
    )
    return here.citizen.key


def test_a_plan_is_begun_written_agreed_and_ended(here: Place, now: Instant, as_: SignedIn) -> None:
    mette, address = as_("mette"), reverse("plan", args=[here.citizen.key])
    assert mette.post(address, {"act": "start", "how": "oral"}).status_code == 422
    assert not Plan.objects.exists()
    answer = mette.post(
        address, {"act": "start", "how": "oral", "sure": "on", "share": [place.PRACTICE.sor]}, follow=True
    )
    assert answer.status_code == 200
    new = reverse("plan-new", args=[here.citizen.key])
    for kind in ("goal", "section&section=4", "activity"):
        state = {"goal": "active", "activity": "running"}.get(kind, "")
        given = {"act": "save", "text": f"{BAD} {kind}", "plain": BAD, "who": BAD, "often": BAD, "sign": BAD}
        assert mette.post(f"{new}?kind={kind}", given | {"state": state}).status_code == 302
    assert mette.post(f"{new}?kind=goal", {"text": "", "state": "active"}).status_code == 422
    assert mette.post(f"{new}?kind=goal", {"text": "Ring 610190-1234", "state": "active"}).status_code == 422
    agree = reverse("plan-agree", args=[here.citizen.key])
    seen = ",".join(f"{one.pk}:{one.version}" for one in Part.objects.order_by("pk"))
    given = {"act": "agree", "seen": seen, "revise_by": "2099-01-01"}
    assert mette.post(agree, given).status_code == 422
    assert mette.post(agree, given | {"sure": "on", "seen": "1:x"}).status_code == 422
    assert mette.post(agree, given | {"sure": "on", "seen": "1:99"}, follow=True).status_code == 200
    assert not PlanVersion.objects.exists()
    assert mette.post(agree, given | {"sure": "on"}).status_code == 302
    assert PlanVersion.objects.get().revise_by == dt.date(2099, 1, 1)
    goal = Part.objects.get(kind="goal").pk
    for name, more in (
        ("plan", []), ("plan-print", []), ("plan-version", [1]), ("plan-part", [goal]),
        ("plan-history", [goal]), ("plan-agree", []), ("plan-people", []), ("coordinator", []),
    ):  # fmt: skip
        page = mette.get(reverse(name, args=[here.citizen.key, *more])).content.decode()
        assert BAD not in page, name
    assert mette.post(agree, {"act": "end", "reason": "met", "sure": "on"}).status_code == 302
    assert mette.get(address).context["ended"] is not None
    assert mette.get(reverse("plan-print", args=[here.citizen.key])).status_code == 404


def test_the_second_who_saves_loses_nothing(here: Place, now: Instant, as_: SignedIn, key: str) -> None:
    mette = here.users["mette"]
    one = part.add(mette, key, "section", 6, {"text": "Bad mandag\nTræning\nIndkøb fredag"}, now=now).part
    address = reverse("plan-part", args=[key, one.pk])
    first, second = as_("mette"), as_("gunnar")
    assert first.get(address).context["form"].initial["seen"] == 1
    first.post(address, {"act": "save", "seen": 1, "text": "Bad tirsdag\r\nTræning\r\nIndkøb fredag"})
    merged = second.post(
        address, {"act": "save", "seen": 1, "text": "Bad mandag\nTræning\nIndkøb lørdag"}, follow=True
    )
    assert "Bad tirsdag\nTræning\nIndkøb lørdag" in merged.content.decode()
    conflict = second.post(address, {"act": "save", "seen": 1, "text": f"Bad søndag {BAD}"})
    page = conflict.content.decode()
    assert conflict.status_code == 409
    assert "Bad søndag" in page
    assert "Bad tirsdag" in page
    assert BAD not in page
    assert conflict.context["form"].initial["seen"] == 3
    assert second.post(address, {"act": "save", "seen": 3, "text": "Bad søndag"}).status_code == 302
    taken = second.post(reverse("plan-new", args=[key]) + "?section=6", {"act": "save", "text": "Også mig"})
    assert (taken.status_code, "Også mig" in taken.content.decode()) == (409, True)
    history = reverse("plan-history", args=[key, one.pk])
    assert "<del>" in first.get(history).content.decode()
    first.post(history, {"number": 1, "seen": 4})
    assert part.wording_of(Part.objects.get(pk=one.pk))["text"] == "Bad mandag\nTræning\nIndkøb fredag"
    assert first.post(address, {"act": "remove", "seen": 4}, follow=True).status_code == 200
    assert not Part.objects.get(pk=one.pk).removed
    first.post(address, {"act": "remove", "seen": 5})
    assert Part.objects.get(pk=one.pk).removed
    late = second.post(
        address, {"act": "save", "seen": 5, "text": "Bad aldrig"}
    )  # had not seen that it is out
    assert (late.status_code, "Bad aldrig" in late.content.decode()) == (409, True)
    assert Part.objects.get(pk=one.pk).removed
    anew = second.get(reverse("plan-new", args=[key]) + "?section=6", follow=True)
    assert "taken out of the plan" in anew.content.decode()
    second.post(address, {"act": "save", "seen": 6, "text": "Bad aldrig"})
    assert "Bad aldrig" in first.get(reverse("plan", args=[key])).content.decode()


def test_who_is_shut_out_reads_only_what_they_wrote(
    here: Place, now: Instant, as_: SignedIn, key: str
) -> None:
    written = part.add(here.users["gunnar"], key, "section", 5, {"text": "Årskontrol"}, now=now).part
    part.add(here.users["mette"], key, "section", 4, {"text": "Datteren henter medicin"}, now=now)
    took = Participant.objects.get(organisation=place.PRACTICE.sor)
    people, gunnar = reverse("plan-people", args=[key]), as_("gunnar")
    assert "Datteren" in gunnar.get(reverse("plan", args=[key])).content.decode()
    as_("mette").post(people, {"act": "withdraw", "participant": took.pk})
    page = gunnar.get(reverse("plan", args=[key])).content.decode()
    assert ("Årskontrol" in page, "Datteren" in page) == (True, False)
    for name, more in (("plan-part", [written.pk]), ("plan-history", [written.pk]), ("plan-people", [])):
        assert gunnar.get(reverse(name, args=[key, *more])).status_code == 404
    for act in ("consent", "leave", "nonsense"):
        given = {"act": act, "participant": took.pk, "how": "oral"}
        assert as_("mette").post(people, given, follow=True).status_code == 200
    given = {"act": "person", "kind": "relative", "name": BAD, "role": BAD, "phone": "12"}
    assert BAD not in as_("mette").post(people, given, follow=True).content.decode()
    given = {"act": "organisation", "organisation": place.HOSPITAL.sor, "how": "written"}
    as_("mette").post(people, given)
    assert rules.relation(here.users["doris"], here.citizen, now, "edit-plan") == "plan"


def test_an_own_section_is_nobody_elses_by_any_address(
    here: Place, now: Instant, as_: SignedIn, key: str
) -> None:
    own = part.add(here.users["gunnar"], key, "section", 6, {"text": "Kun os"}, own=True, now=now).part
    for reader in (as_("mette"), as_("karen")):  # another organisation, and the citizen
        for name in ("plan-part", "plan-history"):
            address = reverse(name, args=[key, own.pk])
            assert reader.get(address).status_code == 404
            assert reader.post(address, {"act": "remove", "seen": 1}).status_code == 404
        for name in ("plan", "plan-print"):
            assert "Kun os" not in reader.get(reverse(name, args=[key])).content.decode()
    assert "Kun os" in as_("gunnar").get(reverse("plan", args=[key])).content.decode()


def test_a_coordinator_is_offered_answered_and_handed_over(
    here: Place, now: Instant, as_: SignedIn, key: str
) -> None:
    address, mette, nora = reverse("coordinator", args=[key]), here.users["mette"], here.users["nora"]
    client = as_("mette")
    client.post(address, {"act": "offer", "kind": "main", "user": mette.pk, "phone": "12 34"})
    one = Coordinator.objects.get()
    assert client.post(address, {"act": "answer", "coordinator": one.pk, "how": "oral"}).status_code == 422
    client.post(address, {"act": "answer", "coordinator": one.pk, "how": "oral", "accepts": "yes"})
    client.post(address, {"act": "deputy", "coordinator": one.pk, "deputy": nora.pk, "phone": BAD})
    client.post(address, {"act": "hand-over", "coordinator": one.pk, "to": nora.pk})
    client.post(address, {"act": "confirm", "coordinator": one.pk})
    assert Coordinator.objects.get(ended=None).user == mette
    as_("nora").post(address, {"act": "confirm", "coordinator": one.pk})
    assert Coordinator.objects.get(ended=None).user == nora
    given = {"act": "team", "role": "home-nurse", "name": BAD, "organisation": place.MUNICIPALITY.sor}
    given |= {"place": "any", "starts": "2020-01-01"}
    assert client.post(address, given | {"ends": "2019-01-01"}).status_code == 422
    page = client.post(address, given, follow=True).content.decode()
    assert "&lt;script" in page
    assert BAD not in page
    client.post(address, {"act": "team-end", "member": here.citizen.team.get().pk})
    assert here.citizen.team.get().ends is not None
    for act in ("confirm", "call-off", "nonsense", "team-end"):
        status = client.post(address, {"act": act, "coordinator": one.pk, "member": 9}).status_code
        assert status in (302, 404), act


def test_the_citizen_reads_the_plan_and_writes_goals(
    here: Place, now: Instant, as_: SignedIn, key: str
) -> None:
    section = part.add(here.users["mette"], key, "section", 4, {"text": "x"}, now=now).part
    client = as_("karen")
    assert client.get(reverse("plan", args=[key])).status_code == 200
    assert Plan.objects.get(pk=key).seen_by_citizen is not None
    new = reverse("plan-new", args=[key])
    for _ in range(2):  # pressed twice
        assert client.post(f"{new}?kind=goal", {"text": "Sove fladt", "state": "active"}).status_code == 302
    assert Part.objects.filter(plan=key, kind="goal").count() == 1
    assert client.get(f"{new}?kind=activity").status_code == 403
    assert client.get(reverse("plan-part", args=[key, section.pk])).status_code == 403
    assert client.get(reverse("plan-agree", args=[key])).status_code == 403
    mette, address = here.users["mette"], reverse("coordinator", args=[key])
    offered = coordinator.offer(mette, key, mette, now=now, new_id=new_id)
    client.post(address, {"act": "answer", "coordinator": offered.pk, "accepts": "yes"})
    assert Coordinator.objects.get().started is not None
    assert client.post(address, {"act": "offer", "kind": "child", "user": mette.pk}).status_code == 403
    took = Participant.objects.get(organisation=place.PRACTICE.sor)
    client.post(reverse("plan-people", args=[key]), {"act": "withdraw", "participant": took.pk})
    assert not rules.relation(here.users["gunnar"], here.citizen, now, "look-plan")
    client.post(reverse("plan-people", args=[key]), {"act": "consent", "participant": took.pk})
    assert rules.relation(here.users["gunnar"], here.citizen, now, "look-plan") == "plan"


def test_a_plan_begun_in_a_stay_does_not_hide_the_stay(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now)
    mette, address = as_("mette"), reverse("plan", args=[here.citizen.key])
    near = [name for name, _ in mette.get(address).context["form"].fields["share"].choices]
    assert near == [place.PRACTICE.sor, place.HOSPITAL.sor]
    mette.post(address, {"act": "start", "how": "oral", "sure": "on", "share": [place.HOSPITAL.sor]})
    page = mette.get(reverse("citizen", args=[here.citizen.key])).context["pathway"]
    assert "admission-report" in {row.obligation.clause for row in page.rows}
    assert len(page.pathways) == 2
    assert as_("doris").get(address).context["shown"].plan.pk == here.citizen.key


def test_a_longer_plan_asks_the_database_no_more(here: Place, now: Instant, as_: SignedIn, key: str) -> None:
    def asked(name: str, *more: str) -> int:
        client = as_("mette")
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(name, args=more)).status_code == 200
        return len(found)

    part.add(here.users["mette"], key, "activity", 5, {"text": "Den første"}, now=now)
    before = asked("plan", key), asked("plans")
    for number in range(12):
        part.add(here.users["mette"], key, "activity", 5, {"text": f"Aktivitet {number}"}, now=now)
        part.add(here.users["nora"], key, "goal", 1, {"text": f"Mål {number}", "owner": ""}, now=now)
    assert (asked("plan", key), asked("plans")) == before


def test_what_is_owed_about_a_plan_is_met_on_its_pages_only() -> None:
    owed = Obligation(citizen_id="somebody", trigger="t")
    assert met_on.page_of(owed, ("individual_plan_revised",)) == reverse("plan", args=["somebody"])
    assert met_on.page_of(owed, ("coordinator_appointed",)) == reverse("coordinator", args=["somebody"])
    assert met_on.page_of(owed, ("home_visit",)) == ""
    assert met_on.by_hand(("individual_plan_revised", "home_visit")) == ("home_visit",)
