"""Who may see and do what: every address of the site, for every role and relation."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import Settings

from naer.events.instant import DAY, HOUR, Instant
from naer.site.access import actions, rules
from naer.site.access.models import AccessEntry
from naer.site.agreements import clauses
from naer.site.deviations.actions import raising
from naer.site.entry import actions as asking
from naer.site.governance.count import count
from naer.site.messaging import correspondence, drafts, record
from naer.site.messaging.models import Message, OutgoingMessage, StoredLetter
from naer.site.pathways import actions as actions_of_people
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.plans.actions import part, plan
from tests import place
from tests.integration.site.conftest import SignedIn
from tests.place import Place

PEOPLE = (
    "mette",
    "nora",
    "ole",
    "doris",
    "dennis",
    "gunnar",
    "grete",
    "dina",
    "anna",
    "adam",
    "inge",
    "karen",
    "ditte",
    "nobody",
)
CARE = {"mette", "nora", "doris", "gunnar"}
"""Those with a care relation to the citizen."""
IN_PLAN = {"mette", "nora"}
"""Those whose organisation takes part in the citizen's plan."""
EVERYBODY = set(PEOPLE) - {"nobody", "karen", "ditte"}
"""Those at work."""
OWN = {"karen", "ditte"}
"""The citizen herself, and her daughter, to whom nothing was granted."""
LOG = EVERYBODY - {"dina", "anna"}
RESULTS = {"mette", "ole", "dina", "anna"}

MAY_GET = {
    "today": EVERYBODY | OWN,
    "citizens": EVERYBODY | OWN,
    "agreements": EVERYBODY | OWN,
    "agreement": EVERYBODY | OWN,
    "citizen": CARE,
    "obligation": CARE,
    "undo": CARE,
    "record": CARE,
    "messages": LOG,
    "message": CARE | {"adam", "inge"},
    "outbox": LOG,
    "message-out": {"doris", "adam", "inge"},
    "message-correct": set(),
    "needs-somebody": LOG,
    "notices": LOG - {"adam", "inge"},
    "connections": {"adam", "inge"},
    "results": RESULTS,
    "results-numbers": RESULTS,
    "result-kept": RESULTS,
    "result-days-ready": RESULTS,
    "result-readmitted": RESULTS,
    "conversations": EVERYBODY - {"dina", "anna", "adam", "inge"},
    "conversation": {"mette", "nora", "doris"},
    "conversation-forward": {"mette", "nora", "doris"},
    "conversation-file": {"mette", "nora", "doris"},
    "letter-fault": set(),
    "letter-away": set(),
    "write": CARE,
    "can-receive": {"mette", "nora"},
    "requests": {"mette", "nora", "ole", "doris", "dennis", "gunnar", "grete"},
    "request-new": {"mette", "nora", "ole"},
    "request": {"mette", "nora", "gunnar"} | {"karen"},
    "ask": CARE,
    "plans": {"mette", "nora", "ole", "doris", "dennis", "gunnar", "grete"} | OWN,
    "plan": CARE | {"karen"},
    "plan-print": IN_PLAN | {"karen"},
    "plan-agree": IN_PLAN,
    "plan-people": IN_PLAN | {"karen"},
    "plan-version": IN_PLAN | {"karen"},
    "plan-new": IN_PLAN,
    "plan-part": IN_PLAN | {"karen"},
    "plan-history": IN_PLAN | {"karen"},
    "coordinator": CARE | {"karen"},
    "notify": set(),
    "discharge": CARE | {"ole", "dennis", "grete"},
    "discharge-stay": CARE,
    "discharge-agree": {"mette", "nora", "doris"},
    "medicines": CARE,
    "medicine-list": CARE,
    "practice": {"gunnar", "grete"},
    "admit": {"doris", "dennis"},
    "deviations": CARE | {"ole", "dennis", "grete"},
    "deviation": {"mette", "nora", "doris"},
    "deviation-new": CARE | {"ole", "dennis", "grete"},
    "deviation-about": CARE,
    "deviation-counts": CARE | {"ole", "dennis", "grete", "dina", "anna"},
    "deviation-counts-csv": CARE | {"ole", "dennis", "grete", "dina", "anna"},
    "deviation-learning": CARE | {"ole", "dennis", "grete", "dina", "anna"},
    "notifications": EVERYBODY | OWN,
    "notification-preferences": EVERYBODY | OWN,
    "notification-confirm": EVERYBODY | OWN,
    "upload": {"mette", "ole", "adam", "inge"},
    "emergency": CARE | {"ole", "dennis", "grete"},
    "access-log": {"mette", "ole", "doris", "dennis", "gunnar", "grete", "adam"},
    "access-reviews": {"mette", "ole", "doris", "dennis", "gunnar", "grete", "adam"},
    "own": OWN,
    "own-page": {"karen"},
    "own-ask": {"karen"},
    "own-measure": {"karen"},
    "own-log": {"karen"},
    "own-sharing": {"karen"},
    "sign-in": set(PEOPLE),
    "health": set(PEOPLE),
}
"""Address → who gets 200. The others get 403 or 404; who is not signed in is sent to the sign-in page."""
ONLY_POST = {
    "notification",
    "discharge-answer",
    "practice-done",
    "demo-sign-in",
    "sign-out",
    "language",
    "conversation-mark",
}
PROVIDERS = {"provider-go", "provider-back", "provider-sign-out"}
"""For everybody, with a provider of identities: tests/integration/identity."""


