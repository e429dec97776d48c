"""`naer replay` from end to end: what it prints, writes, warns of and refuses; and the notebook's door."""

import hashlib
import json
import subprocess
import sys

import duckdb
import jsonschema
import pandas
import polars as pl
import pyarrow as pa
import pytest
from click.testing import CliRunner

import naer
from naer.cli.main import cli
from naer.history.tables import OBLIGATIONS
from naer.logs.error import LogError
from naer.logs.store import Builder, of_events

AGREEMENT = """
agreement: plain
country: DK
events: {opened: [Open, Reopen], closed: Close}
clauses:
  - id: answer
    source: test
    after: opened
    deliver: closed
    within: 3 days
    evidence: partial
"""
LOG = """case_id,activity,timestamp,ward
NA,Open,2026-03-02 10:00,A
NA,Close,2026-03-03 22:00,A
007,Open,2026-03-02 10:00,B
007,Close,2026-03-06 10:00,B
1.0,Open,2026-03-02 10:00,
,Open,2026-03-02 10:00,A
8,Open,,A
8,Open,soon,A
9,Note,2026-03-30 10:00,A
"""
NUMBER, COUNT = {"type": ["number", "null"]}, {"type": "integer", "minimum": 0}
COUNTS = ("triggered", "kept", "late", "missing", "open", "released", "superseded")


