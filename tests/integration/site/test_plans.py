"""Individual plans: consent opens and closes them, two can write at once, coordinators change in order."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from pytest_django import Settings

from naer.events.instant import DAY, HOUR, MINUTE, Instant
from naer.site.access import rules
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation
from naer.site.agreements import in_force
from naer.site.notifications.models import Notification
from naer.site.one_by_one import Worked
from naer.site.pathways import actions, live
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen, Former, LoggedEvent, Obligation
from naer.site.plans import queries
from naer.site.plans.actions import coordinator, hand_over, leaving, part, participant, plan, team
from naer.site.plans.models import Coordinator, Part, Participant, PartVersion, Plan
from tests import place
from tests.integration.site.conftest import SignedIn
from tests.place import Place, new_id

AGREEMENT = """\
agreement: own
country: DK
parties:
  municipality: {is: municipality, of: residence}
  citizen: {is: citizen}
calendars:
  all-day: {days: mon-sun, holidays: none}
clauses:
  - id: plan-revision
    source: ours
    verified: true
    owed_by: municipality
    owed_to: citizen
    after: [individual_plan_agreed, individual_plan_revised]
    deliver: individual_plan_revised
    within: 6 months
    unless: [individual_plan_ended]
  - id: coordinator
    source: ours
    verified: true
    owed_by: municipality
    owed_to: citizen
    after: coordinator_need
    deliver: coordinator_offered
    within: 7 days
