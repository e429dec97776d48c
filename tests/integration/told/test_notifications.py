"""Who is told of what, once; and the e-mail that says no more than that there is news."""

import datetime as dt
import re
from email.message import EmailMessage

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, from_local
from naer.site.citizen import leaving
from naer.site.deviations import proposing, tellers
from naer.site.deviations.actions import answering, raising
from naer.site.deviations.actions.raising import Report
from naer.site.messaging import notices
from naer.site.messaging.models import OutgoingMessage
from naer.site.notifications import actions, addresses, gathering, mailing, queries, smtp, work
from naer.site.notifications.kinds import KINDS
from naer.site.notifications.models import Mail, Notification, Preference
from naer.site.notifications.smtp import Smtp
from naer.site.pathways.models import Obligation
from naer.site.pathways.tick import tick
from tests import place
from tests.integration.told.conftest import Post
from tests.place import Place


def clock(hour: int, minute: int = 0, day: int = 4) -> Instant:
    """A time of a Wednesday in November 2026, local."""
    return from_local(dt.datetime.combine(dt.date(2026, 11, day), dt.time(hour, minute)), ZONES["DK"])


TEN = clock(10)


def address(here: Place, *names: str) -> None:
    for name in names:
        user = here.users[name]
        user.email, user.language = f"{name}@example.org", "en"
        user.save()


def news(here: Place, name: str, at: Instant, thing: str = "x", kind: str = "citizen") -> None:
    actions.tell([here.users[name]], kind, thing, now=at, citizen=here.citizen)


def overdue(here: Place) -> Obligation:
    """An admission report that was due an hour ago, and whose steps all have fired."""
    here.receive(here.notification("STIN", TEN - 29 * HOUR, report_requested=True), now=TEN - 29 * HOUR)
    tick(TEN)
    return Obligation.objects.get(clause="admission-report")


class TestGathering:
    def test_the_side_that_the_agreement_names_is_told_once(self, here: Place) -> None:
        owed = overdue(here)
        for _ in range(2):
            gathering.gather(TEN)
        told = Notification.objects.filter(obligation=owed)
        assert {(one.user.username, one.kind) for one in told} == {
            *((name, kind) for name in ("mette", "nora") for kind in ("escalation", "escalation-leader"))
        }
        assert queries.unread(here.users["mette"]) == 2
        assert queries.unread(here.users["doris"]) == 0

    def test_a_leader_is_told_alone_of_what_goes_to_the_leader(self, here: Place) -> None:
        Preference.objects.create(user=here.users["nora"], leads=True)
        overdue(here)
        gathering.gather(TEN)
        leaders = Notification.objects.filter(kind="escalation-leader")
        assert [one.user.username for one in leaders] == ["nora"]

    def test_what_was_done_or_noted_is_nothing_new(self, here: Place) -> None:
        owed = overdue(here)
        gathering.gather(TEN)
        one = OutgoingMessage.objects.filter(kind="escalation").order_by("pk").first()
        assert one is not None
        notices.note(here.users["mette"], [one.pk], TEN)
        assert queries.unread(here.users["nora"]) == 1
        Obligation.objects.filter(pk=owed.pk).update(outcome="late", closed_at=TEN)
        assert actions.settle(TEN) == 2
        assert queries.unread(here.users["nora"]) == 0

    def test_who_may_not_see_the_citizen_is_not_told(self, here: Place) -> None:
        overdue(here)
        here.citizen.cases.update(closed="2020-01-01")
        gathering.gather(TEN)
        assert not Notification.objects.exists()


def test_a_deviation_is_told_to_those_who_can_close_it_then_to_who_follows_it_up(here: Place) -> None:
    here.receive(here.notification("STIN", TEN - HOUR), now=TEN - HOUR)
    report = Report(place.HOSPITAL.sor, "discharge", "none", "minor", "late", TEN - MINUTE, "Ingen ringede")
    one = raising.raise_deviation(here.users["mette"], here.citizen, report, now=TEN, new_id=place.new_id)
    answering.answer(here.users["doris"], one.key, "Nej", "late", now=TEN + 1, new_id=place.new_id)
    answering.note(here.users["mette"], one.key, "Hvad så?", now=TEN + 2)
    told = [(row.user.username, row.kind) for row in Notification.objects.order_by("pk")]
    assert told == [
        ("doris", "deviation-raised"),
        ("mette", "deviation-answered"),
        ("doris", "deviation-said"),
    ]
    actions.seen(here.users["doris"], "deviation", one.key, TEN)
    assert queries.unread(here.users["doris"]) == 0