def closed(properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


CONTRACT = closed(
    {
        "agreement": {"type": "string"},
        "now": {"type": "string"},
        "engine": {"enum": ["reference", "columnar", "spark"]},
        "clauses": {
            "type": "array",
            "items": closed(
                {"id": {"type": "string"}}
                | dict.fromkeys(COUNTS, COUNT)
                | {"median_hours": NUMBER, "p90_hours": NUMBER}
            ),
        },
        "excluded": {
            "type": "array",
            "items": closed({"reason": {"type": "string"}, "events": COUNT, "pathways": COUNT}),
        },
    }
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "plain.yaml").write_text(AGREEMENT)
    (tmp_path / "log.csv").write_text(LOG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, ["replay", *arguments])


@pytest.mark.statement("S33", "S35")
def test_json_is_the_contract_and_nothing_else(folder):
    done = run("plain.yaml", "log.csv", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    jsonschema.validate(found, CONTRACT)
    assert found == {
        "agreement": "plain",
        "now": "2026-03-30T08:00:00Z",
        "engine": "columnar",
        "clauses": [
            {"id": "answer", "triggered": 3, "kept": 1, "late": 1, "missing": 1, "open": 0, "released": 0,
             "superseded": 0, "median_hours": 66.0, "p90_hours": 90.0}
        ],
        "excluded": [
            {"reason": "no pathway", "events": 1, "pathways": 0},
            {"reason": "no time", "events": 1, "pathways": 1},
            {"reason": "unreadable", "events": 1, "pathways": 1},
        ],
    }  # fmt: skip


def test_groups_stand_beside_the_whole(folder):
    found = json.loads(run("plain.yaml", "log.csv", "--json", "--by", "ward, month").stdout)
    (clause,) = found["clauses"]
    assert clause["triggered"] == 3
    assert [(group["by"], group["triggered"]) for group in clause["groups"]] == [
        ({"ward": "A", "month": "2026-03"}, 1),
        ({"ward": "B", "month": "2026-03"}, 1),
        ({"ward": None, "month": "2026-03"}, 1),
    ]
    assert json.loads(run("plain.yaml", "log.csv", "--json", "--by", "ward", "--by", "month").stdout) == found


def test_people_get_a_table(folder):
    done = run("plain.yaml", "log.csv", "--by", "ward")
    assert "plain: 6 events, judged at 2026-03-30 10:00+02:00" in done.stdout
    assert [line.split() for line in done.stdout.splitlines() if line.startswith("answer")] == [
        ["answer*†", "A", "1", "1", "0", "0", "0", "0", "0", "100.0%", "36.0", "36.0"],
        ["answer*†", "B", "1", "0", "1", "0", "0", "0", "0", "0.0%", "96.0", "96.0"],
        ["answer*†", "–", "1", "0", "0", "1", "0", "0", "0", "0.0%"],
    ]
    assert "* not everything done is recorded" in done.stdout
    assert ["unreadable", "1", "1"] in [line.split() for line in done.stdout.splitlines()]


def test_now_is_local_unless_it_says_otherwise(folder):
    for written in ("2026-03-05 10:00", "2026-03-05T09:00Z"):
        found = json.loads(run("plain.yaml", "log.csv", "--json", "--now", written).stdout)
        assert found["now"] == "2026-03-05T09:00:00Z"
        assert (found["clauses"][0]["open"], found["clauses"][0]["missing"]) == (2, 0)


def test_columns_are_named_by_the_caller(folder):
    (folder / "own.csv").write_text("sag;hvad;hvornår\n1;Open;2026-03-02\n")
    done = run("plain.yaml", "own.csv", "--json", "--columns", "pathway=sag,kind=hvad,at=hvornår")
    assert json.loads(done.stdout)["clauses"][0]["triggered"] == 1


def test_out_holds_every_obligation_and_what_repeats_the_run(folder):
    arguments = ["plain.yaml", "log.csv", "--now", "2026-04-01"]
    assert run(*arguments, "--out", "out", "--database", "postgresql://u:secret@h/d").exit_code == 0
    frame = pl.read_parquet("out/obligations.parquet")
    assert dict(frame.schema) == OBLIGATIONS
    assert frame.select("pathway", "outcome").rows() == [("NA", "kept"), ("007", "late"), ("1.0", "missing")]
    manifest = json.loads((folder / "out/manifest.json").read_text())
    assert manifest["command"] == ["naer", "replay", *arguments[:2], "--engine", "columnar", *arguments[2:]]
    assert manifest["log"]["sha256"] == hashlib.sha256(LOG.encode()).hexdigest()
    assert manifest["agreement"]["files"] == [
        {"name": "plain.yaml", "sha256": hashlib.sha256(AGREEMENT.encode()).hexdigest()}
    ]
    assert manifest["now_microseconds"] == 1_774_994_400_000_000
    assert manifest["versions"].keys() >= {"naer", "python", "holidays", "tzdata"}
    first = (folder / "out/manifest.json").read_bytes(), (folder / "out/obligations.parquet").read_bytes()
    assert run(*manifest["command"][2:], "--out", "again").exit_code == 0
    assert (folder / "again/manifest.json").read_bytes() == first[0]
    assert (folder / "again/obligations.parquet").read_bytes() == first[1]


def test_what_runs_only_as_what_if_is_warned_about(folder):
    (folder / "local.yaml").write_text(
        "agreement: local\ncountry: DK\nextends: plain\nclauses:\n"
        "  - {id: answer, source: test, verified: true, within: 4 days}\n"
    )
    done = run("local.yaml", "log.csv", "--json")
    assert json.loads(done.stdout)["clauses"][0]["kept"] == 2
    assert "local.yaml:5: clause `answer`" in done.stderr
    assert "what-if" in done.stderr


@pytest.mark.statement("S20")
def test_what_the_log_never_has_is_warned_about(folder):
    (folder / "none.csv").write_text("case_id,activity,timestamp\n1,Open,2026-03-02\n2,Note,2026-03-30\n")
    done = run("plain.yaml", "none.csv")
    assert "warning: kinds that never occur in the log: closed" in done.stderr
    assert "answer*†‡" in done.stdout
    assert "‡ nothing that would fulfil it occurs in the log" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plain.yaml", "none.csv"], "none.csv: no such file"),
        (["plain.yaml", "log.csv", "--columns", "kind=akt"], "no column 'akt'"),
        (["plain.yaml", "log.csv", "--columns", "kind"], "is not FIELD=COLUMN"),
        (["plain.yaml", "log.csv", "--now", "soon"], "'soon' is not a time"),
        (["plain.yaml", "log.csv", "--by", "month,wrad"], "no `wrad` in the log; did you mean `ward`?"),
        (["plain.yaml", "plain.yaml"], "unknown format"),
        (["log.csv", "log.csv"], "log.csv cannot be used"),
        (["none", "log.csv"], "none"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(folder, arguments, says):
    done = run(*arguments)
    assert done.exit_code in (1, 2)
    assert says in done.stderr
    assert done.stdout == ""
    assert done.exception is None or isinstance(done.exception, SystemExit)


# The notebook's door


def test_a_notebook_gets_frames(folder):
    log = naer.read_log("log.csv")
    found = naer.replay("plain.yaml", log, now="2026-04-01", by=["ward"])
    assert found.clauses.select(
        "clause", "ward", "triggered", "kept", "share_kept", "median_hours"
    ).rows() == [
        ("answer", "A", 1, 1, 1.0, 36.0),
        ("answer", "B", 1, 0, 0.0, 96.0),
        ("answer", None, 1, 0, 0.0, None),
    ]
    assert dict(found.obligations.schema) == OBLIGATIONS
    assert found.excluded.get_column("reason").to_list() == ["no pathway", "no time", "unreadable"]
    assert found.now.isoformat() == "2026-03-31T22:00:00+00:00"
    assert naer.replay("plain.yaml", "log.csv", now=found.now).clauses["triggered"].to_list() == [3]


def test_others_take_the_frames_as_they_are(folder):
    clauses = naer.replay("plain.yaml", "log.csv", by="ward").clauses
    assert pa.table(clauses)["kept"].to_pylist() == [1, 0, 0]
    assert pandas.DataFrame.from_arrow(clauses)["late"].tolist() == [0, 1, 0]
    assert duckdb.sql("select sum(missing) from clauses").fetchall() == [(1,)]


@pytest.mark.parametrize("by", [(), "ward", "month", ["month", "ward"]])
def test_a_notebook_gets_a_picture_of_what_was_due(folder, by):
    result = naer.replay("plain.yaml", "log.csv", by=by)
    result.plot().save("kept.svg")
    drawn = (folder / "kept.svg").read_text()
    assert "answer" in drawn
    assert "missing" in drawn
    shown = result._repr_mimebundle_()
    assert shown["image/svg+xml"].startswith("<svg")
    (rows,) = result.plot().to_dict()["datasets"].values()
    assert sum(row["obligations"] for row in rows) == 3
    assert all(0 <= row["share"] <= 1 for row in rows)


@pytest.mark.statement("S31")
def test_what_is_not_recorded_is_drawn_as_no_breach(folder):
    whole = folder / "whole"
    whole.mkdir()
    text = (folder / "plain.yaml").read_text()
    (whole / "plain.yaml").write_text(text.replace("evidence: partial", ""))
    drawn = [naer.replay(name, "log.csv").plot().to_dict() for name in ("whole/plain.yaml", "plain.yaml")]
    complete, partial = ([row["outcome"] for row in one["datasets"].popitem()[1]] for one in drawn)
    assert complete == ["kept", "late", "missing"]
    assert partial == ["kept", "late", "not recorded"]
    assert drawn[1]["encoding"]["color"]["scale"]["domain"] == ["kept", "late", "missing", "not recorded"]


def test_results_kept_beside_a_store_are_used_again(folder):
    with Builder(folder / "store") as build:
        build.add(of_events(naer.read_log("log.csv").events()))
        build.finish()
    fresh, kept, again = (
        run("plain.yaml", "store", "--json", *more) for more in ((), ["--keep"], ["--keep"])
    )
    assert fresh.exit_code == 0, fresh.output
    assert fresh.stdout == kept.stdout == again.stdout
    assert list((folder / "store/settled").iterdir())
    refused = run("plain.yaml", "log.csv", "--keep")
    assert refused.exit_code == 1
    assert "--keep needs" in refused.stderr


def test_a_day_is_added_and_the_figures_refreshed_in_one_go(folder):
    (folder / "day.csv").write_text(
        "case_id,activity,timestamp\nNA,Reopen,2026-03-30 09:00\nNA,Close,2026-03-31\n"
    )
    assert CliRunner().invoke(cli, ["log", "build", "log.csv", "--out", "store"]).exit_code == 0
    kept = run("plain.yaml", "store", "--json", "--keep")
    added = run("plain.yaml", "store", "--json", "--keep", "--append", "day.csv", "--append", "log.csv")
    assert added.exit_code == 0, added.output
    assert "added +2 events" in added.stderr
    assert CliRunner().invoke(cli, ["log", "build", "log.csv", "day.csv", "--out", "whole"]).exit_code == 0
    assert added.stdout == run("plain.yaml", "whole", "--json").stdout != kept.stdout
    refused = run("plain.yaml", "log.csv", "--append", "day.csv")
    assert refused.exit_code == 1
    assert "no log store" in refused.stderr


def test_a_large_file_gives_what_a_small_one_does(folder, monkeypatch):
    small = run("plain.yaml", "log.csv", "--by", "ward", "--out", "small")
    monkeypatch.setattr("naer.history.open.LARGE_BYTES", 0)
    large = run("plain.yaml", "log.csv", "--by", "ward", "--out", "large")
    assert large.stdout == small.stdout
    assert large.exit_code == 0, large.output
    for name in ("obligations.parquet", "manifest.json"):
        assert (folder / "large" / name).read_bytes() == (folder / "small" / name).read_bytes(), name


def test_a_notebook_is_warned_too(folder):
    (folder / "none.csv").write_text("case_id,activity,timestamp\n1,Open,2026-03-02\n")
    with pytest.warns(UserWarning, match="kinds that never occur in the log: closed"):
        naer.replay("plain.yaml", "none.csv")
    with pytest.raises(LogError, match="no `wrad` in the log; did you mean `ward`"):
        naer.replay("plain.yaml", "log.csv", by=["wrad"])


def test_what_a_notebook_shows_names_nobody(folder, monkeypatch):
    log = naer.read_log("log.csv")
    assert repr(log) == "<log: 6 events, 2026-03-02 to 2026-03-30, csv>"
    result = naer.replay("plain.yaml", log)
    assert repr(result) == (
        "<replay: plain, 6 events, 1 clauses, 3 obligations, judged at 2026-03-30 08:00 UTC>"
    )
    assert "answer" in result._repr_html_()
    assert result._repr_mimebundle_()["text/plain"] == repr(result)
    monkeypatch.setattr("naer.history.open.LARGE_BYTES", 0)
    assert repr(naer.read_log("log.csv")) == repr(log)
    assert dir(naer) == ["Found", "read_log", "replay"]


def test_a_slip_in_a_notebook_is_said_plainly(folder):
    with pytest.raises(ValueError, match="engine 'x' is not known; use 'columnar' or"):
        naer.replay("plain.yaml", "log.csv", engine="x")
    with pytest.raises(ValueError, match="country 'SE' is not known; use 'DK' or 'NO'"):
        naer.read_log("log.csv", country="SE")
    frame = pandas.DataFrame({"case_id": [1]})
    for ask in (lambda: naer.read_log(frame), lambda: naer.replay("plain.yaml", frame)):
        with pytest.raises(TypeError, match="a DataFrame is no log; give the path"):
            ask()


def test_panels_do_not_write_over_each_other(folder):
    percents = naer.replay("plain.yaml", "log.csv", by="ward").plot().to_dict()["encoding"]["x"]["axis"]
    assert max(percents["values"]) < 1
    (folder / "none.csv").write_text("case_id,activity,timestamp\n1,Open,2026-03-02\n2,Note,2026-03-30\n")
    with pytest.warns(UserWarning, match="closed"):
        drawn = naer.replay("plain.yaml", "none.csv").plot().to_json()
    assert "answer \\u2021" in drawn or "answer ‡" in drawn


def test_importing_naer_is_light():
    heavy = "import naer, sys; print([name for name in ('polars', 'django', 'lxml') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'rewind'"):
        naer.rewind  # noqa: B018


def test_a_narrow_terminal_cuts_neither_names_nor_figures(folder, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    (folder / "plain.yaml").write_text(AGREEMENT.replace("id: answer", "id: answer-within-three-days"))
    cli.main(["replay", "plain.yaml", "log.csv", "--by", "ward"], standalone_mode=False)
    shown = capsys.readouterr().out
    assert "answer-within-three-days" in shown
    assert "superseded" in shown
    assert "…" not in shown
