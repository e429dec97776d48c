"""What opens and closes a record beside care itself: grants, blocks, emergencies; and the log of it."""

import itertools

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from naer.events.instant import DAY, HOUR, Instant
from naer.site import clock
from naer.site.access import blocks, emergencies, grants, rules, seal
from naer.site.access.models import AccessEntry, AccessSeal, Emergency, Grant
from naer.site.access.seen_by import seen_by
from naer.site.access.whence import coming_from
from naer.site.accounts.models import User
from naer.site.append_only import lock, unlock
from naer.site.pathways.models import Citizen
from tests import place
from tests.place import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Place:
    """The small place, with a user of the citizen's own and one of a daughter."""
    return place.build()


@pytest.fixture
def now() -> Instant:
    return clock.now()


def offer(here: Place, now: Instant, *parts: str, until: Instant | None = None) -> tuple[Grant, str]:
    codes = itertools.count()
    return grants.give(
        here.users["karen"],
        here.citizen,
        "min datter",
        parts,
        until or now + DAY,
        now=now,
        new_code=lambda: f"abcd-efgh-{next(codes)}",
    )


class TestGrants:
    def test_what_is_granted_until_when(self, here: Place, now: Instant) -> None:
        ditte = here.users["ditte"]
        made, code = offer(here, now, "plan")
        assert not rules.relation(ditte, here.citizen, now, "look-plan"), "offered, not taken"
        assert made.code not in {"", code}
        grants.take(ditte, f" {code.upper().replace('-', ' ')} ", now=now)
        for action, sees in (("own-page", True), ("look-plan", True), ("own-log", False), ("look", False)):
            assert bool(rules.relation(ditte, here.citizen, now, action)) is sees, action
            assert not rules.relation(ditte, here.neighbour, now, action)
        assert not rules.relation(ditte, here.citizen, now + DAY, "look-plan")
        assert [grants.parts_of(one) for one in grants.of(here.citizen, now)] == [("page", "plan")]
        grants.end(here.users["karen"], made.pk, now=now)
        assert not rules.relation(ditte, here.citizen, now, "look-plan")
        assert not grants.of(here.citizen, now).exists()

    def test_a_code_is_taken_once_by_next_of_kin_in_time(self, here: Place, now: Instant) -> None:
        _, code = offer(here, now, until=now + 300 * DAY)
        for who, text, when in (
            ("mette", code, now),
            ("karen", code, now),
            ("ditte", "another", now),
            ("ditte", "", now),
            ("ditte", code, now + 15 * DAY),
        ):
            with pytest.raises(grants.GrantRefusedError):
                grants.take(here.users[who], text, now=when)
        grants.take(here.users["ditte"], code, now=now)
        with pytest.raises(grants.GrantRefusedError):
            grants.take(here.users["ditte"], code, now=now)

    def test_nobody_grants_for_another(self, here: Place, now: Instant) -> None:
        made, _ = offer(here, now)
        for who in ("mette", "ditte", "gunnar"):
            with pytest.raises(PermissionDenied):
                grants.end(here.users[who], made.pk, now=now)
            with pytest.raises(PermissionDenied):
                grants.give(here.users[who], here.citizen, "", [], now + DAY, now=now, new_code=lambda: "x")
        with pytest.raises(PermissionDenied):
            grants.give(here.users["karen"], here.neighbour, "", [], now + DAY, now=now, new_code=lambda: "x")
        assert Grant.objects.filter(ended=None).count() == 1

    @pytest.mark.parametrize(("part", "days"), [("everything", 1), ("plan", 0), ("plan", 500)])
    def test_what_cannot_be_granted(self, part: str, days: int, here: Place, now: Instant) -> None:
        with pytest.raises(grants.GrantRefusedError):
            offer(here, now, part, until=now + days * DAY)