@pytest.fixture
def addresses(here: Place, now: Instant, settings: Settings, tmp_path: Path) -> dict[str, str]:
    """Every address that can be got, about a citizen who was admitted."""
    here.admit(now)
    settings.LOG_STORE = tmp_path / "store"
    count(settings.LOG_STORE, now, now)
    obligation = Obligation.objects.get(clause="admission-report")
    event = LoggedEvent.objects.get()
    message = Message.objects.get()
    key, letter = here.citizen.key, conversation(here, now)
    asked = asking.ask(
        here.users["gunnar"], here.citizen, asking.Asked("hjælp"), now=now, new_id=place.new_id
    )
    goal = planned(here, now)
    return {
        "plan": reverse("plan", args=[key]),
        "plan-print": reverse("plan-print", args=[key]),
        "plan-agree": reverse("plan-agree", args=[key]),
        "plan-people": reverse("plan-people", args=[key]),
        "plan-version": reverse("plan-version", args=[key, 1]),
        "plan-new": reverse("plan-new", args=[key]) + "?kind=activity",
        "plan-part": reverse("plan-part", args=[key, goal]),
        "plan-history": reverse("plan-history", args=[key, goal]),
        "coordinator": reverse("coordinator", args=[key]),
        "message-out": reverse("message-out", args=[OutgoingMessage.objects.get(kind="letter").pk]),
        "conversation": reverse("conversation", args=[letter]),
        "conversation-forward": reverse("conversation-forward", args=[letter]),
        "conversation-file": reverse("conversation-file", args=[letter, letter, 1]),
        "message-correct": reverse("message-correct", args=[OutgoingMessage.objects.get(kind="letter").pk]),
        "letter-fault": reverse("letter-fault", args=[letter]),
        "letter-away": reverse("letter-away", args=[letter]),
        "write": reverse("write", args=[key]),
        "ask": reverse("ask", args=[key]),
        "deviation": reverse("deviation", args=[deviated(here, now)]),
        "deviation-about": reverse("deviation-about", args=[key]),
        "request": reverse("request", args=[asked.key]),
        "own-page": reverse("own-page", args=[key]),
        "own-ask": reverse("own-ask", args=[key]),
        "own-measure": reverse("own-measure", args=[key]),
        "own-log": reverse("own-log", args=[key]),
        "own-sharing": reverse("own-sharing", args=[key]),
        "can-receive": reverse("can-receive", args=[key]),
        "notify": reverse("notify", args=[key]) + "?code=SLHJ",
        "discharge-stay": reverse("discharge-stay", args=[key]),
        "discharge-agree": reverse("discharge-agree", args=[key]),
        "medicines": reverse("medicines", args=[key]),
        "medicine-list": reverse("medicine-list", args=[key, "before"]),
        "citizen": reverse("citizen", args=[here.citizen.key]),
        "obligation": reverse("obligation", args=[here.citizen.key, obligation.pk]),
        "undo": reverse("undo", args=[here.citizen.key, event.id]),
        "record": reverse("record", args=[here.citizen.key]),
        "agreement": reverse("agreement", args=["nordjylland-example"]),
        "message": reverse("message", args=[message.pk]),
        "result-kept": reverse("result-kept", args=["nordjylland-example", "admission-report"]),
    }


