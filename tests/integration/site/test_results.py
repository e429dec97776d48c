"""Results: what the pages show, to whom, and what they say when there is nothing, or it is old."""

import csv
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, parse
from naer.site import clock
from naer.site.access.models import AccessEntry
from naer.site.governance import behind, figures
from naer.site.governance.count import count
from naer.site.governance.counted import Count, read, write
from naer.site.pathways import actions
from naer.site.pathways.models import Obligation
from tests import place
from tests.integration.site.conftest import SignedIn
from tests.place import Place

REPORT = "/results/kept/nordjylland-example/admission-report/"
NUMBERS = [f"{60 + day}01901{230 + day}" for day in range(1, 12)]

NOW = parse("2026-03-20 12:00", ZONES["DK"])

Counting = Callable[[], Count]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Instant:
    """The 20th: what was owed some days before belongs to this month."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


@pytest.fixture(autouse=True)
def _shown_now(now: Instant) -> None:
    """Pages too show that month."""


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Where the site counts."""
    settings.LOG_STORE = tmp_path / "store"
    return tmp_path / "store"


@pytest.fixture
def counted(here: Place, folder: Path, now: Instant) -> Counting:
    """Counts now, and gives the count."""

    def counting(at: Instant = now) -> Count:
        count(folder, at, time.time_ns() // 1000)
        found = read(folder)
        assert found is not None
        return found

    return counting


def stay(here: Place, began: Instant, *, number: str = place.NUMBERS[0], reported: bool = True) -> None:
    """A stay of two days that a report was asked for, and given within two hours or never."""
    here.chain = ()
    episode = f"episode-{number}-{began}"
    here.receive(
        here.notification("STIN", began, report_requested=True, number=number, episode=episode),
        now=began + MINUTE,
    )
    owed = Obligation.objects.filter(clause="admission-report").order_by("-pk").first()
    assert owed is not None
    if reported:
        actions.fulfil(here.users["mette"], owed.pk, now=began + 2 * HOUR, new_id=place.new_id, attributes={})
    here.receive(
        here.notification("SLHJ", began + 2 * DAY, number=number, episode=episode), now=began + 2 * DAY
    )


def page(client: Client, address: str, **asked: str) -> str:
    answer = client.get(address, {"period": "now", "m": "all"} | asked)
    assert answer.status_code == 200
    return answer.content.decode()


class TestCounting:
    def test_nothing_at_all(self, counted: Counting) -> None:
        found = counted()
        assert (found.obligations.height, found.stays.height, found.state.mark.seq) == (0, 0, 0)

    def test_it_says_what_the_obligations_in_the_database_say(
        self, here: Place, counted: Counting, now: Instant
    ) -> None:
        stay(here, now - 20 * DAY)
        stay(here, now - 9 * DAY, reported=False)
        found = counted()
        stored = set(Obligation.objects.values_list("citizen_id", "agreement", "clause", "trigger", "due"))
        rows = found.obligations.with_columns(found.obligations["due"].dt.epoch("us").alias("due"))
        assert set(rows.select("citizen", "agreement", "clause", "trigger", "due").iter_rows()) == stored
        assert found.stays["end"].null_count() == 0
        assert found.stays.height == 2

    def test_again_and_again_gives_the_same_as_once(
        self, here: Place, folder: Path, counted: Counting, now: Instant, tmp_path: Path
    ) -> None:
        """Counting follows message by message; a count from nothing gives the same tables."""
        for number in NUMBERS[:2]:
            place.citizen(number, "860", "Opdigtet", place.PRACTICE)
        # At last one of them is in the first piece of the store, one in the second, and one is new.
        for days, numbers in ((20, (0, 1)), (15, (1,)), (9, (0, 1, 2))):
            for one in numbers:
                number = (*NUMBERS[:2], place.NUMBERS[0])[one]
                stay(here, now - days * DAY + one * HOUR, number=number, reported=days != 15)
            counted()
        after = counted()
        count(tmp_path / "other", now, now)
        fresh = read(tmp_path / "other")
        assert fresh is not None
        keys = ["citizen", "clause", "trigger"]
        assert after.obligations["citizen"].n_unique() == 3
        assert after.obligations.sort(keys).equals(fresh.obligations.sort(keys))
        assert after.stays.sort("start").equals(fresh.stays.sort("start"))
        assert after.state.mark == fresh.state.mark

    def test_what_is_cancelled_is_gone(self, here: Place, counted: Counting, now: Instant) -> None:
        here.receive(here.notification("STIN", now - 5 * DAY, report_requested=True), now=now - 5 * DAY)
        assert counted().obligations.height > 0
        here.receive(here.notification("AN_STIN", now - 4 * DAY), now=now - 4 * DAY)
        assert counted().obligations.height == 0

    def test_time_alone_makes_an_open_one_missing(self, here: Place, counted: Counting, now: Instant) -> None:
        here.admit(now)
        found = counted()
        report = found.obligations.filter(clause="admission-report")
        assert report["outcome"].to_list() == ["open"]
        later = figures.kept(found, now + 2 * DAY).filter(clause="admission-report")
        assert later["part"].to_list() == ["rest"]

    def test_an_event_of_the_future_counts_when_it_is_reached(
        self, here: Place, counted: Callable[[Instant], Count], now: Instant
    ) -> None:
        here.receive(here.notification("STIN", now + HOUR, report_requested=True), now=now)
        assert counted(now).obligations.height == 0
        assert counted(now + 2 * HOUR).obligations.height > 0

    def test_another_database_in_the_same_place_begins_anew(
        self, here: Place, folder: Path, counted: Counting, now: Instant
    ) -> None:
        stay(here, now - 9 * DAY)
        found = counted()
        digest, rows = found.state.mark.origin, found.obligations.height
        state = folder / "state.json"
        state.write_text(state.read_text().replace(digest, "0" * 64))
        again = counted()
        assert (again.state.mark.origin, again.obligations.height) == (digest, rows)
        assert again.state.obligations != found.state.obligations

    def test_other_agreements_begin_anew(
        self, here: Place, folder: Path, counted: Counting, now: Instant
    ) -> None:
        stay(here, now - 9 * DAY)
        found = counted()
        state = folder / "state.json"
        state.write_text(state.read_text().replace(found.state.agreements, "0" * 64))
        assert counted().state.agreements == found.state.agreements

    def test_the_folder_is_the_owners_alone(self, folder: Path, counted: Counting) -> None:
        counted()
        assert folder.stat().st_mode & 0o077 == 0


class TestPage:
    def test_before_anything_was_counted(self, here: Place, folder: Path, as_: SignedIn) -> None:
        for address in ("/results/", REPORT, "/results/days-ready/", "/results/readmitted/"):
            assert "Nothing has been counted yet" in page(as_("dina"), address)
        assert as_("dina").get("/results/numbers.csv").status_code == 404

    def test_an_empty_log(self, counted: Counting, as_: SignedIn) -> None:
        counted()
        text = page(as_("dina"), "/results/")
        assert "No obligation was due in this period." in text
        assert "No stay ended in this period." in text

    def test_an_old_count_says_so(self, here: Place, folder: Path, now: Instant, as_: SignedIn) -> None:
        real = time.time_ns() // 1000
        count(folder, now, real - 11 * MINUTE)
        assert "These numbers are old." in page(as_("dina"), "/results/")
        count(folder, now, real)
        assert "These numbers are old." not in page(as_("dina"), "/results/")

    def test_a_damaged_state_is_counted_anew(self, folder: Path, counted: Counting, as_: SignedIn) -> None:
        counted()
        (folder / "state.json").write_text("{")
        assert "Nothing has been counted yet" in page(as_("dina"), "/results/")
        counted()
        assert "No obligation was due" in page(as_("dina"), "/results/")

    def test_a_number_has_its_definition_and_its_parts(self, five: Counting, as_: SignedIn) -> None:
        five()
        text = page(as_("dina"), REPORT)
        assert "50.0 %" in text
        assert "5 of 10, none excluded" in text
        assert "Obligations delivered at or before the due time." in text
        assert "Limit unverified" in text

    def test_fewer_than_five_are_not_shown(
        self, here: Place, counted: Counting, now: Instant, as_: SignedIn
    ) -> None:
        stay(here, now - 3 * DAY)
        counted()
        text = page(as_("dina"), REPORT)
        assert "a person could be recognised" in text
        assert "100" not in text.split('id="num-h"')[1].split("</section>")[0]
        assert "<code>" not in text

    def test_the_csv_hides_small_groups(
        self, here: Place, counted: Counting, now: Instant, as_: SignedIn
    ) -> None:
        stay(here, now - 3 * DAY)
        counted()
        answer = as_("dina").get("/results/numbers.csv", {"period": "now", "m": "all"})
        rows = list(csv.DictReader(answer.content.decode().splitlines()))
        assert rows
        assert {row["hidden"] for row in rows if row["due"] != "0"} == {"True"}
        assert {row[name] for row in rows for name in ("kept", "due", "excluded")} <= {"", "0"}

    def test_nonsense_in_the_address_is_the_default(self, counted: Counting, as_: SignedIn) -> None:
        counted()
        given = {"period": "x", "a": "x", "clause": "x", "month": "2026-99", "part": "x"}
        assert as_("dina").get("/results/", given).status_code == 200
        assert as_("dina").get("/results/days-ready/", given | {"page": "x"}).status_code == 200
        assert as_("dina").get("/results/kept/x/y/").status_code == 404
        for address in ("/results/", "/results/days-ready/", "/results/numbers.csv"):
            assert as_("dina").get(address, {"m": "zzz"}).status_code == 404

    def test_a_director_finds_the_results_from_today(self, here: Place, as_: SignedIn) -> None:
        assert "See the results" in as_("dina").get("/").content.decode()


@pytest.fixture
def five(here: Place, counted: Counting, now: Instant) -> Counting:
    """Ten citizens, ten reports due this month, five of them in time."""

    def make() -> Count:
        for serial, number in enumerate(NUMBERS[:10]):
            place.citizen(number, "860", f"Opdigtet Nr{serial}", place.PRACTICE)
            stay(here, now - 3 * DAY - serial * HOUR, number=number, reported=serial >= 5)
        return counted()

    return make


def one_late(folder: Path, found: Count) -> None:
    """Twelve reports, eleven of them in time."""
    one = found.obligations.filter(clause="admission-report")
    kept = one.filter(outcome="kept")
    write(
        folder,
        found.state,
        pl.concat([kept, kept, kept.head(1), one.filter(outcome="missing").head(1)]),
        found.stays,
    )


class TestDisclosure:
    """What is hidden on one page is not told by another."""

    def test_the_csv_of_one_municipality_hides_what_protects_another(
        self, folder: Path, five: Counting, as_: SignedIn
    ) -> None:
        found = five()
        one = found.obligations.filter(clause="admission-report")
        elsewhere = one.head(1).with_columns(municipality=pl.lit("851"))
        write(folder, found.state, pl.concat([one, elsewhere]), found.stays)
        for asked in ("all", "860"):
            answer = as_("dina").get("/results/numbers.csv", {"period": "now", "m": asked})
            rows = list(csv.DictReader(answer.content.decode().splitlines()))
            assert {row["hidden"] for row in rows if row["municipality"] == "860"} == {"True"}

    def test_a_month_that_protects_another_is_not_told_alone(
        self, folder: Path, five: Counting, as_: SignedIn
    ) -> None:
        found = five()
        times = pl.col("triggered_at", "due", "closed_at")
        one = found.obligations.filter(clause="admission-report")
        rows = pl.concat(
            [
                one.with_columns(times.dt.offset_by("-1mo")),
                one.head(1).with_columns(times.dt.offset_by("-2mo")),
            ]
        )
        month = f"{figures.kept(Count(found.state, rows, found.stays), found.state.now)['month'][0]:%Y-%m}"
        write(folder, found.state, rows, found.stays)
        assert "a person could be recognised" not in page(as_("dina"), REPORT, period="12")
        assert "a person could be recognised" in page(as_("dina"), REPORT, period="12", month=month)

    def test_a_municipality_without_stays_is_not_given_the_number_of_all(
        self, five: Counting, as_: SignedIn
    ) -> None:
        five()
        assert "days of 10 discharges" in page(as_("dina"), "/results/")
        assert "days of 10 discharges" not in page(as_("dina"), "/results/", m="851")

    def test_few_that_are_late_are_told_by_no_page(self, folder: Path, five: Counting, as_: SignedIn) -> None:
        one_late(folder, five())
        text = page(as_("dina"), REPORT)
        assert "over 58 %" in text
        assert "over 7 of 12" in text
        assert "91.7" not in text
        assert "<code>" not in page(as_("dina"), REPORT, part="numerator")
        assert "more case" not in page(as_("mette"), REPORT, part="numerator")
        answer = as_("dina").get("/results/numbers.csv", {"period": "now", "m": "all"})
        rows = list(csv.DictReader(answer.content.decode().splitlines()))
        assert [
            (row["kept"], row["due"], row["hidden"]) for row in rows if row["clause"] == "admission-report"
        ] == [("", "12", "share")]

    def test_few_with_days_hide_the_days(self, folder: Path, five: Counting, as_: SignedIn) -> None:
        found = five()
        days = pl.when(pl.int_range(pl.len()) == 0).then(7).otherwise(pl.col("ready_days"))
        write(folder, found.state, found.obligations, found.stays.with_columns(ready_days=days))
        for address in ("/results/", "/results/days-ready/"):
            text = page(as_("dina"), address)
            assert "days of 10 discharges" not in text
            assert "70.0" not in text

    def test_a_table_that_was_cut_off_is_counted_anew(
        self, folder: Path, five: Counting, counted: Counting
    ) -> None:
        name, state = five().state.obligations, folder / "state.json"
        (folder / "cut-off.parquet").write_bytes((folder / name).read_bytes()[:-100])
        state.write_text(state.read_text().replace(name, "cut-off.parquet"))
        assert read(folder) is None
        assert counted().obligations.height


class TestBehind:
    """Who sees which cases behind a number."""

    def test_a_director_sees_rows_and_no_citizen(self, here: Place, five: Counting, as_: SignedIn) -> None:
        five()
        for who in ("dina", "anna"):
            text = page(as_(who), REPORT)
            assert text.count("<code>") == 10
            assert "Opdigtet" not in text
            assert "/citizens/" not in text
        for key in Obligation.objects.values_list("citizen_id", flat=True):
            assert key not in text

    def test_two_readers_cannot_join_their_lists(self, five: Counting, as_: SignedIn) -> None:
        five()
        lists = []
        for who in ("dina", "anna"):
            parts = page(as_(who), REPORT).split("<code>")[1:]
            lists.append({part.split("</code>")[0] for part in parts})
        assert len(lists[0]) == len(lists[1]) == 10
        assert not lists[0] & lists[1]

    def test_a_coordinator_sees_their_own_citizens_with_links(
        self, here: Place, five: Counting, as_: SignedIn
    ) -> None:
        five()
        text = page(as_("mette"), REPORT)
        assert text.count("Opdigtet") == 10
        owed = Obligation.objects.filter(clause="admission-report").first()
        assert owed is not None
        assert reverse("obligation", args=[owed.citizen_id, owed.pk]) in text

    def test_a_coordinator_elsewhere_sees_how_many_there_are(self, five: Counting, as_: SignedIn) -> None:
        five()
        text = page(as_("ole"), REPORT)
        assert "Opdigtet" not in text
        assert "10 more cases that you may not see." in text
        assert "<code>" not in text

    def test_of_many_cases_the_newest_are_looked_through(
        self, five: Counting, as_: SignedIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        five()
        monkeypatch.setattr(behind, "DEEP", 9)
        text = page(as_("mette"), REPORT)
        assert text.count("Opdigtet") == 9
        assert "Only the newest 9 cases were looked through" in text
        text = page(as_("ole"), REPORT)
        assert "Only the newest 9 cases" in text
        assert "that you may not see." not in text  # nobody counted them
        assert page(as_("dina"), REPORT).count("<code>") == 9

    def test_a_part_of_a_number(self, five: Counting, as_: SignedIn) -> None:
        five()
        text = page(as_("mette"), REPORT, part="rest")
        assert text.count("Opdigtet") == 5
        assert "Opdigtet Nr0" in text

    def test_a_part_with_few_rows_is_no_list_without_names(
        self, folder: Path, five: Counting, as_: SignedIn
    ) -> None:
        one_late(folder, five())
        text = page(as_("dina"), REPORT, part="rest")
        assert "<code>" not in text
        assert "Too few for a list" in text

    def test_the_look_is_written_down(self, five: Counting, as_: SignedIn) -> None:
        five()
        page(as_("dina"), REPORT, part="numerator")
        entry = AccessEntry.objects.filter(action="look-results").get()
        assert (entry.user, entry.citizen) == ("dina", "")
        assert entry.subject.startswith("kept nordjylland-example admission-report ")
        assert entry.subject.endswith("all numerator")

    def test_stays_behind_a_number(self, five: Counting, as_: SignedIn) -> None:
        five()
        assert page(as_("mette"), "/results/readmitted/").count("Opdigtet") == 10
        assert page(as_("dina"), "/results/days-ready/").count("<code>") == 10
        assert "Opdigtet" not in page(as_("dina"), "/results/days-ready/")
