"""A large demo region: what the columnar kernel found is what the live driver stores for the same log."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from naer.cli.demo import demo
from naer.demo import users
from naer.demo.large import block, built, writing
from naer.demo.large import plan as plans
from naer.demo.large.workers import blocks
from naer.demo.load import OtherDataError
from naer.demo.region import hospitals, municipalities, practices
from naer.events import chain
from naer.events.event import Event
from naer.events.instant import DAY, HOUR, ZONES, Instant, local_date, parse
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.pathways import live, numbers
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import Citizen, EscalationStep, LoggedEvent, Obligation
from naer.site.pathways.register import Organisation, Register
from naer.site.pathways.state import Identity, Owed, State
from naer.site.pathways.tick import tick

NOW = parse("2026-03-29 12:00", ZONES["DK"])
"""The clocks went forward that night, and Easter follows."""


def plan(seed: int, citizens: int, now: Instant = NOW, running: float = 0.5) -> plans.Plan:
    return plans.Plan(seed, citizens, local_date(now, ZONES["DK"]), now, running)


def silent(what: str, done: int, total: int) -> None:
    pass


@examples(max_examples=15)
@given(
    seed=st.integers(0, 2**32),
    later=st.integers(0, 400 * DAY // HOUR),
    running=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_stored_is_what_the_live_driver_stores(seed: int, later: int, running: float) -> None:
    now = NOW + later * HOUR
    made = block.made(plan(seed, 25, now, running), 0)
    events = {
        key: _events(rows) for (key,), rows in made.events.partition_by("citizen", as_dict=True).items()
    }
    owed: dict[str, dict[Identity, Owed]] = {}
    columns = ["citizen_id", *Identity._fields, *Owed._fields]
    for row in made.obligations.select(columns).iter_rows():
        owed.setdefault(row[0], {})[Identity(*row[1:4])] = Owed(*row[4:])
    identities = made.obligations.select("citizen_id", *Identity._fields)
    steps: dict[str, set[tuple[object, ...]]] = {}
    for row, step, at, to, fired in made.steps.iter_rows():
        citizen, *identity = identities.row(row)
        steps.setdefault(citizen, set()).add((*identity, step, at, to))
        assert fired == (at if at <= now else None)
    for citizen in made.citizens.iter_rows(named=True):
        key = citizen["key"]
        state = State(key, citizen["municipality"], citizen["gp_id"], "none", None, None)
        state.events = events.get(key, [])
        live.judge(state, _register(citizen), now)
        assert state.owed == owed.get(key, {})
        planned = {(*identity, number, one.at, one.to) for (identity, number), one in state.steps.items()}
        assert planned == steps.get(key, set())
        assert (state.status, state.status_since, state.wake) == (
            citizen["status"], citizen["status_since"], None,
        )  # fmt: skip
        assert state.stage == tuple(
            citizen[name] for name in ("stage", "stage_since", "stage_plan", "stage_hospital")
        )


def _events(rows: pl.DataFrame) -> list[Event]:
    names = ("id", "pathway", "kind", "at", "citizen", "sent", "received", "organisation", "municipality")
    return [
        Event(
            **{name: row[name] for name in names},
            attributes=json.loads(row["attributes"]),
            source=row["source"],
        )
        for row in rows.iter_rows(named=True)
    ]


def _register(citizen: dict[str, str]) -> Register:
    register = Register()
    for party in (*municipalities(), *hospitals(), *practices()):
        register.by_key[party.key] = Organisation(party.key, party.role, party.municipality)
        if party.role == "municipality":
            register.by_code[party.municipality] = register.by_key[party.key]
    register.gp_of[citizen["key"]] = citizen["gp_id"]
    register.residence_of[citizen["key"]] = citizen["municipality"]
    return register


def test_digests_are_those_of_the_log() -> None:
    made = block.made(plan(5, 60), 0)
    heads = {}
    for (pathway,), rows in made.events.partition_by("pathway", as_dict=True).items():
        previous = chain.ORIGIN
        for place, (event, row) in enumerate(zip(_events(rows), rows.iter_rows(named=True), strict=True), 1):
            assert (row["place"], row["previous"]) == (place, previous)
            previous = chain.digest(previous, event)
            assert row["digest"] == previous
        heads[pathway] = (place, previous)
    assert {head[0]: head[1:] for head in made.heads} == heads


def test_blocks_share_no_number_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "CITIZENS", 100)
    whole = plan(3, 250)
    assert whole.blocks == 3
    made = [block.made(whole, number) for number in range(3)]
    assert [len(part.citizens) for part in made] == [100, 100, 50]
    everyone = pl.concat([part.citizens for part in made])
    assert everyone["number_index"].n_unique() == everyone["key"].n_unique() == 250
    assert everyone["key"].is_sorted()
    events = pl.concat([part.events for part in made])
    assert events["id"].n_unique() == len(events)
    assert events["id"].is_sorted()
    assert events["pathway"].is_sorted()
    assert all(61 <= int(numbers.unseal(one)[:2]) <= 91 for one in everyone["number_cipher"])


def build(plan: plans.Plan) -> built.Built:
    with blocks(plan, connection.vendor, settings.NUMBER_KEY, workers=0) as laid:
        return built.build(plan, laid, silent)


@pytest.mark.usefixtures("own_database")
def test_a_large_region_is_sound_and_can_be_worked_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "CITIZENS", 80)
    before = examine(NOW).findings
    done = build(plan(9, 200))
    assert done.citizens == Citizen.objects.count() == 200
    assert done.events == LoggedEvent.objects.count() > 800
    assert done.obligations == Obligation.objects.count() > 400
    assert done.steps == EscalationStep.objects.count() > 5
    assert built.plan() == plan(9, 200)
    assert _frozen()
    report = examine(NOW)
    assert report.findings == before
    assert report.anchors == 3
    # What runs goes on: the clock's turn changes what it should, and the log is still sound.
    tick(NOW + 2 * DAY)
    assert EscalationStep.objects.filter(fired_at=NOW + 2 * DAY).exists()
    assert examine(NOW + 2 * DAY).findings == before
    mette = User.objects.get(username="mette")
    assert rules.visible_citizens(mette, NOW).count() == Citizen.objects.filter(municipality="851").count()


def _frozen() -> bool:
    """PostgreSQL: whether most pages of the log are known to be seen by all, as after VACUUM."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 2 * relallvisible > relpages FROM pg_class WHERE relname = 'pathways_loggedevent'"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
