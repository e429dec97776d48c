"""The files of a store as a whole: indexes of ids and pathways, ledger, kept raw events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from naer.logs.store.folder import Entry, Folder
from naer.logs.store.hashing import Hashes
from naer.logs.store.index import PARTS, Ids, Pathways, merged, repeated


def write_ids(out: Folder, name: str, several: Sequence[Ids]) -> tuple[dict[str, Entry], Hashes]:
    """Write one index of several; its files, and the ids that occur more than once (sorted)."""
    if not several:
        return {}, np.zeros(0, np.uint64)
    begins = np.sum([one.begins for one in several], axis=0)
    twice = []

    def parts() -> Iterator[Hashes]:
        for part, entries in enumerate(merged(several)):
            twice.append(repeated(part, entries))
            yield entries

    files = {
        f"ids-{name}": out.stream(f"tables/ids-{name}", parts(), np.uint64, int(begins[PARTS])),
        f"ids-begins-{name}": out.array(f"tables/ids-begins-{name}", begins),
    }
    return files, np.concatenate(twice)


def read_ids(folder: Folder, files: Mapping[str, Entry]) -> list[Ids]:
    """The indexes of ids, in the order they were written."""
    names = [name.removeprefix("ids-begins-") for name in files if name.startswith("ids-begins-")]
    return [
        Ids(np.asarray(folder.load(files[f"ids-begins-{name}"])), folder.load(files[f"ids-{name}"]))
        for name in sorted(names, key=int)
    ]


def write_pathways(out: Folder, name: str, index: Pathways) -> dict[str, Entry]:
    """Write an index of pathways; its files."""
    return {
        f"paths-{name}": out.array(f"tables/paths-{name}", index.paths),
        f"path-keys-{name}": out.array(f"tables/path-keys-{name}", index.keys),
    }


def read_pathways(folder: Folder, files: Mapping[str, Entry]) -> list[Pathways]:
    """The indexes of pathways, the latest first: a pathway that moved is in several."""
    names = [name.removeprefix("path-keys-") for name in files if name.startswith("path-keys-")]
    return [
        Pathways(folder.load(files[f"paths-{name}"]), folder.load(files[f"path-keys-{name}"]))
        for name in sorted(names, key=int, reverse=True)
    ]


def write_tables(out: Folder, name: str, ledger: pl.DataFrame, kept: pl.DataFrame) -> dict[str, Entry]:
    """Write the ledger and the kept raw events; their files. How much the ledger holds stands beside it."""
    counted = ledger.group_by("reason").agg(
        pl.len().alias("events"),
        pl.col("pathway").filter(pl.col("pathway") != 0).n_unique().alias("pathways"),
    )
    reasons = counted.sort("reason").to_dicts()
    return {
        "ledger": out.table(f"tables/ledger-{name}", ledger.sort(ledger.columns), reasons=reasons),
        "kept": out.table(f"tables/kept-{name}", kept.sort(kept.columns)),
    }