def planned(here: Place, now: Instant) -> int:
    """The municipality has a plan for the citizen, agreed once, with a goal: the row of it."""
    key, mette = here.citizen.key, here.users["mette"]
    plan.start(mette, key, "oral", now=now, new_id=place.new_id)
    goal = part.add(mette, key, "goal", 1, {"text": "Gå til bageren"}, now=now).part.pk
    plan.agree(mette, key, {goal: 1}, None, now=now, new_id=place.new_id)
    return goal


def deviated(here: Place, now: Instant) -> str:
    """The municipality raised a deviation with the hospital: its key."""
    report = raising.Report(place.HOSPITAL.sor, "discharge", "none", "minor", "late", now, "For sent")
    mette = here.users["mette"]
    return raising.raise_deviation(mette, here.citizen, report, now=now, new_id=place.new_id).key


def conversation(here: Place, now: Instant) -> int:
    """The hospital wrote to the municipality, with a file, and it has come: a row to address it by."""
    file = drafts.File("Fund.pdf", "application/pdf", b"%PDF-1.4")
    written = drafts.Written("Kan hun gå?", phone="12345678", files=[file])
    receiver, subject = place.MUNICIPALITY.sor, correspondence.Subject("discharge")
    correspondence.begin(
        here.users["doris"], here.citizen, receiver, written, subject, now=now, new_id=place.new_id
    )
    here.receive(record.unpack(bytes(OutgoingMessage.objects.get(kind="letter").content)), now=now)
    return StoredLetter.objects.get(outgoing=None).pk


def names(resolver: URLResolver | None = None) -> set[str]:
    """The names of the site's addresses, less the FHIR and JSON interfaces, which have tests of their own."""
    found = set()
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver) and entry.app_name == "ninja":
            continue
        if isinstance(entry, URLPattern):
            found |= {str(entry.name)} - {name for name in (entry.name or "",) if name.startswith("fhir")}
        else:
            found |= names(entry)
    return found


def test_every_address_is_in_the_table() -> None:
    assert names() == set(MAY_GET) | ONLY_POST | PROVIDERS


def test_every_address_for_everybody(addresses: dict[str, str], as_: SignedIn) -> None:
    for who in PEOPLE:
        client = Client() if who == "nobody" else as_(who)
        for name, allowed in MAY_GET.items():
            answer = client.get(addresses.get(name) or reverse(name), follow=who in OWN)
            if who in allowed:
                assert answer.status_code == 200, (who, name)
            elif who == "nobody":
                assert answer.status_code == 302, (who, name)
                assert answer["Location"].startswith(reverse("sign-in")), (who, name)
            else:
                assert answer.status_code in {403, 404}, (who, name)


def test_lists_hold_only_those_one_may_see(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now)
    for who in sorted(EVERYBODY):
        client = as_(who)
        pages = {at: client.get(at).content.decode() for at in ("/", "/citizens/", "/messages/")}
        for address, page in pages.items():
            assert ("Karen Testgaard" in page) <= (who in CARE), (who, address)
            assert ("Aage Prøvesen" in page) <= (who in {"ole", "grete"}), (who, address)
        if who in CARE:
            assert "Karen Testgaard" in pages["/citizens/"], who


