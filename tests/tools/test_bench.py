"""Benchmarks: a way that cannot do the whole log does the largest part it can; one clause stands alone."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bench import _measured as measured
from bench import _national as national
from bench import reference, replay
from naer.agreement import load

GROUP = {"by": {"municipality": "851"}, "median_hours": 2.0, "p90_hours": 3.0}


class Machine:
    """Stands for the processes: Naer's take a second, pm4py does logs of no more than `most` events."""

    def __init__(self, most: int, kept: int) -> None:
        self.most, self.kept = most, kept

    def history(self, events: int, folder: Path, **_: Any) -> national.National:
        folder.mkdir(parents=True)
        return national.National(folder, folder, folder, events, events // 10, events // 20)

    def measured(self, command: Sequence[str], **_: Any) -> tuple[measured.Took, bytes]:
        took = measured.Took(1.0, 1.0, 100.0)
        if "build" in command:
            Path(command[-1]).mkdir()
            return took, b""
        if "replay" in command:
            counts = dict.fromkeys(replay.COUNTS, 0) | {replay.COUNTS[1]: 7}
            clauses = [{"id": "report", "groups": [GROUP | counts]}]
            return took, json.dumps({"clauses": clauses}).encode()
        log, answer = Path(command[3]), Path(command[4])
        if int(log.name.rpartition("-")[2]) > self.most:
            raise measured.TooLongError("not done")
        answer.write_text(json.dumps([["report", self.kept]]))
        return measured.Took(20.0, 20.0, 100.0), b""


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine) -> replay.Bench:
    monkeypatch.setattr(national, "write", machine.history)
    monkeypatch.setattr(measured, "measured", machine.measured)
    monkeypatch.setattr(replay, "find_spec", lambda _: True)
    bench = replay.Bench(tmp_path, 1, 60, {"pm4py"})
    bench.run(1_000_000)
    return bench


def test_the_largest_part_that_is_done_stands_beside_naer_at_that_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = run(tmp_path, monkeypatch, Machine(most=100_000, kept=7))
    assert set(bench.skipped) == {"pm4py"}
    assert {"naer", "naer@100000", "pm4py@100000"} <= set(bench.took)
    assert "pm4py" not in bench.took


def test_nothing_is_tried_below_a_hundred_thousand_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = run(tmp_path, monkeypatch, Machine(most=0, kept=7))
    assert set(bench.skipped) == {"pm4py", "pm4py@100000"}


def test_what_is_found_there_must_be_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="kept of report: 8, naer says 7"):
        run(tmp_path, monkeypatch, Machine(most=100_000, kept=8))


def test_one_clause_of_the_reference_stands_alone() -> None:
    (line,) = reference.only(load(reference.AGREEMENT), reference.ONE).lines
    assert [clause.id for one in line.versions for clause in one.clauses] == [reference.ONE] * len(
        line.versions
    )
