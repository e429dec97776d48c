"""What the pages show and do, without a browser."""

import datetime as dt
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse

from naer.events.instant import DAY, HOUR, Instant, from_local, local
from naer.site.pathways import actions
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.ui.mini import mini
from naer.site.ui.times import ZONE, brief, when
from tests.integration.site.conftest import SignedIn
from tests.place import MUNICIPALITY, Place, new_id

Counter = Callable[[int], AbstractContextManager[object]]


def report() -> Obligation:
    """The obligation that the admission opened."""
    return Obligation.objects.get(clause="admission-report")


def forecast(here: Place, now: Instant) -> Obligation:
    """The hospital owes the municipality a forecast, which the municipality may waive."""
    here.admit(now)
    actions.record_event(
        here.users["doris"],
        here.citizen.key,
        report().pathway,
        "need_assessed",
        now - HOUR,
        {"services_needed": True},
        now=now,
        new_id=new_id,
    )
    return Obligation.objects.get(clause="care-forecast")


def page_of(citizen: Citizen) -> str:
    return reverse("citizen", args=[citizen.key])


def form_of(obligation: Obligation) -> str:
    return reverse("obligation", args=[obligation.citizen_id, obligation.pk])


def filled(at: Instant, **more: str) -> dict[str, str]:
    """The form that records a delivery."""
    text = local(at, ZONE).strftime("%Y-%m-%dT%H:%M")
    return {"act": "fulfil", "kind": "admission_report", "at": text, "channel": "phone", "note": ""} | more


