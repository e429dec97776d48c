"""The loops of :mod:`naer.logs.store.kernels`, compiled; they hold no lock, so that pieces run on threads.

They allocate nothing, so that they run without numba once they are compiled (:mod:`naer.jit`).
"""

import numpy as np

from naer.jit import njit

NUMBER = 0x9E3779B97F4A7C15
"""Added to a whole number before it is mixed."""
PART = 512
"""Rows that are sorted at once, about."""
_SMALL = 24
_SIGN = 2**63
_MANY = 32
"""Pathways of one component that are compared each with each."""


@njit(nogil=True, cache=True)
def hash_texts(begins, data, hashes):
    """As `kernels.hash_texts`, over the offsets and bytes of an Arrow column, into `hashes`."""
    for row in range(len(hashes)):
        hashes[row] = _hash(data, begins[row], begins[row + 1])


@njit(nogil=True, cache=True)
def hash_names(begins, data, hashes):
    """As `hash_texts`, but of the number where a text is a plain whole number of at most 18 digits."""
    for row in range(len(hashes)):
        begin, end = begins[row], begins[row + 1]
        first = begin
        if begin < end and data[begin] == 45:
            first += 1
        plain = 0 < end - first <= 18 and (data[first] != 48 or end - begin == 1)
        value = np.int64(0)
        for place in range(first, end if plain else first):
            digit = np.int64(data[place]) - 48
            if digit < 0 or digit > 9:
                plain = False
                break
            value = value * 10 + digit
        mixing = np.uint64(0)
        if plain:
            mixing = _mixed(np.uint64(-value if first > begin else value) + np.uint64(NUMBER))
        hashes[row] = mixing if mixing != 0 else _hash(data, begin, end)


@njit(nogil=True, cache=True)
def _hash(data, begin, end):
    spread = np.uint64(0xD6E8FEB86659FD93)
    half = np.uint64(32)
    third = np.uint64(33)
    value = np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(end - begin)
    place = begin
    while place < end:
        word = np.uint64(0)
        for byte in range(min(8, end - place)):
            word |= np.uint64(data[place + byte]) << np.uint64(8 * byte)
        value ^= word
        value ^= value >> half
        value *= spread
        value ^= value >> half
        value *= spread
        value ^= value >> half
        place += 8
    value ^= value >> third
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> third
    return value if value != 0 else np.uint64(1)


@njit(nogil=True, cache=True)
def mixed(values, found):
    """As `kernels.mixed`, into `found`."""
    for row in range(len(values)):
        found[row] = _mixed(values[row])


@njit(nogil=True, cache=True)
def _mixed(value):
    value ^= value >> np.uint64(30)
    value *= np.uint64(0xBF58476D1CE4E5B9)
    value ^= value >> np.uint64(27)
    value *= np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(nogil=True, cache=True)
def order(key, path, at, sent, room, ordered):
    """As `kernels.order`: spread by the key's leading bits into parts that fit a cache, then sort those.

    `room` and `ordered` are those of `kernels`: where to work, and where the result goes.
    """
    table, begins, slots, places = room
    placed, keys, paths, times = ordered
    count = len(key)
    low, high = key[0], key[0]
    for row in range(count):
        low = min(low, key[row])
        high = max(high, key[row])
    span = high - low
    wide = np.uint64(0)
    while (span >> wide) > np.uint64(max(1, count // PART)):
        wide += np.uint64(1)
    parts = np.int64(span >> wide) + 1
    for part in range(parts + 1):
        begins[part] = 0
    for row in range(count):
        begins[np.int64((key[row] - low) >> wide) + 1] += 1
    for part in range(parts):
        begins[part + 1] += begins[part]
    # What is compared of a row stands in one line of the cache.
    for row in range(count):
        chosen = np.int64((key[row] - low) >> wide)
        place = begins[chosen]
        begins[chosen] = place + 1
        table[place, 0] = key[row]
        table[place, 1] = path[row]
        table[place, 2] = np.uint64(at[row]) ^ np.uint64(_SIGN)
        table[place, 3] = np.uint64(row)
    begin = np.int64(0)
    for part in range(parts):
        end = begins[part]  # where it began, before its rows were put there
        _part(table, begin, end, sent, slots, places)
        for row in range(begin, end):
            place = begin + places[row - begin]
            keys[row] = table[place, 0]
            paths[row] = table[place, 1]
            times[row] = np.int64(table[place, 2] ^ np.uint64(_SIGN))
            placed[row] = np.int64(table[place, 3])
        begin = end


@njit(nogil=True, cache=True)
def _part(table, first, end, sent, slots, places):
    """The places of one part in order: counted by the key's next bits, then by comparing."""
    count = end - first
    if count == 0:
        return
    low, high = table[first, 0], table[first, 0]
    for row in range(first, end):
        low = min(low, table[row, 0])
        high = max(high, table[row, 0])
    shift = np.uint64(0)
    while ((high - low) >> shift) > np.uint64(count):
        shift += np.uint64(1)
    wide = np.int64((high - low) >> shift) + 1
    for slot in range(wide + 1):
        slots[slot] = 0
    for row in range(first, end):
        slots[np.int64((table[row, 0] - low) >> shift) + 1] += 1
    for slot in range(wide):
        slots[slot + 1] += slots[slot]
    for row in range(first, end):
        chosen = np.int64((table[row, 0] - low) >> shift)
        places[slots[chosen]] = row - first
        slots[chosen] += 1
    begin = np.int64(0)
    for slot in range(wide):
        _sort(places, begin, np.int64(slots[slot]), table, first, sent)
        begin = np.int64(slots[slot])


@njit(nogil=True, cache=True)
def _sort(places, begin, end, table, first, sent):
    """Shell's sort of a few places; plain insertion when they are very few."""
    gap = 1
    while gap < (end - begin) // 3 and end - begin > _SMALL:
        gap = 3 * gap + 1
    while gap > 0:
        for step in range(begin + gap, end):
            held = places[step]
            row = first + held
            key, path, time = table[row, 0], table[row, 1], table[row, 2]
            hole = step
            while hole >= begin + gap:
                other = first + places[hole - gap]
                if table[other, 0] != key:
                    if table[other, 0] < key:
                        break
                elif table[other, 1] != path:
                    if table[other, 1] < path:
                        break
                elif table[other, 2] != time:
                    if table[other, 2] < time:
                        break
                elif sent[np.int64(table[other, 3])] <= sent[np.int64(table[row, 3])]:
                    break
                places[hole] = places[hole - gap]
                hole -= gap
            places[hole] = held
        gap //= 3


@njit(nogil=True, cache=True)
def meeting(first, last, components, meets):
    """As `kernels.meeting`, into `meets`."""
    for component in range(len(meets)):
        begin, end = components[component], components[component + 1]
        meets[component] = end - begin > _MANY
        if end - begin <= _MANY:
            for one in range(begin + 1, end):
                for other in range(begin, one):
                    if first[one] <= last[other] and first[other] <= last[one]:
                        meets[component] = True


@njit(nogil=True, cache=True)
def unpack(values, base, unit, times):
    """As `kernels.unpack`, into `times`."""
    for row in range(len(values)):
        times[row] = base + unit * np.int64(values[row])