def test_a_closed_case_closes_the_record(here: Place, now: Instant, as_: SignedIn) -> None:
    here.citizen.cases.update(closed="2020-01-01")
    assert as_("mette").get(reverse("citizen", args=[here.citizen.key])).status_code == 404
    assert not rules.visible_citizens(here.users["mette"], now).exists()


class TestStay:
    """A hospital sees those who stay or lately stayed there, or about whom it owes or is owed something."""

    def sees(self, here: Place, now: Instant, who: str = "doris") -> bool:
        return rules.may_see(here.users[who], Citizen.objects.get(pk=here.citizen.pk), now)

    def stay(self, here: Place, began: Instant, ended: Instant | None) -> None:
        here.receive(here.notification("STIN", began), now=began)
        if ended is not None:
            here.receive(here.notification("SLHJ", ended), now=ended)
        Obligation.objects.update(outcome="released")

    def test_nobody_before_a_stay(self, here: Place, now: Instant) -> None:
        assert not self.sees(here, now)

    def test_a_stay_that_runs_has_no_limit(self, here: Place, now: Instant) -> None:
        self.stay(here, now - 200 * DAY, None)
        assert self.sees(here, now)
        assert not self.sees(here, now, "dennis")

    @pytest.mark.parametrize(("days", "seen"), [(29, True), (31, False), (400, False)])
    def test_a_stay_that_ended_is_seen_for_thirty_days(
        self, days: int, seen: bool, here: Place, now: Instant
    ) -> None:
        self.stay(here, now - days * DAY - 2 * DAY, now - days * DAY)
        assert self.sees(here, now) is seen
        assert not self.sees(here, now, "dennis")

    def test_the_number_of_days_is_a_setting(self, here: Place, now: Instant, settings: Settings) -> None:
        self.stay(here, now - 12 * DAY, now - 10 * DAY)
        settings.STAY_SIGHT_DAYS = 9
        assert not self.sees(here, now)
        settings.STAY_SIGHT_DAYS = 11
        assert self.sees(here, now)

    def test_a_new_stay_elsewhere_gives_the_old_hospital_nothing(self, here: Place, now: Instant) -> None:
        self.stay(here, now - 90 * DAY, now - 80 * DAY)
        elsewhere = here.notification(
            "STIN", now - DAY, fresh=True, episode="episode-7", sender=place.OTHER_HOSPITAL
        )
        here.receive(elsewhere, now=now - DAY)
        Obligation.objects.update(outcome="released")
        assert self.sees(here, now, "dennis")
        assert not self.sees(here, now)

    @pytest.mark.parametrize("codes", [("STIN", "AN_STIN"), ("STIN", "RE_STIN", "AN_STIN")])
    def test_a_stay_that_was_cancelled_gives_nothing(
        self, codes: tuple[str, ...], here: Place, now: Instant
    ) -> None:
        """The wrong person, who at the time is at another hospital."""
        elsewhere = here.notification(
            "STIN", now - 5 * HOUR, fresh=True, episode="episode-7", sender=place.OTHER_HOSPITAL
        )
        here.receive(elsewhere, now=now - 5 * HOUR)
        for hours, code in zip((4, 3, 2), codes, strict=False):
            here.receive(here.notification(code, now - hours * HOUR), now=now - hours * HOUR)
            Obligation.objects.update(outcome="released")
            assert self.sees(here, now) is not code.startswith("AN_"), code
        assert self.sees(here, now, "dennis")

    def test_a_cancelled_discharge_leaves_the_stay(self, here: Place, now: Instant) -> None:
        self.stay(here, now - 3 * DAY, now - DAY)
        here.receive(here.notification("AN_SLHJ", now - HOUR), now=now - HOUR)
        Obligation.objects.update(outcome="released")
        assert self.sees(here, now)

    @pytest.mark.parametrize("side", ["owed_by", "owed_to"])
    def test_what_is_owed_keeps_the_sight(self, side: str, here: Place, now: Instant) -> None:
        self.stay(here, now - 90 * DAY, now - 80 * DAY)
        one = Obligation.objects.order_by("pk")[:1].values("pk")
        row = Obligation.objects.filter(pk__in=one)
        row.update(owed_by="citizen", owed_to="citizen")
        row.update(outcome="", withdrawn=False, **{side: place.HOSPITAL.sor})
        assert self.sees(here, now)
        row.update(withdrawn=True)
        assert not self.sees(here, now)

    def test_what_may_have_been_done_without_a_record_does_not(self, here: Place, now: Instant) -> None:
        self.stay(here, now - 90 * DAY, now - 80 * DAY)
        one = Obligation.objects.order_by("pk")[:1].values("pk")
        row = Obligation.objects.filter(pk__in=one)
        agreement, clause = sorted(clauses.partial())[0]
        row.update(outcome="", owed_by=place.HOSPITAL.sor, agreement=agreement, clause=clause, due=now + HOUR)
        assert self.sees(here, now)
        row.update(due=now - HOUR)
        assert not self.sees(here, now)

    def test_words_of_its_own_do_not_prolong_it(self, here: Place, now: Instant) -> None:
        self.stay(here, now - 60 * DAY, now - 40 * DAY)
        then = now - 20 * DAY
        actions_of_people.record_event(
            here.users["doris"],
            here.citizen.key,
            LoggedEvent.objects.order_by("seq").values_list("pathway", flat=True)[0],
            "phone_call",
            then,
            {},
            now=then,
            new_id=place.new_id,
        )
        Obligation.objects.update(outcome="released")
        assert not self.sees(here, now)


