"""Individual plans through the FHIR interface: what is shared, to those who take part, and nothing else."""

import pytest

from naer.events.instant import DAY, HOUR, Instant, utc
from naer.site.access.models import AccessEntry
from naer.site.plans.actions import coordinator, part, participant, plan
from tests import place
from tests.integration.fhir.test_reading import client, matches, search, valid
from tests.place import new_id

pytestmark = pytest.mark.django_db


def test_a_plan_its_goals_and_its_coordinator(db: None, now: Instant) -> None:
    here = place.build()
    key, mette, gunnar = here.citizen.key, here.users["mette"], here.users["gunnar"]
    begun = now - 2 * DAY
    plan.start(mette, key, "oral", [place.PRACTICE.sor], now=begun, new_id=new_id)
    goal = part.add(
        mette, key, "goal", 1, {"text": "Gå til bageren", "sign": "400 m", "ends": "2099-01-01"}, now=begun
    ).part
    given = {"text": "Gangtræning", "who": "Træningen", "often": "Tirsdag", "owner": place.MUNICIPALITY.sor}
    part.add(mette, key, "activity", 5, given | {"state": "running"}, now=begun)
    part.add(mette, key, "activity", 5, {"text": "Prøve", "starts": "2026-01-02"}, now=begun)
    part.add(gunnar, key, "section", 6, {"text": "Kun os"}, own=True, now=begun)
    part.add(gunnar, key, "section", 6, {"text": "Til alle"}, now=begun)
    one = coordinator.offer(mette, key, mette, now=begun, new_id=new_id)
    coordinator.answer(mette, one.pk, True, "oral", now=begun, new_id=new_id)
    for who, sees in (("mette", True), ("gunnar", True), ("grete", False), ("doris", False), ("ole", False)):
        browser = client(here, who)
        plans = matches(search(browser, "CarePlan"))
        goals = matches(search(browser, "Goal"))
        assert (len(plans), len(goals)) == ((1, 1) if sees else (0, 0)), who
        for address in (f"/fhir/CarePlan/plan-{key}", f"/fhir/Goal/{goal.pk}"):
            assert browser.get(address).status_code == (200 if sees else 404), who
        assert "Kun os" not in browser.get("/fhir/CarePlan").content.decode()
    browser = client(here, "mette")
    (found,) = matches(
        search(browser, f"CarePlan?patient={key}&status=draft&category=individual_plan_started")
    )
    valid(found)
    assert found["goal"] == [{"reference": f"Goal/{goal.pk}"}]
    assert [one["detail"]["status"] for one in found["activity"]] == ["in-progress", "scheduled"]
    assert [one["text"] for one in found["note"]] == ["6. Til alle"]
    (aim,) = matches(search(browser, "Goal?lifecycle-status=active"))
    valid(aim)
    assert aim["description"] == {"text": "Gå til bageren"}
    (team,) = matches(search(browser, "CareTeam"))
    valid(team)
    assert "Mette Skitse" in [one["member"].get("display") for one in team["participant"]]
    assert matches(search(browser, "Goal?lifecycle-status=completed")) == []
    assert matches(search(browser, f"CarePlan?_id=plan-{key},1")) == [found]
    assert search(browser, "CarePlan?_summary=count")["total"] == 1
    after = utc(now - HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert matches(search(browser, f"CarePlan?_lastUpdated=gt{after}")) == []
    participant.join(mette, key, organisation=place.HOSPITAL.sor, how="oral", now=begun, new_id=new_id)
    assert len(matches(search(client(here, "doris"), "CarePlan"))) == 1
    looks = AccessEntry.objects.filter(user="doris", action="look-fhir")
    assert list(looks.values_list("relation", flat=True)) == ["plan"]
    plan.withdraw(mette, key, now=now, new_id=new_id)
    assert matches(search(browser, "CarePlan")) == []
    assert matches(search(browser, "Goal")) == []
