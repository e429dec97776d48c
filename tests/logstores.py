"""Logs as they come from somewhere, and `naer log` in the test's own process."""

import json
import random
from pathlib import Path

from click.testing import CliRunner

from naer.cli.main import cli
from naer.events.event import Event
from naer.events.instant import ZONES
from naer.logs.store import Store

DK = ZONES["DK"]
SAID = {
    "note": [None, "", "a\nb", '"', ";,", "æøå"],
    "n": [None, 1, 2, 10**6],
    "planned": [None, True, False],
    "municipality": [None, "0851", "851"],
    "organisation": [None, "NA", "h1"],
    "sent": [None, "", "2026-03-29 02:30", "2026-10-25T02:30", "2026-03-02T10:00:00.123456789Z"],
    "received": [None, "2026-03-02", "2026-03-02T10:00+01:00"],
}
TIMES = [
    "2026-03-29 02:30", "2026-10-25 02:30", "2026-10-25T02:30:00+01:00", "2026-03-02",
    "2026-03-02T10:00:00,5", "1970-01-01", "2026-03-02 10:00", "2090-07-01 12:00", "fredag", "",
]  # fmt: skip


def rows(seed: int, size: int, ids: bool) -> list[dict[str, str | int | bool | None]]:
    """Rows as they come from somewhere: some broken, ids repeated, columns that only some rows have."""
    rng = random.Random(seed)
    made: list[dict[str, str | int | bool | None]] = []
    for number in range(size):
        pathway = rng.choice(["NA", "007", "1.0", "null", "7", "æ"])
        row: dict[str, str | int | bool | None] = {
            "pathway": pathway,
            "kind": rng.choice(["admitted", "discharged", "Indlagt", "cancelled", ""]),
            "at": rng.choice(TIMES),
            "citizen": f"c{pathway}",
        }
        row |= {name: rng.choice(values) for name, values in SAID.items() if rng.random() < 0.5}
        if ids and rng.random() < 0.9:
            row["id"] = rng.choice(["NA", "007", "7", "1e2", *(f"e{n}" for n in range(number + 1))])
            if row["kind"] == "cancelled" or rng.random() < 0.1:
                row["changes"] = f"e{rng.randrange(number + 1)}"
        made.append(row)
    made.sort(key=lambda row: str(row["pathway"]))
    return made


def run(*arguments: str | Path, fails: bool = False) -> str:
    done = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert (done.exit_code != 0) == fails, done.output
    return done.stderr if fails else done.stdout


def told(*arguments: str | Path) -> dict[str, object]:
    return json.loads(run(*arguments, "--json"))


def stored(path: Path) -> list[Event]:
    return sorted(Store.open(path).read_events(), key=lambda event: event.order)
