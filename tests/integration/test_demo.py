"""The demo in its database: made once, played on, sound, and never over somebody's own data."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.db.models import Count

from naer.demo import load
from naer.demo.day import STEP, Schedule
from naer.demo.timeline import timeline
from naer.events.instant import DAY, HOUR, ZONES, Instant, parse
from naer.site.accounts.models import Organisation, User
from naer.site.messaging.models import Message
from naer.site.pathways import numbers
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import Case, Citizen, LoggedEvent, Obligation

NOW = parse("2026-03-10 12:00", ZONES["DK"])
SEED = 7
CITIZENS = 150


def silent(what: str, done: int, total: int) -> None:
    pass


def made(now: Instant = NOW, citizens: int = CITIZENS) -> load.Region:
    region = load.found(SEED, citizens, now)
    load.fill(region, silent)
    Schedule(region).catch_up(now, silent)
    return region


@pytest.mark.django_db
def test_a_region_with_everything_in_it_and_nothing_wrong() -> None:
    made()
    assert Citizen.objects.count() == Case.objects.count() == CITIZENS
    assert Organisation.objects.filter(role="municipality").count() == 11
    assert {user.role for user in User.objects.filter(is_demo=True)} >= {
        "coordinator", "discharge_nurse", "gp", "director",
    }  # fmt: skip
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert all(
        61 <= int(numbers.unseal(bytes(person.number_cipher))[:2]) <= 91 for person in Citizen.objects.all()
    )
    outcomes = Counter(Obligation.objects.filter(withdrawn=False).values_list("outcome", flat=True))
    assert set(outcomes) >= {"", "kept", "late", "released"}
    running = Obligation.objects.filter(withdrawn=False, outcome="")
    assert running.filter(due__lt=NOW).exists()
    assert running.filter(due__gt=NOW).exists()
    assert Message.objects.filter(acknowledgement="ok", shown=True).exists()
    assert not Message.objects.exclude(acknowledgement="ok").exists()
    assert set(Citizen.objects.values_list("status", flat=True)) >= {"none", "admitted", "discharged"}
    report = examine(NOW)
    assert report.sound, report.findings
    assert report.citizens == CITIZENS


@pytest.mark.django_db
def test_played_in_pieces_everything_comes_once() -> None:
    region = made(citizens=50)
    for later in (NOW + HOUR, NOW + 3 * HOUR, NOW + 12 * DAY):
        Schedule(load.region() or region).catch_up(later, silent)
    until = NOW + 12 * DAY
    meant = {
        fact.id
        for person in region.residents()
        for fact in timeline(person, region.calendar, until)
        if fact.received <= until
    }
    stored = Counter(LoggedEvent.objects.values_list("id", flat=True))
    assert set(stored) == meant
    assert set(stored.values()) == {1}
    copies = Message.objects.exclude(message_id="").values("bundle_id").annotate(times=Count("pk"))
    assert all(row["times"] == 1 for row in copies)
    assert examine(until).sound


@pytest.mark.django_db
def test_a_step_that_is_missing_is_left_to_what_moves_the_day() -> None:
    opened = Schedule(made(citizens=20))
    assert not opened.behind(opened.played + STEP)
    assert opened.behind(opened.played + STEP + 1)


@pytest.mark.django_db
def test_the_same_seed_and_day_give_the_same_log() -> None:
    region = made(citizens=60)
    first = sorted(LoggedEvent.objects.values_list("id", "kind", "at"))
    meant = sorted(
        (fact.id, fact.kind, fact.at)
        for person in load.Region(region.calendar, 60, 0).residents()
        for fact in timeline(person, region.calendar, NOW)
        if fact.received <= NOW
    )
    assert first == meant


@pytest.mark.django_db
def test_an_interrupted_start_goes_on_where_it_was() -> None:
    region = load.found(SEED, 40, NOW)

    def interrupted(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load.fill(region, interrupted)
    load.fill(load.region() or region, silent)
    assert Citizen.objects.count() == 40
    assert load.fill(region, silent) == 0


@pytest.mark.django_db
def test_it_never_goes_into_a_database_with_other_data() -> None:
    Organisation.objects.create(key="own", name="Own", role="municipality", municipality="101")
    with pytest.raises(load.OtherDataError):
        load.found(SEED, 60, NOW)
    assert not User.objects.exists()


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAER_")}
    return subprocess.run(
        [sys.executable, "-m", "naer.cli.main", *arguments],
        cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_makes_a_region_and_plays_the_days_between(tmp_path: Path, tables: Path) -> None:
    (tmp_path / "var").mkdir()
    shutil.copy(tables, tmp_path / "var" / "naer.sqlite3")  # where it makes one otherwise
    small = ("demo", "--no-serve", "--citizens", "40", "--seed", "3", "--now", "2026-03-10 12:00")
    first = run(tmp_path, *small)
    assert first.returncode == 0, first.stderr
    assert "A year of history" in first.stderr
    second = run(tmp_path, "demo", "--no-serve", "--now", "2026-03-12 09:00")
    assert second.returncode == 0, second.stderr
    assert "A year of history" not in second.stderr
    assert "The last days" in second.stderr
    doctor = run(tmp_path, "doctor", "--now", "2026-03-12 09:00")
    assert doctor.returncode == 0, doctor.stdout
    again = run(tmp_path, *small)
    assert again.returncode == 1
    assert "already" in again.stderr


def test_the_command_does_not_run_in_production(tmp_path: Path) -> None:
    refused = run(tmp_path, "demo", "--no-serve", NAER_MODE="production")
    assert refused.returncode == 1
    assert re.search("invented", refused.stderr)
    assert not (tmp_path / "var").exists()
