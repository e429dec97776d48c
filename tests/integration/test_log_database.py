"""The operational database as a log store: what `naer replay database` reads, kept up to date by citizen."""

import itertools
import json

import msgspec
import pytest
from click.testing import CliRunner

from naer.cli.main import cli
from naer.events.instant import DAY, HOUR, ZONES, parse
from naer.events.log import effective
from naer.logs.store import Store, manifest, of_events
from naer.logs.store.appending import append as add
from naer.site.pathways import actions, enrol
from naer.site.pathways.actor import Process
from naer.site.pathways.archive import Mark, archive, since

pytestmark = pytest.mark.django_db

START = parse("2026-03-02 10:00", ZONES["DK"])
NOW = START + 30 * DAY
STORY = ("admitted", "admission_report", "treatment_finished", "discharged", "rehabilitation_plan")
_numbers = itertools.count(1)


def new_id() -> str:
    return f"id-{next(_numbers)}"


class Place:
    """A hospital and a municipality, and citizens to whom things happen there."""

    def __init__(self) -> None:
        hospital, _ = enrol.organisation("Hospital", "hospital", sor="1001")
        enrol.organisation("Municipality", "municipality", municipality="999", sor="1002")
        self.actor = Process("test", hospital.key)
        self.people = itertools.count(80)

    def citizen(self, length: int) -> tuple[str, str]:
        """A new citizen with the first events of the story: (key, pathway)."""
        citizen, _ = enrol.citizen(f"7101{next(self.people)}1234", "999", new_id=new_id, case="home-care")
        pathway = ""
        for place, kind in enumerate(STORY[:length]):
            pathway = self.add(citizen.key, pathway, kind, place).pathway
        return citizen.key, pathway

    def add(self, key: str, pathway: str, kind: str, hours: int):
        return actions.record_event(
            self.actor, key, pathway, kind, START + hours * HOUR, {}, now=NOW, new_id=new_id
        )

    def undo(self, event) -> None:
        actions.undo(self.actor, str(event.id), now=NOW, new_id=new_id)


@pytest.fixture
def place(settings) -> Place:
    return Place()


def run(*arguments: object) -> dict[str, object]:
    done = CliRunner().invoke(cli, [*map(str, arguments), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def same_as_database(out) -> None:
    """The store is what the database is, event by event and in its ledger."""
    expected = effective(archive()[0])
    assert sorted(Store.open(out).read_events(), key=lambda event: event.order) == expected.events
    assert Store.open(out).ledger() == expected.excluded.rows()


def test_a_store_is_built_from_the_database(place, tmp_path):
    for length in (1, 3, 5):
        key, pathway = place.citizen(length)
    place.undo(place.add(key, pathway, "home_visit", 20))
    told = run("log", "build", "database", "--out", tmp_path / "store")
    assert told["events"] == 9
    assert told["rejected"]["rows"] == 0
    same_as_database(tmp_path / "store")


def test_what_happens_later_is_added_and_the_store_is_what_the_database_is(place, tmp_path):
    out = tmp_path / "store"
    citizens = [place.citizen(length) for length in (1, 2, 3, 5)]
    wrong = place.add(*citizens[3], "home_visit", 20)
    run("log", "build", "database", "--out", out)
    same_as_database(out)
    place.add(*citizens[0], "admission_report", 21)
    place.undo(wrong)
    citizens.append(place.citizen(2))
    added = run("log", "append", out, "database")["added"]
    assert added["events"] == 2
    assert added["files"][0]["events"] < len(archive()[0]), "everybody was read again"
    same_as_database(out)
    for number in range(3):
        place.undo(place.add(*citizens[number], "home_visit", 30 + number))
        run("log", "append", out, "database")
        same_as_database(out)
    digest = Store.open(out).digest
    assert run("log", "append", out, "database")["added"]["files"] == []
    assert Store.open(out).digest == digest


def test_an_event_that_moves_to_another_pathway_is_in_one_place_only(place, tmp_path):
    """A late message can join two courses: what was told under one name is then told under another."""
    out = tmp_path / "store"
    key, pathway = place.citizen(2)
    events = archive()[0]
    run("log", "build", "database", "--out", out)
    moved = [msgspec.structs.replace(event, pathway=f"{pathway} joined") for event in events]
    store = add(Store.open(out), [], anew=[of_events(moved)])
    assert {event.pathway for event in store.read_events()} == {f"{pathway} joined"}
    assert store.ledger() == []
    assert store.find(key) is not None
    assert store.find(pathway) is None


def test_files_and_the_database_may_be_in_one_store(place, tmp_path):
    out, path = tmp_path / "store", tmp_path / "before.csv"
    path.write_text("pathway,kind,at,citizen\n7,admitted,2020-03-02,c\n7,admitted,friday,c\n")
    place.citizen(2)
    told = run("log", "build", path, "database", "--out", out)
    assert (told["events"], told["rejected"]["rows"]) == (3, 1)
    place.citizen(1)
    assert run("log", "append", out, "database")["added"]["events"] == 1
    assert {event.pathway for event in Store.open(out).read_events()} > {"7"}


def test_a_store_of_another_database_is_not_added_to(place, tmp_path):
    place.citizen(1)
    out = tmp_path / "store"
    run("log", "build", "database", "--out", out)
    found = manifest.read(out)
    marks = found.provenance["book"]["marks"]
    marks["database"]["origin"] = "of another"
    manifest.write(out, found)
    done = CliRunner().invoke(cli, ["log", "append", str(out), "database"])
    assert done.exit_code == 1
    assert "another database" in done.stderr


def test_only_citizens_with_something_new_are_read(place):
    first, pathway = place.citizen(2)
    place.citizen(3)
    mark, everybody = since(Mark())
    assert len(everybody) == 2
    assert since(mark) == (mark, [])
    place.add(first, pathway, "home_visit", 20)
    now, some = since(mark)
    assert some == [first]
    assert now.seq > mark.seq


def test_a_row_that_a_slower_transaction_brings_late_is_read(place):
    first, _ = place.citizen(2)
    mark, _ = since(Mark())
    late = Mark(mark.origin, mark.seq, (*mark.gaps, mark.seq - 1))
    assert since(late) == (mark, [first])


def test_another_database_is_refused(place):
    place.citizen(2)
    with pytest.raises(ValueError, match="another database"):
        since(Mark("of another", 1))