def test_a_user_who_has_left_sees_nothing(here: Place, now: Instant) -> None:
    user = here.users["mette"]
    user.is_active = False
    assert not rules.visible_citizens(user, now).exists()


def test_somebody_elses_citizen_and_none_look_alike(here: Place, as_: SignedIn) -> None:
    pages = []
    for key in (here.neighbour.key, "no-such-citizen"):
        answer = as_("mette").get(reverse("citizen", args=[key]))
        assert answer.status_code == 404
        page = answer.content.decode().replace(key, "KEY")
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page))
    assert pages[0] == pages[1]


def test_every_look_is_written_down(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now)
    mette = as_("mette")
    mette.get(reverse("citizen", args=[here.citizen.key]))
    mette.get(reverse("message", args=[Message.objects.get().pk]))
    written = AccessEntry.objects.filter(user="mette").order_by("pk")
    assert [(e.action, e.relation, e.citizen) for e in written] == [
        ("look", "case", here.citizen.key),
        ("look-message", "case", here.citizen.key),
    ]
    assert "Mette Skitse" in mette.get(reverse("citizen", args=[here.citizen.key])).content.decode()


def test_a_refused_look_leaves_no_page_and_no_entry(here: Place, as_: SignedIn) -> None:
    as_("ole").get(reverse("citizen", args=[here.citizen.key]))
    assert not AccessEntry.objects.filter(citizen=here.citizen.key).exists()


def test_asking_for_news_is_one_look_an_hour(here: Place, as_: SignedIn) -> None:
    address = reverse("citizen", args=[here.citizen.key])
    mette = as_("mette")
    for _ in range(3):
        assert mette.get(address, {"seen": "x"}, headers={"HX-Request": "true"}).status_code == 200
    assert AccessEntry.objects.filter(citizen=here.citizen.key, action="look").count() == 1


def test_what_is_written_has_a_sentence(here: Place, now: Instant) -> None:
    here.admit(now)
    written = set(AccessEntry.objects.values_list("action", flat=True))
    allowed = {action for allowed in rules.TABLE.values() for action in allowed}
    assert written | allowed <= set(actions.ACTIONS)
    assert set(AccessEntry.objects.values_list("relation", flat=True)) <= set(actions.RELATIONS)


def test_a_case_that_gives_no_legal_basis_gives_no_sight(here: Place, now: Instant) -> None:
    mette = here.users["mette"]
    assert rules.may_see(mette, here.citizen, now)
    here.citizen.cases.update(kind="meals-on-wheels")
    assert not rules.may_see(mette, here.citizen, now)