"""
GP, TOWN, HOSPITAL = place.PRACTICE.sor, place.MUNICIPALITY.sor, place.HOSPITAL.sor


def begun(here: Place, now: Instant) -> Plan:
    """The municipality began a plan, shared with the general practice."""
    return plan.start(here.users["mette"], here.citizen.key, "oral", [GP], now=now, new_id=new_id)


def kinds(here: Place) -> list[str]:
    rows = LoggedEvent.objects.filter(citizen=here.citizen.key).order_by("seq")
    return list(rows.values_list("kind", flat=True))


def sees(here: Place, who: str, now: Instant) -> bool:
    return bool(rules.relation(here.users[who], here.citizen, now, "look-plan"))


def test_consent_opens_the_plan_and_its_withdrawal_closes_it_at_once(here: Place, now: Instant) -> None:
    """FOR-2022-06-22-1110 §5, §9: no plan without consent, one for each person, each participant asked."""
    key, mette, gunnar = here.citizen.key, here.users["mette"], here.users["gunnar"]
    assert not sees(here, "mette", now)
    with pytest.raises(PermissionDenied):
        plan.start(here.users["ole"], key, "oral", now=now, new_id=new_id)
    begun(here, now)
    assert [sees(here, who, now) for who in ("mette", "nora", "gunnar", "grete", "ole", "doris")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert kinds(here) == ["individual_plan_started", "plan_sharing_consented", "plan_sharing_consented"]
    with pytest.raises(ActionRefusedError, match="one for each person"):
        plan.start(gunnar, key, "oral", now=now, new_id=new_id)

    written = part.add(gunnar, key, "section", 5, {"text": "Kontrol hver måned"}, now=now)
    took = Participant.objects.get(organisation=GP)
    participant.unshare(mette, took.pk, now=now + HOUR, new_id=new_id)
    assert not sees(here, "gunnar", now + HOUR)
    with pytest.raises(PermissionDenied):
        part.change(gunnar, written.part.pk, 1, {"text": "Mere"}, now=now + HOUR)
    assert [v.part_id for v in queries.written_by(here.citizen, GP)] == [written.part.pk]
    participant.consent(mette, took.pk, "written", now=now + HOUR, new_id=new_id)
    assert sees(here, "gunnar", now + HOUR)

    plan.withdraw(mette, key, now=now + DAY, new_id=new_id)
    assert not any(sees(here, who, now + DAY) for who in ("mette", "gunnar"))
    with pytest.raises(PermissionDenied):
        part.add(mette, key, "goal", 1, {"text": "Et mål"}, now=now + DAY)
    assert kinds(here)[-1] == "individual_plan_ended"
    plan.start(mette, key, "oral", now=now + 2 * DAY, new_id=new_id)
    assert sees(here, "mette", now + 2 * DAY)
    assert not sees(here, "gunnar", now + 2 * DAY)
    traces = AccessEntry.objects.filter(citizen=key).values_list("action", "relation")
    assert ("start-plan", "case") in traces
    assert ("edit-plan", "plan") in traces


def test_two_write_at_once_and_nothing_is_lost(here: Place, now: Instant) -> None:
    begun(here, now)
    key, mette, nora, gunnar = here.citizen.key, *(here.users[name] for name in ("mette", "nora", "gunnar"))
    text = "Bad mandag\nTræning tirsdag\nIndkøb fredag"
    made = part.add(mette, key, "section", 5, {"text": text, "plain": "Vi hjælper dig"}, now=now).part
    part.change(
        nora, made.pk, 1, {"text": text.replace("mandag", "søndag"), "plain": "Vi hjælper dig"}, now=now
    )
    merged = part.change(
        gunnar, made.pk, 1, {"text": text.replace("fredag", "lørdag"), "plain": "Vi hjælper"}, now=now
    )
    assert merged is not None
    assert merged.version.change == PartVersion.Change.MERGED
    made.refresh_from_db()
    assert part.wording_of(made) == {
        "text": "Bad søndag\nTræning tirsdag\nIndkøb lørdag", "plain": "Vi hjælper",
    }  # fmt: skip
    with pytest.raises(part.ConflictError) as conflict:
        part.change(mette, made.pk, 2, {"text": "Bad torsdag", "plain": "Vi hjælper dig"}, now=now)
    assert conflict.value.fields == ("text",)
    assert conflict.value.merged == {"text": "Bad torsdag", "plain": "Vi hjælper"}
    assert Part.objects.get(pk=made.pk).version == 3
    assert part.change(mette, made.pk, 3, part.wording_of(made), now=now) is None
    part.restore(mette, made.pk, 1, 3, now=now)
    made.refresh_from_db()
    assert (made.version, part.wording_of(made)["text"]) == (4, text)
    part.remove(mette, made.pk, 4, now=now)
    with pytest.raises(ActionRefusedError, match="somebody else"):
        part.restore(mette, made.pk, 1, 4, now=now)
    numbers = PartVersion.objects.filter(part=made).order_by("number").values_list("number", "by", "change")
    assert list(numbers) == [
        (1, "mette", "made"), (2, "nora", "changed"), (3, "gunnar", "merged"),
        (4, "mette", "restored"), (5, "mette", "removed"),
    ]  # fmt: skip
    assert text.encode() not in b"".join(bytes(v.content) for v in PartVersion.objects.all())


def test_what_an_organisation_keeps_to_itself_stays_its_own(here: Place, now: Instant) -> None:
    begun(here, now)
    key, mette, gunnar = here.citizen.key, here.users["mette"], here.users["gunnar"]
    secret = part.add(gunnar, key, "section", 6, {"text": "Kun for praksis"}, own=True, now=now).part
    part.add(mette, key, "section", 6, {"text": "Til alle"}, now=now)
    held = Plan.objects.get(pk=key)
    for organisation, own in ((GP, "Kun for praksis"), (TOWN, None), (None, None)):
        section = queries.shown(held, organisation, now).sections[5]
        assert section.shared is not None
        assert section.shared.wording["text"] == "Til alle"
        assert (section.own and section.own.wording["text"]) == own
    for write in (
        lambda: part.change(mette, secret.pk, 1, {"text": "Ny"}, now=now),
        lambda: part.remove(mette, secret.pk, 1, now=now),
        lambda: part.restore(mette, secret.pk, 1, 1, now=now),
    ):
        with pytest.raises(Part.DoesNotExist):
            write()
    assert secret.pk not in queries.shown(held, GP, now).seen


def test_it_is_agreed_as_it_was_seen_and_revised(here: Place, now: Instant) -> None:
    begun(here, now)
    key, mette = here.citizen.key, here.users["mette"]
    goal = part.add(mette, key, "goal", 1, {"text": "Jeg vil gå til bageren"}, now=now).part
    held = Plan.objects.get(pk=key)
    seen = queries.shown(held, TOWN, now).seen
    part.change(mette, goal.pk, 1, {"text": "Jeg vil gå til bageren alene"}, now=now)
    with pytest.raises(plan.ChangedError):
        plan.agree(mette, key, seen, None, now=now, new_id=new_id)
    day = dt.date(2099, 1, 1)
    version = plan.agree(mette, key, queries.shown(held, TOWN, now).seen, day, now=now, new_id=new_id)
    assert (version.number, version.parts) == (1, {str(goal.pk): 2})
    sections = queries.shown(Plan.objects.get(pk=key), TOWN, now).sections
    assert [section.number for section in sections if section.status == "agreed"] == [1]
    assert [section.number for section in sections if section.status == "told"] == [2, 3, 8, 9]
    plan.agree(mette, key, {goal.pk: 2}, day, now=now + DAY, new_id=new_id)
    assert kinds(here)[-2:] == ["individual_plan_agreed", "individual_plan_revised"]


def test_coordinators_come_one_after_another(here: Place, now: Instant) -> None:
    """One main coordinator at a time; the citizen accepts; a hand-over is confirmed by both."""
    key, mette, nora = here.citizen.key, here.users["mette"], here.users["nora"]
    with pytest.raises(ActionRefusedError, match="works in care"):
        coordinator.offer(mette, key, here.users["dina"], now=now, new_id=new_id)
    with pytest.raises(ActionRefusedError, match="under 18"):
        coordinator.offer(mette, key, nora, kind="child", now=now, new_id=new_id)
    offered = coordinator.offer(mette, key, mette, deputy=nora, now=now, new_id=new_id)
    assert not rules.relation(nora, here.citizen, now, "look-plan")
    with pytest.raises(ActionRefusedError, match="waits"):
        coordinator.offer(mette, key, nora, now=now, new_id=new_id)
    coordinator.answer(nora, offered.pk, True, "oral", now=now, new_id=new_id)
    assert rules.relation(nora, here.citizen, now, "look-plan") == "coordinator"
    over = hand_over.propose(mette, offered.pk, nora, now=now)
    with pytest.raises(PermissionDenied):
        hand_over.confirm(here.users["gunnar"], over.pk, now=now, new_id=new_id)
    hand_over.confirm(mette, over.pk, now=now, new_id=new_id)
    with pytest.raises(ActionRefusedError, match="already"):
        hand_over.confirm(mette, over.pk, now=now, new_id=new_id)
    assert Coordinator.objects.get(ended=None).user == mette
    hand_over.confirm(nora, over.pk, now=now + HOUR, new_id=new_id)
    assert Coordinator.objects.get(ended=None).user == nora
    told = Notification.objects.order_by("pk").values_list("user__username", "kind")
    assert list(told) == [("mette", "coordinator"), ("nora", "hand-over")]
    assert not rules.relation(mette, here.citizen, now + HOUR, "look-plan")
    running = Coordinator.objects.get(ended=None)
    coordinator.end(mette, running.pk, "no-need", now=now + DAY, new_id=new_id)
    told = ["offered", "accepted", "appointed", "handed_over", "ended"]
    assert kinds(here) == [f"coordinator_{one}" for one in told]


def test_a_childs_coordinator_ends_at_eighteen(here: Place, now: Instant) -> None:
    child, mette = here.citizen, here.users["mette"]
    child.born = dt.date(2012, 2, 29)
    child.save()
    one = coordinator.offer(mette, child.key, mette, kind="child", now=now, new_id=new_id)
    coordinator.answer(mette, one.pk, True, "guardian", now=now, new_id=new_id)
    assert rules.relation(mette, child, now, "look-plan") == "coordinator"
    assert one.until is not None
    assert not rules.relation(mette, child, one.until, "look-plan")
    main = coordinator.offer(mette, child.key, here.users["nora"], now=now, new_id=new_id)
    coordinator.answer(mette, main.pk, False, "oral", now=now, new_id=new_id)
    assert kinds(here)[-1] == "coordinator_declined"


def test_the_care_team_is_that_of_the_day_and_the_place(here: Place, now: Instant) -> None:
    town, hospital = (Organisation.objects.get(pk=key) for key in (TOWN, HOSPITAL))
    mette, key = here.users["mette"], here.citizen.key
    day = dt.date(2026, 3, 1)
    add = team.add
    add(mette, key, "contact-nurse", "Nora", town, place="home", starts=day, now=now)
    add(mette, key, "contact-nurse", "Vagt", hospital, place="hospital", starts=day, now=now)
    add(mette, key, "contact-nurse", "Alle", town, starts=day, now=now)
    late = add(mette, key, "home-care", "Holdet", town, starts=dt.date(2026, 4, 1), now=now)
    team.end(mette, late.pk, dt.date(2026, 4, 30), now=now)
    with pytest.raises(ActionRefusedError):
        add(mette, key, "boss", "Nora", town, starts=day, now=now)
    from naer.site.plans.models import TeamMember
    from naer.site.plans.team import on

    everybody = list(TeamMember.objects.all())
    for when, where, names in (
        (dt.date(2026, 2, 28), "home", []),
        (day, "home", ["Nora"]),
        (day, "hospital", ["Vagt"]),
        (dt.date(2026, 4, 30), "home", ["Nora", "Holdet"]),
        (dt.date(2026, 5, 1), "home", ["Nora"]),
    ):
        assert [one.name for one in on(everybody, when, TeamMember.Place(where))] == names


def test_the_citizen_writes_goals_and_withdraws_consent_and_nothing_else(here: Place, now: Instant) -> None:
    begun(here, now)
    key = here.citizen.key
    karen = here.users["karen"]
    goal = part.add(karen, key, "goal", 1, {"text": "Sove fladt"}, now=now).part
    with pytest.raises(PermissionDenied):
        part.add(karen, key, "section", 5, {"text": "Mere hjælp"}, now=now)
    part.change(karen, goal.pk, 1, {"text": "Sove helt fladt"}, now=now)
    seen = queries.for_citizen(here.citizen, now)
    assert [one.wording["text"] for one in seen.goals] == ["Sove helt fladt"]
    plan.withdraw(karen, key, now=now, new_id=new_id)
    assert not sees(here, "mette", now)


@pytest.fixture
def agreed(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """One small agreement is in force."""
    (tmp_path / "own.yaml").write_text(AGREEMENT)
    settings.AGREEMENTS = [str(tmp_path)]
    kept = (in_force.agreements, live.deliveries, live._of_municipalities)
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


@pytest.mark.usefixtures("agreed")
def test_the_agreement_says_when_a_plan_is_gone_through_again(here: Place, now: Instant) -> None:
    """Each version opens the next revision; an offer meets the need of a coordinator, where it was seen."""
    mette, key = here.users["mette"], here.citizen.key
    actions.record_event(mette, key, "", "coordinator_need", now, {}, now=now, new_id=new_id)
    offered = coordinator.offer(mette, key, mette, now=now, new_id=new_id)
    plan.start(mette, key, "oral", now=now, new_id=new_id)
    goal = part.add(mette, key, "goal", 1, {"text": "Sove hele natten"}, now=now).part
    for days in (0, 30):
        plan.agree(mette, key, {goal.pk: 1}, None, now=now + days * DAY, new_id=new_id)
    plan.end(mette, key, "met", now=now + 31 * DAY, new_id=new_id)
    owed = Obligation.objects.filter(clause="plan-revision").order_by("start")
    assert [one.outcome for one in owed] == ["kept", "released"]
    met = Obligation.objects.get(clause="coordinator")
    assert met.outcome == "kept"
    assert LoggedEvent.objects.get(kind="coordinator_offered").pathway == met.pathway
    assert offered.started is None


def test_a_death_or_a_move_ends_the_plan_and_somebody_near_can_take_that_back(
    here: Place, as_: SignedIn, now: Instant
) -> None:
    begun(here, now - DAY)
    key, mette = here.citizen.key, here.users["mette"]
    assert leaving.end_left(now, new_id) == Worked()
    here.admit(now - HOUR)
    here.receive(here.notification("MORS", now - MINUTE), now=now - MINUTE)
    assert leaving.end_left(now, new_id) == Worked(1)
    assert leaving.end_left(now + 1, new_id) == Worked()
    ended = Plan.objects.get()
    assert (ended.end_reason, kinds(here)[-1]) == ("died", "individual_plan_ended")
    assert not sees(here, "gunnar", now)
    assert Notification.objects.get(kind="plan-ended").user == mette

    page = reverse("plan", args=[key])
    shown = as_("mette").get(page).content.decode()
    assert 'value="take-up"' in shown
    assert 'value="start"' not in shown  # nothing new is begun for somebody who has died
    with pytest.raises(ActionRefusedError):
        plan.start(mette, key, "oral", now=now, new_id=new_id)
    with pytest.raises(ActionRefusedError):
        coordinator.offer(mette, key, here.users["nora"], now=now, new_id=new_id)
    with pytest.raises(PermissionDenied):
        plan.take_up(here.users["ole"], key, now=now + HOUR, new_id=new_id)
    assert as_("mette").post(page, {"act": "take-up"}).status_code == 302
    assert sees(here, "gunnar", now + HOUR)
    assert kinds(here)[-1] == "cancelled"
    assert leaving.end_left(now + DAY, new_id) == Worked()  # the same death ends it no more
    with pytest.raises(ActionRefusedError):
        plan.take_up(mette, key, now=now + HOUR, new_id=new_id)

    Citizen.objects.filter(pk=key).update(municipality="999")
    Former.objects.create(citizen=here.citizen, until=now + DAY, municipality=here.citizen.municipality)
    assert leaving.end_left(now + HOUR, new_id) == Worked()  # not moved yet
    assert leaving.end_left(now + 2 * DAY, new_id) == Worked(1)
    assert Plan.objects.get().end_reason == "moved"
    plan.take_up(mette, key, now=now + 2 * DAY, new_id=new_id)
    plan.withdraw(mette, key, now=now + 3 * DAY, new_id=new_id)
    with pytest.raises(ActionRefusedError):  # what the citizen withdrew takes a new consent
        plan.take_up(mette, key, now=now + 3 * DAY, new_id=new_id)


def test_what_a_page_of_its_own_recorded_is_taken_back_there_only(here: Place, now: Instant) -> None:
    begun(here, now)
    event = LoggedEvent.objects.get(kind="individual_plan_started")
    with pytest.raises(ActionRefusedError):
        actions.undo(here.users["mette"], event.id, now=now, new_id=new_id)
