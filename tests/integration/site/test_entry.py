"""One intake for all who ask a municipality for help: asked, sorted, given to somebody, answered, told."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from naer.events.instant import DAY, HOUR, Instant
from naer.site.access import blocks
from naer.site.access.models import AccessEntry
from naer.site.entry import actions, queries
from naer.site.entry.actions import Asked
from naer.site.entry.models import HelpRequest, HelpStep
from naer.site.notifications.models import Notification
from naer.site.oversight import queries as oversight
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Case, LoggedEvent, Obligation
from tests.integration.site.conftest import SignedIn
from tests.place import MUNICIPALITY, NUMBERS, Place, new_id

WORDS = "Karen falder om natten <script>alert(1)</script>"


def ask(here: Place, who: str, now: Instant, text: str = WORDS) -> HelpRequest:
    """Somebody asks for help for `citizen`."""
    return actions.ask(here.users[who], here.citizen, Asked(text), now=now, new_id=new_id)


def owed(found: HelpRequest) -> dict[str, str]:
    """What the agreement says is owed about a request: clause → outcome, empty while it runs."""
    wanted = Obligation.objects.filter(pathway__endswith=found.key, withdrawn=False)
    return dict(wanted.values_list("clause", "outcome"))


def test_from_the_practice_to_the_answer(here: Place, as_: SignedIn, now: Instant) -> None:
    """The GP asks on a page; a nurse sorts, has it and answers; the GP reads the answer; each step stays."""
    gp, nurse = as_("gunnar"), as_("nora")
    answer = gp.post(reverse("ask", args=[here.citizen.key]), {"text": WORDS})
    found = HelpRequest.objects.get()
    assert answer["Location"] == reverse("request", args=[found.key])
    assert (found.asked_by, found.channel, found.organisation_id) == ("gp", "form", MUNICIPALITY.sor)
    assert owed(found) == {"help-sorted": "", "help-answered": ""}

    told = Notification.objects.filter(kind="help-asked").values_list("user__username", flat=True)
    assert set(told) == {"mette", "nora"}

    listed = nurse.get(reverse("requests")).content.decode()
    assert reverse("request", args=[found.key]) in listed
    assert "<script>alert" not in listed

    page = reverse("request", args=[found.key])
    sorting = Obligation.objects.get(clause="help-sorted", trigger=found.event)
    own_page = reverse("obligation", args=[here.citizen.key, sorting.pk])
    assert nurse.get(own_page)["Location"] == page  # met there, and by no form that only says so
    nurse.post(own_page, {"act": "fulfil", "kind": "help_sorted"})
    assert owed(found)["help-sorted"] == ""
    assert gp.get(own_page).status_code == 200
    assert nurse.post(page, {"act": "answer", "text": "Vi kommer"}).status_code == 422  # sorted first
    assert nurse.post(page, {"act": "sort", "sorting": "urgent", "owner": ""}).status_code == 302
    assert owed(found) == {"help-sorted": "kept", "help-answered": "", "help-urgent": ""}
    assert nurse.post(page, {"act": "take"}).status_code == 302
    assert nurse.post(page, {"act": "answer", "text": "  "}).status_code == 422
    assert nurse.post(page, {"act": "answer", "text": "Vi kommer i dag kl. 14"}).status_code == 302
    assert owed(found) == {"help-sorted": "kept", "help-answered": "kept", "help-urgent": "kept"}

    assert Notification.objects.get(kind="help-answered").user == here.users["gunnar"]
    read = gp.get(page).content.decode()
    assert "Vi kommer i dag kl. 14" in read
    assert "Nora Skitse" in read
    assert 'name="act"' not in read  # who asked sorts nothing
    assert [step.what for step in HelpStep.objects.order_by("number")] == [
        "asked",
        "sorted",
        "taken",
        "answered",
    ]
    assert nurse.post(page, {"act": "sort", "sorting": "answer"}).status_code == 200  # it is over
    assert HelpStep.objects.count() == 4
    assert set(
        AccessEntry.objects.filter(subject=f"request {found.key}").values_list("action", flat=True)
    ) == {
        "ask-help",
        "look-request",
        "sort-request",
    }
    stored = bytes(HelpRequest.objects.get().content) + b"".join(
        bytes(one.content) for one in HelpStep.objects.exclude(content=None)
    )
    assert b"Karen" not in stored
    assert b"kl. 14" not in LoggedEvent.objects.last().attributes.encode()


def test_a_call_about_somebody_unknown_lets_the_municipality_see_them_for_a_time(
    here: Place, as_: SignedIn, now: Instant
) -> None:
    nurse = as_("nora")
    given = {
        "number": "7404561237",
        "citizen_name": "Ny Borger",
        "asked_by": "relative",
        "name": "En datter",
        "phone": "12345678",
        "text": "Han spiser ikke",
    }
    assert nurse.post(reverse("request-new"), given | {"number": "1"}).status_code == 422
    assert nurse.post(reverse("request-new"), given).status_code == 302
    found = HelpRequest.objects.get()
    assert (found.asked_by, found.channel, found.citizen.name) == ("relative", "phone", "Ny Borger")
    assert nurse.get(reverse("citizen", args=[found.citizen_id])).status_code == 200
    assert as_("ole").get(reverse("citizen", args=[found.citizen_id])).status_code == 404
    assert as_("ole").get(reverse("request", args=[found.key])).status_code == 404
    known = Asked("Hun spiser ikke", asked_by="relative")  # has a case: was seen before
    actions.note(here.users["nora"], NUMBERS[0], "", known, now=now, new_id=new_id)
    (call,) = oversight.called(here.users["mette"], now)
    assert (call.request, call.who, call.name) == (found, "Nora Skitse", "Ny Borger")
    for who in ("nora", "ole", "doris"):  # her own, of another municipality, of a hospital
        assert oversight.called(here.users[who], now) == []
    assert "Ny Borger" in as_("mette").get(reverse("access-reviews")).content.decode()
    assert not oversight.called(here.users["mette"], now + 91 * DAY)

    actions.sort(here.users["nora"], found.key, "answer", owner=None, now=now, new_id=new_id)
    actions.answer(here.users["nora"], found.key, "Lægen kan hjælpe", now=now, new_id=new_id)
    later = now + 31 * DAY
    assert not queries.of_citizen(here.users["nora"], found.citizen, later).exists()


def test_who_may_what(here: Place, as_: SignedIn, now: Instant) -> None:
    """Another municipality, a hospital without the citizen and a closed case open nothing."""
    found = ask(here, "gunnar", now)
    for name in ("ole", "doris", "grete", "dina", "adam"):
        with pytest.raises(PermissionDenied):
            ask(here, name, now)
        assert as_(name).get(reverse("request", args=[found.key])).status_code in {403, 404}, name
    with pytest.raises(PermissionDenied):
        actions.sort(here.users["ole"], found.key, "answer", owner=None, now=now, new_id=new_id)
    with pytest.raises(ActionRefusedError):  # who has it works in the municipality
        actions.sort(here.users["nora"], found.key, "answer", owner=here.users["ole"], now=now, new_id=new_id)
    with pytest.raises(ActionRefusedError):
        actions.sort(here.users["nora"], found.key, "soon", owner=None, now=now, new_id=new_id)
    with pytest.raises(ActionRefusedError):  # lives in the other municipality
        actions.note(here.users["nora"], NUMBERS[1], "", Asked("hjælp"), now=now, new_id=new_id)
    assert as_("gunnar").post(reverse("request", args=[found.key]), {"act": "take"}).status_code == 200
    assert HelpRequest.objects.get().owner is None


def test_what_is_another_authoritys_says_whose(here: Place, now: Instant) -> None:
    found, nora = ask(here, "mette", now), here.users["nora"]
    assert (found.asked_by, found.channel) == ("other", "phone")
    actions.sort(nora, found.key, "other", owner=nora, now=now, new_id=new_id)
    with pytest.raises(ActionRefusedError):
        actions.answer(nora, found.key, "Ring til dem", now=now, new_id=new_id)
    actions.answer(
        nora, found.key, "Ring til dem", authority="Udbetaling Danmark", now=now + HOUR, new_id=new_id
    )
    assert queries.whole(HelpRequest.objects.get()).steps[-1].authority == "Udbetaling Danmark"


def test_the_citizen_asks_and_sees_where_it_stands(here: Place, as_: SignedIn, now: Instant) -> None:
    own = here.users["karen"]
    here.admit(now)
    Case.objects.all().delete()
    found = actions.ask(own, here.citizen, Asked("Jeg har brug for hjælp"), now=now, new_id=new_id)
    twice = actions.ask(own, here.citizen, Asked("Jeg har brug for hjælp "), now=now + 1, new_id=new_id)
    assert twice == found  # pressed twice
    assert found.asked_by == "citizen"
    stay = as_("doris").get(reverse("citizen", args=[here.citizen.key])).context["pathway"]
    assert "admission-report" in {row.obligation.clause for row in stay.rows}  # not hidden by the request
    assert list(queries.of_citizen(own, here.citizen, now)) == [found]
    assert list(queries.asked_of(here.users["nora"], now)) == [found]  # the request lets them see her
    assert not queries.asked_of(here.users["ole"], now).exists()
    nora = here.users["nora"]
    for _ in range(2):
        actions.sort(nora, found.key, "answer", owner=nora, now=now, new_id=new_id)
        actions.take(nora, found.key, nora, now=now)
    assert [step.what for step in found.steps.order_by("number")] == ["asked", "sorted"]
    actions.answer(here.users["nora"], found.key, "I morgen", now=now, new_id=new_id)
    news = Notification.objects.get(kind="help-answered", user=here.users["karen"])
    followed = as_("karen").post(reverse("notification", args=[news.pk]), follow=True)
    assert "I morgen" in followed.content.decode()


def test_nobody_is_asked_who_could_not_read_it(here: Place, as_: SignedIn, now: Instant) -> None:
    """A citizen who keeps the municipality out is told to call it; others are not told why."""
    blocks.block(here.users["karen"], here.citizen, MUNICIPALITY.sor, now=now)
    own = as_("karen").post(reverse("own-ask", args=[here.citizen.key]), {"text": "Hjælp"})
    assert (own.status_code, "Call your municipality" in own.content.decode()) == (422, True)
    gp = as_("gunnar")
    with translation.override("en"):  # given back afterwards
        gp.post(reverse("language"), {"language": "da"})
        refused = gp.post(reverse("ask", args=[here.citizen.key]), {"text": WORDS})
    assert "kommunen kan ikke nås herfra" in refused.content.decode()
    assert not HelpRequest.objects.exists()


def test_no_help_is_asked_for_one_who_died(here: Place, now: Instant) -> None:
    here.citizen.status = "deceased"
    here.citizen.save(update_fields=["status"])
    with pytest.raises(ActionRefusedError, match="has died"):
        ask(here, "mette", now)


def test_lists_ask_the_database_as_often_for_many_as_for_one(
    here: Place, as_: SignedIn, now: Instant
) -> None:
    nurse = as_("nora")
    ask(here, "gunnar", now)
    nurse.get(reverse("requests"))
    with CaptureQueriesContext(connection) as one:
        nurse.get(reverse("requests"))
    for number in range(3):
        ask(here, "gunnar", now, text=f"Nr {number}")
    with CaptureQueriesContext(connection) as many:
        nurse.get(reverse("requests"))
    assert len(many) == len(one)
