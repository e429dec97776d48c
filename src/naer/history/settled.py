"""What a replay of a store has settled, kept beside it, so that after an append little is judged again.

Kept are counts and sorted elapsed times of all components without an event after the `now` of that
replay. Nothing in such a component changes as time goes on, but that an open obligation becomes missing
when its due has passed; those that still can are kept with their due. A component that an append touched
is taken out again and judged anew, and so is one with an event that was still to come.
"""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from naer.agreement.document import Node
from naer.columnar.plan import Plan
from naer.columnar.tally import Cells
from naer.events.chunk import Ints
from naer.events.instant import Instant

FORMAT = 1
FOLDER = "settled"


@dataclass(frozen=True, slots=True)
class Settled:
    """Results of one agreement and one grouping over some pieces of a store."""

    now: Instant
    """It holds for this time and later."""
    groups: Sequence[Sequence[str | None]]
    """For each name grouped by its texts, by code."""
    cells: Cells
    """Sorted within each cell."""
    totals: Ints
    """The elapsed times of each clause, sorted; the same as those of `cells` when nothing is grouped."""
    waiting_cell: Ints
    waiting_due: Ints
    """The open obligations whose due had not passed: place in `cells`, due (microseconds)."""
    left_out: Ints
    """int64[reasons, 2]: events and pathways."""
    events: int
    kinds: frozenset[str]
    attributes: frozenset[str]
    apart: Mapping[str, Ints]
    """By the digest of each piece: the components that are not in here, by place, rising."""


def key_of(plan: Plan, by: Sequence[str]) -> str:
    """What tells results of one agreement, as it is judged, and one grouping from others."""
    said = [FORMAT, version("naer"), plan.line.id, plan.line.zone.key, list(by), list(plan.line.triggers)]
    said += [_plain(part) for part in (plan.families, plan.slots, plan.eras, plan.slot_of)]
    said += [[_plain((one.version, one.applies, one.parties)) for one in plan.versions]]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:16]


def _plain(value: object) -> object:
    """A value of the agreement's model as lists and texts, the same in every process."""
    if isinstance(value, Node):
        return None
    if is_dataclass(value):
        shown = [one.name for one in fields(value) if one.repr]
        return [type(value).__name__, *([name, _plain(getattr(value, name))] for name in shown)]
    if isinstance(value, Mapping):
        return sorted(([str(name), _plain(one)] for name, one in value.items()), key=str)
    if isinstance(value, Set):
        return sorted(map(_plain, value), key=str)
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else repr(value)


def read(store: Path, key: str) -> Settled | None:
    """What was kept; None when there is nothing, or it is broken."""
    folder = store / FOLDER / key
    try:
        said = json.loads((folder / "settled.json").read_text())

        def load(name: str) -> Ints:
            return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))

        elapsed = load("elapsed")
        grouped = (folder / "totals.npy").exists()
        places, ends = load("apart"), said["apart"]
        begins = [0, *(end for _, end in ends)]
        return Settled(
            now=said["now"],
            groups=said["groups"],
            cells=Cells(load("keys"), load("counts"), elapsed, said["unit"]),
            totals=load("totals") if grouped else elapsed,
            waiting_cell=load("waiting_cell"),
            waiting_due=load("waiting_due"),
            left_out=load("left_out"),
            events=said["events"],
            kinds=frozenset(said["kinds"]),
            attributes=frozenset(said["attributes"]),
            apart={digest: places[begin:end] for (digest, end), begin in zip(ends, begins[:-1], strict=True)},
        )
    except (OSError, ValueError, KeyError):
        return None


def write(store: Path, key: str, found: Settled) -> None:
    """Keep results, in one step, instead of those before."""
    folder = store / FOLDER
    folder.mkdir(exist_ok=True)
    draft = folder / f"draft-{uuid.uuid4().hex[:12]}"
    draft.mkdir()
    arrays = {
        "keys": found.cells.keys,
        "counts": found.cells.counts,
        "elapsed": found.cells.elapsed,
        "waiting_cell": found.waiting_cell,
        "waiting_due": found.waiting_due,
        "left_out": found.left_out,
        "apart": np.concatenate([np.zeros(0, np.int64), *found.apart.values()]),
    }
    if found.totals is not found.cells.elapsed:
        arrays["totals"] = found.totals
    for name, values in arrays.items():
        np.save(draft / f"{name}.npy", values)
    ends = np.cumsum([len(places) for places in found.apart.values()]).tolist()
    said: dict[str, Any] = {
        "now": found.now,
        "groups": [list(texts) for texts in found.groups],
        "unit": found.cells.unit,
        "events": found.events,
        "kinds": sorted(found.kinds),
        "attributes": sorted(found.attributes),
        "apart": list(zip(found.apart, ends, strict=True)),
    }
    (draft / "settled.json").write_text(json.dumps(said, ensure_ascii=False))
    before = folder / f"before-{uuid.uuid4().hex[:12]}"
    if (folder / key).exists():
        os.replace(folder / key, before)
    os.replace(draft, folder / key)
    shutil.rmtree(before, ignore_errors=True)
