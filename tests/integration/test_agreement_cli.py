"""`naer agreement …` as people and editors use it."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from naer.cli.agreement import agreement
from naer.cli.main import main

GOOD = """\
agreement: own
title: {en: Ours, da: Vores}
country: DK
parties:
  hospital: {is: hospital}
  municipality: {is: municipality, of: residence}
clauses:
  - id: report
    source: § 1
    owed_by: municipality
    owed_to: hospital
    after: admitted
    where: {report_requested: true}
    deliver: admission_report
    within: 24 h
    may_loosen: [unless]
    examples:
      - timeline: {"2026-03-02 10:00": admitted, "2026-03-03 10:00": admission_report}
        expect: kept
"""
LOOSE = """\
agreement: loose
country: DK
extends: own
clauses:
  - id: report
    source: § 7
    verified: false
    within: 36 h
"""
STORY = """\
"2026-03-28 10:00": {admitted: {report_requested: true, organisation: ward-1, municipality: "860"}}
"2026-03-29 11:01": {admission_report: {municipality: "860"}}
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(agreement, [str(one) for one in arguments])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.yaml"
    path.write_text(STORY)
    return path


# check


def test_check_of_a_good_agreement(own: Path) -> None:
    done = run("check", own)
    assert done.exit_code == 0
    assert done.stdout == "own: 1 clause, can be put in force\n1 example run\n"


def test_check_of_what_ships() -> None:
    done = run("check", "dk-national", "nordjylland-example")
    assert done.exit_code == 0
    assert "dk-national: " in done.stdout
    assert "nordjylland-example: " in done.stdout


def test_check_prints_each_problem_on_a_line_of_its_own(own: Path) -> None:
    own.write_text(GOOD.replace("after: admitted", "after: admited").replace("country: DK", "country: SE"))
    done = run("check", own)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"{own}:3: country must be one of DK, NO, not 'SE'",
        f"{own}:12: unknown kind `admited` in after; did you mean `admitted`?",
    ]


def test_check_runs_the_examples(own: Path) -> None:
    own.write_text(GOOD.replace("expect: kept", "expect: late"))
    done = run("check", own)
    assert done.exit_code == 1
    assert f"{own}:18: example of clause `report` expects late, but the clause gives kept" in done.stdout
    assert "own: 1 clause, 1 problem" in done.stdout


def test_check_goes_on_after_a_file_that_cannot_be_read(own: Path, tmp_path: Path) -> None:
    done = run("check", tmp_path / "none.yaml", own)
    assert done.exit_code == 1
    assert f"{tmp_path / 'none.yaml'}:1: cannot be read: No such file or directory" in done.stdout
    assert "own: 1 clause, can be put in force" in done.stdout


def test_a_warning_is_said_and_does_not_fail(own: Path) -> None:
    own.write_text(GOOD.replace("24 h", "by 24:00 next day").replace("next day", "next day"))
    assert run("check", own).exit_code == 0
    own.write_text(GOOD.replace("24 h", "by 12:00 same day").replace("03-03 10", "03-02 11"))
    done = run("check", own)
    assert done.exit_code == 0
    assert f"{own}:15: warning: clause `report`: a start later than the time" in done.stdout
    assert "own: 1 clause, can be put in force, 1 warning" in done.stdout


def test_a_clause_without_an_example_is_warned_of(own: Path) -> None:
    own.write_text(GOOD[: GOOD.index("    examples:")])
    done = run("check", own)
    assert done.exit_code == 0
    assert f"{own}:1: warning: without an example: `report`; nothing shows here" in done.stdout
    assert "own: 1 clause, can be put in force, 1 warning\n0 examples run" in done.stdout


