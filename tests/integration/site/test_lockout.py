"""Lock-out and sessions: who guesses is refused for a while; a session ends when it should."""

import pytest
from django.test import Client
from pytest_django import Settings

from naer.events.instant import DAY, HOUR, MINUTE, SECOND, Instant
from naer.site import clock
from naer.site.access.models import AccessEntry
from naer.site.accounts import enrol, lockout
from naer.site.accounts.lockout import LockedOutError
from naer.site.accounts.models import FailedSignIn, User
from tests import place
from tests.place import Place

NOW: Instant = 1_772_000_000 * SECOND
RIGHT = {"username": "mette", "password": "mette walks in the rain"}
WRONG = RIGHT | {"password": "mette walks in the sun"}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[Instant]:
    """The instant that it is outside the demo, to be set."""
    shown = [NOW]
    monkeypatch.setattr(clock, "real", lambda: shown[0])
    return shown


def tries(name: str, address: str, times: int, now: Instant = NOW) -> int:
    """How many of so many tries are looked at."""
    looked = 0
    for _ in range(times):
        try:
            lockout.begin(name, address, now)
            looked += 1
        except LockedOutError:
            pass
    return looked


@pytest.mark.django_db
def test_limits() -> None:
    assert tries("mette", "10.0.0.1", 9) == 5
    assert tries(" METTE ", "10.0.0.1", 1) == 0, "the same name, written otherwise"
    assert tries("mette", "10.0.0.2", 9) == 5, "another address is another count"
    assert tries("lone", "10.0.0.1", 9) == 5, "another name is another count"
    assert sum(tries("mette", f"10.0.1.{n}", 5) for n in range(9)) == 20, "30 for one name from anywhere"
    assert sum(tries(f"name {n}", "10.0.0.1", 1) for n in range(110)) == 90, "100 from one address"
    with pytest.raises(LockedOutError) as locked:
        lockout.begin("mette", "10.0.0.1", NOW + MINUTE)
    assert locked.value.until == NOW + 15 * MINUTE
    assert lockout.locked_until("mette", NOW + MINUTE) == NOW + 15 * MINUTE
    assert tries("mette", "10.0.0.1", 9, NOW + 15 * MINUTE) == 5, "time ends it"
    assert lockout.unlock("Mette") == 35
    assert lockout.locked_until("mette", NOW + 15 * MINUTE) is None
    tries("x", "y", 1, NOW + 2 * DAY)
    assert FailedSignIn.objects.count() == 1, "nothing is kept for longer than a day"
    kept = str(FailedSignIn.objects.values_list("name", "address").get())
    assert "x" not in kept.split("'")
    assert len(kept) > 128


def test_on_the_page(here: Place, at: list[Instant], settings: Settings) -> None:
    client = Client()
    assert [client.post("/sign-in/", WRONG).status_code for _ in range(6)] == [422] * 5 + [429]
    shut = client.post("/sign-in/", RIGHT)
    assert shut.status_code == 429, "the right password is not looked at either"
    assert "Wait 15 minutes" in shut.content.decode()
    assert "mette walks" not in shut.content.decode()
    entry = AccessEntry.objects.get(action="locked-out")
    assert (entry.user, entry.citizen) == ("mette", "")

    stranger = RIGHT | {"username": "7101901234"}
    answers = [client.post("/sign-in/", stranger).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429], "a name that nobody has is treated alike"
    assert AccessEntry.objects.filter(action="locked-out").count() == 1

    settings.PROXIES = 1
    for chain, status in (("8.8.8.8, 10.1.1.1", 302), ("10.1.1.1, 127.0.0.1", 429), ("", 429)):
        other = Client(headers={"X-Forwarded-For": chain} if chain else {})
        assert other.post("/sign-in/", RIGHT).status_code == status, chain
    settings.PROXIES = 0
    lied = Client(headers={"X-Forwarded-For": "10.1.1.1"})
    assert lied.post("/sign-in/", RIGHT).status_code == 429, "no server in front: the word of the caller"

    at[0] += 16 * MINUTE
    assert client.post("/sign-in/", RIGHT).status_code == 302
    told = client.get("/agreements/").content.decode()
    assert "failed elsewhere" not in told, "one's own failures are no news"
    entries = AccessEntry.objects.filter(action="signed-in", user="mette").values_list("subject", flat=True)
    assert set(entries) == {"password"}


