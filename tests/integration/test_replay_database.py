"""The operational database as a log: replay gives what the live driver stored."""

import itertools
import json

import pytest
from click.testing import CliRunner

from naer.agreement import load
from naer.cli.main import cli
from naer.events.instant import DAY, HOUR, ZONES, parse
from naer.history import replay, tables
from naer.site.pathways import actions, enrol, models
from naer.site.pathways.actor import Process
from naer.site.pathways.archive import archive

pytestmark = pytest.mark.django_db

START = parse("2026-03-02 10:00", ZONES["DK"])
NOW = START + 30 * DAY
STORY = (
    ("admitted", 0, {"report_requested": True}),
    ("admission_report", 3, {}),
    ("treatment_finished", 50, {"rehabilitation_needed": True}),
    ("discharged", 52, {}),
    ("rehabilitation_plan", 53, {}),
)
_numbers = itertools.count(1)


def new_id() -> str:
    return f"id-{next(_numbers)}"


@pytest.fixture
def citizens(settings):
    """Three citizens, each further into the same story; the last event of the last is undone."""
    hospital, _ = enrol.organisation("Hospital", "hospital", sor="1001")
    enrol.organisation("Municipality", "municipality", municipality="999", sor="1002")
    actor = Process("test", hospital.key)
    keys = []
    for number, length in enumerate((1, 3, 5)):
        citizen, _ = enrol.citizen(f"7101{80 + number}1234", "999", new_id=new_id, case="home-care")
        pathway = ""
        for kind, hours, attributes in STORY[:length]:
            at = START + hours * HOUR
            event = actions.record_event(
                actor, citizen.key, pathway, kind, at, attributes, now=NOW, new_id=new_id
            )
            pathway = event.pathway
        keys.append(citizen.key)
    actions.undo(actor, str(event.id), now=NOW, new_id=new_id)
    return keys


def test_replay_of_the_database_gives_the_live_state(citizens):
    told = []
    events, register = archive(lambda done, total: told.append((done, total)))
    result = replay(load("dk-national"), events, clock=NOW, now=NOW, register=register, engine="reference")
    replayed = {
        (one.citizen, one.clause, str(one.trigger.id)): (
            one.start, one.due, "" if one.running else one.outcome,
            one.elapsed, one.owed_by.key, one.owed_to.key,
        )
        for one in result.obligations
    }  # fmt: skip
    stored = {
        (one.citizen_id, one.clause, one.trigger): (
            one.start, one.due, one.outcome, one.elapsed, one.owed_by, one.owed_to,
        )
        for one in models.Obligation.objects.filter(agreement="dk-national", withdrawn=False)
    }  # fmt: skip
    assert replayed == stored
    assert len(stored) > len(citizens)
    assert {key for key, *_ in stored} == set(citizens)
    assert {"reason": "cancelled", "events": 1, "pathways": 1} in result.excluded
    columnar = replay(load("dk-national"), events, clock=NOW, now=NOW, register=register)
    assert columnar.tallies == result.tallies
    assert tables.obligations_of(columnar).equals(tables.obligations_of(result))
    assert told == [(3, 3)]


def test_the_command_reads_the_database(citizens):
    done = CliRunner().invoke(cli, ["replay", "dk-national", "database", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    report = next(clause for clause in found["clauses"] if clause["id"] == "admission-report")
    assert (report["triggered"], report["kept"], report["open"]) == (3, 2, 1)
    assert report["median_hours"] == 3.0
