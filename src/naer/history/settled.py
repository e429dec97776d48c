"""What a replay of a store has settled, kept beside it, so that after an append little is judged again.

Kept are counts and sorted elapsed times of all components without an event after the `now` of that
replay. Nothing in such a component changes as time goes on, but that an open obligation becomes missing
when its due has passed; those that still can are kept with their due. A component that an append touched
is taken out again and what it has become is put in: the large sorted columns stay as they are, and small
ones beside them say what is out and what is in.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import uuid
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from naer import columnar
from naer.agreement.document import Node
from naer.columnar.found import MISSING, OPEN
from naer.columnar.plan import Plan
from naer.columnar.tally import Cells, distinct
from naer.events.chunk import Ints
from naer.events.instant import Instant
from naer.logs.store.arrays import mapped
from naer.logs.store.hashing import Hashes
from naer.logs.store.section import Standing

FORMAT = 5
FOLDER = "settled"


@dataclass(frozen=True, slots=True)
class Sum:
    """Counts and times of some components as they stood at one time, and what time alone still changes."""

    cells: Cells
    """Sorted within each cell."""
    waiting: Ints
    """int32[w, 1 + groupings]: the keys of the open obligations whose due had not passed."""
    due: Ints
    """int64[w], microseconds."""

    def at(self, now: Instant) -> Cells:
        """The cells as they stand at a later time."""
        passed = self.waiting[self.due < now]
        if not len(passed):
            return self.cells
        counts = np.array(self.cells.counts)
        moved = np.bincount(places(self.cells.keys, passed), minlength=len(counts))
        counts[:, OPEN] -= moved
        counts[:, MISSING] += moved
        return replace(self.cells, counts=counts)


@dataclass(frozen=True, slots=True)
class Settled:
    """Results of one agreement and grouping over a store as it stood: `base` less `out` with `into`."""

    now: Instant
    """It holds for this time and later."""
    groups: Sequence[Sequence[str | None]]
    """For each name grouped by its texts, by code."""
    base: Sum
    totals: Ints
    """The elapsed times of each clause in `base`, sorted; the same as its own when nothing is grouped."""
    out: Sum
    into: Sum
    left_out: Ints
    """int64[reasons, 2]: events and pathways, of all that is settled."""
    events: int
    kinds: frozenset[str]
    attributes: frozenset[str]
    standing: Standing
    """The pieces of the store, and what was replaced in each."""
    apart: Hashes
    """The keys, rising, of the components that are not in here."""
    name: str = ""
    """Of the files of `base` and `totals`; layers of another base do not fit them."""


def places(keys: Ints, rows: Ints) -> Ints:
    """The place in `keys` of each row, all of which are there."""
    _, where = distinct(np.concatenate((keys, rows)))
    place = np.zeros(int(where.max(initial=-1)) + 1, np.int64)
    place[where[: len(keys)]] = np.arange(len(keys))
    return np.asarray(place[where[len(keys) :]])


def key_of(plan: Plan, by: Sequence[str]) -> str:
    """What tells results of one agreement, as it is judged, and one grouping from others, and what code."""
    said: list[object] = [plan.line.id, plan.line.zone.key, list(by), list(plan.line.triggers)]
    said += [_plain(part) for part in (plan.families, plan.slots, plan.eras, plan.slot_of)]
    said += [[_plain((one.version, one.applies, one.parties)) for one in plan.versions]]
    return f"{_code()}-{hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:16]}"


@cache
def _code() -> str:
    """What decides how a plan is judged: the sources that do it, holidays, and when clocks change."""
    naer = Path(columnar.__file__).parents[1]
    digest = hashlib.sha256(f"{FORMAT} {_versions()}".encode())
    for part in ("columnar", "events", "history"):
        for file in sorted((naer / part).glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def _versions() -> list[str]:
    """Of what says which days are holidays and when clocks change, as the names of what pip installed.

    To ask `importlib.metadata` takes longer than all the rest.
    """
    found = [importlib.util.find_spec(package) for package in ("holidays", "tzdata")]
    places = [Path(spec.origin).parents[1] for spec in found if spec is not None and spec.origin is not None]
    names = (f"{kind}-*.dist-info" for kind in ("holidays", "tzdata"))
    return sorted({path.name for place, name in product(places, names) for path in place.glob(name)})


def _plain(value: object) -> object:
    """A value of the agreement's model as lists and texts, the same in every process."""
    if isinstance(value, Node):
        return None
    if (shown := _shown(value)) is not None:
        return [type(value).__name__, *([name, _plain(getattr(value, name))] for name in shown)]
    if isinstance(value, Mapping):
        return sorted(([str(name), _plain(one)] for name, one in value.items()), key=str)
    if isinstance(value, Set):
        return sorted(map(_plain, value), key=str)
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else repr(value)