def test_what_waits_past_its_time_and_what_is_serious_is_told_once(here: Place) -> None:
    """Where no agreement gives the time to answer, the wish of the raiser does; both are told of the law."""
    report = Report(
        counterpart=place.HOSPITAL.sor,
        stage="stay",
        harm="none",
        severity="serious",
        cause="late",
        happened=TEN - MINUTE,
        what="Ingen ringede",
        asked_by=TEN + HOUR,
    )
    raising.raise_deviation(here.users["mette"], None, report, now=TEN, new_id=place.new_id)
    told = Notification.objects.order_by("pk").values_list("user__username", "kind")
    assert set(told) == {
        ("doris", "deviation-raised"),
        ("doris", "deviation-serious"),
        ("mette", "deviation-serious"),
    }
    for now in (TEN + HOUR, TEN + HOUR + 1, TEN + 2 * HOUR):
        tellers.late(now)
    assert list(told.filter(kind="deviation-late")) == [("doris", "deviation-late")]


def test_a_step_that_fails_holds_up_none_of_a_round(monkeypatch: pytest.MonkeyPatch, here: Place) -> None:
    done: list[str] = []

    def failing(*_: object) -> None:
        raise KeyError

    def hanging(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(leaving, "end_left", failing)
    monkeypatch.setattr(actions, "settle", hanging)
    for module, name in ((proposing, "propose"), (gathering, "gather"), (mailing, "mail")):
        monkeypatch.setattr(module, name, lambda *_, name=name: done.append(name))
    with pytest.RaisesGroup(KeyError, TimeoutError):  # one does not hide the other
        work.once(TEN)
    assert done == ["propose", "gather", "mail"]


def test_every_kind_leads_somewhere(here: Place) -> None:
    for kind in KINDS.values():
        assert kind.where(here.citizen.key, 1, "key").startswith("/")


NEVER, SOON, DAILY = Preference.Email.NEVER, Preference.Email.SOON, Preference.Email.DAILY


@pytest.mark.parametrize(
    ("email", "oldest", "last", "now", "yes"),
    [
        (NEVER, TEN - HOUR, None, TEN, False),
        (SOON, TEN - HOUR, None, TEN, True),
        (SOON, TEN - 2 * MINUTE, None, TEN, False),
        (SOON, TEN - 3 * MINUTE, None, TEN, True),
        (SOON, TEN - HOUR, TEN - 29 * MINUTE, TEN, False),
        (SOON, TEN - HOUR, TEN - 30 * MINUTE, TEN, True),
        (SOON, TEN - HOUR, None, clock(18), False),
        (SOON, TEN - HOUR, None, clock(6, 59, 5), False),
        (SOON, TEN - HOUR, None, clock(7, 0, 5), True),
        (DAILY, TEN - HOUR, None, clock(8, 29), False),
        (DAILY, TEN - HOUR, None, clock(8, 30), True),
        (DAILY, TEN - HOUR, clock(8, 31), TEN, False),
        (DAILY, TEN - HOUR, clock(8, 31), clock(8, 30, 5), True),
    ],
)
def test_when_an_email_leaves(
    email: Preference.Email, oldest: Instant, last: Instant | None, now: Instant, yes: bool
) -> None:
    chosen = Preference(email=email, daily_at=8 * 60 + 30)
    assert mailing.due(chosen, oldest, last, now) is yes


@pytest.mark.parametrize(
    ("start", "end", "minute", "yes"),
    [(60, 120, 60, True), (60, 120, 120, False), (60, 60, 60, False), (1320, 60, 30, True)],
)
def test_quiet_hours_may_run_over_midnight(start: int, end: int, minute: int, yes: bool) -> None:
    now = clock(minute // 60, minute % 60)
    assert mailing.quiet(Preference(quiet_from=start, quiet_until=end), now) is yes


class TestMail:
    def test_one_email_tells_of_everything_and_says_nothing_about_anybody(
        self, here: Place, post: tuple[Post, Smtp], settings: Settings
    ) -> None:
        kept, server = post
        settings.URL = "https://naer.example.dk/"
        address(here, "mette", "nora")
        for thing in ("a", "b"):
            news(here, "mette", TEN - HOUR, thing, "escalation")
        news(here, "mette", TEN - HOUR, "c")
        news(here, "mette", TEN - HOUR, "d", "deviation-said")
        assert mailing.mail(TEN, None) == mailing.Mailed()
        assert mailing.mail(TEN, server) == mailing.Mailed(made=1, sent=1)
        assert mailing.mail(TEN + HOUR, server) == mailing.Mailed()
        (came,) = kept.got
        assert kept.receivers == ["mette@example.org"]
        assert (came["subject"], came["auto-submitted"]) == ("Naer: 3 new things", "auto-generated")
        text = came.get_content()
        assert "has not been done (2)" in text
        assert "https://naer.example.dk/notifications/" in text
        for secret in ("Karen", "Testgaard", "Mette", "Hjørring", here.citizen.key, *place.NUMBERS):
            assert secret not in came.as_string()

    def test_the_language_is_the_readers(self, here: Place, post: tuple[Post, Smtp]) -> None:
        kept, server = post
        address(here, "mette")
        here.users["mette"].language = ""
        here.users["mette"].save()
        news(here, "mette", TEN - HOUR)
        mailing.mail(TEN, server)
        assert kept.got[0]["subject"] == "Naer: 1 nyhed"

    def test_a_server_that_is_busy_is_asked_again_and_no_address_is_logged(
        self, here: Place, post: tuple[Post, Smtp], capfd: pytest.CaptureFixture[str]
    ) -> None:
        kept, server = post
        address(here, "mette")
        news(here, "mette", TEN - HOUR)
        kept.answers = ["451 later"]
        assert mailing.mail(TEN, server).sent == 0
        assert mailing.mail(TEN + MINUTE - 1, server).sent == 0
        assert mailing.mail(TEN + MINUTE, server).sent == 1
        assert Mail.objects.get().tries == 2
        assert "mette@" not in "".join(capfd.readouterr())

    def test_what_is_read_meanwhile_does_not_leave(self, here: Place, post: tuple[Post, Smtp]) -> None:
        kept, server = post
        address(here, "mette")
        news(here, "mette", TEN - HOUR)
        kept.answers = ["451 later"]
        mailing.mail(TEN, server)
        actions.read(here.users["mette"], TEN)
        mailing.mail(TEN + HOUR, server)
        assert Mail.objects.get().state == "dropped"
        assert not kept.got

    def test_an_address_that_is_refused_is_not_tried_again_and_its_owner_is_told(
        self, here: Place, post: tuple[Post, Smtp], settings: Settings
    ) -> None:
        kept, server = post
        settings.SMTP_URL = f"smtp://127.0.0.1:{server.port}"
        address(here, "mette")
        news(here, "mette", TEN - HOUR)
        kept.answers = ["550 nobody here"]
        mailing.mail(TEN, server)
        mailing.mail(TEN + DAY, server)
        assert (Mail.objects.get().state, Mail.objects.get().tries) == ("refused", 1)
        client = Client()
        client.force_login(here.users["mette"])
        assert (
            "does not take your address"
            in client.get(
                reverse("notification-preferences"), headers={"Accept-Language": "en"}
            ).content.decode()
        )

    def test_nobody_there_and_a_claim_that_was_cut_off(self, here: Place, post: tuple[Post, Smtp]) -> None:
        kept, server = post
        address(here, "mette")
        news(here, "mette", TEN - HOUR)
        mailing.mail(TEN, Smtp("127.0.0.1", 1))
        Mail.objects.update(next_at=TEN + mailing.CLAIM)
        assert mailing.mail(TEN + mailing.CLAIM - 1, server).sent == 0
        assert mailing.mail(TEN + mailing.CLAIM, server).sent == 1
        ids = {one["message-id"] for one in kept.got}
        assert len(ids) == 1

    def test_a_name_and_a_password_are_given(self, here: Place, post: tuple[Post, Smtp]) -> None:
        kept, server = post
        address(here, "mette")
        news(here, "mette", TEN - HOUR)
        named = smtp.read(f"smtp://naer:p%40ss%2Fword@127.0.0.1:{server.port}")
        assert "p@ss" not in repr(named)
        assert mailing.mail(TEN, named).sent == 1
        assert kept.logins == [b"naer"]


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "smtp://:25",
        "smtp://a:x",
        "smtp://a?tls=no",
        "smtps://a?tls=starttls",
        "a:b@c",
        "smtp://a?b",
    ],
)
def test_a_url_that_names_no_server_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        smtp.read(url)
    assert url not in str(caught.value)


