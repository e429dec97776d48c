"""The citizen's own page: the same facts in plain words, what they do from it, and whom they let in."""

from decimal import Decimal

import pytest
import structlog
from django.urls import reverse

from naer.events.instant import DAY, HOUR, MINUTE, Instant, local_date
from naer.site import one_by_one
from naer.site.access import grants
from naer.site.access.models import AccessEntry, Block, Grant
from naer.site.citizen import leaving, measurements
from naer.site.citizen.drawn import drawn
from naer.site.entry.models import HelpRequest
from naer.site.fhir import observations
from naer.site.fhir.models import StoredObservation
from naer.site.logs import hide_text
from naer.site.notifications.models import Notification
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen
from naer.site.ui.times import ZONE
from tests.integration.site.conftest import SignedIn
from tests.place import MUNICIPALITY, Place, new_id


def test_the_own_page_tells_where_one_is_and_who_does_what(here: Place, as_: SignedIn, now: Instant) -> None:
    here.admit(now)
    own = as_("karen")
    assert own.get(reverse("today"))["Location"] == reverse("own")
    assert own.get(reverse("own"))["Location"] == reverse("own-page", args=[here.citizen.key])
    page = own.get(reverse("own-page", args=[here.citizen.key])).content.decode()
    assert "You are in hospital" in page
    assert 'data-density="roomy"' in page
    assert "Hjørring Prøvekommune" in page  # owes the admission report, and is who to write to
    assert "Lægehuset Modelgade" in page
    assert f'href="{reverse("citizens")}"' not in page
    other = as_("karen").get(reverse("own-page", args=[here.neighbour.key]))
    assert other.status_code == 404
    for staff in ("mette", "doris", "dina", "adam"):
        assert as_(staff).get(reverse("own-page", args=[here.citizen.key])).status_code == 404
        assert as_(staff).get(reverse("own")).status_code == 403


def test_measurements_are_observations_that_systems_can_read(
    here: Place, as_: SignedIn, now: Instant
) -> None:
    """What is written on the page is a FHIR Observation with LOINC and UCUM; slips are caught."""
    own, address = as_("karen"), reverse("own-measure", args=[here.citizen.key])
    given = {"kind": "weight", "value": "67.2", "at": "2026-03-01 08:00"}
    assert own.post(address, given | {"value": "6720"}).status_code == 422
    assert own.post(address, given | {"kind": "mood"}).status_code == 422
    assert own.post(address, given | {"at": "yesterday"}).status_code == 422
    assert own.post(address, given | {"at": "2099-03-01 08:00"}).status_code == 422
    assert not StoredObservation.objects.exists()
    assert own.post(address, given).status_code == 302
    stored = StoredObservation.objects.get()
    told = observations.resource(stored)
    assert told["code"]["coding"][0]["code"] == "29463-7"
    assert told["valueQuantity"] == {
        "value": Decimal("67.2"),
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    }
    assert b"67.2" not in bytes(stored.content)
    assert as_("mette").post(address, given).status_code == 404
    karen = here.users["karen"]
    with pytest.raises(ActionRefusedError):
        measurements.add(karen, here.citizen, "pulse", Decimal(70), now + HOUR, now=now, new_id=new_id)
    measurements.add(karen, here.citizen, "weight", Decimal("66.9"), now, now=now, new_id=new_id)
    (weight,) = measurements.series(here.citizen)
    assert [one.value for one in weight.measured] == [Decimal("67.2"), Decimal("66.9")]
    picture = drawn(weight)
    assert picture is not None
    assert [one.value for one in picture.spots] == ["67.2", "66.9"]
    assert "66.9" in own.get(reverse("own-page", args=[here.citizen.key])).content.decode()
    for minute in range(80):  # what is measured often does not hide what is measured seldom
        at = now - minute * MINUTE
        measurements.add(karen, here.citizen, "pulse", Decimal(70), at, now=now, new_id=new_id)
    assert [(one.kind.name, len(one.measured)) for one in measurements.series(here.citizen)] == [
        ("weight", 2),
        ("pulse", measurements.NEWEST),
    ]