def _shown(value: object) -> Sequence[str] | None:
    """Names of the fields that a value of the model is told by; None when it has none."""
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    return [one.name for one in fields(value) if one.repr] if is_dataclass(value) else None


def read(store: Path, key: str) -> Settled | None:
    """What was kept; None when there is nothing, or it is broken."""
    folder = store / FOLDER / key
    try:
        said = json.loads((folder / "settled.json").read_text())
        base = _load(folder, said["base"], said["units"][0])
        grouped = (folder / f"{said['base']}-totals.npy").exists()
        dead, begin, standing = _array(folder, said["layers"], "dead"), 0, {}
        for digest, end in said["dead"]:
            begin, standing[digest] = end, dead[begin:end]
        return Settled(
            now=said["now"],
            groups=said["groups"],
            base=base,
            totals=_array(folder, said["base"], "totals") if grouped else base.cells.elapsed,
            out=_load(folder, said["layers"] + "-out", said["units"][1]),
            into=_load(folder, said["layers"] + "-into", said["units"][2]),
            left_out=np.asarray(said["left_out"], np.int64),
            events=said["events"],
            kinds=frozenset(said["kinds"]),
            attributes=frozenset(said["attributes"]),
            standing=standing,
            apart=_array(folder, said["layers"], "apart"),
            name=said["base"],
        )
    except (OSError, ValueError, KeyError):
        return None


def write(store: Path, key: str, found: Settled) -> None:
    """Keep results, in one step, instead of those before; what another process keeps meanwhile will do."""
    found = replace(found, name=f"base-{uuid.uuid4().hex[:12]}")
    folder = store / FOLDER
    folder.mkdir(exist_ok=True)
    draft, before = (folder / f"{name}-{uuid.uuid4().hex[:12]}" for name in ("draft", "before"))
    draft.mkdir()
    _save(draft, found.name, found.base)
    if found.totals is not found.base.cells.elapsed:
        np.save(draft / f"{found.name}-totals.npy", found.totals)
    _write_layers(draft, found)
    with suppress(OSError):
        os.replace(folder / key, before)
    with suppress(OSError):
        os.replace(draft, folder / key)
    for rest in (draft, before, *_of_other_code(folder)):
        shutil.rmtree(rest, ignore_errors=True)


def _of_other_code(folder: Path) -> list[Path]:
    """Results that nothing will read again."""
    keys = (one for one in folder.iterdir() if not one.name.startswith(("draft-", "before-")))
    return [one for one in keys if not one.name.startswith(f"{_code()}-")]


def update(store: Path, key: str, found: Settled) -> None:
    """Keep what is out and what is in now; the base stays as it was written.

    Where another process has written another base meanwhile, what is kept is of no use and is made anew.
    """
    folder = store / FOLDER / key
    with suppress(FileNotFoundError):
        name = _write_layers(folder, found)
        for file in folder.glob("layers-*"):
            if not file.name.startswith(name):
                file.unlink(missing_ok=True)


def _write_layers(folder: Path, found: Settled) -> str:
    name = f"layers-{uuid.uuid4().hex[:12]}"
    _save(folder, f"{name}-out", found.out)
    _save(folder, f"{name}-into", found.into)
    np.save(folder / f"{name}-apart.npy", found.apart)
    np.save(folder / f"{name}-dead.npy", np.concatenate([np.zeros(0, np.int64), *found.standing.values()]))
    ends = np.cumsum([len(some) for some in found.standing.values()]).tolist()
    said: dict[str, Any] = {
        "now": found.now,
        "groups": [list(texts) for texts in found.groups],
        "units": [one.cells.unit for one in (found.base, found.out, found.into)],
        "left_out": found.left_out.tolist(),
        "events": found.events,
        "kinds": sorted(found.kinds),
        "attributes": sorted(found.attributes),
        "dead": list(zip(found.standing, ends, strict=True)),
        "layers": name,
        "base": found.name,
    }
    draft = folder / f"{name}.json"
    draft.write_text(json.dumps(said, ensure_ascii=False))
    os.replace(draft, folder / "settled.json")
    return name


def _save(folder: Path, name: str, one: Sum) -> None:
    arrays = {
        "keys": one.cells.keys,
        "counts": one.cells.counts,
        "elapsed": one.cells.elapsed,
        "waiting": one.waiting,
        "due": one.due,
    }
    for column, values in arrays.items():
        np.save(folder / f"{name}-{column}.npy", values)


def _load(folder: Path, name: str, unit: int) -> Sum:
    keys, counts, elapsed, waiting, due = (
        _array(folder, name, column) for column in ("keys", "counts", "elapsed", "waiting", "due")
    )
    return Sum(Cells(keys, counts, elapsed, unit), waiting, due)


def _array(folder: Path, name: str, column: str) -> Ints:
    return mapped(folder / f"{name}-{column}.npy")