@pytest.mark.statement("S8")
def test_check_refuses_a_looser_overlay_and_try_only_warns(own: Path, story: Path, tmp_path: Path) -> None:
    path = tmp_path / "loose.yaml"
    path.write_text(LOOSE)
    checked = run("check", path)
    assert checked.exit_code == 1
    assert f"{path}:8: clause `report`: an overlay may change `within` only where" in checked.stdout
    tried = run("try", path, story)
    assert tried.exit_code == 0
    assert f"{path}:8: warning: clause `report`: an overlay may change `within` only where" in tried.stderr
    assert "kept" in tried.stdout
    assert "warning" not in tried.stdout


# explain


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("da", "Når borgeren bliver indlagt, skylder kommunen sygehuset at sende indlæggelsesrapporten."),
        ("nb", "Når innbyggeren blir innlagt, skylder kommunen sykehuset å sende innleggelsesrapporten."),
        ("en", "When the citizen is admitted, the municipality must send the admission report."),
    ],
)
def test_explain(own: Path, language: str, said: str) -> None:
    done = run("explain", own, "--lang", language)
    assert done.exit_code == 0
    assert said in done.stdout
    assert "[report]" in done.stdout


def test_explain_by_id() -> None:
    done = run("explain", "dk-national", "--lang", "da")
    assert done.stdout.startswith("Nationale regler, Danmark\n=====")


def test_explain_names_what_ships_when_there_is_no_such_agreement() -> None:
    done = run("explain", "danmark")
    assert done.exit_code == 1
    assert "no shipped agreement `danmark`; shipped are dk-national" in done.stderr


def test_explain_of_a_wrong_agreement_says_the_line(own: Path) -> None:
    own.write_text(GOOD.replace("24 h", "24h"))
    done = run("explain", own)
    assert done.exit_code == 1
    assert done.stderr == f"{own}:15: within: '24h' is no duration; did you mean `24 h`?\n"
    assert done.stdout == ""


# try


@pytest.mark.statement("S22")
def test_try_shows_obligations_in_local_time(own: Path, story: Path) -> None:
    done = run("try", own, story)
    assert done.exit_code == 0
    head, row, *rest = done.stdout.splitlines()
    assert re.split(r" {2,}", head) == ["clause", "opened by", "owed by → to", "due", "outcome", "elapsed"]
    assert re.split(r" {2,}", row) == [
        "report",
        "2026-03-28 10:00 admitted",
        "municipality 860 → hospital ward-1",
        "2026-03-29 11:00",
        "late *",
        "24 h 1 min",
    ]
    assert rest == ["* limit unverified: it has not been confirmed at the source"]


def test_try_at_a_time(own: Path, story: Path) -> None:
    assert "open *" in run("try", own, story, "--now", "2026-03-29 11:00").stdout
    assert "missing *" in run("try", own, story, "--now", "2026-03-29T11:00:01").stdout
    story.write_text(
        f"timeline:\n{''.join('  ' + line + chr(10) for line in STORY.splitlines())}now: 2026-03-28\n"
    )
    assert "No obligations" in run("try", own, story).stdout
    assert "open *" in run("try", own, story, "--now", "2026-03-29 11:00").stdout


def test_try_as_json(own: Path, story: Path) -> None:
    done = run("try", own, story, "--json", "--now", "2026-03-30")
    found = json.loads(done.stdout)
    assert (found["agreement"], found["now"]) == ("own", "2026-03-30T00:00:00+02:00")
    (obligation,) = found["obligations"]
    assert obligation["clause"] == "report"
    assert obligation["trigger"] == {"id": 1, "kind": "admitted", "at": "2026-03-28T10:00:00+01:00"}
    assert obligation["owed_by"] == {"role": "municipality", "key": "860"}
    assert obligation["due"] == "2026-03-29T11:00:00+02:00"
    assert (obligation["outcome"], obligation["elapsed_minutes"]) == ("late", 1441)
    assert obligation["closed_by"]["kind"] == "admission_report"
    assert found["excluded"] == []


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_timeline_is_told_what_a_timeline_is(own: Path, story: Path, text: str) -> None:
    story.write_text(text)
    done = run("try", own, story)
    assert done.exit_code == 1
    assert f"{story}:1: is empty; a timeline maps times to kinds" in done.stderr


