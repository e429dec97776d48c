"""Deviations between organisations: raised, answered, agreed, closed; read by the parties only."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from naer.events.instant import DAY, HOUR, MINUTE, Instant
from naer.site.access import deviations as access
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation, User
from naer.site.deviations import counting, proposing, queries
from naer.site.deviations.actions import answering, raising
from naer.site.deviations.actions.answering import Measure
from naer.site.deviations.actions.raising import Report
from naer.site.deviations.effect import Effect, Share, effect
from naer.site.deviations.forms import clause_choices
from naer.site.deviations.models import Contribution, Deviation
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import LoggedEvent, Obligation
from tests import place
from tests.integration.site.conftest import SignedIn
from tests.place import Place

HOSPITAL, TOWN = place.HOSPITAL.sor, place.MUNICIPALITY.sor


def report(now: Instant, **more: object) -> Report:
    given: dict[str, object] = {
        "counterpart": HOSPITAL,
        "stage": "discharge",
        "harm": "mild",
        "severity": "moderate",
        "cause": "information",
        "happened": now - DAY,
        "what": "Hjem uden medicinliste <script>alert(1)</script>",
        "unit": "A4",
    }
    return Report(**(given | more))  # type: ignore[arg-type]


def raised(here: Place, now: Instant, **more: object) -> Deviation:
    return raising.raise_deviation(
        here.users["mette"], here.citizen, report(now, **more), now=now, new_id=place.new_id
    )


def test_the_loop_is_read_by_both_and_told_in_the_log(here: Place, now: Instant) -> None:
    here.admit(now)
    mette, doris = here.users["mette"], here.users["doris"]
    one = raised(here, now)
    assert raised(here, now) == one  # pressed twice
    clock = iter(range(now + MINUTE, now + HOUR, MINUTE))
    key = one.key

    def turn() -> tuple[str, str]:
        found = Deviation.objects.get(pk=key)
        return found.state, found.turn

    assert turn() == ("open", "counterpart")
    with pytest.raises(ActionRefusedError):
        answering.answer(mette, key, "Nej", "late", now=next(clock), new_id=place.new_id)
    answering.answer(doris, key, "Listen lå i systemet.", "system", now=next(clock), new_id=place.new_id)
    assert turn() == ("answered", "both")
    measure = Measure("Listen følger ikke af sig selv.", "Sygehuset sender den ved udskrivning.", "system")
    answering.suggest(doris, key, measure, now=next(clock))
    assert turn() == ("answered", "raiser")
    first = Contribution.objects.get(act="suggest").pk
    with pytest.raises(ActionRefusedError, match="other party"):
        answering.accept(doris, key, first, now=next(clock), new_id=place.new_id)
    answering.suggest(mette, key, measure, now=next(clock))
    with pytest.raises(ActionRefusedError, match="latest"):
        answering.accept(mette, key, first, now=next(clock), new_id=place.new_id)
    second = Contribution.objects.filter(act="suggest").latest("pk").pk
    answering.accept(doris, key, second, now=next(clock), new_id=place.new_id)
    assert turn() == ("agreed", "both")
    answering.close(mette, key, "Virker", now=next(clock), new_id=place.new_id)
    assert turn() == ("agreed", "counterpart")
    with pytest.raises(ActionRefusedError):
        answering.close(mette, key, "Igen", now=next(clock), new_id=place.new_id)
    answering.close(doris, key, "Virker", now=next(clock), new_id=place.new_id)
    assert turn() == ("closed", "")
    assert Deviation.objects.get(pk=key).cause == "system"
    for late in (answering.note, raising.dismiss):
        with pytest.raises(ActionRefusedError):
            late(doris, key, "For sent", now=next(clock))
    told = LoggedEvent.objects.filter(kind__startswith="deviation").order_by("seq")
    assert [one.kind.removeprefix("deviation_") for one in told] == ["raised", "answered", "agreed", "closed"]
    assert [one.organisation for one in told] == [TOWN, HOSPITAL, HOSPITAL, HOSPITAL]
    assert not any("medicin" in one.attributes or "Listen" in one.attributes for one in told)
    assert b"medicin" not in b"".join(bytes(one.content) for one in Contribution.objects.all())
    shown = queries.shown(mette, key, next(clock))
    assert [one.row.act for one in shown.said] == [
        *("raise", "answer", "suggest", "suggest", "accept", "close", "close")
    ]
    assert shown.agreed is not None
    assert shown.agreed.row.pk == second
    (learnt,) = counting.learnt(here.users["dina"], now)
    (near,) = counting.learnt(here.users["ole"], now)  # the other municipality shares the regional agreement
    assert near == learnt
    Organisation.objects.filter(pk=here.users["ole"].organisation_id).update(municipality="101")
    assert counting.learnt(User.objects.get(username="ole"), now) == []  # another region does not
    assert (learnt.roles, learnt.learning) == (("municipality", "hospital"), measure.learning)
    (of_citizen,) = queries.for_citizen(here.citizen)
    assert (of_citizen.learning, of_citizen.measure) == (measure.learning, measure.measure)


def test_only_the_parties_read_it_and_every_look_is_written_down(here: Place, now: Instant) -> None:
    here.admit(now)
    one = raised(here, now)
    for name, user in here.users.items():
        if name in {"mette", "nora", "doris"}:
            access.open_deviation(user, one.key, now)
            entry = AccessEntry.objects.filter(user=name).latest("pk")
            assert (entry.action, entry.citizen, entry.subject) == (
                *("look-deviation", here.citizen.key),
                f"deviation {one.key}",
            )
        else:
            with pytest.raises(Http404):
                access.open_deviation(user, one.key, now)
            with pytest.raises(PermissionDenied):
                answering.note(user, one.key, "Hej", now=now)
    later = now + 400 * DAY
    here.citizen.cases.update(closed="2020-01-01")
    (row,) = queries.rows(here.users["mette"], [one], later)
    assert row.name == ""
    access.open_deviation(here.users["mette"], one.key, later)
    assert AccessEntry.objects.filter(user="mette").latest("pk").relation == "deviation"
    with pytest.raises(PermissionDenied):
        raised(here, later)


@pytest.mark.parametrize(
    "wrong",
    [
        {"counterpart": TOWN},
        {"counterpart": "nobody"},
        {"stage": "never"},
        {"harm": "death"},
        {"what": "  "},
        {"happened": 2**62},
    ],
    ids=str,
)
def test_a_report_that_makes_no_sense_is_refused(wrong: dict[str, object], here: Place, now: Instant) -> None:
    with pytest.raises(ActionRefusedError):
        raised(here, now, **wrong)
    assert not Deviation.objects.exists()


def test_pages(here: Place, now: Instant, as_: SignedIn) -> None:
    """From the form to both closing, as people do it; what is typed is shown as text."""
    here.admit(now)
    mette, doris = as_("mette"), as_("doris")
    address = reverse("deviation-about", args=[here.citizen.key])
    form = mette.get(address).content.decode()
    assert "Prøvesygehuset" in form
    values = [value for group in clause_choices()[1:] for value, _title in group[1]]
    given = {
        "counterpart": HOSPITAL,
        "clause": next(
            value for value in values if value.startswith("nordjylland-example/admission-report/")
        ),
        "stage": "discharge",
        "happened": "2025-01-02T10:00",
        "what": "<script>alert(1)</script>",
        "harm": "severe",
        "severity": "minor",
        "cause": "late",
    }
    assert mette.post(address, given).status_code == 422
    answer = mette.post(address, given | {"severity": "serious", "what": "6711901234"})
    assert answer.status_code == 422
    answer = mette.post(address, given | {"severity": "serious"})
    assert answer.status_code == 302, answer.content.decode()
    one = Deviation.objects.get()
    page = reverse("deviation", args=[one.key])
    assert answer["Location"] == page
    shown = doris.get(page).content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown
    assert "DPSD" in shown

    def act(client: object, name: str, **fields: str) -> None:
        data = {"act": name} | {f"{name}-{field}": value for field, value in fields.items()}
        answer = client.post(page, data)  # type: ignore[attr-defined]
        assert answer.status_code == 302, (name, answer.content.decode())

    assert doris.post(page, {"act": "answer", "answer-text": "", "answer-cause": "late"}).status_code == 422
    act(doris, "own")
    for text in ("Vi ser på det.", "Vi ser på det.", "Nu er det set."):
        act(doris, "note", text=text)
    assert Contribution.objects.filter(act="note").count() == 2  # pressed twice is said once
    for _ in range(2):
        act(doris, "answer", text="Vi var for sent ude.", cause="late")
    assert Contribution.objects.filter(act="answer").count() == 1
    act(doris, "tell", at="2025-01-03T10:00", text="UTH 12")
    words = {"learning": "Sent svar", "measure": "Ring først", "cause": "late", "nameless": "on"}
    act(mette, "suggest", **words)
    suggestion = Contribution.objects.get(act="suggest").pk
    assert doris.post(page, {"act": "accept", "suggestion": "x"}).status_code == 404
    doris.post(page, {"act": "accept", "suggestion": suggestion})
    act(mette, "close", text="Det virker.")
    act(doris, "close", text="Det virker.")
    one.refresh_from_db()
    assert (one.state, one.counterpart_owner) == ("closed", "doris")
    assert one.authority_told is not None
    before = Contribution.objects.count()
    doris.post(page, {"act": "note", "note-text": "For sent"})
    assert Contribution.objects.count() == before
    assert "Sent svar" in as_("dina").get(reverse("deviation-learning")).content.decode()
    counts = as_("dina").get(reverse("deviation-counts")).content.decode()
    assert "Hjørring" in counts
    assert "Karen" not in counts
    sheet = as_("dina").get(reverse("deviation-counts-csv")).content.decode().splitlines()
    assert len(sheet) == 2
    assert sheet[1].endswith(",860,discharge,severe,serious,late,closed,no,1")


def test_a_list_asks_the_same_whatever_its_length(
    here: Place, now: Instant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    here.admit(now)
    mette = here.users["mette"]
    for count in (1, 4):
        for _ in range(count):
            raised(here, now)
        with django_assert_num_queries(4):
            queries.rows(mette, queries.listed(mette, "running", now), now)


def owed(here: Place, due: Instant, **more: object) -> Obligation:
    """An admission report that was not sent in time, unless `more` says otherwise."""
    given: dict[str, object] = {
        "citizen": here.citizen,
        "pathway": "p",
        "agreement": "nordjylland-example",
        "clause": "admission-report",
        "trigger": place.new_id(),
        "triggered_at": due - DAY,
        "owed_by": TOWN,
        "owed_to": HOSPITAL,
        "start": due - DAY,
        "due": due,
    }
    return Obligation.objects.create(**(given | more))


def test_missed_obligations_propose_where_the_clause_says_so(here: Place, now: Instant) -> None:
    """Three of the clause in 30 days, each over 12 hours late; what does not count stands beside them."""
    here.admit(now)
    Obligation.objects.all().delete()
    for days in (40, 3, 2):
        owed(here, now - days * DAY)
    owed(here, now - HOUR)
    owed(here, now - DAY, outcome="late", closed_at=now - DAY + HOUR)
    owed(here, now - DAY, outcome="kept", closed_at=now - 2 * DAY)
    owed(here, now - DAY, owed_to="citizen")
    owed(here, now - DAY, owed_to=place.OTHER_HOSPITAL.sor)
    owed(here, now - DAY, withdrawn=True)
    owed(here, now - DAY, clause="care-forecast")
    assert proposing.propose(now, place.new_id) == 0
    owed(here, now - DAY, outcome="late", closed_at=now - DAY + 13 * HOUR, citizen=here.neighbour)
    assert proposing.propose(now, place.new_id) == 3
    assert proposing.propose(now, place.new_id) == 0
    one = Deviation.objects.get()
    assert (one.state, one.raised_by_id, one.counterpart_id) == ("proposed", HOSPITAL, TOWN)
    assert one.citizen is None
    owed(here, now - 2 * DAY)
    assert proposing.propose(now, place.new_id) == 1
    doris = here.users["doris"]
    (row,) = queries.rows(doris, queries.listed(doris, "proposed", now), now)
    assert (row.missed, row.ours) == (4, True)
    assert not queries.listed(here.users["mette"], "proposed", now).exists()
    shown = queries.shown(doris, one.key, now)
    assert (len(shown.missed), shown.hidden) == (3, 1)
    with pytest.raises(ActionRefusedError):
        raising.take_up(doris, one.key, report(now), now=now, new_id=place.new_id)
    raising.take_up(doris, one.key, report(now, counterpart=TOWN), now=now, new_id=place.new_id)
    one.refresh_from_db()
    assert (one.state, one.clause, one.by_engine) == ("open", "admission-report", True)
    assert queries.listed(here.users["mette"], "ours", now).get() == one


def test_a_proposal_without_a_breach_is_put_aside(here: Place, now: Instant) -> None:
    for days in (3, 2, 1):
        owed(here, now - days * DAY)
    assert proposing.propose(now, place.new_id) == 3
    assert Deviation.objects.get().citizen == here.citizen
    Obligation.objects.update(withdrawn=True)
    assert proposing.propose(now, place.new_id) == 0
    assert Deviation.objects.get().state == "dismissed"


def test_an_agreement_gives_the_time_to_answer(here: Place, now: Instant) -> None:
    """Ten working days in the example; a withdrawn one is owed no answer."""
    here.admit(now)
    mette, doris = here.users["mette"], here.users["doris"]
    first, second = raised(here, now, asked_by=now + DAY), raised(here, now)
    waits = Obligation.objects.filter(clause="deviation-answer-hospital", outcome="", withdrawn=False)
    assert {one.owed_by for one in waits.all()} == {HOSPITAL}
    (row,) = queries.rows(mette, [first], now)
    due = waits.get(trigger=first.event).due
    assert due is not None
    assert row.answer_by == due > now + 11 * DAY
    answering.answer(doris, first.key, "Ja", "late", now=now + MINUTE, new_id=place.new_id)
    assert waits.get().trigger == second.event
    raising.withdraw(mette, second.key, "Forkert", now=now + HOUR, new_id=place.new_id)
    assert not waits.all().exists()


def test_the_effect_is_how_the_clause_is_kept_between_the_two(here: Place, now: Instant) -> None:
    due = {"agreement": "nordjylland-example", "clause": "admission-report"}
    found = Deviation(raised_by_id=HOSPITAL, counterpart_id=TOWN, raised=now - 20 * DAY, **due)
    for days, outcome in ((200, "kept"), (40, "late"), (30, "missing"), (25, "kept"), (15, "kept")):
        owed(here, now - days * DAY, outcome=outcome)
    owed(here, now - 5 * DAY)
    owed(here, now + DAY)
    owed(here, now - 25 * DAY, outcome="kept", owed_to=place.OTHER_HOSPITAL.sor)
    assert effect(found, now) == Effect(Share(1, 3), None)
    found.agreed = now - 18 * DAY
    assert effect(found, now) == Effect(Share(1, 3), Share(1, 2))
    found.clause = ""
    assert effect(found, now) is None
