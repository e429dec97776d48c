"""A synthetic history for benchmarks: the same bytes for the same size, on any machine."""

import random
from pathlib import Path

import polars as pl

from naer.events.instant import DAY, HOUR, MINUTE

START = 1_704_067_200_000_000  # 2024-01-01T00:00Z
TWO_YEARS = 730 * DAY
MUNICIPALITIES = [str(number) for number in range(101, 199)]
COLUMNS = ("id", "pathway", "citizen", "kind", "at", "organisation", "municipality", "asked", "acute")
HOSPITALS = [f"hospital-{number}" for number in range(1, 21)]


def write(events: int, path: Path, seed: int = 2026) -> Path:
    """Write about `events` events (whole stays, never fewer) as one Parquet file, sorted by pathway.

    A stay has an admission, mostly a report, forecast, readiness, discharge and visits, some leave,
    corrections never; a tenth of the citizens come back.
    """
    if path.exists():
        return path
    rng = random.Random(seed)
    columns: dict[str, list[object]] = {
        name: []
        for name in (
            "id",
            "pathway",
            "citizen",
            "kind",
            "at",
            "organisation",
            "municipality",
            "asked",
            "acute",
        )
    }
    stay = 0
    while len(columns["id"]) < events:
        stay += 1
        citizen = f"c{rng.randrange(max(1, events // 9))}"
        municipality = rng.choice(MUNICIPALITIES)
        hospital = rng.choice(HOSPITALS)
        for kind, at, by_hospital in _stay(rng):
            number = len(columns["id"])
            start = kind == "admitted"
            sender = hospital if by_hospital else municipality
            asked, acute = rng.random() < 0.8 if start else None, rng.random() < 0.6 if start else None
            values = (f"e{number}", f"p{stay}", citizen, kind, at, sender, municipality, asked, acute)
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
    frame = pl.DataFrame(columns).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path)
    return path


def _stay(rng: random.Random) -> list[tuple[str, int, bool]]:
    """(kind, instant, said by the hospital) of one stay, in time order."""
    admitted = START + rng.randrange(TWO_YEARS // MINUTE) * MINUTE
    length = int(rng.lognormvariate(1.0, 0.9) * DAY) // MINUTE * MINUTE + HOUR
    discharged = admitted + length
    events = [("admitted", admitted, True), ("discharged", discharged, True)]

    def perhaps(kind: str, chance: float, around: int, within: int, by_hospital: bool) -> None:
        if rng.random() < chance:
            events.append((kind, around + rng.randrange(max(1, within // MINUTE)) * MINUTE, by_hospital))

    perhaps("admission_report", 0.85, admitted, 36 * HOUR, False)
    perhaps("care_forecast", 0.6, admitted, length, True)
    perhaps("ready_for_discharge", 0.7, admitted, length, True)
    perhaps("municipality_answer", 0.6, discharged - length // 3, length // 3, False)
    perhaps("discharge_report", 0.8, discharged, 6 * HOUR, True)
    perhaps("epicrisis", 0.9, discharged, 5 * DAY, True)
    perhaps("rehabilitation_plan", 0.4, discharged - HOUR, 2 * HOUR, True)
    perhaps("rehabilitation_contact", 0.35, discharged, 12 * DAY, False)
    perhaps("home_visit", 0.5, discharged, 14 * DAY, False)
    if rng.random() < 0.1 and length > DAY:
        events += [
            ("leave_started", admitted + length // 3, True),
            ("leave_ended", admitted + length // 2, True),
        ]
    if rng.random() < 0.02:
        events.append(("died", discharged, True))
    return sorted(events, key=lambda event: event[1])
