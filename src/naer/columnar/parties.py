"""Who has a role, for every event of a chunk at once (S9): what `naer.agreement.register.Parties` says."""

from collections.abc import Sequence

import msgspec
import numpy as np

from naer.agreement.language import Party
from naer.agreement.obligation import UNKNOWN
from naer.agreement.register import NoRegister, Register
from naer.columnar.counting import COMPILED, latest_named
from naer.events.chunk import Chunk, Coded, Ints, Naming, pathway_of
from naer.events.kinds import senders


class Keys(msgspec.Struct, frozen=True):
    """For every event the party that it would have as a trigger. Code 0 is nobody known."""

    codes: Ints
    """int32[n]."""
    names: Sequence[str]
    """By code; the first is "unknown". Names differ."""


def needs(party: Party | None, register: Register | None = None) -> frozenset[str]:
    """The columns of a chunk (as in `Plan.needs`) that `resolve` reads for a party."""
    if party is None:
        return frozenset()
    if party.role == "citizen":
        return frozenset({"citizen"})
    read = {"organisation"}
    if party.role == "municipality":
        read.add("municipality")
    if not _knows_nobody(register):
        read.add("citizen")
    return frozenset(read)


def resolve(
    chunk: Chunk, party: Party | None, register: Register | None = None, places: Ints | None = None
) -> Keys:
    """Each event's own, else the latest earlier in its pathway, else the register's, else unknown.

    The register is asked one event at a time. `places` names the events that matter: of the others
    the register is not asked, and their codes may stay 0.
    """
    nobody = Keys(np.zeros(len(chunk), np.int32), [UNKNOWN])
    if party is None:
        return nobody
    if party.role == "citizen":
        return _citizens(chunk)
    register = register or NoRegister()
    named = _Names()
    codes = _told(chunk, party.role, register, named)
    if not _knows_nobody(register):
        _ask(chunk, party, register, codes, named, places)
    return Keys(_without_unknown(codes, named), named.texts)


class _Names:
    """Texts and their codes; "unknown" is the one name whose code may still change to 0."""

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self._codes: dict[str, int] = {"": 0}

    def code(self, text: str | None) -> int:
        known = self._codes.get(text or "")
        if known is None:
            known = self._codes[text or ""] = len(self.texts)
            self.texts.append(text or "")
        return known


def _knows_nobody(register: Register | None) -> bool:
    return register is None or isinstance(register, NoRegister)


def _told(chunk: Chunk, role: str, register: Register, named: _Names) -> Ints:
    """int32[n]: the event's organisation when it has the role, for a municipality also its own; else
    that of the latest earlier event of its pathway; 0 when none tells."""
    column, municipality = chunk.organisation, chunk.municipality if role == "municipality" else None
    keys, certain, perhaps = _organisations(column, role, register, named)
    sends = np.asarray([role in senders(kind) for kind in chunk.kinds], np.bool_)
    towns = [named.code(register.municipality(code)) for code in municipality.values] if municipality else []
    table = np.asarray([0, *towns], np.int32)
    if COMPILED:
        codes = (None if one is None else one.codes for one in (column, municipality))
        return latest_named(chunk.pathways, chunk.kind, sends, (keys, certain, perhaps), table, *codes)
    own = table[municipality.codes] if municipality else np.zeros(len(chunk), np.int32)
    if column:
        has = certain[column.codes] | (perhaps[column.codes] & sends[chunk.kind])
        own = np.where(has, keys[column.codes], own)
    return _latest(own, chunk)


def _organisations(
    organisation: Coded | None, role: str, register: Register, named: _Names
) -> tuple[Ints, Ints, Ints]:
    """By code of the column: the party's code, whether it has the role, whether the kind's sender decides."""
    keys, certain, perhaps = [0], [False], [False]
    for key in organisation.values if organisation else ():
        roles = register.roles(key)
        keys.append(named.code(key))
        certain.append(role in roles)
        perhaps.append(not roles)
    return np.asarray(keys, np.int32), np.asarray(certain, np.bool_), np.asarray(perhaps, np.bool_)


def _latest(own: Ints, chunk: Chunk) -> Ints:
    """int32[n]: the event's own, else that of the latest earlier event of its pathway that tells."""
    telling = np.flatnonzero(own).astype(np.int32)
    if len(telling) in (0, len(own)):
        return own
    place = np.zeros(len(own), np.int32)
    place[telling] = telling
    place = np.maximum.accumulate(place)
    begins = np.repeat(chunk.pathways[:-1].astype(np.int32), np.diff(chunk.pathways))
    return np.where(place >= begins, own[place], 0).astype(np.int32, copy=False)


def _ask(
    chunk: Chunk, party: Party, register: Register, codes: Ints, named: _Names, places: Ints | None
) -> None:
    """Fill in, for the events that no event of the pathway tells of, whom the register names."""
    asked = np.flatnonzero(codes == 0) if places is None else np.unique(places[codes[places] == 0])
    if not len(asked):
        return
    citizen = _citizen_codes(chunk)[asked]
    names = _naming(chunk).citizens if (citizen >= 0).any() else ()
    for place, code in zip(asked.tolist(), citizen.tolist(), strict=True):
        known = register.resolve(
            party.role, party.of, names[code] if code >= 0 else None, int(chunk.at[place])
        )
        codes[place] = named.code(known)


def _citizens(chunk: Chunk) -> Keys:
    codes = _citizen_codes(chunk)
    if not (codes >= 0).any():
        return Keys(np.zeros(len(chunk), np.int32), [UNKNOWN])
    names = _naming(chunk).citizens
    empty = np.asarray([not name or name == UNKNOWN for name in names], np.bool_)
    found = (codes + 1).astype(np.int32)
    found[(codes >= 0) & empty[codes]] = 0
    return Keys(found, [UNKNOWN, *names])


def _citizen_codes(chunk: Chunk) -> Ints:
    """int32[n]: the code of each event's citizen, -1 without."""
    if chunk.citizen_of_event is not None:
        return chunk.citizen_of_event
    return np.asarray(chunk.citizens[pathway_of(chunk)])


def _naming(chunk: Chunk) -> Naming:
    if chunk.naming is None:
        raise ValueError("the names of this log's citizens were not kept, and a party depends on them")
    return chunk.naming()


def _without_unknown(codes: Ints, named: _Names) -> Ints:
    """Code 0 for whoever is called "unknown", and that name for code 0."""
    if UNKNOWN in named.texts:
        same = named.texts.index(UNKNOWN)
        codes = np.where(codes == same, np.int32(0), codes)
        named.texts[same] = ""
    named.texts[0] = UNKNOWN
    return codes
