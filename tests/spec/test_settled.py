"""What a replay keeps beside a store when several processes keep at once: right, or made anew."""

from pathlib import Path
from typing import Any

import pytest

from naer.agreement import load
from naer.events.event import Event
from naer.events.instant import DAY, HOUR
from naer.history import replay, settled
from naer.history.stored import StoredLog
from naer.logs.store import Builder, Store, append, of_events

NOW = 20_000 * DAY


def stay(number: int) -> list[Event]:
    person: dict[str, Any] = {"pathway": f"p{number}", "citizen": f"c{number}"}
    began = NOW - (number + 2) * DAY
    asked = {"report_requested": True}
    return [
        Event(id=f"{number} in", kind="admitted", at=began, attributes=asked, **person),
        Event(id=f"{number} report", kind="admission_report", at=began + HOUR, **person),
    ]


def kept_and_fresh(store: Store) -> tuple[object, object]:
    portfolio, log = load("dk-national"), StoredLog(store)
    kept = replay(portfolio, log, clock=NOW, now=NOW, keep=True)
    return kept.tallies, replay(portfolio, log, clock=NOW, now=NOW).tallies


def test_layers_of_a_base_that_another_process_replaced_are_not_used(tmp_path: Path) -> None:
    with Builder(tmp_path / "store") as build:
        build.add(of_events([one for number in range(3) for one in stay(number)]))
        first = build.finish()
    kept_and_fresh(first)
    (folder,) = (first.path / settled.FOLDER).iterdir()
    slow = settled.read(first.path, folder.name)
    assert slow is not None
    settled.write(first.path, folder.name, slow)
    assert settled.read(first.path, folder.name) is not None
    settled.update(first.path, folder.name, slow)
    assert settled.read(first.path, folder.name) is None
    kept, fresh = kept_and_fresh(append(first, [of_events(stay(5))]))
    assert kept == fresh


def test_what_other_code_settled_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Builder(tmp_path / "store") as build:
        build.add(of_events([one for number in range(3) for one in stay(number)]))
        store = build.finish()
    kept_and_fresh(store)
    (before,) = (store.path / settled.FOLDER).iterdir()
    monkeypatch.setattr(settled, "_code", lambda: "0therc0d")
    kept, fresh = kept_and_fresh(store)
    assert kept == fresh
    (after,) = (store.path / settled.FOLDER).iterdir()
    assert after.name.partition("-")[2] == before.name.partition("-")[2]
    assert after.name != before.name


def test_holidays_and_clocks_tell_results_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    now = settled._code.__wrapped__()
    assert {name.partition("-")[0] for name in settled._versions()} == {"holidays", "tzdata"}
    monkeypatch.setattr(settled, "_versions", lambda: ["holidays-0.1.dist-info"])
    assert settled._code.__wrapped__() != now