class TestToday:
    def test_empty(self, as_: SignedIn) -> None:
        page = as_("mette").get("/").content.decode()
        assert "We owe nothing now" in page
        assert "Nobody owes us anything now" in page

    def test_what_we_owe_and_to_whom(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now, hours=3)
        page = as_("mette").get("/").content.decode()
        assert "Open, in 2" in page
        assert "Karen Testgaard" in page
        assert "Prøvesygehuset" in page
        assert 'data-state="open"' in page

    def test_overdue_names_an_unverified_limit(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now, hours=25)
        page = as_("mette").get("/").content.decode()
        assert "Overdue 1 h" in page
        assert "Limit unverified" in page

    def test_the_other_side_sees_it_as_owed_to_them(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        page = as_("doris").get("/").content.decode()
        assert page.index('id="owed"') < page.index("The municipality sends its admission report")

    def test_filters_are_kept_in_the_session_and_in_no_address(
        self, here: Place, now: Instant, as_: SignedIn
    ) -> None:
        here.admit(now)
        mette = as_("mette")
        answer = mette.post("/", {"name": "nobody of that name", "to": "", "until": ""})
        assert answer["Location"] == "/"
        assert "Nothing we owe matches" in mette.get("/").content.decode()
        assert mette.get("/?all")["Location"] == "/"
        assert "Karen Testgaard" in mette.get("/").content.decode()

    def test_news_only_when_there_is_any(self, here: Place, now: Instant, as_: SignedIn) -> None:
        mette = as_("mette")
        seen = re.search(r'"seen":"([^"]+)"', mette.get("/").content.decode().replace("&quot;", '"'))
        assert seen is not None
        htmx = {"HX-Request": "true"}
        here.admit(now)
        answer = mette.get("/", {"seen": seen[1]}, headers=htmx)
        assert answer.status_code == 200
        assert 'hx-swap-oob="true"' in answer.content.decode()
        assert "Updated" in answer.content.decode()
        assert "<html" not in answer.content.decode()
        fresh = re.search(r'"seen":"([^"]+)"', answer.content.decode().replace("&quot;", '"'))
        assert fresh is not None
        again = mette.get("/", {"seen": fresh[1]}, headers=htmx)
        assert again.status_code == 204 or "Updated" not in again.content.decode()

    def test_while_nothing_is_written_the_answer_costs_two_looks(
        self, here: Place, now: Instant, as_: SignedIn, django_assert_max_num_queries: Counter
    ) -> None:
        here.admit(now)
        for name, address in (("mette", "/"), ("doris", "/"), ("mette", page_of(here.citizen))):
            client = as_(name)
            for _ in range(3):  # the minute may turn in between
                page = client.get(address).content.decode().replace("&quot;", '"')
                seen = re.search(r'"seen":"([^"]+)"', page)
                assert seen is not None
                with django_assert_max_num_queries(7):
                    answer = client.get(address, {"seen": seen[1]}, headers={"HX-Request": "true"})
                if answer.status_code == 204:
                    break
            assert answer.status_code == 204
            assert not answer.content

    def test_news_about_others_is_no_news(self, here: Place, now: Instant, as_: SignedIn) -> None:
        ole = as_("ole")
        for _ in range(3):
            page = ole.get("/").content.decode().replace("&quot;", '"')
            seen = re.search(r'"seen":"([^"]+)"', page)
            assert seen is not None
            here.admit(now)
            answer = ole.get("/", {"seen": seen[1]}, headers={"HX-Request": "true"})
            if answer.status_code == 204:
                return
        raise AssertionError(answer.status_code)

    def test_what_is_old_has_a_list_of_its_own(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now, hours=25)
        mette, doris = as_("mette"), as_("doris")
        work = 'id="act-'
        assert "older than two weeks" not in mette.get("/").content.decode()
        Obligation.objects.update(due=now - 15 * DAY)
        page = mette.get("/").content.decode()
        assert work not in page
        assert "<b>1</b> older than two weeks" in page
        assert "<b>0</b> overdue" in page
        assert "1 more has been overdue or open for over two weeks" in page
        assert "Showing 0 of 1" in page
        aside = mette.get("/?old=1").content.decode()
        assert work in aside
        assert "Showing 1 of 1" in aside
        assert "old=1" in aside[aside.index('id="live"') : aside.index('hx-trigger="every')]
        theirs = doris.get("/").content.decode()
        assert 'id="owed-old"' in theirs
        assert "1 open, 1 overdue" in theirs
        assert f"owed-{report().pk}" not in theirs
        assert f"owed-{report().pk}" in doris.get("/?old=1").content.decode()
        Obligation.objects.update(due=now - 13 * DAY)
        assert work in mette.get("/").content.decode()

    def test_at_once_grows_old_but_before_something_does_not(
        self, here: Place, now: Instant, as_: SignedIn
    ) -> None:
        one = forecast(here, now)
        Obligation.objects.exclude(pk=one.pk).update(due=None, start=now - 15 * DAY)
        Obligation.objects.filter(pk=one.pk).update(due=None, start=now - 15 * DAY)
        page, aside = (as_("doris").get(address).content.decode() for address in ("/", "/?old=1"))
        assert f"act-{one.pk}" in page
        assert f"act-{one.pk}" not in aside
        mine = as_("mette")
        assert f"act-{report().pk}" not in mine.get("/").content.decode()
        assert f"act-{report().pk}" in mine.get("/?old=1").content.decode()

    def test_filters_stay_in_the_list_of_old_ones(self, here: Place, as_: SignedIn) -> None:
        mette = as_("mette")
        assert mette.post("/", {"name": "x", "to": "", "until": "", "old": "1"})["Location"] == "/?old=1"
        assert "Nothing we owe matches" in mette.get("/?old=1").content.decode()

    def test_a_session_that_ended_reloads_the_whole_page(self) -> None:
        answer = Client().get("/sign-in/?next=/", headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == reverse("sign-in")


class TestObligation:
    def test_fulfil(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        mette = as_("mette")
        answer = mette.post(form_of(report()), filled(now - HOUR, note="Read out on the phone"))
        assert answer["Location"] == page_of(here.citizen)
        assert report().outcome == "kept"
        page = mette.get(page_of(here.citizen)).content.decode()
        assert "Recorded: The municipality sends its admission report" in page
        assert "Kept 2" in page
        assert "Read out on the phone" in page

    def test_undo_judges_again(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        mette = as_("mette")
        mette.post(form_of(report()), filled(now - HOUR))
        event = LoggedEvent.objects.get(kind="admission_report")
        address = reverse("undo", args=[here.citizen.key, event.id])
        assert address in mette.get(page_of(here.citizen)).content.decode()
        assert "Take back" in mette.get(address).content.decode()
        mette.post(address)
        assert report().outcome == ""
        assert "Cancelled" in mette.get(page_of(here.citizen)).content.decode()

    def test_what_a_message_said_cannot_be_taken_back(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        event = LoggedEvent.objects.get()
        as_("mette").post(reverse("undo", args=[here.citizen.key, event.id]))
        assert LoggedEvent.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"at": ""}, "Say when it was done."),
            ({"at": "2099-01-01T10:00"}, "That is in the future."),
            ({"at": "yesterday"}, "Write a day and a time"),
            ({"kind": "discharged"}, "Select a valid choice"),
            ({"note": "about 710190-1234"}, "Leave the person number out."),
            ({"note": "about 7101901234"}, "Leave the person number out."),
        ],
    )
    def test_a_wrong_form_changes_nothing(
        self, change: dict[str, str], says: str, here: Place, now: Instant, as_: SignedIn
    ) -> None:
        here.admit(now)
        answer = as_("mette").post(form_of(report()), filled(now) | change)
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert report().outcome == ""

    def test_twice_is_refused_in_words(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        mette = as_("mette")
        mette.post(form_of(report()), filled(now))
        answer = mette.post(form_of(report()), filled(now), follow=True)
        assert "Nothing was changed." in answer.content.decode()
        assert LoggedEvent.objects.filter(kind="admission_report").count() == 1

    def test_a_third_party_cannot_close_it(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        as_("gunnar").post(form_of(report()), filled(now))
        assert report().outcome == ""

    def test_waive(self, here: Place, now: Instant, as_: SignedIn) -> None:
        one = forecast(here, now)
        mette = as_("mette")
        assert "Waive it" in mette.get(form_of(one)).content.decode()
        for given in ({"why": "", "sure": "on"}, {"why": "No need"}, {"why": "7101901234", "sure": "on"}):
            assert mette.post(form_of(one), {"act": "waive"} | given).status_code == 422
        mette.post(form_of(one), {"act": "waive", "why": "Moves in with his son", "sure": "on"})
        one.refresh_from_db()
        assert one.outcome == "released"
        assert "Moves in with his son" in mette.get(page_of(here.citizen)).content.decode()

    @pytest.mark.parametrize("who", ["doris", "nora", "gunnar"])
    def test_only_the_one_it_is_owed_to_waives_it(
        self, who: str, here: Place, now: Instant, as_: SignedIn
    ) -> None:
        one = forecast(here, now)
        assert "Waive it" not in as_(who).get(form_of(one)).content.decode()
        as_(who).post(form_of(one), {"act": "waive", "why": "No need", "sure": "on"})
        one.refresh_from_db()
        assert one.outcome == ""


class TestEscalation:
    def test_who_is_told_when(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now)
        mette, one = as_("mette"), report()
        one.steps.all().delete()
        assert "Who is told if it is not done" not in mette.get(form_of(one)).content.decode()
        one.steps.create(step=0, at=now - HOUR, to="owed_by", fired_at=now - HOUR)
        one.steps.create(step=1, at=now + HOUR, to="owed_to.leader")
        page = mette.get(form_of(one)).content.decode()
        told = page[page.index("Who is told if it is not done") :]
        assert told.index(MUNICIPALITY.name) < told.index("The leader at Prøvesygehuset")
        assert told.index("<small>Told ") < told.index("Told then, if it is still not done")
        mette.post(form_of(one), filled(now - HOUR))
        page = mette.get(form_of(one)).content.decode()
        assert "Told then" not in page
        assert "<small>Told " in page


class TestPathway:
    def test_before_anything_happened(self, here: Place, as_: SignedIn) -> None:
        page = as_("mette").get(page_of(here.citizen)).content.decode()
        assert "Nothing has happened yet" in page

    def test_a_stay_with_a_correction(self, here: Place, now: Instant, as_: SignedIn) -> None:
        here.admit(now, hours=30)
        here.receive(here.notification("RE_STIN", now - 29 * HOUR), now=now)
        here.receive(here.notification("SLHJ", now - HOUR), now=now)
        page = as_("mette").get(page_of(here.citizen)).content.decode()
        assert "Correction of: Admission" in page
        assert "Corrected later" in page
        assert "Discharged since" in page
        assert '<svg class="thread"' in page
        assert "style=" not in page

    def test_every_stay_can_be_chosen_and_no_two_look_alike(
        self, here: Place, now: Instant, as_: SignedIn
    ) -> None:
        days = [local(now, ZONE).replace(hour=0, minute=0, second=0) - dt.timedelta(n) for n in range(2, 9)]
        begun = [from_local(day.replace(hour=10), ZONE) for day in days]
        begun.append(begun[-1] + 3 * HOUR)  # on the first day once more
        for at in sorted(begun):
            stay = {"fresh": True, "episode": f"episode-{at}"}
            here.receive(
                here.notification("STIN", at, **stay), here.notification("SLHJ", at + HOUR, **stay), now=now
            )
        page = as_("mette").get(page_of(here.citizen)).content.decode()
        called = re.findall(r'<a id="stay-\d" href="\?pathway=(\d)"[^>]*>([^<]*): Admi', page)
        assert [number for number, _ in called] == [str(n) for n in range(8)]
        assert [name[-6:] for _, name in called[-2:]] == [" 13:00", " 10:00"]
        assert not any(":" in name for _, name in called[:-2])

    def test_search_by_name_and_by_number(self, here: Place, as_: SignedIn) -> None:
        mette = as_("mette")
        assert "Karen Testgaard" in mette.post("/citizens/", {"text": "testg"}).content.decode()
        assert "matches" in mette.post("/citizens/", {"text": "Aage"}).content.decode()
        for text in ("710190-1234", " 7101901234 "):
            assert mette.post("/citizens/", {"text": text})["Location"] == page_of(here.citizen)
        foreign = mette.post("/citizens/", {"text": "720241-1235"})
        assert foreign.status_code == 200
        assert "720241" not in foreign.content.decode()


class TestAgreement:
    def test_clauses_in_words(self, as_: SignedIn) -> None:
        page = as_("mette").get("/agreements/nordjylland-example/").content.decode()
        assert "Limit unverified." in page
        assert "Within 24 hours" in page
        assert "Source" in page

    def test_try_a_story(self, as_: SignedIn) -> None:
        story = '"2026-03-02 10:00": {admitted: {report_requested: true, municipality: "860"}}'
        page = as_("mette").post("/agreements/nordjylland-example/", {"story": story}).content.decode()
        assert "Not delivered" in page
        late = story + '\n"2026-03-03 12:00": {admission_report: {municipality: "860"}}'
        page = as_("mette").post("/agreements/nordjylland-example/", {"story": late}).content.decode()
        assert "Kept 2 h 0 min late" in page

    @pytest.mark.parametrize("story", ["", "[", "a: b", '"2026-03-02 10:00": {admitted: 3}', "&a [*a]"])
    def test_a_wrong_story_is_answered_by_line(self, story: str, as_: SignedIn) -> None:
        answer = as_("mette").post("/agreements/dk-national/", {"story": story})
        assert answer.status_code == 422
        assert "field__error" in answer.content.decode()

    def test_unknown(self, as_: SignedIn) -> None:
        assert as_("mette").get("/agreements/nothing/").status_code == 404


def test_the_name_of_the_municipality_stands_on_the_page(as_: SignedIn) -> None:
    assert f"Today in {MUNICIPALITY.name}" in as_("mette").get("/").content.decode()


@pytest.mark.parametrize(("code", "word"), [("da", "I dag"), ("nb", "Innbyggere"), ("en", "Citizens")])
def test_languages(code: str, word: str, as_: SignedIn) -> None:
    mette = as_("mette")
    answer = mette.post("/language/", {"language": code, "next": "/"})
    assert answer["Location"] == "/"
    page = mette.get("/").content.decode()
    assert word in page
    assert f'<html lang="{code}">' in page


def test_a_language_that_leads_away_does_not(as_: SignedIn) -> None:
    answer = as_("mette").post("/language/", {"language": "da", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("who", ["dina", "adam"])
def test_who_sees_no_citizen_is_led_elsewhere(who: str, as_: SignedIn) -> None:
    page = as_(who).get("/").content.decode()
    assert "Your role sees no citizens." in page
    assert reverse("agreements") in page
    assert reverse("citizens") not in page
    assert "arrive by themselves" not in page
    assert ("Open the message log" in page) is (who == "adam")


def test_the_message_log_names_citizens_to_those_in_care_only(
    here: Place, now: Instant, as_: SignedIn
) -> None:
    here.admit(now)
    assert "Karen Testgaard" in as_("mette").get("/messages/").content.decode()
    assert "Karen Testgaard" not in as_("adam").get("/messages/").content.decode()


def test_a_weekday_never_means_two_days() -> None:
    now = from_local(dt.datetime.combine(dt.date(2026, 11, 22), dt.time(12)), ZONE)
    said = [when(now + day * DAY, now).removesuffix(" 12:00") for day in range(-7, 8)]
    assert [brief(now + day * DAY, now) for day in range(-7, 8)] == said
    assert said[7] == "12:00"
    assert len(set(said)) == len(said)
    assert said[3:13] == [
        *("18 Nov", "19 Nov", "Fri", "Sat"),
        "12:00",
        *("Mon", "Tue", "Wed", "Thu"),
        "27 Nov",
    ]


def test_the_small_thread_keeps_to_days_where_times_would_run_into_each_other() -> None:
    """On a telephone it is as wide as thirty letters."""
    now = from_local(dt.datetime.combine(dt.date(2026, 11, 23), dt.time(1)), ZONE)
    drawn = mini(now - 4 * DAY, now - 3 * DAY, now)
    assert [stop.text for stop in drawn.stops] == ["19 Nov", "ready 20 Nov", ""]
    assert drawn.words == "In hospital since 19 Nov 01:00, ready for discharge since 20 Nov 01:00"