def test_pages(here: Place, now: Instant) -> None:
    """The bell, the list, following one, all read; how one is told; nobody else's."""
    client = Client()
    client.force_login(here.users["mette"])
    news(here, "mette", now, "a")
    news(here, "mette", now, "b", "escalation")
    news(here, "nora", now, "c")
    page = client.get(reverse("notifications"), headers={"Accept-Language": "en"}).content.decode()
    assert "<b>2</b>" in page
    assert "There is news about a citizen: Karen Testgaard" in page
    first, others = Notification.objects.get(thing="a"), Notification.objects.get(thing="c")
    answer = client.post(reverse("notification", args=[first.pk]))
    assert answer["Location"] == reverse("citizen", args=[here.citizen.key])
    assert client.post(reverse("notification", args=[others.pk])).status_code == 404
    client.post(reverse("notifications"))
    assert queries.unread(here.users["mette"]) == 0
    assert queries.unread(here.users["nora"]) == 1
    given = {
        "address": "mette@example.org",
        "email": "daily",
        "daily_at": "08:15",
        "quiet_from": "00:00",
        "quiet_until": "00:00",
    }
    assert client.post(reverse("notification-preferences"), given | {"daily_at": "x"}).status_code == 422
    client.post(reverse("notification-preferences"), given | {"kinds": ["escalation"], "leads": "on"})
    own = Client()
    own.force_login(here.users["karen"])
    asked = own.get(reverse("notification-preferences"), headers={"Accept-Language": "en"}).content.decode()
    assert "What you asked for was answered" in asked
    assert "escalation" not in asked  # what never reaches a citizen is no choice of theirs
    assert 'name="leads"' not in asked
    kept = Preference.objects.get(user=here.users["mette"])
    assert (kept.email, kept.daily_at, kept.leads) == ("daily", 495, True)
    assert kept.user.email == ""  # nobody has shown that it is hers
    assert "escalation" not in kept.muted.split()
    assert "citizen" in kept.muted.split()