def test_a_citizen_lets_somebody_in_and_takes_it_back(here: Place, now: Instant, as_: SignedIn) -> None:
    """The code is shown once; what was not granted stays closed; taken back, everything is closed."""
    own, near = as_("karen"), as_("ditte")
    Grant.objects.all().delete()
    sharing, key = reverse("own-sharing", args=[here.citizen.key]), here.citizen.key
    given = {"act": "grant", "name": "Min datter", "parts": ["plan"], "until": "2999-01-01"}
    assert own.post(sharing, given).status_code == 422  # no longer than a year
    context = own.post(sharing, given | {"until": _soon(now)}).context
    code = context["code"]
    assert code
    assert code not in own.get(sharing).content.decode()
    assert near.get(reverse("own-page", args=[key])).status_code == 404
    assert near.post(reverse("own"), {"code": "WRONG"}).status_code == 422
    assert near.post(reverse("own"), {"code": code.lower()})["Location"] == reverse("own-page", args=[key])
    assert near.get(reverse("own-page", args=[key])).status_code == 200
    assert near.get(reverse("own-log", args=[key])).status_code == 404
    assert near.post(reverse("own-measure", args=[key]), {}).status_code == 404
    assert near.get(sharing).status_code == 404
    own.get(sharing), own.get(reverse("own-measure", args=[key]))
    assert AccessEntry.objects.filter(user="karen", action="grant").count() == 1  # looking is not letting in
    assert not AccessEntry.objects.filter(action="own-measurement").exists()
    as_("mette").get(reverse("citizen", args=[key]))
    looked = AccessEntry.objects.get(user="mette")
    Grant.objects.update(what=" page help ")  # may ask, and may not read the log
    asking = near.get(reverse("own-ask", args=[key]), {"about": str(looked.pk)})
    assert "Mette" not in asking.content.decode()
    grant = Grant.objects.get(relative=here.users["ditte"])
    own.post(sharing, {"act": "end", "grant": str(grant.pk)})
    assert near.get(reverse("own-page", args=[key])).status_code == 404


def test_a_citizen_keeps_an_organisation_out(here: Place, as_: SignedIn) -> None:
    own, sharing = as_("karen"), reverse("own-sharing", args=[here.citizen.key])
    given = {"act": "block", "organisation": MUNICIPALITY.sor}
    assert own.post(sharing, given).status_code == 422  # not without the tick
    assert own.post(sharing, given | {"sure": "on", "organisation": "elsewhere"}).status_code == 422
    assert not Block.objects.exists()
    assert own.post(sharing, given | {"sure": "on"}).status_code == 302
    page = reverse("citizen", args=[here.citizen.key])
    assert as_("mette").get(page).status_code == 404
    own.post(sharing, {"act": "lift", "organisation": MUNICIPALITY.sor})
    assert as_("mette").get(page).status_code == 200


def test_the_log_tells_who_looked_and_one_can_ask_why(here: Place, as_: SignedIn) -> None:
    as_("mette").get(reverse("citizen", args=[here.citizen.key]))
    own = as_("karen")
    page = own.get(reverse("own-log", args=[here.citizen.key]))
    assert "Mette Skitse" in page.content.decode()
    entry = next(one for one in page.context["entries"] if one.who == "Mette Skitse")
    address = reverse("own-ask", args=[here.citizen.key])
    assert "Mette Skitse" in own.get(f"{address}?about={entry.entry}").content.decode()
    assert "Mette" not in own.get(f"{address}?about=999999").context["form"].initial["text"]
    assert own.post(address, {"text": "  "}).status_code == 422
    answer = own.post(address, {"text": "Hvorfor? <script>alert(1)</script>"})
    found = HelpRequest.objects.get()
    assert answer["Location"] == reverse("request", args=[found.key])
    shown = own.get(answer["Location"]).content.decode()
    assert "<script>alert" not in shown
    assert reverse("own-page", args=[here.citizen.key]) in shown


def _soon(now: Instant) -> str:
    """A day in the near future, as a form sends it."""
    return local_date(now + 30 * DAY, ZONE).isoformat()


