"""Spark gives what the reference gives, of the same raw logs: a small set, in one session."""

import json
from pathlib import Path
from random import Random

import polars as pl
import pytest
from click.testing import CliRunner

from naer.agreement import load
from naer.cli.replay import replay as command
from naer.events.instant import ZONES
from naer.history import EventLog, replay, tables
from naer.history.stored import StoredLog
from naer.logs.error import LogError
from naer.logs.store import Builder, of_events
from tests.generative import variety

CLOCK = 4_102_444_800_000_000  # 2100-01-01
BY = ("municipality", "month")
NATIONAL = Path(__file__).parents[2] / "bench" / "agreements" / "national.yaml"


@pytest.mark.statement("S2", "S3", "S4", "S5", "S28", "S33", "S35")
@pytest.mark.parametrize("seed", range(1))
def test_what_the_reference_says_of_generated_logs(spark, seed):
    from naer.columnar.spark import Given
    from naer.history.spark import SparkLog

    case = variety.case(Random(f"spark/{seed}"), 25)
    raw = list(case.events)
    third = len(raw) // 3 + 1
    parts = [Given(raw[place : place + third]) for place in range(0, len(raw), third)]
    asked = {"clock": CLOCK, "now": case.now, "by": BY, "register": case.register}
    log = SparkLog(spark, parts)
    found = said(replay(case.portfolio, log, engine="spark", **asked))
    assert found == said(replay(case.portfolio, EventLog(raw), engine="reference", **asked))
    survey = log.distributed.survey
    assert len(survey.special), "no event was corrected, cancelled or sent twice: the case is too easy"
    assert len(survey.links.before), "no pathway has several citizens: the case is too easy"


def test_files_without_ids_in_groups_of_rows_with_broken_rows(spark, tmp_path):
    from naer.history.open import open_log
    from naer.history.spark import open_log as on_spark

    feed(Random(5), 3_000).write_parquet(tmp_path / "a.parquet", row_group_size=700)
    feed(Random(6), 900).write_parquet(tmp_path / "b.parquet", row_group_size=400)
    portfolio = load(NATIONAL)
    found = replay(portfolio, on_spark(tmp_path, zone=ZONES["DK"]), clock=CLOCK, by=BY, engine="spark")
    log = open_log(tmp_path, zone=ZONES["DK"], as_events=True)
    assert said(found) == said(replay(portfolio, log, clock=CLOCK, by=BY, engine="reference"))
    assert {row["reason"] for row in found.excluded} == {"no time", "no pathway"}


def test_rows_of_several_csv_files_are_numbered_through(spark, tmp_path):
    from naer.history.open import open_log
    from naer.history.spark import open_log as on_spark

    for name, seed in (("a", 7), ("b", 8)):
        feed(Random(seed), 150).write_csv(tmp_path / f"{name}.csv")
    portfolio = load(NATIONAL)
    found = replay(portfolio, on_spark(tmp_path, zone=ZONES["DK"]), clock=CLOCK, engine="spark")
    log = open_log(tmp_path, zone=ZONES["DK"], as_events=True)
    assert said(found) == said(replay(portfolio, log, clock=CLOCK, engine="reference"))


def test_a_store_is_judged_by_its_pieces(spark, tmp_path):
    case = variety.case(Random("spark/store"), 25)
    with Builder(tmp_path / "store") as build:
        build.add(of_events(case.events))
        log = StoredLog(build.finish())
    asked = {"clock": CLOCK, "now": case.now, "by": BY, "register": case.register}
    found = said(replay(case.portfolio, log, engine="spark", **asked))
    assert found == said(replay(case.portfolio, log, engine="reference", **asked))


def test_the_command_line_says_the_same_but_for_the_engine(spark, tmp_path):
    feed(Random(9), 600).write_parquet(tmp_path / "log.parquet")
    asked = [str(NATIONAL), str(tmp_path / "log.parquet"), "--by", "municipality", "--json"]
    on_spark = CliRunner().invoke(command, [*asked, "--engine", "spark", "--master", "local[2]"])
    here = CliRunner().invoke(command, [*asked, "--engine", "columnar"])
    assert on_spark.exit_code == here.exit_code == 0, on_spark.output
    assert json.loads(on_spark.stdout) == json.loads(here.stdout) | {"engine": "spark"}


def test_a_broken_file_is_told_without_sparks_own_words(spark, tmp_path):
    from naer.history.spark import open_log as on_spark

    feed(Random(3), 50).rename({"kind": "what"}).write_parquet(tmp_path / "log.parquet")
    log = on_spark(tmp_path / "log.parquet", zone=ZONES["DK"])
    with pytest.raises(LogError, match=r"no column for kind") as told:
        replay(load(NATIONAL), log, clock=CLOCK, engine="spark")
    assert "Traceback" not in str(told.value)


def feed(rng: Random, count: int) -> pl.DataFrame:
    """Rows as a file has them: unsorted, some without a time or a pathway."""
    kinds = ("admitted", "admission_report", "ready_for_discharge", "discharged", "epicrisis", "home_visit")
    begin = 1_767_225_600_000_000
    rows = [
        {
            "pathway": rng.randrange(count // 6) if rng.random() > 0.002 else None,
            "citizen": rng.randrange(count // 10) if rng.random() > 0.05 else None,
            "kind": rng.choice(kinds),
            "at": begin + rng.randrange(60 * 24 * 40) * 60_000_000 if rng.random() > 0.002 else None,
            "municipality": str(rng.randrange(101, 109)),
        }
        for _ in range(count)
    ]
    rows[1]["at"], rows[2]["pathway"] = None, None
    return pl.DataFrame(rows).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))


def said(result):
    rows = tables.obligations_of(result).rows()
    return result.now, result.tallies, result.groups, result.excluded, result.events, result.warnings, rows