def test_who_was_guessed_at_is_told(here: Place, at: list[Instant]) -> None:
    Client(REMOTE_ADDR="10.0.0.9").post("/sign-in/", WRONG)
    client = Client()
    client.post("/sign-in/", RIGHT)
    assert (
        "1 try to sign in with your user name has failed elsewhere"
        in client.get("/agreements/").content.decode()
    )


def test_what_ends_a_session(here: Place, at: list[Instant], settings: Settings) -> None:
    def signed_in() -> Client:
        client = Client()
        at[0] += HOUR
        before = client.get("/sign-in/") and client.session.session_key
        assert client.post("/sign-in/", RIGHT).status_code == 302
        assert client.session.session_key != before
        return client

    def there(client: Client, **headers: str) -> bool:
        return client.get("/agreements/", headers=headers).status_code == 200

    idle = signed_in()
    at[0] += 59 * MINUTE
    assert there(idle)
    at[0] += 59 * MINUTE
    assert there(idle), "what was done counts"
    at[0] += 40 * MINUTE
    assert there(idle, **{"HX-Request": "true"})
    at[0] += 40 * MINUTE
    assert not there(idle), "a page that asks for news by itself is nothing done"
    assert "nothing was done for a while" in idle.get("/sign-in/").content.decode()

    old = signed_in()
    for _ in range(12):
        at[0] += 50 * MINUTE
        assert there(old)
    at[0] += 10 * MINUTE
    assert not there(old), "ten hours and no more, whatever was done"

    mette = here.users["mette"]
    for change in (
        {"role": User.Role.NURSE},
        {"organisation_id": place.OTHER_MUNICIPALITY.sor},
        {"is_active": False},
    ):
        client = signed_in()
        assert there(client)
        User.objects.filter(pk=mette.pk).update(**change)
        assert not there(client), change
        User.objects.filter(pk=mette.pk).update(
            role=mette.role, organisation_id=mette.organisation_id, is_active=True
        )
    client = signed_in()
    enrol.renew("mette", "mette sleeps in the sun")
    assert not there(client)


def test_signing_out(here: Place, at: list[Instant]) -> None:
    client = Client()
    client.post("/sign-in/", RIGHT)
    key = client.session.session_key
    client.post("/sign-out/")
    assert AccessEntry.objects.filter(action="signed-out", user="mette").count() == 1
    client.cookies["sessionid"] = str(key)
    assert client.get("/agreements/").status_code == 302, "the old key opens nothing"


def test_citizens_and_next_of_kin(here: Place) -> None:
    karen = enrol.citizen(" 710190-1234")
    assert karen == here.citizen
    with pytest.raises(enrol.UserRefusedError) as unknown:
        enrol.citizen("710190-1235")
    assert "710190" not in str(unknown.value)
    aage = here.neighbour
    user = enrol.admit(enrol.draft("aage", "", "citizen", citizen=aage), None)
    assert (user.get_full_name(), user.organisation, user.citizen) == ("Aage Prøvesen", None, aage)
    assert not user.has_usable_password()
    kin = enrol.admit(enrol.draft("kim", "Kim Testgaard", "relative"), "kim walks in the snow")
    assert (
        Client().post("/sign-in/", {"username": "kim", "password": "kim walks in the snow"}).status_code
        == 302
    )
    assert (kin.organisation, kin.citizen) == (None, None)
    for arguments, said in (
        (("karl", "Karl", "citizen"), "--citizen-stdin"),
        (("karl", "Karl", "relative", place.HOSPITAL.sor), "no organisation"),
        (("karl", "Karl", "coordinator"), "needs --organisation"),
        (("710190-1234", "Karl", "relative"), "person number"),
        (("kurt", " ", "relative"), "--full-name is empty"),
    ):
        with pytest.raises(enrol.UserRefusedError, match=said):
            enrol.draft(*arguments)
    with pytest.raises(enrol.UserRefusedError, match="has a user already"):
        enrol.draft("karen2", "", "citizen", citizen=karen)
    with pytest.raises(enrol.UserRefusedError, match="goes with --role citizen"):
        enrol.draft("karl", "Karl", "relative", citizen=karen)