def test_what_was_granted_ends_with_the_life_of_who_granted_it(
    here: Place, as_: SignedIn, now: Instant
) -> None:
    codes = iter(("AAAA", "BBBB"))
    for name in ("Ditte", "Per"):  # one takes it, one never does
        grants.give(here.users["karen"], here.citizen, name, [], now + DAY, now=now, new_code=codes.__next__)
    grants.take(here.users["ditte"], "AAAA", now=now)
    page = reverse("own-page", args=[here.citizen.key])
    here.admit(now - HOUR)
    assert leaving.end_left(now, new_id) == leaving.Left()
    assert as_("ditte").get(page).status_code == 200
    here.receive(here.notification("MORS", now - MINUTE), now=now - MINUTE)
    assert leaving.end_left(now, new_id) == leaving.Left(grants=2)
    assert leaving.end_left(now + 1, new_id) == leaving.Left()
    assert as_("ditte").get(page).status_code == 404
    with pytest.raises(grants.GrantRefusedError):
        grants.take(here.users["ditte"], "BBBB", now=now)
    assert Notification.objects.get(kind="grant-ended").user == here.users["ditte"]
    news = as_("ditte").get(reverse("notifications")).content.decode()
    assert "closed to you" in news
    assert "Karen" not in news  # nothing of who it was
    traces = AccessEntry.objects.filter(user="naer grants", action="grant", relation="system")
    assert traces.filter(citizen=here.citizen.key, subject__endswith="ended: died").count() == 2


def test_a_death_taken_back_gives_back_what_it_ended_and_nothing_else(
    here: Place, as_: SignedIn, now: Instant
) -> None:
    karen, ditte, codes = here.users["karen"], here.users["ditte"], iter(("AAAA", "BBBB", "CCCC"))
    for name in ("Ditte", "Ditte", "Per"):  # two are taken, one of those ended by the citizen; one never
        grants.give(karen, here.citizen, name, [], now + DAY, now=now - HOUR, new_code=codes.__next__)
    held = [grants.take(ditte, code, now=now - HOUR) for code in ("AAAA", "BBBB")]
    grants.end(karen, held[1].pk, now=now - HOUR)
    here.admit(now - HOUR)
    here.receive(here.notification("MORS", now - 3 * MINUTE), now=now - 3 * MINUTE)
    assert leaving.end_left(now - 2 * MINUTE, new_id) == leaving.Left(grants=2)
    page = reverse("own-page", args=[here.citizen.key])
    assert as_("ditte").get(page).status_code == 404
    # An arrival by mistake says nothing of the death.
    Citizen.objects.filter(pk=here.citizen.pk).update(status="admitted")
    assert leaving.end_left(now - MINUTE, new_id) == leaving.Left()
    here.receive(here.notification("AN_MORS", now), now=now)
    (asked,) = leaving._of_the_living(now)
    assert leaving.end_left(now, new_id) == leaving.Left(given_back=1)
    assert leaving.end_left(now + 1, new_id) == leaving.Left()
    assert Grant.objects.get(ended=None) == held[0]  # the third's code is forgotten
    assert as_("ditte").get(page).status_code == 200
    assert Notification.objects.filter(kind="grant-again").get().user == ditte
    assert "open to you again" in as_("ditte").get(reverse("notifications")).content.decode()
    trace = AccessEntry.objects.filter(user="naer grants", citizen=here.citizen.key).latest("pk")
    assert trace.subject == f"grant {held[0].pk} holds again: the death was taken back"
    grants.end(karen, held[0].pk, now=now + 1)  # what the citizen ends stays ended
    assert leaving.end_left(now + 2, new_id) == leaving.Left()
    assert not leaving._give_back(*asked, now + 2)  # by a process that had asked before, too


def test_one_that_fails_holds_up_none_of_the_rest(
    here: Place, now: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(("AAAA", "BBBB"))
    for name in ("Ditte", "Per"):
        grants.give(here.users["karen"], here.citizen, name, [], now + DAY, now=now, new_code=codes.__next__)
    grants.take(here.users["ditte"], "AAAA", now=now)
    first = Grant.objects.earliest("pk").pk
    here.admit(now - HOUR)
    here.receive(here.notification("MORS", now - MINUTE), now=now - MINUTE)

    def failing(*_: object, **__: object) -> None:
        raise KeyError(here.citizen.name)

    monkeypatch.setattr(one_by_one, "_TOGETHER", 1)  # as if so many failed that they fill a question
    with monkeypatch.context() as broken, structlog.testing.capture_logs([hide_text]) as logged:
        broken.setattr(leaving, "tell", failing)
        assert leaving.end_left(now, new_id) == leaving.Left(grants=1, failed=1)
        assert Grant.objects.get(ended=None).pk == first  # what failed is as it was
        assert leaving.end_left(now, new_id) == leaving.Left(failed=1)
    (line,) = logged  # told when it is news, not each time
    assert "in failing" in line["traceback"]
    assert here.citizen.name not in str(logged)
    assert leaving.end_left(now, new_id) == leaving.Left(grants=1)
