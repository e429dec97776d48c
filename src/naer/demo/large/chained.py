"""The log of a block: its events in the order they came, each chained to the one before it in its pathway."""

from hashlib import sha256

import msgspec
import numpy as np
import polars as pl

from naer.demo.feed import SOURCE
from naer.demo.large.courses import ATTRIBUTES, HOSPITAL, KINDS, Told
from naer.demo.large.people import People, ascending, hexes, taken
from naer.demo.region import HOSPITALS, PLACES, hospitals, municipalities
from naer.events import chain
from naer.events.chunk import Ints

_SAID = [msgspec.json.encode(one, order="deterministic").decode() for one in ATTRIBUTES]
HOSPITAL_KEYS = [party.key for party in hospitals()]
MUNICIPALITY_KEYS = [party.key for party in municipalities()]
CODES = [place.code for place in PLACES]
assert len(HOSPITAL_KEYS) == len(HOSPITALS)


def log(
    rng: np.random.Generator, people: People, told: Told, block: int, blocks: int
) -> tuple[pl.DataFrame, pl.DataFrame, Ints]:
    """The events as they are stored, the heads of their chains, and which row of `told` each event is.

    They are those of the `block`-th of `blocks` blocks; their ids and pathways ascend.

    Events stand by pathway, in the order they came: `pathways_loggedevent` less `seq`; heads have pathway,
    place, digest.
    """
    order = np.lexsort((told.kind, told.at, told.received, told.course))
    course = told.course[order]
    begins = np.concatenate(([True], course[1:] != course[:-1])) if len(course) else np.zeros(0, np.bool_)
    firsts = np.flatnonzero(begins)
    place = np.arange(len(course)) - np.repeat(firsts, np.diff(np.append(firsts, len(course)))) + 1
    lives = people.place[told.owner[course]]
    key = people.frame["key"].gather(told.owner)
    names = key + "." + pl.Series(sorted(hexes(rng, len(told.owner), 5)), dtype=pl.String)
    by = np.where(told.by[order] == HOSPITAL, told.hospital[course], len(HOSPITAL_KEYS) + lives)
    frame = pl.DataFrame(
        {
            "id": pl.Series(ascending(rng, len(order), 12, block, blocks), dtype=pl.String),
            "pathway": names.gather(course),
            "citizen": key.gather(course),
            "kind": taken(KINDS, told.kind[order]),
            "at": told.at[order],
            "sent": told.at[order],
            "received": told.received[order],
            "organisation": taken([*HOSPITAL_KEYS, *MUNICIPALITY_KEYS], by),
            "municipality": taken(CODES, lives),
            "attributes": taken(_SAID, told.says[order]),
            "place": place.astype(np.int32),
        }
    )
    frame = _chained(frame, begins)
    last = np.append(begins[1:], True) if len(begins) else begins
    heads = frame.filter(pl.Series(last)).select("pathway", "place", "digest")
    return frame, heads, order


def _chained(frame: pl.DataFrame, begins: Ints) -> pl.DataFrame:
    """With source, changes, and the digests. The text is `chain.canonical`'s: nothing in it is escaped."""
    text = pl.format(
        '\n["{}","{}","{}","{}",{},{},{},"{}","{}",{},"' + SOURCE + '",null]',
        "id", "pathway", "citizen", "kind", "at", "sent", "received", "organisation", "municipality",
        "attributes",
    )  # fmt: skip
    previous, digests = [], []
    digest = chain.ORIGIN
    for canonical, first in zip(frame.select(text).to_series().to_list(), begins.tolist(), strict=True):
        if first:
            digest = chain.ORIGIN
        previous.append(digest)
        digest = sha256((digest + canonical).encode()).hexdigest()
        digests.append(digest)
    return frame.select(
        *("id", "pathway", "citizen", "kind", "at", "sent", "received", "organisation", "municipality"),
        "attributes",
        pl.lit(SOURCE).alias("source"),
        pl.lit(None, pl.String).alias("changes"),
        "place",
        pl.Series("previous", previous, pl.String),
        pl.Series("digest", digests, pl.String),
    )