class TestBlocks:
    def test_nobody_of_the_organisation_finds_the_citizen(self, here: Place, now: Instant) -> None:
        karen, mette, gunnar = (here.users[name] for name in ("karen", "mette", "gunnar"))
        blocks.block(karen, here.citizen, place.MUNICIPALITY.sor, now=now)
        blocks.block(karen, here.citizen, place.MUNICIPALITY.sor, now=now)
        assert not rules.visible_citizens(mette, now).exists()
        assert not rules.visible_citizens(here.users["nora"], now).exists()
        assert rules.may_see(gunnar, here.citizen, now)
        assert [one.organisation_id for one in blocks.of(here.citizen)] == [place.MUNICIPALITY.sor]
        assert place.MUNICIPALITY.sor not in {one.key for one in blocks.offered(here.citizen)}
        blocks.lift(karen, here.citizen, place.MUNICIPALITY.sor, now=now)
        assert rules.may_see(mette, here.citizen, now)
        assert {one.key for one in blocks.offered(here.citizen)} >= {
            place.MUNICIPALITY.sor,
            place.PRACTICE.sor,
        }

    def test_only_the_citizen_decides(self, here: Place, now: Instant) -> None:
        with pytest.raises(PermissionDenied):
            blocks.block(here.users["mette"], here.citizen, place.PRACTICE.sor, now=now)
        with pytest.raises(PermissionDenied):
            blocks.lift(here.users["mette"], here.citizen, place.PRACTICE.sor, now=now)
        with pytest.raises(blocks.BlockRefusedError):
            blocks.block(here.users["karen"], here.citizen, "no-such-place", now=now)

    def test_the_law_of_the_country(self, here: Place, now: Instant, settings: Settings) -> None:
        settings.COUNTRY = "SE"
        with pytest.raises(blocks.BlockRefusedError):
            blocks.block(here.users["karen"], here.citizen, place.PRACTICE.sor, now=now)
        assert not blocks.offered(here.citizen).exists()


class TestEmergency:
    REASON = "Fundet bevidstløs, medicin ukendt"

    def test_for_some_hours_reading_only(self, here: Place, now: Instant, settings: Settings) -> None:
        dennis = here.users["dennis"]
        assert not rules.may_see(dennis, here.citizen, now)
        made = emergencies.open_record(dennis, here.citizen, self.REASON, now=now)
        assert rules.relation(dennis, here.citizen, now) == "emergency"
        assert not rules.relation(dennis, here.citizen, now, "record")
        assert not rules.may_see(here.users["doris"], here.citizen, now), "who opened it alone"
        assert rules.may_see(dennis, here.citizen, now + settings.EMERGENCY_HOURS * HOUR - 1)
        assert not rules.may_see(dennis, here.citizen, now + settings.EMERGENCY_HOURS * HOUR)
        assert self.REASON.encode() not in bytes(made.reason)
        assert emergencies.reason_of(made) == self.REASON
        assert [one.what for one in seen_by(here.citizen) if one.emergency] == [
            "Opened the record in an emergency"
        ]

    def test_a_block_does_not_close_it(self, here: Place, now: Instant) -> None:
        blocks.block(here.users["karen"], here.citizen, place.MUNICIPALITY.sor, now=now)
        emergencies.open_record(here.users["mette"], here.citizen, self.REASON, now=now)
        assert rules.relation(here.users["mette"], here.citizen, now) == "emergency"

    def test_who_opens_none(self, here: Place, now: Instant) -> None:
        for who in ("dina", "anna", "adam", "inge", "karen", "ditte"):
            with pytest.raises(PermissionDenied):
                emergencies.open_record(here.users[who], here.citizen, self.REASON, now=now)
        for reason in ("", "  x  " * 2, "x" * 3000):
            with pytest.raises(emergencies.EmergencyRefusedError):
                emergencies.open_record(here.users["ole"], here.citizen, reason, now=now)
        assert not Emergency.objects.exists()

    def test_a_colleague_looks_into_it(self, here: Place, now: Instant) -> None:
        nora, mette, ole = (here.users[name] for name in ("nora", "mette", "ole"))
        made = emergencies.open_record(nora, here.neighbour, self.REASON, now=now)
        assert made.reviewer == mette, "in care before who runs the system"
        assert list(emergencies.to_review(mette)) == [made]
        for who in ("nora", "ole", "adam", "gunnar", "dina", "karen"):
            assert not emergencies.to_review(here.users[who]).exists(), who
            with pytest.raises(Emergency.DoesNotExist):
                emergencies.review(here.users[who], made.pk, "right", "", now=now)
        with pytest.raises(emergencies.EmergencyRefusedError):
            emergencies.review(mette, made.pk, "perhaps", "", now=now)
        done = emergencies.review(mette, made.pk, "wrong", "Ikke nødvendigt", now=now)
        assert (done.reviewer, emergencies.note_of(done)) == (mette, "Ikke nødvendigt")
        with pytest.raises(emergencies.EmergencyRefusedError):
            emergencies.review(mette, made.pk, "right", "", now=now)
        assert not emergencies.to_review(mette).exists()
        assert not emergencies.to_review(ole).exists()

    def test_who_runs_the_system_reviews_when_nobody_in_care_can(self, here: Place, now: Instant) -> None:
        User.objects.filter(username__in=("nora",)).delete()
        made = emergencies.open_record(here.users["mette"], here.neighbour, self.REASON, now=now)
        assert made.reviewer == here.users["adam"]
        assert list(emergencies.to_review(here.users["adam"])) == [made]