def test_try_counts_what_was_left_out(own: Path, story: Path) -> None:
    story.write_text(STORY + '"2026-04-01 10:00": {discharged: {id: gone}}\n')
    story.write_text(story.read_text() + '"2026-04-01 11:00": {cancelled: {changes: gone}}\n')
    done = run("try", own, story)
    assert "Left out, cancelled: 1 event(s) in 1 pathway(s)" in done.stdout
    rows = json.loads(run("try", own, story, "--json").stdout)["excluded"]
    assert rows == [{"reason": "cancelled", "events": 1, "pathways": 1}]


def test_try_of_an_agreement_with_kinds_of_its_own(own: Path, story: Path) -> None:
    own.write_text(
        GOOD.partition("    examples:")[0]
        .replace("after: admitted", "after: er")
        .replace("clauses:", "events: {er: ER Registration}\nclauses:")
    )
    for name in ("er", "ER Registration"):
        story.write_text(f'"2026-03-28 10:00": {name}\n')
        assert "missing *" in run("try", own, story).stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "story.yaml:1: is empty"),
        (
            '"2026-03-28 10:00": admittd\n',
            "story.yaml:1: unknown kind `admittd` in a timeline; did you mean `admitted`?",
        ),
        ("yesterday: admitted\n", "story.yaml:1: 'yesterday' is not a time; write 2026-03-02T10:00"),
        ('"2026-03-28 10:00": 7\n', "story.yaml:1: a timeline needs a kind here"),
        ('"2026-03-28": admitted\nnow: soon\n', "story.yaml:2: now: 'soon' is not a time"),
        ("- admitted\n", "story.yaml:1: a timeline maps times to kinds"),
        ("timeline: {}\nextra: 1\n", "story.yaml:2: unknown key `extra` beside `timeline`"),
    ],
)
def test_try_says_what_is_wrong_in_a_timeline(own: Path, story: Path, text: str, said: str) -> None:
    story.write_text(text)
    done = run("try", own, story)
    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stdout == ""


def test_try_refuses_a_now_that_is_no_time(own: Path, story: Path) -> None:
    done = run("try", own, story, "--now", "soon")
    assert done.exit_code == 2
    assert "'soon' is not a time" in done.stderr


# schema and list


def test_schema_is_a_schema() -> None:
    done = run("schema")
    jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))


def test_list_names_what_ships_in_ones_own_language() -> None:
    done = run("list", "--lang", "da")
    assert (
        "dk-national: Nationale regler, Danmark\n  DK, in force without a first or last day, " in done.stdout
    )


def test_naer_itself_says_problems_without_a_traceback(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own.write_text("agreement: own\n")
    with pytest.raises(SystemExit) as stopped:
        main(["agreement", "explain", str(own)])
    assert stopped.value.code == 1
    captured = capsys.readouterr()
    assert captured.err.startswith(f"{own}:1: an agreement needs `country`")
    assert "Traceback" not in captured.err + captured.out


def test_export_is_a_plan_definition_of_the_version_in_force(tmp_path: Path) -> None:
    done = run("export", "no-national", "--on", "2014-05-01", "--lang", "nb")
    plan = json.loads(done.stdout)
    assert (plan["resourceType"], plan["status"], plan["version"]) == (
        "PlanDefinition",
        "retired",
        "2012-01-01",
    )
    out = tmp_path / "plan.json"
    assert run("export", "dk-national", "--out", str(out)).exit_code == 0
    assert json.loads(out.read_text())["id"] == "dk-national"
    assert "is there already" in run("export", "dk-national", "--out", str(out)).stderr
    assert "not in force on 2011-01-01" in run("export", "no-national", "--on", "2011-01-01").stderr
    assert "absolute URI" in run("export", "dk-national", "--url", "here").stderr