def code_in(letter: EmailMessage) -> str:
    found = re.search(r"\b[0-9a-f]{10}\b", letter.get_content())
    assert found is not None
    return found[0]


def test_nothing_but_a_code_goes_to_an_address_until_it_is_confirmed(
    here: Place, post: tuple[Post, Smtp]
) -> None:
    """The code is sent to the address itself; typed in by who gave it, it makes the address theirs."""
    kept, server = post
    mette, nora = here.users["mette"], here.users["nora"]
    news(here, "mette", TEN - HOUR)
    assert addresses.give(mette, "mette@example.org", TEN)
    mailing.mail(TEN, server)
    mailing.mail(TEN + MINUTE, server)
    assert kept.receivers == ["mette@example.org"]  # the code, once, and no news
    code = code_in(kept.got[0])
    assert not addresses.confirm(nora, code, TEN)
    assert not addresses.confirm(mette, "0" * 10, TEN)
    assert not addresses.confirm(mette, code, TEN + 4 * DAY)

    addresses.give(mette, "", TEN + MINUTE)  # going back and forth sends no more codes at once
    addresses.give(mette, "other@example.org", TEN + 2 * MINUTE)
    assert not addresses.confirm(mette, code, TEN + 2 * MINUTE)
    assert addresses.send(server, TEN + 3 * MINUTE) == 0
    assert addresses.send(server, TEN + HOUR) == 1
    assert addresses.confirm(mette, code_in(kept.got[1]).upper(), TEN + HOUR)
    mailing.mail(TEN + HOUR, server)
    assert kept.receivers[1:] == ["other@example.org"] * 2  # now the news