class TestLog:
    def test_the_citizen_reads_who_looked(self, here: Place, now: Instant) -> None:
        with coming_from("192.0.2.7"):
            for at in (now, now + 1):
                rules.open_citizen(here.users["mette"], here.citizen.key, "pathway", at)
        rules.trace_failed_search(here.users["ole"], here.citizen, now + 2)
        here.admit(now)
        with CaptureQueriesContext(connection) as queries:
            found = seen_by(here.citizen)
        assert len(queries) == 3
        looked = next(one for one in found if one.who == "Mette Skitse")
        assert (looked.times, looked.organisation) == (2, place.MUNICIPALITY.name)
        assert (str(looked.role), looked.what) == ("Care coordinator", "Opened the pathway")
        assert next(one for one in found if one.refused).who == "Ole Nabo"
        assert next(one for one in found if one.automatic).organisation == ""
        assert AccessEntry.objects.filter(user="mette", whence="192.0.2.7", purpose="care").count() == 2
        assert not seen_by(here.neighbour)

    def test_no_look_without_an_entry(self, here: Place, now: Instant) -> None:
        citizen = rules.open_citizen(here.users["karen"], here.citizen.key, "log", now, "own-log")
        assert citizen == here.citizen
        assert AccessEntry.objects.get().relation == "self"
        with pytest.raises(Http404):
            rules.open_citizen(here.users["karen"], here.neighbour.key, "log", now, "own-log")
        assert AccessEntry.objects.count() == 1

    @pytest.mark.parametrize(
        ("sql", "said"),
        [
            ("UPDATE access_accessentry SET subject = 'x' WHERE id = {0}", "not what was written"),
            ("UPDATE access_accessentry SET whence = 'x' WHERE id = {0}", "not what was written"),
            ("DELETE FROM access_accessentry WHERE id = {0}", "5 entries were sealed"),
            ("DELETE FROM access_accessseal WHERE id = {1}", "not what was written"),
        ],
    )
    def test_a_changed_log_is_found(self, sql: str, said: str, here: Place, now: Instant) -> None:
        for count in (5, 3):
            for _ in range(count):
                rules.open_citizen(here.users["mette"], here.citizen.key, "pathway", now)
            assert seal.seal(now)
            now += 2 * HOUR
        assert not seal.seal(now + DAY), "nothing new"
        rules.open_citizen(here.users["mette"], here.citizen.key, "pathway", now)
        assert not seal.seal(now, every=10 * DAY), "too early"
        assert list(seal.findings()) == []
        first, sealed = AccessEntry.objects.earliest("pk").pk, AccessSeal.objects.earliest("pk").pk
        tables = ("access_accessentry", "access_accessseal")
        with connection.cursor() as cursor:
            for table in tables:
                unlock(cursor.execute, connection.vendor, table)
            cursor.execute(sql.format(first, sealed))
            for table in tables:
                lock(cursor.execute, connection.vendor, table)
        found = list(seal.findings())
        assert len(found) == 1
        assert said in found[0] or "entries were sealed" in found[0]


def test_a_citizen_of_nobody_is_in_no_list(here: Place, now: Instant) -> None:
    """Every role that is not in care lists nobody; the citizen finds themselves alone."""
    for who in ("dina", "anna", "adam", "inge", "ditte"):
        for action in ("look", "own-page", "look-plan"):
            assert not rules.visible_citizens(here.users[who], now, action).exists()
    assert list(rules.visible_citizens(here.users["karen"], now, "own-page")) == [here.citizen]
    assert not rules.visible_citizens(here.users["karen"], now).exists()
    assert Citizen.objects.count() == 2
