"""Replacing keys: all that is sealed, while people work, and again after a stop."""

import pytest
from django.apps import apps
from django.db.models import BinaryField
from pytest_django import Settings

from naer.events.instant import Instant
from naer.site import append_only, clock, keys, rotation, vault
from naer.site.accounts import identities
from naer.site.accounts.models import Identity
from naer.site.accounts.providers import Claims, Provider
from naer.site.messaging import record
from naer.site.messaging.models import Message
from naer.site.pathways import enrol, numbers
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import Citizen
from naer.site.sealed import COLUMNS, PLAIN
from tests import place
from tests.place import NUMBERS

OLD, NEW = "the key until now, only for tests", "the key from now on, only for tests"
PROVE = Provider(
    title="x", issuer="https://x", client_id="x", key="x", claims=Claims(number="n"), name="prove"
)


def quiet(what: str, done: int, total: int) -> None:
    assert done <= total, what


def test_every_sealed_column_is_known() -> None:
    known = {f"{one.model}.{one.field}" for one in COLUMNS} | PLAIN
    ours = (model for model in apps.get_models() if model.__module__.startswith("naer."))
    there = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in ours
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField)
    }
    assert there == known
    tables = {apps.get_model(one.model)._meta.db_table for one in COLUMNS}
    assert not tables & set(append_only.TABLES), "what the database refuses to change cannot be sealed anew"


@pytest.mark.django_db
def test_from_one_key_to_another(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.NUMBER_KEY = OLD
    here, now = place.build(), clock.now()
    here.admit(now)
    enrol.citizen("7202901AB3", "860", new_id=place.new_id, system="urn:oid:1.2.208.176.1.6.1.1")
    identities.link("mette", PROVE, number="7404661237", now=now)
    citizens = Citizen.objects.count()
    old = {one["pk"]: one["number_index"] for one in Citizen.objects.values("pk", "number_index")}

    settings.NUMBER_KEY = f"{NEW},{OLD}"
    assert numbers.find(NUMBERS[0]) == here.citizen
    assert getattr(numbers.find_typed(" 720290-1ab3 "), "number_system", "").endswith(".1")
    assert enrol.citizen(NUMBERS[1], "851", new_id=place.new_id)[0] == here.neighbour
    assert_received(here, now)
    assert Citizen.objects.count() == citizens, "nobody is there twice"
    mixed = rotation.keys_in_use()
    assert len(mixed["Message.content"]) == 2

    stopped: list[str] = []

    def stops(what: str, done: int, total: int) -> None:
        stopped.append(what)
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation, "BATCH", 2)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(stops)
    assert stopped == ["Citizen.number_cipher"]
    rest = rotation.rotate(quiet)
    assert rest.sealed["Citizen.number_cipher"] == citizens - 2
    assert rest.indexed == citizens - 2 + 1
    assert rest.sealed["Identity.number_cipher"] == 1
    assert rest.lost == {}
    again = rotation.rotate(quiet)
    assert (sum(again.sealed.values()), again.indexed) == (0, 0)
    first = vault.first_id().hex()
    assert all(set(found) <= {first} for found in rotation.keys_in_use().values())

    settings.NUMBER_KEY = NEW
    assert vault.first_id().hex() == first
    assert numbers.find(NUMBERS[0]) == here.citizen
    assert numbers.find("7202901AB3", "urn:oid:1.2.208.176.1.6.1.1") is not None
    assert Identity.objects.get().number_index == numbers.index("740466-1237")
    assert {row.number_index for row in Citizen.objects.all()}.isdisjoint(old.values())
    for citizen in (here.citizen, here.neighbour):
        citizen.refresh_from_db()
        assert numbers.unseal(citizen.number_cipher) in NUMBERS
    for message in Message.objects.exclude(content=None):
        assert b"hospitalnotification" in record.unpack(bytes(message.content or b"")).lower()
    assert_received(here, now)
    assert examine(now).sound

    settings.NUMBER_KEY = "a key that never sealed anything, only for tests"
    told = examine(now).findings  # a copy restored beside another key must not be called sound
    assert any(one.startswith(f"{citizens} of Citizen.number_cipher are sealed with a key") for one in told)
    lost = rotation.rotate(quiet)
    assert lost.lost["Citizen.number_cipher"] == citizens
    assert not lost.sealed


def assert_received(here: place.Place, now: Instant) -> None:
    """A message about a citizen who is known goes to that citizen."""
    (answer,) = here.receive(here.notification("STIN", now, fresh=True, episode=place.new_id()), now=now)
    assert answer.acknowledgement == "ok", answer.issues
    assert Message.objects.latest("pk").citizen_id == here.citizen.key


def test_a_key_setting_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every message that is to be sealed with it."""
    monkeypatch.setenv("NAER_NUMBER_KEY", ", ")
    with pytest.raises(ValueError, match="NAER_NUMBER_KEY holds no key"):
        keys.key("NAER_NUMBER_KEY", None)