def test_nothing_is_built_over_other_data() -> None:
    users.make()
    with pytest.raises(OtherDataError):
        build(plan(9, 10))


@pytest.mark.django_db
def test_what_is_written_while_blocks_are_made_stays() -> None:
    """PostgreSQL asks again under the lock that altering the tables takes; SQLite makes a file of its own."""
    if connection.vendor != "postgresql":
        pytest.skip("nobody else knows the file")
    Citizen.objects.create(key="x", number_index="x", number_cipher=b"", municipality="851")
    indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema()"
    before = bulk.read([(indexes, ())])
    with pytest.raises(OtherDataError, match="meanwhile"), writing.in_bulk(silent):
        pytest.fail("rows would be written")
    assert Citizen.objects.get().key == "x"
    assert bulk.read([(indexes, ())]) == before


def test_the_command_touches_nothing_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "naer.sqlite3"
    there.write_bytes(b"somebody's")
    given = ["build", "--citizens", "10", "--database", f"sqlite:///{there}"]
    monkeypatch.setenv("NAER_MODE", "production")
    refused = CliRunner().invoke(demo, given)
    assert refused.exit_code == 1
    assert "NAER_MODE=production" in refused.output
    monkeypatch.setenv("NAER_MODE", "demo")
    refused = CliRunner().invoke(demo, given)
    assert refused.exit_code == 1
    assert "is there already" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == [there.name]
    assert there.read_bytes() == b"somebody's"
